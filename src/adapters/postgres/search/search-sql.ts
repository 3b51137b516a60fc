import type { Resource } from "../../../domain/kit/resource.ts";
import { columnOf, foldColumn, sqlName } from "../records/columns.ts";
import { phonesIn } from "../records/resource-sql.ts";

/**
 * The migration that lets a resource be searched. A function of the owner's, because row-level security keeps GIN indexes from being
 * used: it answers only for the tenant of its transaction, within the owners it is given, and never more than a hundred rows.
 */
export function searchSql(resource: Resource): string {
  const { name } = resource;
  const keys = foundKeys(resource);
  return `create function search_${name}(${parameters.join(", ")})
returns table (${["id uuid", ...keys.map((key) => `found_${key} text`)].join(", ")})
${LANGUAGE} as $$
begin
  if (tenant = nullif(current_setting('app.tenant_id', true), '')::uuid) is not true then return; end if;
  return query select f.id, ${keys.map((key) => unlessHidden(key, `f.${sqlName(key)}::text`)).join(", ")} from (
${waysTo(resource).join("\n    union all\n")}
    limit ${MOST_FOUND}) f;
end $$;
revoke all on function search_${name}(${types.join(", ")}) from public;
grant execute on function search_${name}(${types.join(", ")}) to rapport_tenant;`;
}

/** The keys of what a search function gives back after the id, in their order. */
export const foundKeys = ({ title, search }: Resource): readonly string[] => [...new Set([title, ...search])];

/** The migration for correcting words: which of a tenant's words differ by a letter left out, put in, changed or swapped. */
export const correctionSql =
  (): string => `-- A word, and it without any one of its letters, as numbers that no other tenant shares: two words that differ by one slip have one in common.
create function typo_keys(tenant uuid, word text) returns bigint[]
language sql immutable strict parallel safe set search_path = pg_catalog as $$
  select array_agg(distinct hashtextextended(k.key, uuid_hash_extended(tenant, 0)))
    from (select word as key union all select overlay(word placing '' from i for 1) from generate_series(1, length(word)) i) k
$$;
create index search_words_typo_index on search_words using gin (typo_keys(tenant_id, word)) with (fastupdate = off);
grant delete on search_words to rapport_tenant;

create function correct_words(tenant uuid, words text[]) returns table (word text, meant text)
${LANGUAGE} as $$
begin
  if (tenant = nullif(current_setting('app.tenant_id', true), '')::uuid) is not true then return; end if;
  return query
    select w.word, s.word from unnest(words) as w (word) cross join lateral (
      select c.word from search_words c
       where (c.tenant_id = tenant) is true and typo_keys(c.tenant_id, c.word) && typo_keys(tenant, w.word)
       order by abs(length(c.word) - length(w.word)), c.word limit 10) s;
end $$;
revoke all on function correct_words(uuid, text[]) from public;
grant execute on function correct_words(uuid, text[]) to rapport_tenant;`;

const MOST_FOUND = 100;

const parameters = [
  "tenant uuid",
  "owners uuid[]",
  "numbers text[]",
  "exactly tsquery",
  "widely tsquery",
  "first text",
  "last text",
  "hidden text[]",
  "needles text[]",
];
const types = parameters.map((parameter) => parameter.slice(parameter.indexOf(" ") + 1));

// One plan for every question, because planning takes longer than searching; without values to look at it would take the limit for a
// reason to read the whole table.
const LANGUAGE =
  "language plpgsql stable security definer set search_path = public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off";

// Written so that the planner cannot bring in the index of the primary key beside the words', which would walk all of the tenant.
const OF_TENANT = "(r.tenant_id = tenant) is true";

/** The ways to a record, each by an index of its own: the end of its phone number, whole words, the last word begun, two letters of its title. */
function waysTo(resource: Resource): readonly string[] {
  const { name, title, sort } = resource;
  if (!sort.includes(title)) throw new Error(`${name} is found by two letters of its ${title}, which needs an index: sort by it.`);
  const fold = `r.${foldColumn(title)}`;
  const way = wayTo(resource);
  return [
    ...phonesIn(resource).map((key) => {
      const column = `r.${key}_reversed`;
      const where = ["r.tenant_id = tenant", `${column} >= n.digits`, `${column} < n.digits || ':'`];
      return `    (select p.* from unnest(numbers) as n (digits) cross join lateral
${way({ from: `${name} r`, where, order: column })} p)`;
    }),
    way({ from: `${name} r`, where: [OF_TENANT, "r.search @@ exactly", shown(resource)] }),
    way({ from: `${name} r`, where: [OF_TENANT, "r.search @@ widely", "(r.search @@ exactly) is not true", shown(resource)] }),
    way({ from: `${name} r`, where: ["r.tenant_id = tenant", `${fold} >= first`, `${fold} < last`], order: `${fold}, r.id` }),
  ];
}

type Way = { readonly from: string; readonly where: readonly string[]; readonly order?: string };

const wayTo = (resource: Resource) => {
  const columns = ["id", ...foundKeys(resource)].map((key) => `r.${sqlName(key)}`).join(", ");
  const always = ["r.deleted_at is null", ...(resource.owner ? [`(owners is null or r.${resource.owner} = any(owners))`] : [])];
  return ({ from, where, order }: Way): string =>
    `    (select ${columns} from ${from}
      where ${[...where, ...always].join("\n        and ")}
      ${order ? `order by ${order} ` : ""}limit ${MOST_FOUND})`;
};

/** Where a searched field is hidden from the reader, the others must hold every word somewhere; whether as a word of theirs is seen later. */
function shown(resource: Resource): string {
  const texts = resource.search.filter((key) => !phonesIn(resource).includes(key)).map((key) => unlessHidden(key, foldOf(resource, key)));
  return `(needles is null or not exists (select 1 from unnest(needles) as n (needle)
          where strpos(concat_ws(' ', ${texts.join(", ")}), n.needle) = 0))`;
}

const unlessHidden = (key: string, value: string): string => `case when '${key}' = any(hidden) then null else ${value} end`;

function foldOf({ all }: Resource, key: string): string {
  const field = all[key];
  return field && columnOf(field).folded ? `r.${foldColumn(key)}::text` : `lower(r.${sqlName(key)}::text)`;
}
