import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { FORMAT, type Sum, writeArchive } from "./archive.ts";
import { copyOut } from "./copy.ts";
import { copyOutSql, migrationsOf, ownerClient, partitionsOf, tablesOf } from "./tables.ts";

/** What a backup came to. */
export type BackedUp = { readonly tables: number; readonly rows: number; readonly files: number; readonly bytes: number };

type Given = {
  /** The owner's address of the database. */
  readonly url: string;
  readonly file: string;
  /** Which Rapport makes it. */
  readonly version: string;
  /** The folder of people's files. */
  readonly files: string;
  /** The file of the key that secrets are sealed with, if it is to come along. */
  readonly keyFile: string | null;
  readonly now: Date;
};

/** Writes every table of one moment, then the files, into one archive; people go on working meanwhile. */
export async function writeBackup({ url, file, version, files, keyFile, now }: Given): Promise<BackedUp> {
  const client = await ownerClient(url, "backup");
  const archive = await writeArchive(file);
  try {
    await client.query("begin isolation level repeatable read read only");
    const [tables, partitions, migrations] = [await tablesOf(client), await partitionsOf(client), await migrationsOf(client)];
    if (migrations.length === 0) throw new Error("There is nothing to back up: this database has never been used by Rapport.");
    await archive.head({
      format: FORMAT,
      version,
      made_at: now.toISOString(),
      migrations,
      tables: tables.map(({ name, columns }) => ({ name, columns })),
      partitions,
    });
    const sums: Sum[] = [];
    for (const table of tables) {
      sums.push(await archive.entry({ kind: "table", name: table.name }, (take) => copyOut(client, copyOutSql(table), take)));
    }
    await client.query("commit");

    // A file is written before the row that names it and never changed, so what the rows name is there by now.
    const found = await filesIn(files);
    const all = [
      ...found.map((name) => ({ name: `files/${name}`, path: join(files, name) })),
      ...(keyFile ? [{ name: KEY, path: keyFile }] : []),
    ];
    for (const { name, path } of all) {
      sums.push(
        await archive.entry({ kind: "file", name }, async (take) => {
          for await (const piece of createReadStream(path, { highWaterMark: 1 << 16 })) await take(piece);
          return 0;
        }),
      );
    }
    await archive.finish();
    const rows = sums.reduce((sum, one) => sum + one.rows, 0);
    return { tables: tables.length, rows, files: found.length, bytes: (await stat(file)).size };
  } catch (error) {
    await archive.abandon();
    throw error;
  } finally {
    await client.end().catch(() => {});
  }
}

/** The name of the key among the files of an archive. */
export const KEY = "secret-key";

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}
