import { hasRight } from "../../domain/access/access.ts";
import { resourceNamed } from "../../domain/catalogue.ts";
import { forbidden, invalid, invalidInput } from "../../domain/kit/errors.ts";
import type { Link } from "../../domain/kit/fields.ts";
import { fold } from "../../domain/kit/fold.ts";
import { isId } from "../../domain/kit/kinds.ts";
import type { AnyRecord, Resource } from "../../domain/kit/resource.ts";
import { tags } from "../../domain/tags/tag.ts";
import type { Records, Values } from "../../usecases/kit/ports.ts";
import { arrayLiteral } from "./array-literal.ts";
import type { Call } from "./call.ts";
import { idList } from "./columns.ts";
import { type Step, statement } from "./statement.ts";

/** Settles what only the database knows of rows about to be written: which tags the names mean, that links lead somewhere, that no tree bites its tail. */
export async function settle(
  resource: Resource,
  rows: readonly Values[],
  call: Call,
  tagRecords: () => Records,
): Promise<readonly Values[]> {
  const named = resource.tags ? rows.flatMap((row) => (row.tags ?? []) as string[]) : [];
  const ids = named.length ? await tagIds(named, call, tagRecords) : null;
  const settled = ids
    ? rows.map((row) => (row.tags ? { ...row, tags: [...new Set((row.tags as string[]).map((name) => ids.get(name) as string))] } : row))
    : rows;
  await checkLinks(resource, settled, call);
  return settled;
}

/** What an earlier answer shows of tags, as the names or ids that a write takes. */
export const storedValues = (record: AnyRecord): Values => ({
  ...record,
  tags: Array.isArray(record.tags) ? record.tags.map(({ id }) => id) : record.tags,
});

async function tagIds(named: readonly string[], call: Call, tagRecords: () => Records): Promise<ReadonlyMap<string, string>> {
  const ids = named.filter(isId);
  const folds = named.filter((name) => !isId(name)).map(fold);
  const [result] = await call.read(
    [
      [
        statement(
          "select id, name_fold from tags where tenant_id = $1 and (id = any($2::uuid[]) or name_fold = any($3::text[])) and deleted_at is null",
        ),
        [call.tenant, idList(ids), arrayLiteral(folds)],
      ],
    ],
    "read",
  );
  const byFold = new Map(result?.rows.map(([id, name]) => [name as string, id as string]));
  const known = new Set(result?.rows.map(([id]) => id));
  const found = new Map<string, string>();
  for (const name of named) {
    if (isId(name) && !known.has(name)) throw invalid("REFERENCE_NOT_FOUND", "There is no such tag.", "/tags");
    const id = isId(name) ? name : (byFold.get(fold(name)) ?? (await makeTag(name, call, tagRecords)));
    found.set(name, id);
    if (!isId(name)) byFold.set(fold(name), id);
  }
  return found;
}

async function makeTag(name: string, { actor }: Call, tagRecords: () => Records): Promise<string> {
  if (!hasRight(actor, "tags.create") && !hasRight(actor, "tags.manage"))
    throw forbidden(`There is no tag “${name}”, and your role may not make new ones.`);
  const made = await tagRecords().add({ name, colour: hueOf(name) });
  return made.id;
}

/** A new tag takes a hue by its name, so that the same word looks the same everywhere. */
function hueOf(name: string): string {
  const hues = ["rose", "clay", "olive", "moss", "teal", "sky", "iris", "plum", "slate"] as const;
  let hash = 0;
  for (const letter of fold(name)) hash = (hash * 31 + letter.charCodeAt(0)) >>> 0;
  return hues[hash % hues.length] ?? tags.fields.colour.default ?? "slate";
}

/** Links in a list have no foreign key: each is looked up before it is written. */
async function checkLinks(resource: Resource, rows: readonly Values[], call: Call): Promise<void> {
  const fields = Object.entries(resource.fields).filter(
    ([key, { kind }]) => kind === "references" && rows.some((row) => (row[key] as Link[] | null | undefined)?.length),
  );
  if (fields.length === 0) return;
  const targets = fields.map(([key, { to = "" }]) => ({
    key,
    to,
    ids: [...new Set(rows.flatMap((row) => ((row[key] ?? []) as Link[]).map(({ id }) => id)))],
  }));
  const steps = targets.map(
    ({ to, ids }): Step => [
      statement(`select id from ${resourceNamed(to)?.name} where tenant_id = $1 and id = any($2::uuid[]) and deleted_at is null`),
      [call.tenant, idList(ids)],
    ],
  );
  const results = await call.read(steps, "read");
  const faults = targets.flatMap(({ key, ids }, index) => {
    const there = new Set(results[index]?.rows.map(([id]) => id));
    return ids.flatMap((id) =>
      there.has(id) ? [] : [{ pointer: `/${key}`, code: "REFERENCE_NOT_FOUND", message: `There is no record ${id} to link to.` }],
    );
  });
  if (faults.length) throw invalidInput(faults);
}

/** Refuses a parent that lies below its child; the tree is locked, so that no other writer moves in it meanwhile. */
export async function checkTree(resource: Resource, { id, parent }: { id: string; parent: string }, call: Call): Promise<void> {
  if (!call.inTransaction) throw new Error(`A change of ${resource.name}.${resource.parent} needs a transaction with the tree locked.`);
  const cycle = `with recursive up as (
    select id, ${resource.parent} as parent from ${resource.name} where tenant_id = $1 and id = $2
    union select c.id, c.${resource.parent} from ${resource.name} c join up on c.id = up.parent where c.tenant_id = $1
  ) select 1 from up where id = $3`;
  const [found] = await call.write([[statement(cycle), [call.tenant, parent, id]]], "write");
  if (found?.rows.length)
    throw invalid(
      "HIERARCHY_CYCLE",
      `This ${resource.label.en[0].toLowerCase()} would stand below itself. Choose another parent.`,
      `/${resource.parent}`,
    );
}

/** Taken before any row of the tree: whoever may move something in it waits here. */
export const lockTree = (resource: Resource, { tenant }: Call): Step => [
  statement(
    "insert into counters as c (tenant_id, key, value) values ($1, $2, 0) on conflict (tenant_id, key) do update set value = c.value",
  ),
  [tenant, `tree:${resource.name}`],
];
