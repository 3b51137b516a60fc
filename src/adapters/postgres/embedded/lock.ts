import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { link, mkdir, readdir, readFile, rm, rmdir, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cannotRun, codeOf } from "./refusal.ts";

/** Runs the work while no other process (and no other call of this one) does the same on this folder. */
export async function alone<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const path = join(folder, "lock");
  const mine = `${process.pid} ${birthOf(process.pid)} ${randomBytes(6).toString("hex")}`;
  await take(path, mine);
  const heartbeat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), 5_000);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if ((await contentOf(path)) === mine) await rm(path, { force: true });
  }
}

/** Writes this process into the folder's list of users; the answer takes it off again and tells whether it was the last one alive. */
export async function joinUsers(folder: string): Promise<() => Promise<"last" | "others remain">> {
  const users = join(folder, "users");
  await mkdir(users, { recursive: true });
  const name = `${process.pid}-${randomBytes(6).toString("hex")}`;
  await writeFile(join(users, name), String(birthOf(process.pid)));
  return async () => {
    await rm(join(users, name), { force: true });
    const living = await Promise.all((await readdir(users)).map((other) => livesOrIsSwept(join(users, other), other)));
    return living.includes(true) ? "others remain" : "last";
  };
}

/** What tells a living process from a later one with the same number; empty when the system does not say, null when it is not alive. */
export function birthOf(pid: number): string | null {
  if (process.platform === "linux") {
    const fields = fieldsOf(pid);
    if (fields) return fields[0] === "Z" || fields[0] === "X" ? null : (fields[19] ?? "");
  }
  try {
    process.kill(pid, 0);
    return "";
  } catch (error) {
    return codeOf(error) === "EPERM" ? "" : null;
  }
}

/** Creates a file that is complete from the moment it can be seen; false when it exists already. */
export async function createWhole(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await writeFile(draft, content, { flag: "wx" });
    await link(draft, path).catch(async (error) => {
      if (codeOf(error) === "EEXIST") throw error;
      await writeFile(path, content, { flag: "wx" }); // a file system without hard links
    });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function take(path: string, mine: string): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await createWhole(path, mine))) {
    const holder = await contentOf(path);
    if (holder !== null && (await isDead(path, holder))) await breakLock(path, holder);
    else await sleep(20);
    if (Date.now() > deadline) {
      throw cannotRun(`Another process has been preparing the database for two minutes. If there is none, delete ${path} and start again.`);
    }
  }
}

async function isDead(path: string, holder: string): Promise<boolean> {
  const [pid = "", birth = ""] = holder.split(" ");
  if (pid === "") return (await ageOf(path)) > 10_000; // seen between its creation and its content
  if (!isSame(Number(pid), birth)) return true;
  return birth === "" && (await ageOf(path)) > 60_000; // no birth to compare: a holder who lives touches the file every 5 s
}

/** Only one process at a time may judge and remove a dead lock, or the second would remove the first one's fresh lock. */
async function breakLock(path: string, holder: string): Promise<void> {
  const judge = `${path}.judge`;
  try {
    await mkdir(judge);
  } catch {
    if ((await ageOf(judge)) > 10_000) await rmdir(judge).catch(() => {});
    await sleep(20);
    return;
  }
  try {
    if ((await contentOf(path)) === holder) await rm(path, { force: true });
  } finally {
    await rmdir(judge).catch(() => {});
  }
}

async function livesOrIsSwept(path: string, name: string): Promise<boolean> {
  const lives = isSame(Number.parseInt(name, 10), (await contentOf(path)) ?? "");
  if (!lives) await rm(path, { force: true }).catch(() => {});
  return lives;
}

function isSame(pid: number, birth: string): boolean {
  if (!(pid > 0)) return false;
  const now = birthOf(pid);
  return now !== null && (now === birth || now === "" || birth === "");
}

/** The fields of /proc/<pid>/stat from the state on; the name before them may hold spaces and brackets. */
function fieldsOf(pid: number): string[] | null {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, "utf8");
    return line.slice(line.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}

async function contentOf(path: string): Promise<string | null> {
  return readFile(path, "utf8").catch((error) => {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  });
}

async function ageOf(path: string): Promise<number> {
  return stat(path).then(
    (found) => Date.now() - found.mtimeMs,
    () => 0,
  );
}
