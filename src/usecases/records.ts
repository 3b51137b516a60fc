import { type Action, actions, deniedFields, may, ownersWithin, scopeOf } from "../domain/access/access.ts";
import { change } from "../domain/kit/change.ts";
import { conflict, invalid } from "../domain/kit/errors.ts";
import { boolean, integer, list as listed, reference, text } from "../domain/kit/fields.ts";
import { inputSchema, readChange, readNew } from "../domain/kit/record-input.ts";
import type { Resource } from "../domain/kit/resource.ts";
import { free, type Shapes } from "../domain/kit/shape.ts";
import { bulkVerb } from "./bulk.ts";
import type { Uses } from "./kit/ports.ts";
import { type Usecase, usecase } from "./kit/usecase.ts";
import { get, list, names } from "./record-reading.ts";
import { allowed, checkAssignment, contextOf, forWriting, many, one } from "./record-rights.ts";

/** The verbs that any resource has without a line of its own. */
export function recordVerbs(resource: Resource): Readonly<Record<string, Usecase>> {
  const made = { list, get, create, update, delete: remove, restore, purge, bulk: bulkVerb, timeline, access, tag, untag, tree };
  return Object.fromEntries(resource.verbs.map((verb) => [`${resource.name}.${verb}`, made[verb](resource)]));
}

const id = reference("", { required: true, en: "Id", de: "Kennung" });

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
