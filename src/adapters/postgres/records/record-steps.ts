import type { Actor } from "../../../domain/access/access.ts";
import type { Resource } from "../../../domain/kit/resource.ts";
import { arrayLiteral } from "../flights/array-literal.ts";
import { type Sql, sqlParams } from "../flights/sql-params.ts";
import { type Statement, type Step, statement, type Value } from "../flights/statement.ts";
import { uuid7 } from "../flights/uuid.ts";
import { type Call, head } from "./call.ts";
import { idList, sqlName } from "./columns.ts";
import type { Selection } from "./fetched.ts";
import type { PreparedRow } from "./prepared-row.ts";
import { insertSql, purgeSql, type Satellite, updateSql, type WrittenColumn } from "./record-sql.ts";

/** What a write does to its rows: make them, or change those that live, those in the trash, or any. */
export type WriteKind = "insert" | "live" | "trash" | "any";

export type Owners = "all" | readonly string[];

/** Reads one row with whether it lies in the trash at its end; locked where a transaction is around it. */
export function readStep(selected: Selection, { tenant, actor, inTransaction }: Call, id: string, owners: Owners): Step {
  const sql = sqlParams(tenant);
  const where = `r.tenant_id = $1 and r.id = ${sql.param(id)}::uuid and ${within(selected.resource, actor, owners, sql)}`;
  return [
    statement(
      `select ${selected.sql}, r.deleted_at from ${selected.resource.name} r where ${where}${inTransaction ? " for update of r" : ""}`,
    ),
    sql.params,
  ];
}

/** Reads the rows of these ids that live. */
export function someStep(selected: Selection, { tenant, actor, inTransaction }: Call, ids: readonly string[], owners: Owners): Step {
  const sql = sqlParams(tenant);
  const where = `r.tenant_id = $1 and r.id = any(${sql.param(idList(ids))}::uuid[]) and r.deleted_at is null and ${within(selected.resource, actor, owners, sql)}`;
  return [
    statement(
      `select ${selected.sql} from ${selected.resource.name} r where ${where}${inTransaction ? " order by r.id for update of r" : ""}`,
    ),
    sql.params,
  ];
}

/** The condition that keeps to the records within the actor's reach, its parameters pushed where they belong. */
export function within({ owner, sharing }: Resource, actor: Actor, owners: Owners, sql: Sql): string {
  if (sharing)
    return `(r.${owner} = ${sql.param(actor.member_id)}::uuid or r.${sharing} = 'all' or (r.${sharing} = 'team' and r.${owner} = any(${sql.param(idList(actor.team))}::uuid[])))`;
  return owners === "all" || !owner ? "true" : `r.${owner} = any(${sql.param(idList(owners))}::uuid[])`;
}

/** Asks for the records in the trash, within the actor's reach, that have one of these unique values. */
export function twinSteps(
  resource: Resource,
  unique: readonly (readonly [column: string, value: string])[],
  owners: Owners,
  { tenant, actor }: Call,
): Step[] {
  if (unique.length === 0) return [];
  const sql = sqlParams(tenant);
  const values = unique.map(([column, value]) => `r.${column} = ${sql.param(value)}`).join(" or ");
  const { name, title } = resource;
  const reach = within(resource, actor, owners, sql);
  return [
    [
      statement(
        `select r.id, r.${sqlName(title)} from ${name} r where r.tenant_id = $1 and r.deleted_at is not null and (${values}) and ${reach} order by r.deleted_at desc limit 5`,
      ),
      sql.params,
    ],
  ];
}

type Write = {
  readonly shown: Selection;
  readonly rows: readonly PreparedRow[];
  readonly versions: readonly number[];
  readonly event: string;
  readonly kind: WriteKind;
  /** The ids of the events, one for each row; made here where the caller need not know them. */
  readonly events?: readonly string[];
};

/** One statement that writes rows of one shape with their events; a new version of the definitions follows where they define something. */
export function writeSteps({ shown, rows, versions, event, kind, events }: Write, call: Call): Step[] {
  const { resource } = shown;
  const [first] = rows;
  if (!first) return [];
  const many = rows.length > 1;
  const satellites = (["tags", "custom", "links"] as const).filter((one) => rows.some((row) => row.satellites.has(one)));
  const eventIds = events ?? rows.map(() => uuid7());
  const versioned = kind !== "insert";
  const values: readonly Value[] = many
    ? [
        idList(rows.map(({ id }) => id)),
        idList(eventIds),
        arrayLiteral(rows.map(() => event)),
        ...(versioned ? [arrayLiteral(versions)] : []),
        ...first.columns.map((_, column) => arrayLiteral(rows.map((row) => textOf(row.values[column])))),
      ]
    : [first.id, eventIds[0], event, ...(versioned ? [versions[0]] : []), ...first.values];
  const step: Step = [
    writeStatement(shown, first, kind, many, satellites),
    [...head(call), ...values, ...first.guardValues, ...satellites.flatMap((one) => satelliteValues(one, rows))],
  ];
  return resource.defines ? [step, newDefinitions(call)] : [step];
}

/** The statement of a shape is written once; a shape is known by the very list of its columns. */
function writeStatement(
  shown: Selection,
  { columns, guards }: PreparedRow,
  kind: WriteKind,
  many: boolean,
  satellites: readonly Satellite[],
): Statement {
  let byColumns = written.get(shown);
  if (!byColumns) written.set(shown, (byColumns = new WeakMap()));
  let known = byColumns.get(columns);
  if (!known) byColumns.set(columns, (known = new Map()));
  const name = `${kind}|${many}|${satellites.join()}|${guards.map(({ test, table }) => test + table).join()}`;
  const made = known.get(name);
  if (made) return made;
  const shape = { resource: shown.resource, shown, columns, many, satellites, guards };
  const fresh = statement(kind === "insert" ? insertSql(shape) : updateSql(shape, kind));
  known.set(name, fresh);
  return fresh;
}
const written = new WeakMap<Selection, WeakMap<readonly WrittenColumn[], Map<string, Statement>>>();

type Purge = { readonly id: string; readonly version: number; readonly event: string; readonly eventId: string };

/** Takes one row away for good. */
export function purgeSteps(resource: Resource, call: Call, { id, version, event, eventId }: Purge): Step[] {
  const step: Step = [statement(purgeSql(resource)), [...head(call), id, eventId, event, version]];
  return resource.defines ? [step, newDefinitions(call)] : [step];
}

function newDefinitions({ tenant, redefined }: Call): Step {
  redefined?.();
  return [statement("update definitions set version = version + 1 where tenant_id = $1"), [tenant]];
}

function satelliteValues(satellite: Satellite, rows: readonly PreparedRow[]): Value[] {
  const of = (side: "gone" | "come") => JSON.stringify(rows.flatMap((row) => row.satellites.get(satellite)?.[side] ?? []));
  return [of("gone"), of("come")];
}

const textOf = (value: Value): string | number | boolean | null =>
  value === undefined || value === null ? null : typeof value === "bigint" ? value.toString() : value;
