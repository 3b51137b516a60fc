import { migrate } from "../../adapters/postgres/migrate.ts";
import { type Command, command } from "../command.ts";
import { openDatabase } from "../database.ts";
import { migrationsFolder } from "../root.ts";

/** Brings the database to this version, which every start does too. */
export const migrateCommand: Command = command({
  name: "migrate",
  summary: "Bring the database to this version",
  options: { "dry-run": { help: "Only print which migrations would run" }, json: { help: "Print the names as JSON" } },
  notes: ["Every start does the same under a lock; run it beforehand to upgrade many nodes without a pause."],
  run: async ({ given, configuration, print, say }) => {
    const isDry = given.has("dry-run");
    const database = await openDatabase(configuration(), say);
    try {
      const names = await migrate({ url: database.url(), folder: migrationsFolder, dryRun: isDry, say });
      if (given.has("json")) print(JSON.stringify({ [isDry ? "outstanding" : "applied"]: names }));
      else if (names.length === 0) print("The database is up to date.");
      else if (isDry) for (const name of names) print(name);
      else print(names.length === 1 ? "1 migration was applied." : `${names.length} migrations were applied.`);
      return 0;
    } finally {
      await database.close();
    }
  },
});
