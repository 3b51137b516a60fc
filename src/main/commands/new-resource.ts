import { tableSql } from "../../adapters/postgres/records/resource-sql.ts";
import { searchSql } from "../../adapters/postgres/search/search-sql.ts";
import { catalogue, resourceNamed } from "../../domain/catalogue.ts";
import { type Command, command } from "../command.ts";
import { Refused } from "../refused.ts";

/** Prints the migration that makes the table of a declared resource. */
export const newResource: Command = command({
  name: "new-resource",
  summary: "Print the migration of a declared resource",
  words: ["NAME"],
  notes: ["Write it to the next number: rapport new-resource products > migrations/0007_products.sql"],
  run: async ({ given, print }) => {
    const [name = ""] = given.words;
    const resource = resourceNamed(name);
    if (!resource) {
      throw new Refused(
        `There is no resource "${name}". Declare it below src/domain and name it in src/domain/catalogue.ts first. There are ${Object.keys(catalogue).join(", ")}.`,
      );
    }
    print(`-- ${resource.label.en[1]}.\n`);
    print(tableSql(resource));
    if (resource.search.length) print(`\n${searchSql(resource).trimEnd()}`);
    return 0;
  },
});
