import { createHash } from "node:crypto";
import pg from "pg";
import { deniedFields, ownersWithin, scopeOf } from "../../../domain/access/access.ts";
import type { Circumstances } from "../../../domain/kit/criteria-question.ts";
import { tagNamesIn } from "../../../domain/kit/criteria-question.ts";
import { invalid } from "../../../domain/kit/errors.ts";
import { fold } from "../../../domain/kit/fold.ts";
import { dateIn, msOf } from "../../../domain/kit/instant.ts";
import type { Resource } from "../../../domain/kit/resource.ts";
import type { ListQuery, Page } from "../../../usecases/kit/ports.ts";
import { arrayLiteral } from "../flights/array-literal.ts";
import { type Sql, sqlParams } from "../flights/sql-params.ts";
import { type Row, type Step, statement } from "../flights/statement.ts";
import type { Call } from "./call.ts";
import { compileCriteria } from "./criteria-sql.ts";
import { customColumns } from "./custom-rows.ts";
import { FetchedRow, type Selection } from "./fetched.ts";
import { within } from "./record-steps.ts";
import { sortColumn } from "./resource-sql.ts";

/** How deep page numbers reach; cursors have no such end. */
export const DEEPEST_ROW = 10_000;

/** One page of a list: a keyset walk over an index, records without a value last in both directions. */
export async function listPage(selected: Selection, query: ListQuery, call: Call): Promise<Page> {
  const list = await listOf(selected, query, call);
  const size = query.page ? (query.page_size ?? 20) : (query.limit ?? 20);
  const [rows, total] = await Promise.all([
    query.page ? pageRows(list, query.page, size) : cursorRows(list, query.cursor ?? null, size),
    totalOf(list, query),
  ]);
  const more = rows.length > size;
  const data = rows.slice(0, size).map((row) => new FetchedRow(row, selected));
  return {
    data,
    next_cursor: more ? encode(list, rows[size - 1] as Row) : null,
    ...total,
    ...(query.page ? { page: query.page, page_size: size } : {}),
  };
}

type Sort = {
  readonly key: string;
  readonly down: boolean;
  readonly expression: string;
  readonly join: string;
  readonly isNever: string;
  readonly mayBeEmpty: boolean;
  readonly id: string;
};
type List = {
  readonly call: Call;
  readonly selected: Selection;
  readonly sort: Sort;
  readonly fingerprint: string;
  /** The conditions of the whole list, its parameters pushed where they belong. */
  readonly where: (sql: Sql) => string;
  readonly read: (step: Step) => Promise<readonly Row[]>;
};

/** The rows with a value come first, then those without; a walk is in one of the two. */
type Phase = "valued" | "empty";
type Place = { readonly phase: Phase; readonly value: string | null; readonly id: string };

async function listOf(selected: Selection, query: ListQuery, call: Call): Promise<List> {
  const { resource } = selected;
  const owners = resource.owner ? ownersWithin(call.actor, scopeOf(call.actor, "view", resource)) : "all";
  const circumstances = query.filter ? await circumstancesOf(resource, query, call) : null;
  return {
    call,
    selected,
    sort: sortOf(resource, query, call),
    fingerprint: createHash("sha256")
      .update(JSON.stringify([resource.name, query.filter ?? null, query.sort ?? null, query.trashed ?? false]))
      .digest("base64url")
      .slice(0, 8),
    where: (sql) =>
      [
        "r.tenant_id = $1",
        `r.deleted_at is ${query.trashed ? "not " : ""}null`,
        within(resource, call.actor, owners, sql),
        ...(query.filter && circumstances ? [compileCriteria(query.filter, circumstances, sql)] : []),
      ].join(" and "),
    read: async (step) => {
      try {
        const [result] = await call.read([step], "read");
        return result?.rows ?? [];
      } catch (error) {
        if (error instanceof pg.DatabaseError && error.code === "57014") throw tooBroad(resource);
        if (error instanceof pg.DatabaseError && error.code?.startsWith("22") && query.cursor)
          throw invalid("CURSOR_INVALID", "This cursor cannot be read. Begin again without it.", "/cursor");
        throw error;
      }
    },
  };
}

async function circumstancesOf(resource: Resource, query: ListQuery, call: Call): Promise<Circumstances> {
  const names = query.filter ? tagNamesIn(query.filter) : [];
  const [found] = names.length
    ? await call.read(
        [
          [
            statement("select name_fold, id from tags where tenant_id = $1 and name_fold = any($2::text[]) and deleted_at is null"),
            [call.tenant, arrayLiteral(names.map(fold))],
          ],
        ],
        "read",
      )
    : [];
  return {
    resource,
    custom: call.definitions.custom[resource.name] ?? [],
    now: call.now,
    today: dateIn(call.definitions.time_zone, msOf(call.now)),
    memberId: call.actor.member_id,
    team: call.actor.team,
    tags: new Map((found?.rows ?? []).map(([name, id]) => [name as string, id as string])),
  };
}

/** What a list may be sorted by, for this actor. */
function sortOf(resource: Resource, { sort, trashed }: ListQuery, call: Call): Sort {
  const wanted = sort ?? (trashed ? "-deleted_at" : "-created_at");
  const down = wanted.startsWith("-");
  const key = down ? wanted.slice(1) : wanted;
  const denied = deniedFields(call.actor, resource);
  const custom =
    key.startsWith("custom.") && !denied.includes("custom")
      ? call.definitions.custom[resource.name]?.find((one) => `custom.${one.key}` === key)
      : undefined;
  const column = custom && customColumns[custom.type];
  if (custom && column && !denied.includes(key)) {
    // That there is a value is said although the join implies it: only then does the partial index serve.
    const join = `join custom_values v on v.tenant_id = $1 and v.field_id = '${custom.id}' and v.record_id = r.id and v.item = 0 and v.${column} is not null`;
    const isNever = `not exists (select 1 from custom_values v where v.tenant_id = $1 and v.field_id = '${custom.id}' and v.record_id = r.id and v.item = 0)`;
    return { key, down, expression: `v.${column}`, join, isNever, mayBeEmpty: true, id: "v.record_id" };
  }
  const field = resource.all[key];
  const known =
    field &&
    !denied.includes(key) &&
    (resource.sort.includes(key) || key === "id" || key === "created_at" || (trashed && key === "deleted_at"));
  if (!known) {
    const offered = [...resource.sort.filter((one) => !denied.includes(one)), ...(resource.custom ? ["custom.<key>"] : [])];
    throw invalid("SORT_UNKNOWN", `Sort by one of ${offered.join(", ")}, with - in front for downwards.`, "/sort");
  }
  const expression = `r.${key === "id" ? "id" : sortColumn(key, field)}`;
  return {
    key,
    down,
    expression,
    join: "",
    isNever: `${expression} is null`,
    mayBeEmpty: !field.required && key !== "deleted_at",
    id: "r.id",
  };
}

/** One row more than asked for tells whether there is a next page. */
async function cursorRows(list: List, cursor: string | null, size: number): Promise<readonly Row[]> {
  const place = cursor === null ? null : decode(list, cursor);
  const first = place?.phase === "empty" ? [] : await list.read(phaseStep(list, "valued", { after: place, limit: size + 1 }));
  if (first.length > size || !list.sort.mayBeEmpty) return first;
  const rest = await list.read(
    phaseStep(list, "empty", { after: place?.phase === "empty" ? place : null, limit: size + 1 - first.length }),
  );
  return [...first, ...rest];
}

async function pageRows(list: List, page: number, size: number): Promise<readonly Row[]> {
  const offset = (page - 1) * size;
  if (offset + size > DEEPEST_ROW)
    throw invalid(
      "PAGE_TOO_DEEP",
      `Page numbers reach ${DEEPEST_ROW.toLocaleString("en")} rows. Go on with ?cursor=, or narrow the filter.`,
      "/page",
    );
  const first = await list.read(phaseStep(list, "valued", { after: null, limit: size + 1, offset }));
  if (first.length > size || !list.sort.mayBeEmpty) return first;
  const valued = first.length ? offset + first.length : await countUpTo(list, `not (${list.sort.isNever})`, offset);
  const rest = await list.read(
    phaseStep(list, "empty", { after: null, limit: size + 1 - first.length, offset: Math.max(0, offset - valued) }),
  );
  return [...first, ...rest];
}

type Window = { readonly after: Place | null; readonly limit: number; readonly offset?: number };

function phaseStep({ selected, sort, where, call }: List, phase: Phase, { after, limit, offset = 0 }: Window): Step {
  const sql = sqlParams(call.tenant);
  const { name } = selected.resource;
  const direction = sort.down ? "desc" : "asc";
  const beyond = sort.down ? "<" : ">";
  const conditions = [where(sql)];
  const isId = sort.expression === sort.id;
  let order = `${sort.id} ${direction}`;
  if (phase === "valued") {
    if (sort.mayBeEmpty && !sort.join) conditions.push(`${sort.expression} is not null`);
    if (after && isId) conditions.push(`${sort.id} ${beyond} ${sql.param(after.id)}::uuid`);
    else if (after) conditions.push(`(${sort.expression}, ${sort.id}) ${beyond} (${sql.param(after.value)}, ${sql.param(after.id)}::uuid)`);
    if (!isId) order = `${sort.expression} ${direction}, ${order}`;
  } else {
    conditions.push(sort.isNever);
    if (after) conditions.push(`r.id ${beyond} ${sql.param(after.id)}::uuid`);
    // Named although it is null in every row, so that the rows come in the order of its index.
    order = sort.join ? `r.id ${direction}` : `${sort.expression} ${direction}, r.id ${direction}`;
  }
  const value = phase === "valued" ? sort.expression : "null";
  // The limit stands in the text: with a parameter in its place the planner would reckon with a tenth of all rows.
  const text = `select ${selected.sql}, ${value} as sort_value from ${name} r ${phase === "valued" ? sort.join : ""} where ${conditions.join(" and ")} order by ${order} limit ${limit}${offset ? ` offset ${sql.param(offset)}::int` : ""}`;
  return [statement(text), sql.params];
}

const EXACT_UP_TO = 10_000;

async function totalOf(list: List, { count = "none", page }: ListQuery): Promise<{ total: number | null; total_is_estimate: boolean }> {
  const how = page && count === "none" ? "estimate" : count;
  if (how === "none") return { total: null, total_is_estimate: false };
  if (how === "exact") return { total: await countUpTo(list, "true", null), total_is_estimate: false };
  const exact = await countUpTo(list, "true", EXACT_UP_TO + 1);
  return exact <= EXACT_UP_TO
    ? { total: exact, total_is_estimate: false }
    : { total: Math.max(exact, await estimate(list)), total_is_estimate: true };
}

async function countUpTo({ selected, where, call, read }: List, condition: string, most: number | null): Promise<number> {
  const sql = sqlParams(call.tenant);
  const rows = `select 1 from ${selected.resource.name} r where ${where(sql)} and ${condition}${most === null ? "" : ` limit ${sql.param(most)}::int`}`;
  const [row] = await read([statement(`select count(*) from (${rows}) counted`), sql.params]);
  return Number(row?.[0] ?? 0);
}

/** The planner's own guess; reading all rows to count them would cost what the page saved. */
async function estimate({ selected, where, call, read }: List): Promise<number> {
  const sql = sqlParams(call.tenant);
  const rows = await read([statement(`explain (format json) select 1 from ${selected.resource.name} r where ${where(sql)}`), sql.params]);
  const [plan] = JSON.parse(rows.map(([line]) => line).join("\n")) as [{ Plan: { "Plan Rows": number } }];
  return plan.Plan["Plan Rows"];
}

/** A cursor names the last row and the list it belongs to. */
function encode({ fingerprint, selected }: List, row: Row): string {
  const value = row[selected.keys.length] ?? null;
  return Buffer.from(JSON.stringify([fingerprint, value === null ? 0 : 1, value, row[0]])).toString("base64url");
}

function decode({ fingerprint, sort }: List, cursor: string): Place {
  const [list, valued, value, id] = parseCursor(cursor);
  if (list !== fingerprint)
    throw invalid("CURSOR_MISMATCH", "This cursor belongs to another filter or sort. Begin again without it.", "/cursor");
  return { phase: valued === 1 || sort.expression === sort.id ? "valued" : "empty", value: value as string | null, id: id as string };
}

function parseCursor(cursor: string): readonly unknown[] {
  const broken = () => invalid("CURSOR_INVALID", "This cursor cannot be read. Begin again without it.", "/cursor");
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    const [list, valued, value, id] = Array.isArray(parts) ? parts : [];
    const good =
      typeof list === "string" &&
      (valued === 0 || valued === 1) &&
      (valued === 1 ? typeof value === "string" : value === null) &&
      typeof id === "string" &&
      /^[0-9a-f-]{36}$/.test(id);
    if (!good) throw broken();
    return parts as readonly unknown[];
  } catch {
    throw broken();
  }
}

const tooBroad = ({ sort, filter }: Resource) =>
  invalid(
    "FILTER_TOO_BROAD",
    `This filter would read too many records. Add a condition on one of ${[...new Set([...filter, ...sort])].join(", ")}.`,
    "/filter",
  );
