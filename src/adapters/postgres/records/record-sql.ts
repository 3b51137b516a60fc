import type { Resource } from "../../../domain/kit/resource.ts";
import { columnOf, shadowsOf, sqlName } from "./columns.ts";
import type { Selection } from "./fetched.ts";
import { phonesIn } from "./resource-sql.ts";

/** A column of a write: its name and type, with the field it belongs to where it has one. */
export type WrittenColumn = { readonly name: string; readonly type: string };

/** Rows that stand beside a record for finding it, each written in the statement of the record. */
export type Satellite = "tags" | "custom" | "links";

/** What a write must find unchanged, or nothing is written. */
export type Guard =
  | { readonly test: "untouched"; readonly table: string }
  | { readonly test: "not_trashed"; readonly table: string; readonly column: string };

/** The parameters every write begins with. */
export const HEAD = {
  tenant: "$1::uuid",
  at: "$2::timestamptz",
  actor: "$3::uuid",
  key: "$4::uuid",
  via: "$5::text",
  cause: "$6::uuid",
} as const;
const HEAD_SIZE = 6;

/** Every column a new row of the resource is given, in the order of its parameters. */
export function writtenColumns(resource: Resource): readonly WrittenColumn[] {
  return [
    ...Object.entries(resource.fields).flatMap(([key, field]) => columnsOfField(resource, key, field)),
    ...(resource.tags ? [{ name: "tags", type: "uuid[]" }] : []),
    ...(resource.custom ? [{ name: "custom", type: "jsonb" }] : []),
    ...(resource.search.length ? [{ name: "search", type: "tsvector" }] : []),
  ];
}

/** The columns that follow from the value of one field. */
export function columnsOfField(resource: Resource, key: string, field: Resource["fields"][string]): readonly WrittenColumn[] {
  return [
    { name: key, type: columnOf(field).type(field) },
    ...(field.kind === "phone" && !field.many ? [{ name: `${key}_as_typed`, type: "text" }] : []),
    ...shadowsOf(key, field).map(({ column, type }) => ({ name: column, type })),
    ...(phonesIn(resource).includes(key) ? [{ name: `${key}_reversed`, type: "text" }] : []),
  ];
}

/** How the values of rows reach a statement: one row as parameters of its own, or many as arrays. */
type Source = { readonly from: string; readonly value: (name: string) => string };

function sourceOf(names: readonly WrittenColumn[], { many, versioned }: { many: boolean; versioned: boolean }): Source {
  const fixed = versioned ? [...keyColumns, { name: "row_version", type: "bigint" }] : keyColumns;
  const all = [...fixed, ...names];
  const place = new Map(all.map(({ name, type }, index) => [name, { parameter: `$${HEAD_SIZE + 1 + index}`, type }]));
  if (!many) {
    return { from: "", value: (name) => `${place.get(name)?.parameter}::${place.get(name)?.type}` };
  }
  const arrays = all.map(({ name, type }) => `${place.get(name)?.parameter}::${fixed.some((one) => one.name === name) ? type : "text"}[]`);
  return {
    from: `unnest(${arrays.join(", ")}) as x(${all.map(({ name }) => sqlName(name)).join(", ")})`,
    value: (name) => (fixed.some((one) => one.name === name) ? `x.${name}` : `x.${sqlName(name)}::${place.get(name)?.type}`),
  };
}

/** What every row has beside its columns; a change names the version it was decided on as well. */
const keyColumns = [
  { name: "id", type: "uuid" },
  { name: "event_id", type: "uuid" },
  { name: "event_type", type: "text" },
] as const;

/** The number of the first parameter after the head and the columns. */
const afterColumns = (columns: number, versioned: boolean): number => HEAD_SIZE + keyColumns.length + (versioned ? 1 : 0) + columns + 1;

type Write = {
  readonly resource: Resource;
  readonly shown: Selection;
  readonly columns: readonly WrittenColumn[];
  readonly many: boolean;
  readonly satellites: readonly Satellite[];
  readonly guards: readonly Guard[];
};

/** New rows with their events, their outbox rows and all that stands beside them, in one statement. */
export function insertSql({ resource, shown, columns, many, satellites, guards }: Write): string {
  const { from, value } = sourceOf(columns, { many, versioned: false });
  const names = [
    "tenant_id",
    "id",
    ...columns.map(({ name }) => sqlName(name)),
    "version",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
  ];
  const values = [HEAD.tenant, value("id"), ...columns.map(({ name }) => value(name)), "1", HEAD.at, HEAD.actor, HEAD.at, HEAD.actor];
  const where = guardSql(guards, value, afterColumns(columns.length, false));
  return (
    [
      `with r as (insert into ${resource.name} (${names.join(", ")}) select ${values.join(", ")}${from ? ` from ${from}` : ""}${where ? ` where ${where}` : ""} returning ${storedColumns(resource)})`,
      eventSql(resource, {
        from: many ? `r join ${from} on x.id = r.id` : "r",
        value,
        version: "1",
        before: "null",
        after: "to_jsonb(r)",
        row: "r",
      }),
      outboxSql(many ? `r join ${from} on x.id = r.id` : "r", value),
      ...satelliteSql(resource, satellites, "r", afterColumns(columns.length, false) + guardParameters(guards)),
    ].join(",\n") + `\nselect ${shown.sql} from r`
  );
}

/** Changes rows that still have the version that was read, each with its event; rows that moved on are left alone. */
export function updateSql({ resource, shown, columns, many, satellites, guards }: Write, from: "live" | "trash" | "any" = "live"): string {
  const { from: source, value } = sourceOf(columns, { many, versioned: true });
  const state = { live: " and c.deleted_at is null", trash: " and c.deleted_at is not null", any: "" }[from];
  const where = guardSql(guards, value, afterColumns(columns.length, true));
  const sets = [
    ...columns.map(({ name }) => `${sqlName(name)} = ${value(name)}`),
    "version = c.version + 1",
    `updated_at = ${HEAD.at}`,
    `updated_by = ${HEAD.actor}`,
  ];
  const joined = many ? `, ${source}` : "";
  return (
    [
      `with b as (select ${storedColumns(resource, "c.")} from ${resource.name} c${joined} where c.tenant_id = ${HEAD.tenant} and c.id = ${value("id")} and c.version = ${value("row_version")}${state}${where ? ` and ${where}` : ""} order by c.id for update of c)`,
      `r as (update ${resource.name} c set ${sets.join(", ")} from b${joined} where c.tenant_id = ${HEAD.tenant} and c.id = b.id${many ? " and x.id = b.id" : ""} returning ${storedColumns(resource, "c.")})`,
      eventSql(resource, {
        from: many ? `r join b on b.id = r.id join ${source} on x.id = r.id` : "r, b",
        value,
        version: "r.version",
        before: "to_jsonb(b)",
        after: "to_jsonb(r)",
        row: "r",
      }),
      outboxSql(many ? `r join ${source} on x.id = r.id` : "r", value),
      ...satelliteSql(resource, satellites, "r", afterColumns(columns.length, true) + guardParameters(guards)),
    ].join(",\n") + `\nselect ${shown.sql} from r`
  );
}

/** Takes a row away for good, with its event and everything that stood beside it. */
export function purgeSql(resource: Resource): string {
  const { value } = sourceOf([], { many: false, versioned: true });
  return (
    [
      `with r as (delete from ${resource.name} c where c.tenant_id = ${HEAD.tenant} and c.id = ${value("id")} and c.version = ${value("row_version")} returning ${storedColumns(resource, "c.")})`,
      eventSql(resource, { from: "r", value, version: "r.version + 1", before: "to_jsonb(r)", after: "null", row: "r" }),
      outboxSql("r", value),
      ...(resource.tags ? [`t as (delete from taggings g using r where g.tenant_id = ${HEAD.tenant} and g.record_id = r.id)`] : []),
      ...(resource.custom ? [`v as (delete from custom_values g using r where g.tenant_id = ${HEAD.tenant} and g.record_id = r.id)`] : []),
      `l as (delete from record_links g using r where g.tenant_id = ${HEAD.tenant} and g.record_id = r.id)`,
    ].join(",\n") + "\nselect r.id from r"
  );
}

/** The columns of a record's row that answers and events know. */
function storedColumns(resource: Resource, prefix = ""): string {
  return [...Object.keys(resource.all), ...(resource.tags ? ["tags"] : []), ...(resource.custom ? ["custom"] : [])]
    .map((key) => prefix + sqlName(key))
    .join(", ");
}

type EventParts = { from: string; value: (name: string) => string; version: string; before: string; after: string; row: string };

function eventSql(resource: Resource, { from, value, version, before, after, row }: EventParts): string {
  return `e as (insert into events (tenant_id, id, at, type, resource, record_id, version, actor_id, key_id, via, cause_id, before, after, company_id, contact_id, deal_id, lead_id)
 select ${HEAD.tenant}, ${value("event_id")}, ${HEAD.at}, ${value("event_type")}, '${resource.name}', ${row}.id, ${version}, ${HEAD.actor}, ${HEAD.key}, ${HEAD.via}, ${HEAD.cause}, ${before}, ${after}, ${linkSql(resource, row)} from ${from})`;
}

const outboxSql = (from: string, value: (name: string) => string): string =>
  `o as (insert into outbox (tenant_id, event_id) select ${HEAD.tenant}, ${value("event_id")} from ${from})`;

/** The records under whose timelines an event appears, as they are at its moment. */
function linkSql(resource: Resource, row: string): string {
  return ["company", "contact", "deal", "lead"]
    .map((one) => (resource.one === one ? `${row}.id` : resource.fields[`${one}_id`] ? `${row}.${one}_id` : "null::uuid"))
    .join(", ");
}

/** What was read must still be so: a guard that fails leaves the row unwritten. */
function guardSql(guards: readonly Guard[], value: (name: string) => string, first: number): string {
  let place = first;
  return guards
    .map((guard) => {
      const { table } = guard;
      if (guard.test === "not_trashed")
        return `not exists (select 1 from ${table} g where g.tenant_id = ${HEAD.tenant} and g.id = ${value(guard.column)} and g.deleted_at is not null)`;
      if (table === "definitions")
        return `exists (select 1 from definitions g where g.tenant_id = ${HEAD.tenant} and g.version = $${place++}::bigint for share)`;
      return `exists (select 1 from ${table} g where g.tenant_id = ${HEAD.tenant} and g.id = $${place++}::uuid and g.version = $${place++}::bigint for share)`;
    })
    .join(" and ");
}

const guardParameters = (guards: readonly Guard[]): number =>
  guards.reduce((sum, { table, test }) => sum + (test === "not_trashed" ? 0 : table === "definitions" ? 1 : 2), 0);

/** The rows for finding: what to take away and what to add comes as one JSON list each, with the record's id in every entry. */
function satelliteSql(resource: Resource, satellites: readonly Satellite[], row: string, first: number): string[] {
  return satellites.flatMap((satellite, index) => {
    const gone = `$${first + index * 2}::text::jsonb`;
    const come = `$${first + index * 2 + 1}::text::jsonb`;
    return satelliteTables[satellite]({ resource: resource.name, row, gone, come });
  });
}

type SatelliteParts = { resource: string; row: string; gone: string; come: string };

const satelliteTables: Readonly<Record<Satellite, (parts: SatelliteParts) => string[]>> = {
  tags: ({ resource, row, gone, come }) => [
    `tg as (delete from taggings g using jsonb_to_recordset(${gone}) x(record_id uuid, tag_id uuid), ${row} where g.tenant_id = ${HEAD.tenant} and g.record_id = ${row}.id and x.record_id = ${row}.id and g.tag_id = x.tag_id)`,
    `tc as (insert into taggings (tenant_id, tag_id, resource, record_id) select ${HEAD.tenant}, x.tag_id, '${resource}', ${row}.id from ${row} join jsonb_to_recordset(${come}) x(record_id uuid, tag_id uuid) on x.record_id = ${row}.id)`,
  ],
  custom: ({ resource, row, gone, come }) => [
    `vg as (delete from custom_values g using jsonb_to_recordset(${gone}) x(record_id uuid, field_id uuid, item int), ${row} where g.tenant_id = ${HEAD.tenant} and g.record_id = ${row}.id and x.record_id = ${row}.id and g.field_id = x.field_id and g.item = x.item)`,
    `vc as (insert into custom_values as g (tenant_id, field_id, resource, record_id, item, text_fold, int_value, float_value, date_value, instant_value, unique_key)
 select ${HEAD.tenant}, x.field_id, '${resource}', ${row}.id, x.item, x.text_fold, x.int_value, x.float_value, x.date_value, x.instant_value, x.unique_key
 from ${row} join jsonb_to_recordset(${come}) x(record_id uuid, field_id uuid, item int, text_fold text, int_value bigint, float_value float8, date_value date, instant_value timestamptz, unique_key text) on x.record_id = ${row}.id
 on conflict (tenant_id, field_id, record_id, item) do update set text_fold = excluded.text_fold, int_value = excluded.int_value, float_value = excluded.float_value, date_value = excluded.date_value, instant_value = excluded.instant_value, unique_key = excluded.unique_key)`,
  ],
  links: ({ resource, row, gone, come }) => [
    `lg as (delete from record_links g using jsonb_to_recordset(${gone}) x(record_id uuid, field text, target_id uuid), ${row} where g.tenant_id = ${HEAD.tenant} and g.record_id = ${row}.id and x.record_id = ${row}.id and g.field = x.field and g.target_id = x.target_id)`,
    `lc as (insert into record_links (tenant_id, resource, field, record_id, target_id) select ${HEAD.tenant}, '${resource}', x.field, ${row}.id, x.target_id from ${row} join jsonb_to_recordset(${come}) x(record_id uuid, field text, target_id uuid) on x.record_id = ${row}.id)`,
  ],
};
