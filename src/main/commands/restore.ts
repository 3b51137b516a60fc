import { resolve } from "node:path";
import { checkArchive, restoreBackup } from "../../adapters/postgres/backup/restore.ts";
import { type Command, command } from "../command.ts";
import { openDatabase } from "../database.ts";
import { migrationsFolder } from "../root.ts";

/** Brings an archive back into an empty database, then forward to this version. */
export const restore: Command = command({
  name: "restore",
  summary: "Bring a backup back into an empty database",
  words: ["FILE"],
  options: { check: { help: "Only read the archive and compare its check sums" }, json: { help: "Print what was restored as JSON" } },
  notes: ["Rapport must not run meanwhile. A damaged archive, or one of a newer version, restores nothing."],
  run: async ({ given, configuration, print, say }) => {
    const file = resolve(given.words[0] ?? "");
    const isCheck = given.has("check");
    const contents = isCheck ? await checkArchive(file) : await restored();
    const { head, tables, rows, files } = contents;
    if (given.has("json")) print(JSON.stringify({ file, version: head.version, made_at: head.made_at, tables, rows, files }));
    else
      print(
        `${isCheck ? "The archive is whole" : "Restored"}: ${rows} rows of ${tables} tables and ${files} files, made at ${head.made_at} by Rapport ${head.version}.`,
      );
    return 0;

    async function restored() {
      const settings = configuration();
      const database = await openDatabase(settings, say);
      try {
        return await restoreBackup({ url: database.url(), file, folder: migrationsFolder, dataDir: settings.data_dir, say });
      } finally {
        await database.close();
      }
    }
  },
});
