import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Binaries } from "./binaries.ts";
import type { Home } from "./home.ts";
import { cannotExecute, cannotRun, codeOf } from "./refusal.ts";

/** The owner of the built-in database and its only superuser. */
export const owner = "rapport";

/** Which PostgreSQL made the cluster in this home; null when there is none yet. */
export async function madeBy(home: Home): Promise<number | null> {
  const text = await readFile(join(home.cluster, "PG_VERSION"), "utf8").catch((error) => {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  });
  return text === null ? null : Number.parseInt(text, 10);
}

/** Makes a new cluster aside and moves it into place when it is complete, so that a crash half-way leaves nothing unusable. */
export async function makeCluster(home: Home, binaries: Binaries, major: number): Promise<void> {
  const password = await makePassword(home);
  const aside = await mkdtemp(join(home.folder, "new-"));
  try {
    const passwordFile = join(aside, "password");
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (home.account) await Promise.all([passwordFile, aside].map((path) => chown(path, home.account!.uid, home.account!.gid)));
    const fixed = ["-D", join(aside, "cluster"), "-U", owner, `--pwfile=${passwordFile}`];
    const common = ["--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums", "--no-instructions"];
    await initialise(home, binaries, [
      ...fixed,
      ...common,
      ...(major >= 17 ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] : []),
    ]);
    await rename(join(aside, "cluster"), home.cluster).catch((error) => {
      if (!["ENOTEMPTY", "EEXIST", "ENOTDIR", "EPERM"].includes(codeOf(error))) throw error;
      throw cannotRun(`${home.cluster} holds something that is not a database: move it away.`, error);
    });
    await persist(home.folder);
  } finally {
    await rm(aside, { recursive: true, force: true }).catch(() => {}); // swept at the next start
  }
}

/** Removes what a killed start left; a child of it may still be writing there, so what resists stays for the next time. */
export async function sweepLeftovers(home: Home): Promise<void> {
  const leftovers = (await readdir(home.folder)).filter((name) => name.startsWith("new-"));
  for (const name of leftovers) await rm(join(home.folder, name), { recursive: true, force: true }).catch(() => {});
}

/** The password lies outside the cluster, where the account that runs the server cannot read it. */
export async function passwordOf(home: Home): Promise<string> {
  const text = await readFile(home.password, "utf8").catch((error) => {
    if (codeOf(error) === "ENOENT")
      throw cannotRun(`The password of the database is missing: bring ${home.password} back from a backup.`, error);
    throw error;
  });
  return text.trim();
}

/** The environment of the server: none of Rapport's secrets, English messages, no PG… variable that would change what it does. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = ["PATH", "SystemRoot", "windir", "TEMP", "TMP", "ComSpec"].filter((name) => process.env[name] !== undefined);
  return { ...Object.fromEntries(kept.map((name) => [name, process.env[name]])), LC_ALL: "C", TZ: "UTC" };
}

/** Character classes come from C.UTF-8 where the system has it, from C elsewhere (macOS before 14, Windows). */
async function initialise(home: Home, binaries: Binaries, settings: string[]): Promise<void> {
  const first = await run(home, binaries.initdb, [...settings, "--locale=C.UTF-8"]);
  if (first.code === 0) return;
  const second = /locale/i.test(first.output) ? await run(home, binaries.initdb, [...settings, "--locale=C"]) : first;
  if (/could not look up effective user/.test(second.output)) {
    throw cannotRun("PostgreSQL refuses a user without a name: give this user an entry in /etc/passwd, or start Rapport as another one.");
  }
  if (second.code !== 0) throw cannotRun(`The new database could not be prepared: ${second.output.trim() || "initdb was stopped."}`);
}

function run(home: Home, file: string, args: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      ...home.account,
      cwd: home.folder,
      env: plainEnvironment(),
      stdio: ["ignore", "ignore", "pipe"],
      windowsHide: true,
      timeout: 120_000,
    });
    let output = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.once("error", (error) => reject(cannotExecute(file, error)));
    child.once("close", (code) => resolve({ code, output }));
  });
}

/** Written before the cluster, so that there is never a cluster without it; one left by a broken start is used again. */
async function makePassword(home: Home): Promise<string> {
  const found = await readFile(home.password, "utf8").catch(() => "");
  if (found.trim()) return found.trim();
  const password = randomBytes(24).toString("hex");
  await writeFile(home.password, password, { mode: 0o600, flush: true });
  return password;
}

async function persist(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => null); // Windows does not open folders
  await handle?.sync().catch(() => {});
  await handle?.close();
}
