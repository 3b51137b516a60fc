import { createHash, randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { migrate } from "../migrate.ts";
import { Damaged, FORMAT, type Head, type Reading, readArchive } from "./archive.ts";
import { KEY } from "./backup.ts";
import { copyIn, copyOut } from "./copy.ts";
import { copyInSql, copyOutSql, migrationsOf, ownerClient, quoted, type Table, tablesOf, withoutForeignKeys } from "./tables.ts";

/** What an archive holds, or what was restored from it. */
export type Contents = { readonly head: Head; readonly tables: number; readonly rows: number; readonly files: number };

type Given = {
  readonly url: string;
  readonly file: string;
  /** The migrations of this version. */
  readonly folder: string;
  readonly dataDir: string;
  readonly say: (line: string) => void;
};

/** Reads an archive from front to back and compares every length and hash; refuses one that is damaged. */
export async function checkArchive(file: string): Promise<Contents> {
  const archive = await openArchive(file);
  try {
    let [tables, rows, files] = [0, 0, 0];
    for (let part = await archive.next(); part; part = await archive.next()) {
      for await (const _ of part.pieces);
      if (part.entry.kind === "table") tables++;
      else if (part.entry.name !== KEY) files++;
      rows += part.sum().rows;
    }
    return { head: archive.head, tables, rows, files };
  } finally {
    archive.close();
  }
}

/** Brings an archive back into an empty database: all of it or nothing, then forward to this version. */
export async function restoreBackup({ url, file, folder, dataDir, say }: Given): Promise<Contents> {
  const contents = await checkArchive(file);
  const { head } = contents;
  await refuseOtherVersions(head, folder);
  const files = join(dataDir, "files");
  if ((await readdir(files).catch(() => [])).length) throw new Error(`${files} holds files already: restore into a new data folder.`);

  const client = await ownerClient(url, "restore");
  const aside = join(dataDir, `.restoring-${randomBytes(6).toString("hex")}`);
  try {
    await refuseInUse(client);
    await refuseUsed(client, head);
    await migrateTo(head, { url, folder });
    say(`Restoring ${contents.rows} rows of ${head.made_at} …`);
    const key = await load(client, head, { file, aside });
    if (contents.files) await rename(join(aside, "files"), files);
    if (key) await keepKey(join(dataDir, KEY), key);
    await client.query("analyze");
  } finally {
    await client.end().catch(() => {});
    await rm(aside, { recursive: true, force: true });
  }
  await migrate({ url, folder, say });
  return contents;
}

async function openArchive(file: string): Promise<Reading> {
  const archive = await readArchive(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") throw new Error(`There is no file ${file}.`, { cause: error });
    throw error;
  });
  if (archive.head.format <= FORMAT) return archive;
  archive.close();
  throw newer(archive.head);
}

async function refuseOtherVersions(head: Head, folder: string): Promise<void> {
  const known = new Set(await readdir(folder));
  for (const { name, hash } of head.migrations) {
    if (!known.has(name)) throw newer(head);
    const ours = createHash("sha256")
      .update(await readFile(join(folder, name)))
      .digest("hex");
    if (ours !== hash)
      throw new Error(`The archive was made with another form of the migration ${name}: restore it with the Rapport that made it.`);
  }
}

const newer = ({ version }: Head) =>
  new Error(`The archive comes from a newer Rapport (${version}). Install that version or a later one, then restore it.`);

async function refuseInUse(client: pg.Client): Promise<void> {
  const { rows } = await client.query(
    "select count(*)::int as others from pg_stat_activity where datname = current_database() and usename ~ '^rapport_(tenant|identity)_\\d+$'",
  );
  if (rows[0].others) throw new Error("Rapport is running on this database: stop it, then restore.");
}

async function refuseUsed(client: pg.Client, head: Head): Promise<void> {
  const done = await migrationsOf(client);
  if (done.length === 0) return;
  for (const { name } of await tablesOf(client)) {
    if (name === "installation") continue;
    const { rowCount } = await client.query(`select 1 from ${quoted(name)} limit 1`);
    if (rowCount)
      throw new Error("This database holds data already. Restore into an empty one: name another with DATABASE_URL, or another DATA_DIR.");
  }
  if (done.length > head.migrations.length)
    throw new Error(
      "This database is empty, but newer than the archive. Restore into one that has not been started yet, which is then brought forward: name another with DATABASE_URL, or another DATA_DIR.",
    );
}

/** Brings an empty database to where the archive was made, and no further. */
async function migrateTo(head: Head, { url, folder }: { url: string; folder: string }): Promise<void> {
  const only = await mkdtemp(join(tmpdir(), "rapport-migrations-"));
  try {
    for (const { name } of head.migrations) await copyFile(join(folder, name), join(only, name));
    await migrate({ url, folder: only });
  } finally {
    await rm(only, { recursive: true, force: true });
  }
}

/** Loads all tables in one transaction, reads them again to compare, and puts the files aside; answers the key, if one came along. */
async function load(client: pg.Client, head: Head, { file, aside }: { file: string; aside: string }): Promise<string | null> {
  const archive = await openArchive(file);
  let key: string | null = null;
  try {
    await client.query("begin");
    const tables = await tablesOf(client);
    await makePartitions(client, head);
    await client.query(`truncate ${tables.flatMap(({ name }) => (name === "installation" ? [] : [quoted(name)])).join(", ")}`);
    await client.query("delete from installation where key not like 'password:%'");
    const bringBack = await withoutForeignKeys(client);
    for (let part = await archive.next(); part; part = await archive.next()) {
      if (part.entry.kind === "table") {
        const table = tableFor(head, tables, part.entry.name);
        const rows = await copyIn(client, copyInSql(table), part.pieces);
        const again = await sumOf(client, table);
        const { rows: promised, sha256 } = part.sum();
        if (rows !== promised || again.rows !== promised || again.sha256 !== sha256)
          throw new Error(`${part.entry.name} came back other than it was backed up, so nothing was restored.`);
      } else if (part.entry.name === KEY) {
        const pieces: Buffer[] = [];
        for await (const piece of part.pieces) pieces.push(piece);
        key = Buffer.concat(pieces).toString("utf8");
      } else {
        const path = join(aside, safe(part.entry.name));
        await mkdir(dirname(path), { recursive: true });
        await pipeline(Readable.from(part.pieces), createWriteStream(path, { flags: "wx", mode: 0o600 }));
      }
    }
    await bringBack();
    await client.query("commit");
    return key;
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw error;
  } finally {
    archive.close();
  }
}

/** The columns of the archive have to be those of the database, or it would be another database. */
function tableFor(head: Head, tables: readonly Table[], name: string): Table {
  const table = tables.find((one) => one.name === name);
  const described = head.tables.find((one) => one.name === name);
  if (!table || !described || described.columns.join() !== table.columns.join())
    throw new Error(`The table ${name} of the archive is not as this database has it, so nothing was restored.`);
  return table;
}

/** The rows of a table as they are now, counted and hashed. */
export async function sumOf(client: pg.Client, table: Table): Promise<{ rows: number; sha256: string }> {
  const hash = createHash("sha256");
  const rows = await copyOut(client, copyOutSql(table), async (piece) => {
    hash.update(piece);
  });
  return { rows, sha256: hash.digest("hex") };
}

async function makePartitions(client: pg.Client, { partitions }: Head): Promise<void> {
  for (const { table, name, bound } of partitions) {
    if (!/^\w+$/.test(table + name) || !/^FOR VALUES FROM \('[\da-f-]{36}'\) TO \('[\da-f-]{36}'\)$/.test(bound))
      throw new Damaged("one of its partitions is none.");
    if ((await client.query("select to_regclass($1) is not null as there", [name])).rows[0].there) continue;
    await client.query(`create table ${quoted(name)} partition of ${quoted(table)} ${bound}`);
    await client.query(`alter table ${quoted(name)} enable row level security`);
  }
}

function safe(name: string): string {
  const parts = name.split("/");
  if (parts[0] === "files" && parts.every((part) => part !== "" && part !== "." && part !== ".." && !/[\\:\0]/.test(part)))
    return join(...parts);
  throw new Damaged("one of its files has a name that leads elsewhere.");
}

/** Keys that are here already stay in use; those that came along open what they sealed. */
async function keepKey(file: string, text: string): Promise<void> {
  const here = (await readFile(file, "utf8").catch(() => "")).split("\n").filter((line) => line.trim());
  const all = [...new Set([...here, ...text.split("\n").filter((line) => line.trim())])];
  await writeFile(file, `${all.join("\n")}\n`, { mode: 0o600 });
}
