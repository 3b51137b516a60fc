import { type Action, actions, demand, deniedFields, hasRight, may, ownersWithin, scopeOf } from "../domain/access/access.ts";
import { change } from "../domain/kit/change.ts";
import type { Criteria } from "../domain/kit/criteria.ts";
import { readCriteria } from "../domain/kit/criteria-read.ts";
import { conflict, forbidden, invalid, invalidInput } from "../domain/kit/errors.ts";
import { boolean, choice, integer, list as listed, reference, text } from "../domain/kit/fields.ts";
import { kinds } from "../domain/kit/kinds.ts";
import { inputSchema, type RecordContext, readChange, readNew } from "../domain/kit/record-input.ts";
import type { AnyRecord, Resource } from "../domain/kit/resource.ts";
import { free, type Shapes } from "../domain/kit/shape.ts";
import { bulkVerb } from "./bulk.ts";
import { embed, referenceNamed } from "./embed.ts";
import type { Page, Uses } from "./kit/ports.ts";
import { type Allow, type Usecase, usecase } from "./kit/usecase.ts";
import { searched } from "./search.ts";

/** The verbs that any resource has without a line of its own. */
export function recordVerbs(resource: Resource): Readonly<Record<string, Usecase>> {
  const made = { list, get, create, update, delete: remove, restore, purge, bulk: bulkVerb, timeline, access, tag, untag, tree };
  return Object.fromEntries(resource.verbs.map((verb) => [`${resource.name}.${verb}`, made[verb](resource)]));
}

/** Who may do this with a resource at all: the matrix of roles decides, or the named right that guards it. */
export function allowed(resource: Resource, action: Action): Allow {
  if (!resource.guard) return resource.sharing ? "member" : { resource, action };
  return action === "view" && !resource.isGuardedWhole ? "member" : { right: resource.guard };
}

/** What reading an input of this resource depends on. */
export function contextOf({ actor, definitions }: Uses<"actor" | "definitions">, resource: Resource): RecordContext {
  const denied = deniedFields(actor, resource);
  const custom = definitions.custom[resource.name] ?? [];
  // Who may see no custom field may not see any of them.
  const each = denied.includes("custom") ? custom.map(({ key }) => `custom.${key}`) : [];
  return { country: definitions.country, custom, denied: each.length ? [...denied, ...each] : denied };
}

const id = reference("", { required: true, en: "Id", de: "Kennung" });
const one = ({ label }: Resource) => label.en[0].toLowerCase();
const many = ({ label }: Resource) => label.en[1].toLowerCase();

const get = (resource: Resource) =>
  usecase({
    summary: `Read a ${one(resource)}`,
    allow: allowed(resource, "view"),
    writes: false,
    input: { id, fields: fieldsInput, include: includeInput },
    output: { one: resource },
    run: async (ports: Uses<"records" | "actor">, { id, fields, include }) => {
      const only = withReferences(resource, checkFields(resource, fields, ports), include);
      const record = await ports.records(resource).read(id, only);
      return include ? (await embed(resource, [record], names(include), ports))[0] : record;
    },
  });

const fieldsInput = text({
  max: 2_000,
  en: "Fields",
  help: { en: "Return only these fields, parted by commas.", de: "Nur diese Felder, durch Kommas getrennt." },
});
const includeInput = text({
  max: 500,
  en: "Include",
  help: {
    en: "Embed what these references point to, such as company,owner.",
    de: "Bettet ein, worauf diese Verweise zeigen, etwa company,owner.",
  },
});
const names = (list: string): readonly string[] =>
  list
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
/** What is embedded needs the field that points to it. */
const withReferences = (resource: Resource, fields: readonly string[] | null, include: string | null): readonly string[] | null =>
  fields && include ? [...fields, ...names(include).flatMap((name) => referenceNamed(resource, name)?.key ?? [])] : fields;

const list = (resource: Resource) =>
  usecase({
    summary: `List ${many(resource)}`,
    description:
      "Keyset pages with `cursor`, or numbered ones with `page` down to 10,000 rows. Records without a value of the sorted field come last in both directions.",
    allow: allowed(resource, "view"),
    writes: false,
    input: { ...listShape, ...shortcuts(resource) },
    output: { page: resource },
    refuses: ["FILTER_TOO_BROAD", "SORT_UNKNOWN", "CURSOR_MISMATCH", "PAGE_TOO_DEEP"],
    run: async (ports: Uses<"records" | "actor" | "definitions" | "search">, input): Promise<Page> => {
      checkPaging(input);
      const { cursor, page, page_size, sort, count, trashed } = input;
      const fields = withReferences(resource, checkFields(resource, input.fields, ports), input.include);
      const query = {
        filter: await filterOf(resource, input, ports),
        sort,
        limit: input.limit ?? 20,
        cursor,
        page: page ?? (page_size ? 1 : null),
        page_size,
        count: count ?? "none",
        trashed: trashed === "true",
      };
      const found = await ports.records(resource).list(query, fields);
      return input.include ? { ...found, data: await embed(resource, found.data, names(input.include), ports) } : found;
    },
  });

const listShape = {
  filter: free<unknown>({ description: 'A criteria tree as JSON: {"all": [{"field": "name", "op": "starts_with", "value": "A"}]}' }),
  sort: text({ max: 100, example: "-updated_at" }),
  limit: integer({ min: 1, max: 100 }),
  // A cursor holds the fold of a value, and folds of some scripts are several times as long as their text.
  cursor: text({ max: 8_000 }),
  page: integer({ min: 1 }),
  page_size: integer({ min: 1, max: 100 }),
  count: choice(["none", "estimate", "exact"]),
  trashed: choice(["true", "false"]),
  fields: fieldsInput,
  include: includeInput,
} satisfies Shapes;

type ListInput = { readonly [K in keyof typeof listShape]: unknown } & Readonly<Record<string, unknown>>;

/** Plain parameters for the common filters: every indexed field by its value, a tag, and when a record was made. */
function shortcuts(resource: Resource): Shapes {
  const byValue = resource.filter.map(
    (key) => [key, text({ max: 255, en: `Only those with this ${resource.all[key]?.label.en.toLowerCase()}` })] as const,
  );
  return {
    ...Object.fromEntries(byValue),
    ...(resource.tags ? { tag: text({ max: 100, en: "Only those with this tag, by name or id" }) } : {}),
    ...(resource.search.length ? { q: text({ max: 200, en: "Only those that search finds by this, 100 at most" }) } : {}),
    created_from: text({ max: 40, en: "Made at or after this moment" }),
    created_to: text({ max: 40, en: "Made at or before this moment" }),
  };
}

function checkPaging({ cursor, page, page_size, limit }: ListInput): void {
  if (cursor && (page || page_size)) throw invalid("PAGE_AND_CURSOR", "Use either page or cursor, not both.", "/cursor");
  if (limit && (page || page_size)) throw invalid("PAGE_AND_LIMIT", "With page, say page_size instead of limit.", "/limit");
}

function checkFields(resource: Resource, raw: unknown, { actor }: Uses<"actor">): readonly string[] | null {
  if (typeof raw !== "string") return null;
  const known = new Set(
    [...Object.keys(resource.all), ...(resource.tags ? ["tags"] : []), ...(resource.custom ? ["custom"] : [])].filter(
      (key) => !deniedFields(actor, resource).includes(key),
    ),
  );
  const faults = names(raw).flatMap((key) =>
    known.has(key) ? [] : [{ pointer: "/fields", code: "UNKNOWN_FIELD", message: `There is no field “${key}”.` }],
  );
  if (faults.length) throw invalidInput(faults);
  return names(raw);
}

/** The criteria tree and the plain parameters as one condition. */
async function filterOf(resource: Resource, input: ListInput, ports: Uses<"actor" | "definitions" | "search">): Promise<Criteria | null> {
  const raw = typeof input.filter === "string" ? parseFilter(input.filter) : input.filter;
  const plain: unknown[] = resource.filter.flatMap((key) => {
    const value = input[key];
    return typeof value === "string"
      ? [{ field: key, op: "eq", value: kinds[resource.all[key]!.kind].fromText(value, resource.all[key]!) }]
      : [];
  });
  if (input.tag) plain.push({ field: "tags", op: "has_tag", value: input.tag });
  const typed = typeof input.q === "string" ? await typedInto(resource, { q: input.q, trashed: input.trashed === "true" }, ports) : null;
  if (input.created_from) plain.push({ field: "created_at", op: "gte", value: input.created_from });
  if (input.created_to) plain.push({ field: "created_at", op: "lte", value: input.created_to });
  if (raw === null && plain.length === 0 && typed === null) return null;
  const context = { ...contextOf(ports, resource), forList: true };
  const tree = raw === null ? [] : [readCriteria(raw, resource, { ...context, pointer: "/filter" })];
  return { all: [...tree, ...plain.map((leaf) => readCriteria(leaf, resource, context)), ...(typed === null ? [] : [typed])] };
}

/** What search finds; in the trash, where it does not look, those whose title begins so. */
async function typedInto(
  resource: Resource,
  { q, trashed }: { q: string; trashed: boolean },
  ports: Uses<"actor" | "definitions" | "search">,
): Promise<Criteria> {
  if (trashed || !ports.search || !searched.includes(resource))
    return readCriteria({ field: resource.title, op: "starts_with", value: q }, resource, { ...contextOf(ports, resource), forList: true });
  const hits = await ports.search.find(q, [resource], 100);
  return { field: "id", op: "in", value: hits.map(({ id }) => id) };
}

function parseFilter(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid("FILTER_INVALID", "The filter is not JSON.", "/filter");
  }
}

/** What one may send for a record; the reading itself needs the record and the workspace, so it happens in the verb. */
const dataInput = (resource: Resource, mode: "new" | "change") => free<unknown, true>(inputSchema(resource, mode), { required: true });

const create = (resource: Resource) =>
  usecase({
    summary: `Create a ${one(resource)}`,
    allow: allowed(resource, "create"),
    status: 201,
    input: { data: dataInput(resource, "new") },
    output: { one: resource },
    refuses: ["DUPLICATE", "REFERENCE_NOT_FOUND"],
    atomic: (input) => isNumbered(resource) || movesInTree(resource)(input),
    run: (ports: Uses<"records" | "actor" | "definitions">, { data }) =>
      ports.records(resource).add(readNew(resource, data, contextOf(ports, resource))),
  });

/** A number is drawn in the transaction that makes the record. */
const isNumbered = ({ fields }: Resource): boolean => Object.values(fields).some(({ numbering }) => numbering !== undefined);

const movesInTree = (resource: Resource) => (input: { readonly data: unknown }) =>
  resource.parent !== null && typeof input.data === "object" && input.data !== null && resource.parent in input.data;

const update = (resource: Resource) =>
  usecase({
    summary: `Change a ${one(resource)}`,
    description:
      "Only what is named changes; null clears, `custom` merges by key, lists are replaced. With If-Match the change is made only to that version.",
    allow: allowed(resource, "edit"),
    input: { id, data: dataInput(resource, "change") },
    output: { one: resource },
    refuses: ["VERSION_CONFLICT", "DUPLICATE", "READ_ONLY", "REFERENCE_NOT_FOUND"],
    atomic: movesInTree(resource),
    run: async (ports: Uses<"records" | "actor" | "definitions" | "expected">, { id, data }) => {
      const records = ports.records(resource);
      const record = await forWriting(resource, id, "edit", ports);
      const set = readChange(resource, data, record, contextOf(ports, resource));
      checkAssignment(resource, record, set, ports);
      return records.apply(record, change(`${resource.one}.updated`, set));
    },
  });

/** The record, once it is certain that the actor may do this with it and meant this version. */
export async function forWriting(
  resource: Resource,
  id: string,
  action: Action,
  ports: Uses<"records" | "actor" | "expected">,
  options?: { trashed: boolean },
): Promise<AnyRecord> {
  const record = await ports.records(resource).get(id, options);
  checkRight(resource, record, action, ports);
  checkVersion(record, ports.expected);
  return record;
}

export function checkRight(resource: Resource, record: AnyRecord, action: Action, { actor }: Uses<"actor">): void {
  if (resource.sharing) {
    const isMine = resource.owner !== null && record[resource.owner] === actor.member_id;
    if (!isMine && !hasRight(actor, "views.share"))
      throw forbidden(`This ${one(resource)} belongs to somebody else. Make one of your own instead.`);
  } else if (!resource.guard) demand(actor, action, resource, resource.owner ? record[resource.owner] : actor.member_id);
}

/** Who gives a record to somebody else needs the right to assign it. */
export function checkAssignment(
  resource: Resource,
  record: AnyRecord,
  set: Readonly<Record<string, unknown>>,
  { actor }: Uses<"actor">,
): void {
  if (resource.owner && resource.owner in set) demand(actor, "assign", resource, record[resource.owner]);
}

function checkVersion(record: AnyRecord, expected: number | null): void {
  if (expected !== null && record.version !== expected) {
    throw conflict("VERSION_CONFLICT", "Somebody changed this record since you read it. Read it again and decide what to keep.", {
      current_version: record.version,
    });
  }
}

const remove = (resource: Resource) =>
  usecase({
    summary: resource.trash ? `Move a ${one(resource)} to the trash` : `Delete a ${one(resource)}`,
    allow: allowed(resource, "delete"),
    status: 204,
    input: { id },
    output: "nothing",
    refuses: ["VERSION_CONFLICT", ...(resource.trash ? [] : ["IN_USE"])],
    run: async (ports: Uses<"records" | "actor" | "expected">, { id }) => {
      await ports.records(resource).remove(await forWriting(resource, id, "delete", ports));
    },
  });

const restore = (resource: Resource) =>
  usecase({
    summary: `Bring a ${one(resource)} back from the trash`,
    allow: allowed(resource, "delete"),
    input: { id },
    output: { one: resource },
    refuses: ["DUPLICATE", "NOT_IN_TRASH"],
    run: async (ports: Uses<"records" | "actor" | "expected">, { id }) => {
      const record = await forWriting(resource, id, "delete", ports, { trashed: true });
      if (record.deleted_at === null) throw conflict("NOT_IN_TRASH", `This ${one(resource)} does not lie in the trash.`);
      return ports.records(resource).restore(record);
    },
  });

const purge = (resource: Resource) =>
  usecase({
    summary: `Delete a ${one(resource)} in the trash for good`,
    description: "Links to it are cleared, each with its event.",
    allow: allowed(resource, "delete"),
    status: 204,
    atomic: true,
    input: { id },
    output: "nothing",
    refuses: ["NOT_IN_TRASH"],
    run: async (ports: Uses<"records" | "actor" | "expected">, { id }) => {
      const record = await forWriting(resource, id, "delete", ports, { trashed: true });
      if (record.deleted_at === null) throw conflict("NOT_IN_TRASH", `Move this ${one(resource)} to the trash first.`);
      await ports.records(resource).purge(record);
    },
  });

const timeline = (resource: Resource) =>
  usecase({
    summary: `What happened to a ${one(resource)}, newest first`,
    allow: allowed(resource, "view"),
    writes: false,
    input: {
      id,
      limit: integer({ min: 1, max: 100 }),
      cursor: text({ max: 100 }),
      types: text({ max: 500, en: "Only these types of event, parted by commas" }),
    },
    output: { value: timelineShape },
    run: (ports: Uses<"records">, { id, limit, cursor, types }) =>
      ports.records(resource).timeline(id, { limit: limit ?? 20, cursor, types: types === null ? null : names(types) }),
  });

const timelineShape = {
  data: free<unknown, true>(
    {
      type: "array",
      items: {
        type: "object",
        properties: {
          id: { type: "string", format: "uuid" },
          at: { type: "string", format: "date-time" },
          type: { type: "string", examples: ["contact.updated"] },
          resource: { type: "string" },
          record_id: { type: "string", format: "uuid" },
          version: { type: "integer" },
          actor_id: { type: ["string", "null"], format: "uuid" },
          via: { type: "string" },
          changes: { type: "array", items: { type: "object", properties: { field: { type: "string" }, before: {}, after: {} } } },
        },
      },
    },
    { required: true },
  ),
  next_cursor: text(),
} satisfies Shapes;

const access = (resource: Resource) =>
  usecase({
    summary: `Why one may see this ${one(resource)}, and what else one may do with it`,
    allow: allowed(resource, "view"),
    writes: false,
    input: { id },
    output: { value: accessShape },
    run: async (ports: Uses<"records" | "actor">, { id }) => {
      const { actor } = ports;
      const record = await ports.records(resource).get(id);
      const owner = resource.owner ? ((record[resource.owner] as string | null) ?? null) : null;
      return {
        role: actor.role.key,
        owner_id: owner,
        decisions: actions.map((action) => ({
          action,
          allowed: may(actor, action, resource, owner ?? (resource.owner ? null : actor.member_id)),
          scope: scopeOf(actor, action, resource),
          because: reason(resource, action, owner, actor),
        })),
        hidden_fields: deniedFields(actor, resource),
      };
    },
  });

function reason(resource: Resource, action: Action, owner: string | null, actor: Uses<"actor">["actor"]): string {
  const scope = scopeOf(actor, action, resource);
  const reached = ownersWithin(actor, scope);
  if (scope === "none") return `The role ${actor.role.key} may not ${action} ${many(resource)}.`;
  if (reached === "all") return `The role ${actor.role.key} may ${action} every ${one(resource)}.`;
  if (owner === null)
    return `It has no owner, and the role ${actor.role.key} may ${action} ${many(resource)} only within the scope “${scope}”.`;
  if (owner === actor.member_id) return "It is yours.";
  return reached.includes(owner)
    ? "Its owner is in your team or one below it."
    : `Its owner is outside the scope “${scope}” of the role ${actor.role.key}.`;
}

const accessShape = {
  role: text({ required: true }),
  owner_id: reference("members"),
  decisions: free<unknown, true>(
    {
      type: "array",
      items: {
        type: "object",
        properties: {
          action: { type: "string", enum: [...actions] },
          allowed: { type: "boolean" },
          scope: { type: "string", enum: ["none", "own", "team", "all"] },
          because: { type: "string" },
        },
      },
    },
    { required: true },
  ),
  hidden_fields: listed(text({})),
} satisfies Shapes;

const tree = (resource: Resource) =>
  usecase({
    summary: `The tree that a ${one(resource)} stands in`,
    description: `From the topmost ${one(resource)} above it down, at most 1,000, each with its parent and depth; those that one may not see are left out.`,
    allow: allowed(resource, "view"),
    writes: false,
    input: { id },
    output: { value: treeShape },
    run: (ports: Uses<"records">, { id }) => ports.records(resource).tree(id),
  });

const treeShape = {
  data: free<unknown, true>(
    {
      type: "array",
      items: {
        type: "object",
        properties: {
          id: { type: "string", format: "uuid" },
          title: { type: ["string", "null"] },
          parent_id: { type: ["string", "null"], format: "uuid" },
          depth: { type: "integer" },
        },
      },
    },
    { required: true },
  ),
  is_cut: boolean({ required: true }),
} satisfies Shapes;

const tag = (resource: Resource) =>
  usecase({
    summary: `Tag a ${one(resource)}`,
    description: "Give the name of a tag or its id; a name that is new makes the tag if your role may.",
    allow: allowed(resource, "edit"),
    input: { id, name: text({ max: 100 }), tag_id: reference("tags") },
    output: { one: resource },
    run: async (ports: Uses<"records" | "actor" | "expected">, { id, name, tag_id }) => {
      const wanted = tag_id ?? name;
      if (!wanted || (tag_id && name)) throw invalid("REQUIRED", "Give either the name of a tag or its tag_id.");
      const record = await forWriting(resource, id, "edit", ports);
      return ports
        .records(resource)
        .apply(record, change(`${resource.one}.tagged`, { tags: [...record.tags.map((one) => one.id), wanted] }));
    },
  });

const untag = (resource: Resource) =>
  usecase({
    summary: `Take a tag off a ${one(resource)}`,
    allow: allowed(resource, "edit"),
    status: 204,
    input: { id, tag_id: reference("tags", { required: true }) },
    output: "nothing",
    run: async (ports: Uses<"records" | "actor" | "expected">, { id, tag_id }) => {
      const record = await forWriting(resource, id, "edit", ports);
      await ports
        .records(resource)
        .apply(record, change(`${resource.one}.untagged`, { tags: record.tags.map((one) => one.id).filter((one) => one !== tag_id) }));
    },
  });
