import { hasRight } from "../../../domain/access/access.ts";
import { resourceNamed } from "../../../domain/catalogue.ts";
import { DomainError, type Fault, forbidden, invalid, invalidInput } from "../../../domain/kit/errors.ts";
import type { Link } from "../../../domain/kit/fields.ts";
import { fold } from "../../../domain/kit/fold.ts";
import { isId } from "../../../domain/kit/kinds.ts";
import type { AnyRecord, Resource } from "../../../domain/kit/resource.ts";
import { tags } from "../../../domain/tags/tag.ts";
import { ChangedMeanwhile } from "../../../usecases/kit/changed-meanwhile.ts";
import type { Records, Values } from "../../../usecases/kit/ports.ts";
import { arrayLiteral } from "../flights/array-literal.ts";
import { type Step, statement } from "../flights/statement.ts";
import type { Call } from "./call.ts";
import { idList } from "./columns.ts";

/** What is to be written of one record, beside what is stored of it. */
export type Unsettled = { readonly set: Values; readonly before: AnyRecord | null };
/** The same with all its names resolved, or why it cannot be written. */
export type Settled = { readonly set: Values; readonly refusal: DomainError | null };

/** Settles what only the database knows of rows about to be written: which tags the names mean, and that links lead somewhere. */
export async function settle(
  resource: Resource,
  rows: readonly Unsettled[],
  call: Call,
  tagRecords: () => Records,
): Promise<readonly Settled[]> {
  const named = resource.tags ? rows.flatMap(({ set }) => (set.tags ?? []) as string[]) : [];
  const ids = named.length ? await tagIds(named, call, tagRecords) : null;
  const faults = await brokenLinks(resource, rows, call);
  return rows.map(({ set }, index) => {
    const broken = faults.get(index);
    if (broken) return { set, refusal: invalidInput(broken) };
    if (!ids || !set.tags) return { set, refusal: null };
    const found = (set.tags as string[]).map((name) => ids.get(name));
    const refusal = found.find((id) => id instanceof DomainError);
    return refusal instanceof DomainError ? { set, refusal } : { set: { ...set, tags: [...new Set(found)] }, refusal: null };
  });
}

/** What an earlier answer shows of tags, as the names or ids that a write takes. */
export const storedValues = (record: AnyRecord): Values => ({
  ...record,
  tags: Array.isArray(record.tags) ? record.tags.map(({ id }) => id) : record.tags,
});

async function tagIds(named: readonly string[], call: Call, tagRecords: () => Records): Promise<ReadonlyMap<string, string | DomainError>> {
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
  const byFold = new Map<string, string | DomainError>(result?.rows.map(([id, name]) => [name as string, id as string]));
  const known = new Set(result?.rows.map(([id]) => id));
  const found = new Map<string, string | DomainError>();
  for (const name of new Set(named)) {
    if (isId(name)) found.set(name, known.has(name) ? name : invalid("REFERENCE_NOT_FOUND", "There is no such tag.", "/tags"));
    else {
      const id = byFold.get(fold(name)) ?? (await makeTag(name, call, tagRecords));
      byFold.set(fold(name), id);
      found.set(name, id);
    }
  }
  return found;
}

/** Makes the tag of this name, or takes the one that somebody else made at the same moment. */
async function makeTag(name: string, call: Call, tagRecords: () => Records): Promise<string | DomainError> {
  if (!hasRight(call.actor, "tags.create") && !hasRight(call.actor, "tags.manage"))
    return forbidden(`There is no tag “${name}”, and your role may not make new ones.`);
  try {
    return (await tagRecords().add({ name, colour: hueOf(name) })).id;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "DUPLICATE") throw error;
    if (typeof error.details.existing_id === "string") return error.details.existing_id;
    throw new ChangedMeanwhile("tags", name);
  }
}

/** A new tag takes a hue by its name, so that the same word looks the same everywhere. */
function hueOf(name: string): string {
  const hues = ["rose", "clay", "olive", "moss", "teal", "sky", "iris", "plum", "slate"] as const;
  let hash = 0;
  for (const letter of fold(name)) hash = (hash * 31 + letter.charCodeAt(0)) >>> 0;
  return hues[hash % hues.length] ?? tags.fields.colour.default ?? "slate";
}

type Pointing = { readonly row: number; readonly pointer: string; readonly to: string; readonly id: string };

/** Links in a list and in custom fields have no foreign key: each that is new is looked up before it is written. */
async function brokenLinks(resource: Resource, rows: readonly Unsettled[], call: Call): Promise<ReadonlyMap<number, readonly Fault[]>> {
  const pointing = rows.flatMap((row, index) => [...listed(resource, row, index), ...inCustom(resource, row, index, call)]);
  const targets = [...new Set(pointing.map(({ to }) => to))].filter((to) => resourceNamed(to));
  const steps = targets.map(
    (to): Step => [
      statement(`select id from ${resourceNamed(to)?.name} where tenant_id = $1 and id = any($2::uuid[]) and deleted_at is null`),
      [call.tenant, idList([...new Set(pointing.flatMap((one) => (one.to === to ? [one.id] : [])))])],
    ],
  );
  const results = steps.length ? await call.read(steps, "read") : [];
  const there = new Set(targets.flatMap((to, index) => (results[index]?.rows ?? []).map(([id]) => `${to}/${id}`)));
  const faults = new Map<number, Fault[]>();
  for (const { row, pointer, to, id } of pointing.filter((one) => !there.has(`${one.to}/${one.id}`)))
    faults.set(row, [
      ...(faults.get(row) ?? []),
      { pointer, code: "REFERENCE_NOT_FOUND", message: `There is no record ${id} in ${to} to link to.` },
    ]);
  return faults;
}

function listed({ fields }: Resource, { set, before }: Unsettled, row: number): Pointing[] {
  return Object.entries(fields).flatMap(([key, { kind, to = "" }]) => {
    if (kind !== "references" || !set[key]) return [];
    const known = new Set(((before?.[key] ?? []) as Link[]).map(({ id }) => id));
    return (set[key] as Link[]).filter(({ id }) => !known.has(id)).map(({ id }) => ({ row, pointer: `/${key}`, to, id }));
  });
}

function inCustom(resource: Resource, { set, before }: Unsettled, row: number, { definitions }: Call): Pointing[] {
  const custom = set.custom as Values | undefined;
  if (!custom) return [];
  return (definitions.custom[resource.name] ?? []).flatMap(({ type, key, field }) => {
    const id = custom[key];
    return type === "reference" && typeof id === "string" && id !== before?.custom[key]
      ? [{ row, pointer: `/custom/${key}`, to: field.to ?? "", id }]
      : [];
  });
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
