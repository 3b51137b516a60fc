import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the product: the nearest one above this file that holds its package and its migrations. */
export const root: string = (() => {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json")) && existsSync(join(folder, "migrations"))) return folder;
    if (folder === dirname(folder)) throw new Error("The folder migrations is missing: unpack Rapport anew.");
  }
})();

export const migrationsFolder = join(root, "migrations");

/** Where the built interface lies. */
export const webFolder = join(root, "dist", "web");

export const version = (): string => JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version;
