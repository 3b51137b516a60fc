import { resourceNamed } from "../../domain/catalogue.ts";
import type { Definitions } from "../../domain/kit/definitions.ts";
import type { Link } from "../../domain/kit/fields.ts";
import { words } from "../../domain/kit/fold.ts";
import { asTyped, type Resource } from "../../domain/kit/resource.ts";
import { columnOf, idList, shadowsOf } from "./columns.ts";
import { customRows } from "./custom-rows.ts";
import { columnsOfField, type Guard, type Satellite, type WrittenColumn } from "./record-sql.ts";
import { phonesIn } from "./resource-sql.ts";
import type { Value } from "./statement.ts";

type Values = Readonly<Record<string, unknown>>;
type FindingRow = Readonly<Record<string, unknown>>;

/** A row ready to be written: its columns, the rows for finding that come and go with it, and what must hold meanwhile. */
export type PreparedRow = {
  readonly id: string;
  readonly columns: readonly WrittenColumn[];
  readonly values: readonly Value[];
  readonly satellites: ReadonlyMap<Satellite, { readonly gone: readonly FindingRow[]; readonly come: readonly FindingRow[] }>;
  readonly guards: readonly Guard[];
  readonly guardValues: readonly Value[];
};

/** Turns values into everything that is written for them; `before` is what is stored, null for a new record. */
export function prepareRow(resource: Resource, id: string, set: Values, before: Values | null, definitions: Definitions): PreparedRow {
  const after = compose(resource, { ...before, ...set });
  const changed = before
    ? Object.keys(resource.fields).filter((key) => after[key] !== before[key] && (key in set || resource.fields[key]?.compose))
    : Object.keys(resource.fields);
  const cells: [WrittenColumn, Value][] = changed.flatMap((key) => cellsOf(resource, key, after));
  const touches = (key: string) => before === null || key in set;
  if (resource.tags && touches("tags")) cells.push([{ name: "tags", type: "uuid[]" }, idList((after.tags ?? []) as string[])]);
  if (resource.custom && touches("custom")) cells.push([{ name: "custom", type: "jsonb" }, JSON.stringify(after.custom ?? {})]);
  if (resource.search.length && resource.search.some((key) => changed.includes(key)))
    cells.push([{ name: "search", type: "tsvector" }, lexemes(resource, after, definitions.search_code)]);
  const guards = guardsOf(resource, changed, after, touches("custom") && resource.custom ? definitions : null);
  return {
    id,
    columns: cells.map(([column]) => column),
    values: cells.map(([, value]) => value),
    satellites: satellitesOf(resource, id, after, before, definitions),
    guards: guards.map(([guard]) => guard),
    guardValues: guards.flatMap(([, values]) => values),
  };
}

/** The record with the values that the kernel makes from the others. */
export function compose(resource: Resource, values: Values): Values {
  const made = Object.entries(resource.fields).flatMap(([key, field]) => (field.compose ? [[key, field.compose(values)]] : []));
  return made.length ? { ...values, ...Object.fromEntries(made) } : values;
}

function cellsOf(resource: Resource, key: string, after: Values): [WrittenColumn, Value][] {
  const field = resource.fields[key]!;
  const value = after[key] ?? null;
  const shadows = new Map(shadowsOf(key, field).map(({ column, of }) => [column, of]));
  const valueOf = (name: string): Value => {
    if (name === asTyped(key)) return (after[name] as string | null | undefined) ?? null;
    if (value === null) return null;
    if (name === key) return columnOf(field).toSql(value, field);
    return shadows.get(name)?.(value) ?? [...String(value).replace(/\D/g, "")].reverse().join("");
  };
  return columnsOfField(resource, key, field).map((column) => [column, valueOf(column.name)]);
}

/** The words by which search finds the record, each with the tenant's code in front so that no index walks another tenant's. */
function lexemes(resource: Resource, after: Values, code: string): string {
  const found = new Set(
    resource.search.filter((key) => !phonesIn(resource).includes(key)).flatMap((key) => words(String(after[key] ?? ""))),
  );
  return [...found]
    .slice(0, 200)
    .map((word) => `'${code}${word.slice(0, 60)}'`)
    .join(" ");
}

function guardsOf(resource: Resource, changed: readonly string[], after: Values, definitions: Definitions | null): [Guard, Value[]][] {
  const references = changed.flatMap((key): [Guard, Value[]][] => {
    const { kind, to = "" } = resource.fields[key]!;
    const id = after[key];
    return kind === "reference" && typeof id === "string" && resourceNamed(to)?.trash ? [[{ table: to, test: "not_trashed" }, [id]]] : [];
  });
  return definitions && Object.keys((after.custom ?? {}) as object).length
    ? [...references, [{ table: "definitions", test: "untouched" }, [definitions.version]]]
    : references;
}

function satellitesOf(
  resource: Resource,
  id: string,
  after: Values,
  before: Values | null,
  definitions: Definitions,
): PreparedRow["satellites"] {
  const satellites = new Map<Satellite, { gone: FindingRow[]; come: FindingRow[] }>();
  const compare = (satellite: Satellite, keyOf: (row: FindingRow) => string, old: FindingRow[], next: FindingRow[]) => {
    const oldRows = new Map(old.map((row) => [keyOf(row), JSON.stringify(row)]));
    const nextKeys = new Set(next.map(keyOf));
    const gone = old.filter((row) => !nextKeys.has(keyOf(row)));
    const come = next.filter((row) => oldRows.get(keyOf(row)) !== JSON.stringify(row));
    if (gone.length || come.length) satellites.set(satellite, { gone, come });
  };
  if (resource.tags && after.tags !== before?.tags) compare("tags", (row) => String(row.tag_id), tagRows(id, before), tagRows(id, after));
  if (resource.custom && after.custom !== before?.custom) {
    const rows = (values: Values | null) => customRows(id, (values?.custom ?? {}) as Values, definitions.custom[resource.name] ?? []);
    compare("custom", (row) => `${row.field_id}/${row.item}`, rows(before), rows(after));
  }
  const linkFields = Object.entries(resource.fields).filter(([, field]) => field.kind === "references");
  if (linkFields.some(([key]) => after[key] !== before?.[key])) {
    const rows = (values: Values | null) =>
      linkFields.flatMap(([key]) => ((values?.[key] ?? []) as Link[]).map((link) => ({ record_id: id, field: key, target_id: link.id })));
    compare("links", (row) => `${row.field}/${row.target_id}`, rows(before), rows(after));
  }
  return satellites;
}

const tagRows = (id: string, values: Values | null): FindingRow[] =>
  ((values?.tags ?? []) as string[]).map((tag) => ({ record_id: id, tag_id: tag }));
