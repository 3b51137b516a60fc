import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { KEY, writeBackup } from "../../adapters/postgres/backup/backup.ts";
import { type Command, command } from "../command.ts";
import { openDatabase } from "../database.ts";
import { Refused } from "../refused.ts";
import { version } from "../root.ts";
import { sizeOf } from "../size.ts";

/** Writes every table and file of one moment into one archive, also while people work. */
export const backup: Command = command({
  name: "backup",
  summary: "Write everything into one file",
  words: ["FILE"],
  options: {
    "with-key": { help: "Put the key that secrets are sealed with into the archive too" },
    force: { help: "Write over a file that is there" },
    json: { help: "Print what was written as JSON" },
  },
  notes: ["The archive holds all data of all workspaces: keep it where nobody else can read it."],
  run: async ({ given, configuration, print, say }) => {
    const settings = configuration();
    const file = resolve(given.words[0] ?? "");
    if (existsSync(file) && !given.has("force"))
      throw new Refused(`${file} is there already. Choose another name, or write over it with --force.`);
    const key = join(settings.data_dir, KEY);
    const hasKey = existsSync(key);
    if (given.has("with-key") && !hasKey) throw new Refused(`There is no key in ${key} to put into the archive.`);
    const database = await openDatabase(settings, say);
    try {
      const made = await writeBackup({
        url: database.url(),
        file,
        version: version(),
        files: join(settings.data_dir, "files"),
        keyFile: given.has("with-key") ? key : null,
        now: new Date(),
      }).catch((error) => {
        throw fileFault(error, file) ?? error;
      });
      if (given.has("json")) print(JSON.stringify({ file, ...made }));
      else print(`Backed up ${made.rows} rows of ${made.tables} tables and ${made.files} files into ${file} (${sizeOf(made.bytes)}).`);
      if (hasKey && !given.has("with-key")) say(`Keep ${key} too: stored secrets cannot be opened without it.`);
      return 0;
    } finally {
      await database.close();
    }
  },
});

function fileFault(error: unknown, file: string): Refused | null {
  const { code, path } = error as { code?: string; path?: string };
  if (code === "ENOSPC") return new Refused(`The disk is full: ${file} could not be written.`);
  if (!path?.startsWith(file)) return null;
  if (code === "ENOENT") return new Refused(`The folder of ${file} does not exist: make it first.`);
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") return new Refused(`This user may not write ${file}.`);
  return null;
}
