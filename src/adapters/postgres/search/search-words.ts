import { resourceNamed } from "../../../domain/catalogue.ts";
import { words } from "../../../domain/kit/fold.ts";
import type { Resource } from "../../../domain/kit/resource.ts";
import { LONGEST_WORD } from "../../../domain/search/question.ts";
import type { Outgoing } from "../../../usecases/kit/feed.ts";
import { searched } from "../../../usecases/search.ts";
import { arrayLiteral } from "../flights/array-literal.ts";
import type { Flights } from "../flights/flight.ts";
import { type Row, type Step, statement } from "../flights/statement.ts";
import { columnOf, sqlName } from "../records/columns.ts";
import { phonesIn } from "../records/resource-sql.ts";

/** Keeps the words of records that were made or changed, for correcting a slip of the keys; doing it twice does nothing more. */
export function searchWordSteps(tenant: string, events: readonly Pick<Outgoing, "resource" | "after">[]): Step[] {
  const found = new Set<string>();
  for (const { resource: name, after } of events) {
    const resource = resourceNamed(name);
    if (!resource || !after || !searched.includes(resource)) continue;
    const record = JSON.parse(after) as Readonly<Record<string, unknown>>;
    collect(
      wordFields(resource).map((key) => record[key]),
      found,
    );
  }
  return keepSteps(tenant, found);
}

/** Makes the words of a workspace anew from all its records, so that those of records long gone disappear. */
export async function rebuildSearchWords(flights: Flights, tenant: string): Promise<void> {
  await flights.run(tenant, [[forgetWords, [tenant]]], "bulk");
  for (const resource of searched) {
    const keys = wordFields(resource);
    const page = statement(
      `select r.id, ${keys.map((key) => `r.${sqlName(key)}`).join(", ")} from ${resource.name} r where r.tenant_id = $1 and r.deleted_at is null and r.id > $2::uuid order by r.id limit ${PAGE}`,
    );
    const read = (row: Row) => keys.map((key, index) => valueIn(resource, key, row[index + 1] ?? null));
    for (let after: string | null = FIRST_ID; after; ) {
      const [result]: { rows: Row[] }[] = await flights.run(tenant, [[page, [tenant, after]]], "bulk");
      const rows = result?.rows ?? [];
      const found = new Set<string>();
      for (const row of rows) collect(read(row), found);
      await flights.run(tenant, keepSteps(tenant, found), "bulk");
      after = rows.length < PAGE ? null : (rows.at(-1)?.[0] ?? null);
    }
  }
}

const PAGE = 5_000;
const FIRST_ID = "00000000-0000-0000-0000-000000000000";
const FEWEST_LETTERS = 3;

const forgetWords = statement("delete from search_words where tenant_id = $1");
const keepWords = statement(
  "insert into search_words (tenant_id, word) select $1, w.word from unnest($2::text[]) as w (word) on conflict do nothing",
);

/** In one order for everybody, so that two that insert the same words cannot wait for each other in a circle. */
const keepSteps = (tenant: string, found: ReadonlySet<string>): Step[] =>
  found.size ? [[keepWords, [tenant, arrayLiteral([...found].sort())]]] : [];

const wordFields = (resource: Resource): readonly string[] => resource.search.filter((key) => !phonesIn(resource).includes(key));

const valueIn = ({ all }: Resource, key: string, text: string | null): unknown => {
  const field = all[key];
  return text === null || !field ? null : columnOf(field).fromSql(text, field);
};

/** Nobody means a word with digits in it by another one: numbers and codes stay out, and with them most of the table. */
function collect(values: readonly unknown[], found: Set<string>): void {
  for (const value of values)
    for (const word of words(String(value ?? "")))
      if (word.length >= FEWEST_LETTERS && word.length <= LONGEST_WORD && !/\p{N}/u.test(word)) found.add(word);
}
