import type { Field } from "../../../domain/kit/fields.ts";
import type { Resource } from "../../../domain/kit/resource.ts";
import { columnOf, foldColumn, shadowsOf, sqlName, uniqueColumn } from "./columns.ts";

/** The migration that makes the table of a resource: columns, checks, references, indexes, policy and grants. */
export function tableSql(resource: Resource): string {
  const { name } = resource;
  return [
    `create table ${name} (\n  ${[...columnLines(resource), ...constraintLines(resource)].join(",\n  ")}\n);`,
    ...indexLines(resource),
    ...policyLines(name, "select, insert, update, delete"),
  ].join("\n");
}

/** Row-level security and the grants of a tenant's table. */
export function policyLines(table: string, rights: string): string[] {
  return [
    `alter table ${table} enable row level security;`,
    `create policy ${table}_tenant on ${table} to rapport_tenant, rapport_identity`,
    `  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)`,
    `  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);`,
    `grant ${rights} on ${table} to rapport_tenant;`,
  ];
}

/** The columns of a resource's table by name, as the schema test compares them. */
export function columnTypes(resource: Resource): ReadonlyMap<string, string> {
  return new Map(
    columnLines(resource).map((line) => [(line.split(" ", 1)[0] ?? "").replaceAll('"', ""), (line.split(" ")[1] ?? "").replace(/,$/, "")]),
  );
}

function columnLines(resource: Resource): string[] {
  const lines = ["tenant_id uuid not null"];
  for (const [key, field] of Object.entries(resource.all)) {
    lines.push(`${sqlName(key)} ${columnOf(field).type(field)}${notNull(field)}`);
    for (const { column, type } of shadowsOf(key, field)) lines.push(`${column} ${type}${type === "text" ? ' collate "C"' : ""}`);
  }
  if (resource.tags) lines.push("tags uuid[] not null default '{}'");
  if (resource.custom) lines.push("custom jsonb not null default '{}'");
  if (resource.search.length) lines.push("search tsvector not null default ''");
  for (const key of phonesIn(resource)) lines.push(`${key}_reversed text collate "C"`);
  return lines;
}

const notNull = (field: Field): string => {
  const fallback = field.default === undefined ? "" : ` default '${String(field.default)}'`;
  return field.required ? ` not null${fallback}` : "";
};

/** The phones by which search finds a record: from their last digit on. */
export const phonesIn = ({ search, fields }: Resource): readonly string[] => search.filter((key) => fields[key]?.kind === "phone");

function constraintLines({ name, all }: Resource): string[] {
  return [
    "primary key (tenant_id, id)",
    ...Object.entries(all).flatMap(([key, field]) => [
      ...(field.kind === "choice"
        ? [
            `constraint ${name}_${key}_check check (${sqlName(key)} in (${(field.options ?? []).map(({ value }) => `'${value}'`).join(", ")}))`,
          ]
        : []),
      ...(field.kind === "reference" && field.to
        ? [`constraint ${name}_${key}_fkey foreign key (tenant_id, ${sqlName(key)}) references ${field.to} (tenant_id, id)`]
        : []),
    ]),
  ];
}

function indexLines(resource: Resource): string[] {
  const { name, all, sort, filter } = resource;
  const indexed = new Set([...sort, ...filter]);
  const unique = Object.entries(all).filter(([, field]) => field.unique);
  return [
    ...unique.map(
      ([key, field]) =>
        `create unique index ${name}_${key}_unique on ${name} (tenant_id, ${uniqueColumn(key, field)}) where deleted_at is null;`,
    ),
    ...resource.uniqueTogether.map(
      (keys) =>
        `create unique index ${togetherIndex(name, keys)} on ${name} (tenant_id, ${togetherColumns(resource, keys).join(", ")}) where deleted_at is null;`,
    ),
    ...(resource.trash
      ? unique.map(
          ([key, field]) =>
            `create index ${name}_${key}_trash_index on ${name} (tenant_id, ${uniqueColumn(key, field)}) where deleted_at is not null;`,
        )
      : []),
    ...[...indexed].map(
      (key) => `create index ${name}_${key}_index on ${name} (tenant_id, ${sortColumn(key, all[key]!)}, id) where deleted_at is null;`,
    ),
    `create index ${name}_trash_index on ${name} (tenant_id, deleted_at, id) where deleted_at is not null;`,
    ...(resource.search.length ? [`create index ${name}_search_index on ${name} using gin (search) where deleted_at is null;`] : []),
    ...phonesIn(resource).map(
      (key) => `create index ${name}_${key}_reversed_index on ${name} (tenant_id, ${key}_reversed, id) where deleted_at is null;`,
    ),
  ];
}

/** The name of the index by which values together are unique. */
export const togetherIndex = (name: string, keys: readonly string[]): string => `${name}_${keys.join("_")}_unique`;

/** The columns in which they are. */
export const togetherColumns = ({ all }: Resource, keys: readonly string[]): readonly string[] =>
  keys.map((key) => uniqueColumn(key, all[key]!));

/** The column by which a field is sorted and ranges over it are found. */
export const sortColumn = (key: string, field: Field): string => (columnOf(field).folded ? foldColumn(key) : sqlName(key));
