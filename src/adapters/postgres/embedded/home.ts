import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, realpath, rmdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { createWhole } from "./lock.ts";
import { cannotRun, codeOf } from "./refusal.ts";

/** An unprivileged account that runs the server when Rapport itself runs as root. */
export type Account = { uid: number; gid: number };

/** Where one built-in database lives: everything but `cluster` belongs to whoever runs Rapport, `cluster` to the account. */
export type Home = { folder: string; cluster: string; log: string; settings: string; password: string; account: Account | null };

/** Opens the data folder, or the place its pointer file names; root gets a place its account can reach (below /var/lib/rapport). */
export async function openHome(dataDir: string): Promise<Home> {
  const wanted = resolve(dataDir);
  const pointed = await placeNamedIn(wanted);
  if (pointed) return homeIn(pointed, await accountFor(pointed));

  await makeFolder(wanted);
  const account = await accountFor(wanted);
  if (account === null || (await canEnter(wanted, account))) return homeIn(wanted, account);

  const place = await moveAway(wanted);
  return homeIn(place, await accountFor(place));
}

/** Whether the account may enter this folder and every folder above it. */
export async function canEnter(folder: string, account: Account): Promise<boolean> {
  let path = await realpath(folder);
  for (;;) {
    if (!(await allows(path, account, 0o1))) return false;
    if (path === dirname(path)) return true;
    path = dirname(path);
  }
}

/** Whether the account has this right (1 execute or enter, 4 read) by owner, group or others; access lists are not looked at. */
export async function allows(path: string, account: Account, right: number): Promise<boolean> {
  const found = await stat(path);
  const shift = found.uid === account.uid ? 6 : found.gid === account.gid ? 3 : 0;
  return ((found.mode >> shift) & right) === right;
}

const pointer = "where-the-database-is.txt";

function homeIn(folder: string, account: Account | null): Home {
  return {
    folder,
    cluster: join(folder, "cluster"),
    log: join(folder, "postgres.log"),
    settings: join(folder, "rapport.conf"),
    password: join(folder, "password"),
    account,
  };
}

/** Root only enters (0711): the account passes through to its cluster and reads nothing beside it. */
async function makeFolder(folder: string): Promise<void> {
  const created = await mkdir(folder, { recursive: true });
  if (created) await chmod(folder, isRoot() ? 0o711 : 0o700);
}

/** The owner of what is there already, so that an account added to the machine later does not lock the data out. */
async function accountFor(folder: string): Promise<Account | null> {
  if (!isRoot()) return null;
  const [data, around] = await Promise.all([join(folder, "cluster"), folder].map((path) => stat(path).catch(() => null)));
  if (data && data.uid !== 0) return { uid: data.uid, gid: data.gid };

  const known = await knownAccounts();
  if (around && around.uid !== 0 && known.some(({ uid }) => uid === around.uid)) return { uid: around.uid, gid: around.gid };
  const [first] = known;
  if (first) return { uid: first.uid, gid: first.gid };
  throw cannotRun("PostgreSQL refuses to run as root, and /etc/passwd names no other account.");
}

/** Best first; initdb refuses an account without a name. */
async function knownAccounts(): Promise<(Account & { name: string })[]> {
  const text = await readFile("/etc/passwd", "utf8").catch(() => "");
  const accounts = text.split("\n").map((line) => {
    const [name = "", , uid, gid] = line.split(":");
    return { name, uid: Number(uid), gid: Number(gid) };
  });
  const rank = ({ name }: { name: string }) => (name === "postgres" ? 0 : name === "nobody" ? 1 : 2);
  return accounts.filter(({ uid, gid }) => uid > 0 && gid >= 0).sort((one, other) => rank(one) - rank(other));
}

async function placeNamedIn(wanted: string): Promise<string | null> {
  const text = await readFile(join(wanted, pointer), "utf8").catch((error) => {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  });
  if (text === null) return null;
  const place = text.trim().split("\n").at(-1) ?? "";
  if (existsSync(place)) return place;
  throw cannotRun(
    `${join(wanted, pointer)} says that the database lies in ${place}, which is not there: bring it back, or delete that file to begin with an empty database.`,
  );
}

/** The pointer file is the truth, so a data folder that is moved finds its database and one that is deleted begins anew. */
async function moveAway(wanted: string): Promise<string> {
  const base = process.platform === "linux" ? "/var/lib/rapport" : "/usr/local/var/rapport";
  if (await mkdir(base, { recursive: true })) await chmod(base, 0o755);
  const place = join(base, `${createHash("sha256").update(wanted).digest("hex").slice(0, 12)}-${randomBytes(3).toString("hex")}`);
  await mkdir(place);
  await chmod(place, 0o711);
  const text = `PostgreSQL does not run as root, and the account that runs it cannot reach this folder. The database lies in:\n${place}\n`;
  if (await createWhole(join(wanted, pointer), text)) return place;
  await rmdir(place);
  return (await placeNamedIn(wanted)) ?? moveAway(wanted);
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
