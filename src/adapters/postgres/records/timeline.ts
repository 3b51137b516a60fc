import { deniedFields } from "../../../domain/access/access.ts";
import { resourceNamed } from "../../../domain/catalogue.ts";
import { invalid } from "../../../domain/kit/errors.ts";
import type { Field } from "../../../domain/kit/fields.ts";
import { isId } from "../../../domain/kit/kinds.ts";
import { same } from "../../../domain/kit/record-input.ts";
import type { Resource } from "../../../domain/kit/resource.ts";
import type { Entry, Timeline, TimelineQuery } from "../../../usecases/kit/ports.ts";
import { arrayLiteral } from "../flights/array-literal.ts";
import { sqlParams } from "../flights/sql-params.ts";
import { statement } from "../flights/statement.ts";
import type { Call } from "./call.ts";
import { fromScaled, instant } from "./columns.ts";

/** What happened to a record and, for those that others hang on, to these: one range of an index. */
export async function readTimeline(resource: Resource, id: string, { limit, cursor, types }: TimelineQuery, call: Call): Promise<Timeline> {
  if (cursor !== null && !isId(cursor)) throw invalid("CURSOR_INVALID", "This cursor cannot be read. Begin again without it.", "/cursor");
  const sql = sqlParams(call.tenant);
  const link = ["company", "contact", "deal", "lead"].includes(resource.one) ? `${resource.one}_id` : "record_id";
  const conditions = [
    `e.tenant_id = $1 and e.${link} = ${sql.param(id)}::uuid`,
    ...(cursor ? [`e.id < ${sql.param(cursor)}::uuid`] : []),
    ...(types ? [`e.type = any(${sql.param(arrayLiteral(types))}::text[])`] : []),
  ];
  const text = `select e.id, e.at, e.type, e.resource, e.record_id, e.version, e.actor_id, e.via, e.before, e.after from events e where ${conditions.join(" and ")} order by e.id desc limit ${sql.param(limit + 1)}::int`;
  const [result] = await call.read([[statement(text), sql.params]], "read");
  const rows = result?.rows ?? [];
  const data = rows.slice(0, limit).map(
    ([event, at, type, about, record, version, actor, via, before, after]): Entry => ({
      id: event ?? "",
      at: instant(at ?? ""),
      type: type ?? "",
      resource: about ?? "",
      record_id: record ?? "",
      version: Number(version),
      actor_id: actor ?? null,
      via: via ?? "",
      changes: changesOf(about ?? "", parse(before), parse(after), call),
    }),
  );
  return { data, next_cursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null };
}

type Stored = Readonly<Record<string, unknown>> | null;
const parse = (text: string | null | undefined): Stored => (text ? JSON.parse(text) : null);

/** Field by field what was and what is, in the values that answers use, without what does not exist for the actor. */
function changesOf(name: string, before: Stored, after: Stored, { actor }: Call): Entry["changes"] {
  const resource = resourceNamed(name);
  if (!resource) return [];
  const denied = deniedFields(actor, resource);
  const keys = [...Object.keys(resource.fields), ...(resource.tags ? ["tags"] : [])].filter(
    (key) => !denied.includes(key) && !same(before?.[key] ?? null, after?.[key] ?? null),
  );
  const customBefore = (before?.custom ?? {}) as Record<string, unknown>;
  const customAfter = (after?.custom ?? {}) as Record<string, unknown>;
  const customKeys = [...new Set([...Object.keys(customBefore), ...Object.keys(customAfter)])].filter(
    (key) => !denied.includes("custom") && !denied.includes(`custom.${key}`) && !same(customBefore[key] ?? null, customAfter[key] ?? null),
  );
  return [
    ...keys.map((key) => ({
      field: key,
      before: shown(resource.fields[key], before?.[key]),
      after: shown(resource.fields[key], after?.[key]),
    })),
    ...customKeys.map((key) => ({ field: `custom.${key}`, before: customBefore[key] ?? null, after: customAfter[key] ?? null })),
  ];
}

/** A value as `to_jsonb` wrote it, in the words of answers. */
function shown(field: Field | undefined, value: unknown): unknown {
  if (value === null || value === undefined || !field || field.many) return value ?? null;
  if (field.kind === "decimal") return fromScaled(String(value), field.scale ?? 6);
  if (field.kind === "instant") return String(value).replace(/\+00:00$/, "Z");
  return value;
}
