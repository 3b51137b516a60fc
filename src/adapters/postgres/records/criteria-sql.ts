import { type Criteria, type Leaf, type Subject, subjectOf } from "../../../domain/kit/criteria.ts";
import {
  type Circumstances,
  isFolded,
  isNegated,
  isSeveral,
  type Question,
  questionOf,
  type Scalar,
  type Test,
} from "../../../domain/kit/criteria-question.ts";
import { invalid } from "../../../domain/kit/errors.ts";
import type { Field } from "../../../domain/kit/fields.ts";
import { fold } from "../../../domain/kit/fold.ts";
import type { Range } from "../../../domain/kit/rolling.ts";
import { arrayLiteral } from "../flights/array-literal.ts";
import type { Sql } from "../flights/sql-params.ts";
import type { Value } from "../flights/statement.ts";
import { columns, foldColumn, sqlName, toScaled } from "./columns.ts";
import { customColumns } from "./custom-rows.ts";
import { afterPrefix } from "./prefix.ts";

/**
 * A tree as a boolean expression over a row of the resource's table named `r`: never null, its values appended to `into`, its text
 * the same for every tree of the same shape. What stands in the outermost conjunction is spelled so that an index can lead.
 */
export function compileCriteria(criteria: Criteria, circumstances: Circumstances, into: Sql): string {
  return compile(criteria, { circumstances, into, leads: true });
}

type Compiling = { readonly circumstances: Circumstances; readonly into: Sql; readonly leads: boolean };

function compile(criteria: Criteria, compiling: Compiling): string {
  const inside = { ...compiling, leads: false };
  if ("all" in criteria) return criteria.all.length ? `(${criteria.all.map((part) => compile(part, compiling)).join(" and ")})` : "true";
  if ("any" in criteria) return criteria.any.length ? `(${criteria.any.map((part) => compile(part, inside)).join(" or ")})` : "false";
  if ("not" in criteria) return `not ${compile(criteria.not, inside)}`;
  return compileLeaf(criteria, compiling);
}

function compileLeaf(leaf: Leaf, { circumstances, into, leads }: Compiling): string {
  const { resource, custom } = circumstances;
  const subject = subjectOf(leaf.field, resource, custom);
  // A custom field can go away after the tree was saved: then there is no value, as in memory.
  if (!subject) return String(isNegated(leaf.op));
  const asked: Asked = { ...questionOf(leaf, subject, circumstances), subject, into, resource: resource.name };
  if (leads && !asked.negated && asked.test.how !== "present") {
    if (subject.from === "tags") return `r.id in (select g.record_id ${tagRows(asked)})`;
    if (subject.from === "custom") return leadingCustom(asked);
  }
  if (subject.from === "tags") return signed(asked, tagged(asked));
  if (subject.from === "custom") return signed(asked, customHolds(asked));
  return isSeveral(subject.field) ? signed(asked, severalHold(asked)) : single(asked);
}

type Asked = Question & { readonly subject: Subject; readonly into: Sql; readonly resource: string };

const signed = ({ negated }: Asked, expression: string): string => (negated ? `not ${expression}` : expression);

/** One column: what is compared is checked for null beside it, which an index condition does not mind. */
function single(asked: Asked): string {
  const { subject, test, negated, exact } = asked;
  const { key, field } = subject;
  const raw = `r.${sqlName(key)}`;
  if (test.how === "present") return `(${raw} is ${negated ? "null" : "not null"})`;
  const holds = exact
    ? both(exactly(asked, { folded: `r.${foldColumn(key)}`, raw: `(${raw} collate "C")` }))
    : condition(asked, { value: isFolded(field.kind) ? `r.${foldColumn(key)}` : raw, type: typeOf(field) });
  return negated ? `(${raw} is null or not (${holds}))` : `(${raw} is not null and ${holds})`;
}

/** A list in JSON: whether any of its items passes. */
function severalHold(asked: Asked): string {
  const { subject, test, exact } = asked;
  const { key, field } = subject;
  const column = `r.${sqlName(key)}`;
  if (test.how === "present") return `(${column} is not null and ${column} <> '[]'::jsonb)`;
  const folded = isFolded(field.kind) && !exact;
  const source = folded ? `r.${foldColumn(key)}` : column;
  if (field.kind === "references") {
    return `exists (select 1 from jsonb_array_elements(${source}) item(v) where ${condition(asked, { value: "(item.v ->> 'id')::uuid", type: "uuid" })})`;
  }
  return `exists (select 1 from jsonb_array_elements_text(${source}) item(v) where ${condition(asked, { value: fromJson(field), type: typeOf(field) })})`;
}

/** An item of a JSON list as its column's type would hold it. */
function fromJson(field: Field): string {
  if (field.kind === "decimal") return `(item.v::numeric * ${10n ** BigInt(field.scale ?? 6)})::bigint`;
  const type = typeOf(field);
  return type === "text" ? `(item.v collate "C")` : `item.v::${type}`;
}

/** The tags on the row itself. */
function tagged({ test, into }: Asked): string {
  if (test.how !== "one_of") return "(r.tags is not null and r.tags <> '{}')";
  return `(r.tags is not null and r.tags && ${into.param(arrayLiteral(test.values))}::uuid[])`;
}

function tagRows({ test, into, resource }: Asked): string {
  const ids = test.how === "one_of" ? test.values : [];
  return `from taggings g where g.tenant_id = $1 and g.tag_id = any(${into.param(arrayLiteral(ids))}::uuid[]) and g.resource = '${resource}'`;
}

/** The rows of a custom field, asked first: their index leads to the records. */
function leadingCustom(asked: Asked): string {
  const { rows, raw } = rowsHolding(asked);
  const found = `r.id in (select v.record_id ${rows})`;
  return raw ? `(${found} and coalesce(${raw}, false))` : found;
}

/** The rows of a custom field of the record at hand. */
function customHolds(asked: Asked): string {
  if (asked.test.how === "present") {
    const value = `(r.custom -> ${asked.into.param(asked.subject.key)}::text)`;
    return `(${value} is not null and ${value} <> all(array['null', '[]']::jsonb[]))`;
  }
  const { rows, raw } = rowsHolding(asked);
  return `exists (select 1 ${rows} and v.record_id = r.id${raw ? ` and ${raw}` : ""})`;
}

function rowsHolding(asked: Asked): { rows: string; raw: string | null } {
  const { subject, into, exact } = asked;
  if (subject.from !== "custom") throw new TypeError(`${subject.key} is not a custom field.`);
  const { definition, key, field } = subject;
  const column = customColumns[definition.type];
  if (!column) throw refused(`“${field.label.en}” is not kept for finding.`);
  const rows = (holds: string | null) =>
    `from custom_values v where v.tenant_id = $1 and v.field_id = ${into.param(definition.id)}::uuid${holds ? ` and ${holds}` : ""}`;
  if (!exact) return { rows: rows(condition(asked, { value: `v.${column}`, type: rowTypes[column] })), raw: null };
  const { folded, raw } = exactly(asked, { folded: "v.text_fold", raw: `((r.custom ->> ${into.param(key)}::text) collate "C")` });
  return { rows: rows(folded), raw };
}

const rowTypes = { text_fold: "text", int_value: "bigint", date_value: "date", instant_value: "timestamptz" } as const;

type Exactly = { readonly folded: string | null; readonly raw: string };

/** A comparison of the stored text; where the fold must agree as well it is named too, for it has the index. */
function exactly(asked: Asked, { folded, raw }: { folded: string; raw: string }): Exactly {
  const { how } = asked.test;
  const agrees = how === "is" || how === "one_of" || how === "starts_with";
  return {
    folded: agrees ? condition({ ...asked, exact: false }, { value: folded, type: "text" }) : null,
    raw: condition(asked, { value: raw, type: "text" }),
  };
}

const both = ({ folded, raw }: Exactly): string => (folded ? `${folded} and ${raw}` : raw);

type Compared = { readonly value: string; readonly type: string };

/** The test of one value that is not null. */
function condition({ test, subject, into, exact }: Asked, { value, type }: Compared): string {
  const stored = (scalar: Scalar) => storedAs(scalar, subject, exact);
  const place = (scalar: Scalar) => `${into.param(stored(scalar))}::${type}`;
  if (test.how === "is") return `${value} = ${place(test.value)}`;
  if (test.how === "one_of") return `${value} = any(${into.param(arrayLiteral(test.values.map(stored)))}::${type}[])`;
  if (test.how === "range") return ranged(value, test, place);
  return partial(test, { value, into, part: (text) => String(stored(text)) });
}

function ranged(value: string, { low, high }: Range<Scalar>, place: (scalar: Scalar) => string): string {
  const ends = [
    low && `${value} ${low.included ? ">=" : ">"} ${place(low.value)}`,
    high && `${value} ${high.included ? "<=" : "<"} ${place(high.value)}`,
  ];
  return ends.filter(Boolean).join(" and ");
}

type Part = { readonly value: string; readonly into: Sql; readonly part: (text: string) => string };

function partial(test: Test, { value, into, part }: Part): string {
  if (test.how === "contains") return `position(${into.param(part(test.text))}::text in ${value}) > 0`;
  if (test.how === "ends_with") {
    const end = `${into.param(part(test.text))}::text`;
    return `right(${value}, length(${end})) = ${end}`;
  }
  if (test.how !== "starts_with") throw refused("Lists and segments cannot look for patterns.");
  const prefix = part(test.text);
  const after = afterPrefix(prefix);
  // A range in the order of bytes: row-level security lets no index serve `like` or `starts_with`.
  const bytes = `${value} collate "C"`;
  return `${bytes} >= ${into.param(prefix)}::text${after === null ? "" : ` and ${bytes} < ${into.param(after)}::text`}`;
}

/** A value as the column it is compared with holds it. */
function storedAs(scalar: Scalar, { field, from }: Subject, exact: boolean): Exclude<Value, undefined> {
  if (isFolded(field.kind)) return exact ? scalar : fold(String(scalar));
  if (field.kind === "decimal") return toScaled(String(scalar), field.scale ?? 6);
  return from === "custom" && typeof scalar === "boolean" ? Number(scalar) : scalar;
}

/** The type of one value of a field, as a parameter is cast to it. */
const typeOf = (field: Field): string => {
  if (isFolded(field.kind) || field.kind === "choices") return "text";
  return columns[field.kind].type(field);
};

const refused = (message: string) => invalid("CRITERIA_OPERATOR_NOT_OFFERED", message);
