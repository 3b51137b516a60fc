import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import type { Resource } from "../../../domain/kit/resource.ts";
import { searched } from "../../../usecases/search.ts";
import { correctionSql, searchSql } from "./search-sql.ts";

test("the migrations hold the search function of every resource that is searched, as the kit prints it", async () => {
  const files = (await readdir("migrations")).filter((name) => name.endsWith(".sql"));
  const written = (await Promise.all(files.map((name) => readFile(`migrations/${name}`, "utf8")))).join("\n");
  expect(searched.map(({ name }) => name)).toEqual(expect.arrayContaining(["companies", "contacts", "members"]));
  for (const resource of searched) expect(written).toContain(searchSql(resource));
  expect(written).toContain(correctionSql());
});

test("a resource whose title has no index cannot be searched", () => {
  const [first] = searched;
  expect(() => searchSql({ ...(first as Resource), sort: [] })).toThrow("needs an index");
});
