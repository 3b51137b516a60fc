import { resourceNamed } from "../../../domain/catalogue.ts";
import type { Definitions } from "../../../domain/kit/definitions.ts";
import type { Link } from "../../../domain/kit/fields.ts";
import { words } from "../../../domain/kit/fold.ts";
import { asTyped, type Resource } from "../../../domain/kit/resource.ts";
import type { Value } from "../flights/statement.ts";
import { columnOf, idList, shadowsOf } from "./columns.ts";
import { customRows } from "./custom-rows.ts";
import { columnsOfField, type Guard, type Satellite, type WrittenColumn } from "./record-sql.ts";
import { phonesIn } from "./resource-sql.ts";

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
  const plan = planOf(resource, before ? changedKeys(resource, set, before, after) : null);
  const values: Value[] = new Array(plan.cells.length);
  for (let i = 0; i < values.length; i++) values[i] = (plan.cells[i] as Cell)(after, definitions);
  const dependsOnDefinitions = (before === null || "custom" in set) && hasAny(after.custom);
  return {
    id,
    columns: plan.columns,
    values,
    satellites: satellitesOf(resource, id, after, before, definitions),
    guards: dependsOnDefinitions ? plan.guardsWithDefinitions : plan.guards,
    guardValues: dependsOnDefinitions ? [definitions.version] : [],
  };
}

/** Whether a change leaves everything as it is. */
export const isUnchanged = ({ columns, satellites }: PreparedRow): boolean => columns.length === 0 && satellites.size === 0;

type Cell = (after: Values, definitions: Definitions) => Value;

/** What is written for a set of changed fields, worked out once: the columns, how each gets its value, and what must hold. */
type Plan = {
  readonly columns: readonly WrittenColumn[];
  readonly cells: readonly Cell[];
  readonly guards: readonly Guard[];
  readonly guardsWithDefinitions: readonly Guard[];
};

const plans = new WeakMap<Resource, Map<string, Plan>>();
const MOST_PLANS = 1_000;

function planOf(resource: Resource, changed: readonly string[] | null): Plan {
  let known = plans.get(resource);
  if (!known) plans.set(resource, (known = new Map()));
  const name = changed ? changed.join() : "*";
  const plan = known.get(name);
  if (plan) return plan;
  const made = makePlan(resource, changed ?? [...Object.keys(resource.fields), "tags", "custom"]);
  if (known.size >= MOST_PLANS) known.clear();
  known.set(name, made);
  return made;
}

function makePlan(resource: Resource, changed: readonly string[]): Plan {
  const cells: (readonly [WrittenColumn, Cell])[] = changed
    .filter((key) => key in resource.fields)
    .flatMap((key) => cellsOf(resource, key));
  if (resource.tags && changed.includes("tags"))
    cells.push([{ name: "tags", type: "uuid[]" }, ({ tags }) => idList((tags ?? []) as string[])]);
  if (resource.custom && changed.includes("custom"))
    cells.push([{ name: "custom", type: "jsonb" }, ({ custom }) => JSON.stringify(custom ?? {})]);
  if (resource.search.some((key) => changed.includes(key)))
    cells.push([{ name: "search", type: "tsvector" }, (after, { search_code }) => lexemes(resource, after, search_code)]);
  const guards = changed.flatMap((key): Guard[] => {
    const { kind, to = "" } = resource.fields[key] ?? {};
    return kind === "reference" && resourceNamed(to)?.trash ? [{ test: "not_trashed", table: to, column: key }] : [];
  });
  return {
    columns: cells.map(([column]) => column),
    cells: cells.map(([, cell]) => cell),
    guards,
    guardsWithDefinitions: [...guards, { test: "untouched", table: "definitions" }],
  };
}

function changedKeys(resource: Resource, set: Values, before: Values, after: Values): readonly string[] {
  const keys = Object.keys(resource.fields).filter((key) => after[key] !== before[key] && (key in set || resource.fields[key]?.compose));
  return [
    ...keys,
    ...(resource.tags && "tags" in set && !haveSameIds(set.tags, before.tags) ? ["tags"] : []),
    ...(resource.custom && "custom" in set ? ["custom"] : []),
  ];
}

/** Tags have no order: the same ones again are no change. */
function haveSameIds(some: unknown, others: unknown): boolean {
  const [left, right] = [new Set((some ?? []) as string[]), new Set((others ?? []) as string[])];
  return left.size === right.size && [...left].every((id) => right.has(id));
}

const hasAny = (custom: unknown): boolean => typeof custom === "object" && custom !== null && Object.keys(custom).length > 0;

/** The record with the values that the kernel makes from the others. */
export function compose(resource: Resource, values: Values): Values {
  const made = Object.entries(resource.fields).flatMap(([key, field]) => (field.compose ? [[key, field.compose(values)]] : []));
  return made.length ? { ...values, ...Object.fromEntries(made) } : values;
}

function cellsOf(resource: Resource, key: string): (readonly [WrittenColumn, Cell])[] {
  const field = resource.fields[key]!;
  const column = columnOf(field);
  const shadows = new Map(shadowsOf(key, field).map(({ column, of }) => [column, of]));
  const cellOf = (name: string): Cell => {
    if (name === asTyped(key)) return (after) => (after[name] as string | null | undefined) ?? null;
    const shadow = name === key ? (value: unknown) => column.toSql(value, field) : (shadows.get(name) ?? reversedDigits);
    return (after) => {
      const value = after[key];
      return value === null || value === undefined ? null : shadow(value);
    };
  };
  return columnsOfField(resource, key, field).map((one) => [one, cellOf(one.name)] as const);
}

const reversedDigits = (phone: unknown): string => [...String(phone).replace(/\D/g, "")].reverse().join("");

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
