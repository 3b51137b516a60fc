import { deniedFields } from "../domain/access/access.ts";
import type { Criteria } from "../domain/kit/criteria.ts";
import { readCriteria } from "../domain/kit/criteria-read.ts";
import { invalid, invalidInput } from "../domain/kit/errors.ts";
import { choice, integer, reference, text } from "../domain/kit/fields.ts";
import { kinds } from "../domain/kit/kinds.ts";
import type { Resource } from "../domain/kit/resource.ts";
import { free, type Shapes } from "../domain/kit/shape.ts";
import { embed, referenceNamed } from "./embed.ts";
import type { Page, Uses } from "./kit/ports.ts";
import { usecase } from "./kit/usecase.ts";
import { allowed, contextOf, many, one } from "./record-rights.ts";
import { searched } from "./search.ts";

const id = reference("", { required: true, en: "Id", de: "Kennung" });

/** Reads one record. */
export const get = (resource: Resource) =>
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

/** Reads a page of records. */
export const list = (resource: Resource) =>
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

/** The names in a list parted by commas. */
export const names = (list: string): readonly string[] =>
  list
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);

/** What is embedded needs the field that points to it. */
const withReferences = (resource: Resource, fields: readonly string[] | null, include: string | null): readonly string[] | null =>
  fields && include ? [...fields, ...names(include).flatMap((name) => referenceNamed(resource, name)?.key ?? [])] : fields;

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
