import { randomBytes } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FORMAT, type Head, writeArchive } from "../src/adapters/postgres/backup/archive.ts";
import { writeBackup } from "../src/adapters/postgres/backup/backup.ts";
import { checkArchive, restoreBackup, sumOf } from "../src/adapters/postgres/backup/restore.ts";
import { ownerClient, tablesOf } from "../src/adapters/postgres/backup/tables.ts";
import { openFlights } from "../src/adapters/postgres/flights/flight.ts";
import { openIdentity } from "../src/adapters/postgres/identity/identity.ts";
import { migrate, runtimeLogins } from "../src/adapters/postgres/migrate.ts";
import { tokens } from "../src/adapters/secrets/tokens.ts";
import type { Actor } from "../src/domain/access/access.ts";
import { readyRoles } from "../src/domain/access/roles.ts";
import { perform } from "../src/usecases/kit/perform.ts";
import { aDatabase, aNode, asOwner, type Database } from "./support/nodes.ts";

let place: string;
let source: Database;
let admin: Actor;
const key = tokens.make("key");
const names = ["Berger\tTab", "back\\slash", "new\nline", "\\N", "Ünïcode 👩‍💻", "''", '"', "\\."];

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "rapport-backup-"));
  source = await aDatabase();
  admin = await aWorkspaceIn(source);
  await addContacts(source, names);
  await mkdir(join(place, "data", "files", "2026"), { recursive: true });
  await writeFile(join(place, "data", "files", "2026", "offer.pdf"), randomBytes(200_000));
  await writeFile(join(place, "data", "files", "empty.txt"), "");
  await writeFile(join(place, "data", "secret-key"), "the key of the source\n");
});
afterAll(async () => {
  await source.drop();
  await rm(place, { recursive: true, force: true });
});

test("a backup brings back the same rows in every table, counted and hashed, and the same files", async () => {
  const file = await aBackup();
  const target = await anEmptyDatabase();
  const dataDir = await aFolder();

  const restored = await restore(target, file, dataDir);

  const before = await sumsOf(source.url);
  expect(await sumsOf(target)).toEqual(before);
  expect(before.contacts?.rows).toBe(names.length);
  expect(before.events?.rows).toBeGreaterThan(names.length);
  expect(before.installation?.rows).toBe(0);
  expect(restored.rows).toBe(Object.values(before).reduce((sum, { rows }) => sum + rows, 0));
  expect(restored.files).toBe(2);
  for (const name of ["2026/offer.pdf", "empty.txt"])
    expect(await readFile(join(dataDir, "files", name))).toEqual(await readFile(join(place, "data", "files", name)));
  expect(await foreignKeysOf(target)).toEqual(await foreignKeysOf(source.url));
  expect((await foreignKeysOf(target)).length).toBeGreaterThan(10);
  expect((await readdir(dataDir)).sort()).toEqual(["files"]);
});

test("people and programs get in again after a restore, with the roles of the new server", async () => {
  const target = await anEmptyDatabase();
  await restore(target, await aBackup(), await aFolder());
  const flights = await openFlights({ connection: (await runtimeLogins(target)).identity });
  const identity = await openIdentity({ flights, hash: tokens.hash });
  expect(await identity.authenticate(key.token)).toMatchObject({ tenant_id: admin.tenant_id });
  await flights.close();
});

test("what is backed up is one moment, also while people write", async () => {
  const database = await aDatabase();
  const actor = await aWorkspaceIn(database);
  const node = await aNode(database.logins.tenant);
  let isDone = false;
  let written = 0;
  const writers = Array.from({ length: 4 }, async () => {
    while (!isDone) {
      await perform(node.app, actor, "contacts.create", { data: { last_name: `Weber ${written}` } }, { via: "api" });
      written++;
    }
  });
  while (written < 50) await new Promise((resolve) => setTimeout(resolve, 5));
  const file = join(await aFolder(), "moment.rapport");
  await backUp(database.url, file);
  const atBackup = written;
  isDone = true;
  await Promise.all(writers);
  await node.close();
  const target = await anEmptyDatabase();
  await restore(target, file, await aFolder());
  const client = new pg.Client(target);
  await client.connect();
  const { rows } = await client.query(
    `select (select count(*)::int from contacts) as contacts,
 (select count(*)::int from events e join contacts c on c.id = e.record_id where e.type = 'contact.created') as events,
 (select count(*)::int from events) as all_events, (select count(*)::int from outbox) as waiting, (select count(*)::int from feed) as placed`,
  );
  await client.end();
  await database.drop();
  const [{ contacts, events, all_events, waiting, placed }] = rows;
  expect(contacts).toBeGreaterThanOrEqual(50);
  expect(contacts).toBeLessThanOrEqual(atBackup + 4);
  expect(events).toBe(contacts);
  expect(waiting + placed).toBe(all_events);
});

test("a database that holds data is not touched", async () => {
  const file = await aBackup();
  const before = await sumsOf(source.url);
  await expect(restore(source.url, file, await aFolder())).rejects.toThrow("This database holds data already. Restore into an empty one");
  expect(await sumsOf(source.url)).toEqual(before);
});

test("a database in use is not touched, and neither is a folder with files", async () => {
  const file = await aBackup();
  const database = await aDatabase();
  const flights = await openFlights({ connection: database.logins.tenant });
  await expect(restore(database.url, file, await aFolder())).rejects.toThrow("Rapport is running on this database: stop it, then restore.");
  await flights.close();
  await expect(restore(database.url, file, join(place, "data"))).rejects.toThrow("holds files already");
  await database.drop();
});

test("a damaged archive restores nothing, wherever it is damaged", async () => {
  const file = await aBackup();
  const whole = await readFile(file);
  const target = await anEmptyDatabase();
  const damaged = join(await aFolder(), "damaged.rapport");
  const cuts = [10, Math.floor(whole.length / 3), whole.length - 9, whole.length - 1].map((end) => whole.subarray(0, end));
  const flips = [0.05, 0.3, 0.5, 0.8, 0.999].map((share) => {
    const copy = Buffer.from(whole);
    const at = Math.min(Math.floor(copy.length * share), copy.length - 5);
    copy[at] = (copy[at] ?? 0) ^ 0x55;
    return copy;
  });
  for (const bytes of [...cuts, ...flips]) {
    await writeFile(damaged, bytes);
    await expect(restore(target, damaged, await aFolder())).rejects.toThrow(/The archive is damaged|not a backup of Rapport/);
  }
  await writeFile(damaged, "no archive at all");
  await expect(checkArchive(damaged)).rejects.toThrow("This file is not a backup of Rapport.");
  await expect(checkArchive(join(place, "nowhere"))).rejects.toThrow("There is no file");
  expect(await sumsOf(target)).toEqual({});
  expect((await checkArchive(file)).rows).toBeGreaterThan(0);
});

test("a load that fails half-way leaves the database empty, and the next one succeeds", async () => {
  const file = await aBackup();
  const { head } = await checkArchive(file);
  const forged = join(await aFolder(), "forged.rapport");
  await forge(forged, head, [
    ["tenants", `${admin.tenant_id}\tA\ta\tabcde\t2026-01-01 00:00:00+00\n`],
    ["memberships", `${admin.tenant_id}\t${admin.tenant_id}\t${admin.tenant_id}\tt\t\\N\n`],
  ]);
  const target = await anEmptyDatabase();
  await expect(restore(target, forged, await aFolder())).rejects.toThrow(/foreign key/);
  const sums = await sumsOf(target);
  expect(Object.values(sums).every(({ rows }) => rows === 0)).toBe(true);
  expect((await foreignKeysOf(target)).length).toBeGreaterThan(10);
  await restore(target, file, await aFolder());
  expect(await sumsOf(target)).toEqual(await sumsOf(source.url));
});

test("an archive of a newer version is refused, by its form and by its migrations", async () => {
  const { head } = await checkArchive(await aBackup());
  const file = join(await aFolder(), "newer.rapport");
  const target = await anEmptyDatabase();
  await forge(file, { ...head, version: "9.0.0", format: FORMAT + 1 }, []);
  await expect(restore(target, file, await aFolder())).rejects.toThrow("The archive comes from a newer Rapport (9.0.0).");
  await forge(
    file,
    { ...head, version: "9.0.0", migrations: [...head.migrations, { number: 9_999, name: "9999_tomorrow.sql", hash: "x" }] },
    [],
  );
  await expect(restore(target, file, await aFolder())).rejects.toThrow("Install that version or a later one");
  await forge(file, { ...head, migrations: head.migrations.map((one) => ({ ...one, hash: "other" })) }, []);
  await expect(restore(target, file, await aFolder())).rejects.toThrow("another form of the migration");
  expect(await sumsOf(target)).toEqual({});
});

test("an archive of an older version is brought forward", async () => {
  const all = (await readdir("migrations")).sort();
  const older = await aFolder();
  for (const name of all.slice(0, -1)) await copyFile(join("migrations", name), join(older, name));
  const old = await anEmptyDatabase();
  await migrate({ url: old, folder: older });
  const file = join(await aFolder(), "older.rapport");
  await backUp(old, file);
  const target = await anEmptyDatabase();
  const { head } = await restore(target, file, await aFolder());
  expect(head.migrations.length).toBe(all.length - 1);
  expect(await migrate({ url: target, folder: "migrations", dryRun: true })).toEqual([]);
  const newer = await anEmptyDatabase();
  await migrate({ url: newer, folder: "migrations" });
  await expect(restore(newer, file, await aFolder())).rejects.toThrow("newer than the archive");
});

test("the key comes along only where that is asked for, and joins the one that is there", async () => {
  const file = join(await aFolder(), "key.rapport");
  await writeBackup({ ...given(source.url, file), keyFile: join(place, "data", "secret-key") });
  const dataDir = await aFolder();
  await writeFile(join(dataDir, "secret-key"), "the key of the target\n");
  await restore(await anEmptyDatabase(), file, dataDir);
  expect(await readFile(join(dataDir, "secret-key"), "utf8")).toBe("the key of the target\nthe key of the source\n");
});

test("a file whose name leads out of its folder is refused", async () => {
  const { head } = await checkArchive(await aBackup());
  const file = join(await aFolder(), "leads.rapport");
  const target = await anEmptyDatabase();
  for (const name of ["files/../../secret-key", "etc/passwd", "files//x", "files/a\\b"]) {
    await forge(file, head, [], [[name, "x"]]);
    await expect(restore(target, file, await aFolder())).rejects.toThrow("a name that leads elsewhere");
  }
});

test("a backup that cannot be written leaves no half of one", async () => {
  const folder = await aFolder();
  await expect(backUp(source.url, join(folder, "no-such-folder", "x.rapport"))).rejects.toThrow("ENOENT");
  await expect(backUp(await anEmptyDatabase(), join(folder, "x.rapport"))).rejects.toThrow("There is nothing to back up");
  expect(await readdir(folder)).toEqual([]);
});

const databases: string[] = [];
afterAll(async () => {
  for (const name of databases) await asOwner(process.env.TEST_DATABASE_URL ?? "", `drop database if exists ${name} with (force)`);
});

async function anEmptyDatabase(): Promise<string> {
  const name = `backup_${randomBytes(6).toString("hex")}`;
  await asOwner(process.env.TEST_DATABASE_URL ?? "", `create database ${name}`);
  databases.push(name);
  return Object.assign(new URL(process.env.TEST_DATABASE_URL ?? ""), { pathname: `/${name}` }).href;
}

const aFolder = () => mkdtemp(join(place, "x"));
const given = (url: string, file: string) => ({
  url,
  file,
  version: "0.1.0",
  files: join(place, "data", "files"),
  keyFile: null,
  now: new Date(),
});
const backUp = (url: string, file: string) => writeBackup(given(url, file));
const restore = (url: string, file: string, dataDir: string) => restoreBackup({ url, file, folder: "migrations", dataDir, say: () => {} });

let made: Promise<string> | null = null;
/** One archive of the source for all who only read it. */
function aBackup(): Promise<string> {
  made ??= (async () => {
    const file = join(place, "backup.rapport");
    await backUp(source.url, file);
    return file;
  })();
  return made;
}

async function forge(
  file: string,
  head: Head,
  tables: readonly (readonly [string, string])[],
  files: readonly (readonly [string, string])[] = [],
) {
  const archive = await writeArchive(file);
  await archive.head(head);
  for (const [kind, all] of [["table", tables] as const, ["file", files] as const]) {
    for (const [name, text] of all) {
      await archive.entry({ kind, name }, async (take) => {
        await take(Buffer.from(text));
        return kind === "table" ? text.split("\n").length - 1 : 0;
      });
    }
  }
  await archive.finish();
}

async function sumsOf(url: string): Promise<Record<string, { rows: number; sha256: string }>> {
  const client = await ownerClient(url, "test");
  try {
    const sums: Record<string, { rows: number; sha256: string }> = {};
    for (const table of await tablesOf(client)) sums[table.name] = await sumOf(client, table);
    return sums;
  } finally {
    await client.end();
  }
}

async function foreignKeysOf(url: string): Promise<readonly string[]> {
  const client = new pg.Client(url);
  await client.connect();
  const text =
    "select conname || ' ' || pg_get_constraintdef(oid) as said from pg_constraint where contype = 'f' and convalidated order by 1";
  const { rows } = await client.query(text).finally(() => client.end());
  return rows.map(({ said }) => said);
}

async function aWorkspaceIn(database: Database): Promise<Actor> {
  const flights = await openFlights({ connection: database.logins.identity, lanes: { read: 1, write: 1 } });
  const identity = await openIdentity({ flights, hash: tokens.hash });
  const { tenant_id, member_id, user_id } = await identity.createWorkspace({
    workspace: { name: `Backup ${randomBytes(4).toString("hex")}`, language: "en" },
    user: { email: `${randomBytes(6).toString("hex")}@halden.example`, name: "Anna Berger", language: "en", password_hash: null },
    onlyTheFirst: false,
    key: { hash: key.hash, prefix: "rpk_", name: "Test", role: "admin", acts_for: null, expires_at: null },
    now: new Date().toISOString(),
    via: "command",
  });
  await flights.close();
  return { tenant_id, member_id, user_id, key_id: null, role: readyRoles.admin as Actor["role"], team: [member_id] };
}

async function addContacts(database: Database, all: readonly string[]): Promise<void> {
  const node = await aNode(database.logins.tenant);
  for (const last_name of all) await perform(node.app, admin, "contacts.create", { data: { last_name, tags: ["Messe"] } }, { via: "api" });
  await node.drain.idle();
  await node.close();
}
