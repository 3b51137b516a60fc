import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { constants, readFileSync, realpathSync, statSync } from "node:fs";
import { chmod, type FileHandle, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Binaries } from "./binaries.ts";
import { plainEnvironment } from "./cluster.ts";
import type { Home } from "./home.ts";
import { birthOf, createWhole } from "./lock.ts";
import { cannotExecute, cannotRun, codeOf } from "./refusal.ts";
import { ownSettings, settingsFor } from "./settings.ts";

/** A living server as it describes itself in postmaster.pid. */
export type Server = { pid: number; port: number; isReady: boolean };

/** The server that runs on this home, if one does; a file left by a killed one does not count. */
export async function runningServer(home: Home): Promise<Server | null> {
  const text = await readFile(join(home.cluster, "postmaster.pid"), "utf8").catch((error) => {
    if (codeOf(error) === "ENOENT") return "";
    throw error;
  });
  const lines = text.split("\n");
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  if (!(pid > 0) || birthOf(pid) === null || !isPostmasterOf(home, pid)) return null;
  return { pid, port, isReady: lines[7]?.trim() === "ready" && port > 0 };
}

/** Starts the server, again and again while something passing stands in its way: a taken port, the memory of a killed one. */
export async function startServer(home: Home, binaries: Binaries, major: number): Promise<Server> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const started = await attempt(home, binaries, major);
    if (typeof started !== "string") return started;
    if (!passing.test(started)) throw cannotRun(`It did not start (its log is ${home.log}): ${started}`);
    if (Date.now() > deadline) {
      throw cannotRun(
        `Processes of an earlier, killed server still hold its memory or port; end them and start again. It said: ${started}`,
      );
    }
    const isBlocked = /lock file "postmaster\.pid"/.test(started) && (await runningServer(home)) === null;
    if (isBlocked) await rm(join(home.cluster, "postmaster.pid"), { force: true });
    await sleep(150);
  }
}

/** Stops the server, its clients first; after half a minute without a checkpoint, which the next start makes up for. */
export async function stopServer(home: Home, binaries: () => Promise<Binaries>): Promise<void> {
  const server = await runningServer(home);
  if (!server) return;
  for (const [signal, mode, patience] of [["SIGINT", "fast", 30_000] as const, ["SIGQUIT", "immediate", 10_000] as const]) {
    if (process.platform === "win32")
      spawn((await binaries()).pg_ctl, ["stop", "-D", home.cluster, "-m", mode, "-W"], { windowsHide: true });
    else if (!send(server.pid, signal)) return;
    for (const deadline = Date.now() + patience; Date.now() < deadline; await sleep(10)) {
      if (birthOf(server.pid) === null) return;
    }
  }
}

const passing = /pre-existing shared memory block|lock file "postmaster\.pid"|could not bind|could not create any TCP\/IP sockets/;

async function attempt(home: Home, binaries: Binaries, major: number): Promise<Server | string> {
  await writeSettings(home, settingsFor(major, await freePort()));
  const log = await openLog(home);
  try {
    const from = (await log.stat()).size;
    const ended = endOf(launch(home, binaries, log), binaries.postgres);
    for (;;) {
      const result = await Promise.race([ended, sleep(10)]);
      if (result instanceof Error) throw result;
      if (result === "ended") return (await saidSince(home, from)) || "it ended without a word.";
      const server = await runningServer(home);
      if (server?.isReady) return server; // replaying the log of a crash may take minutes: as long as it lives, it is given them
    }
  } finally {
    await log.close();
  }
}

/** Detached and with files for its output: the server outlives a killed Rapport and is adopted by the next one. */
function launch(home: Home, binaries: Binaries, log: FileHandle): ChildProcess {
  const windows = process.platform === "win32"; // there pg_ctl sheds an administrator's rights, which PostgreSQL refuses
  const configuration = `config_file=${home.settings.replaceAll("\\", "/")}`;
  const args = windows
    ? ["start", "-W", "-D", home.cluster, "-l", home.log, "-o", `-c "${configuration}"`]
    : ["-D", home.cluster, "-c", configuration];
  const child = spawn(windows ? binaries.pg_ctl : binaries.postgres, args, {
    ...home.account,
    cwd: home.folder,
    env: plainEnvironment(),
    detached: true,
    stdio: windows ? "ignore" : ["ignore", log.fd, log.fd],
    windowsHide: true,
  });
  child.unref();
  return child;
}

function endOf(child: ChildProcess, file: string): Promise<"ended" | Error> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(cannotExecute(file, error)));
    child.once("exit", (code) => {
      if (process.platform !== "win32" || code !== 0) resolve("ended");
      else setTimeout(() => resolve("ended"), 60_000).unref(); // pg_ctl leaves at once, the server shows itself later
    });
  });
}

/** Another process may carry the number of a dead server: its folder must fit, or at least its owner and name. */
function isPostmasterOf(home: Home, pid: number): boolean {
  if (process.platform !== "linux") return nameOf(pid).includes("postgres");
  try {
    return realpathSync(`/proc/${pid}/cwd`) === realpathSync(home.cluster);
  } catch {
    return nameOf(pid).startsWith("postgres") && statSync(`/proc/${pid}`).uid === statSync(home.cluster).uid; // a container may hide the folder
  }
}

function nameOf(pid: number): string {
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${pid}/comm`, "utf8");
    if (process.platform === "win32") return execFileSync("tasklist", ["/FI", `PID eq ${pid}`, "/FO", "CSV", "/NH"], { encoding: "utf8" });
    return execFileSync("ps", ["-o", "comm=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return "";
  }
}

async function writeSettings(home: Home, text: string): Promise<void> {
  const own = join(home.folder, "own.conf");
  if (await createWhole(own, ownSettings)) await chmod(own, 0o644);
  const draft = `${home.settings}.${randomBytes(6).toString("hex")}`;
  await writeFile(draft, text, { flag: "wx" });
  await chmod(draft, 0o644); // the account reads it, whatever the umask of whoever runs Rapport
  await rename(draft, home.settings);
}

async function openLog(home: Home): Promise<FileHandle> {
  const size = await stat(home.log).then(
    (found) => found.size,
    () => 0,
  );
  if (size > 5_000_000) await rename(home.log, `${home.log}.old`);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0);
  return open(home.log, flags, 0o600).catch(async (error) => {
    if (codeOf(error) !== "EACCES") throw error;
    await rm(home.log); // left by root in a folder that is ours
    return open(home.log, flags, 0o600);
  });
}

async function saidSince(home: Home, from: number): Promise<string> {
  const said = (await readFile(home.log)).subarray(from).toString("utf8").trim();
  return said.split("\n").slice(-8).join("\n");
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}

/** False when there is nothing to wait for: it is gone, or belongs to somebody else. */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
