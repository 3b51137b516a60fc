import { formatAddress } from "../../../domain/kit/address.ts";
import { emailKey } from "../../../domain/kit/email.ts";
import type { Field, Kind } from "../../../domain/kit/fields.ts";
import { fold } from "../../../domain/kit/fold.ts";
import { arrayLiteral } from "../flights/array-literal.ts";
import type { Value } from "../flights/statement.ts";

/** How a kind of value stands in the database and travels to and from it. */
type Column = {
  /** The type of the column. */
  readonly type: (field: Field) => string;
  /** A value as a parameter of a statement. */
  readonly toSql: (value: unknown, field: Field) => Value;
  /** The raw text of PostgreSQL as a value. */
  readonly fromSql: (text: string, field: Field) => unknown;
  /** The raw text of PostgreSQL as JSON text: source code of an expression in `t`, for the compiled serialiser. */
  readonly toJson: (field: Field) => string;
  /** The text that stands beside the value, folded, for comparing and sorting; nothing where the value itself serves. */
  readonly folded: ((value: unknown) => string) | null;
};

const quoted = { toSql: asText, fromSql: (text: string) => text, toJson: () => "quote(t)" };
const ascii = { toSql: asText, fromSql: (text: string) => text, toJson: () => `'"' + t + '"'`, folded: null };
const jsonb = {
  type: () => "jsonb",
  toSql: (value: unknown) => JSON.stringify(value),
  fromSql: (text: string): unknown => JSON.parse(text),
  toJson: () => "t",
};
const whole = { type: () => "bigint", toSql: asText, fromSql: Number, toJson: () => "t", folded: null };

export const columns: Readonly<Record<Kind, Column>> = {
  text: { ...quoted, type: () => "text", folded: (value) => fold(value as string) },
  long_text: { ...quoted, type: () => "text", folded: (value) => fold(value as string) },
  email: { ...quoted, type: () => "text", folded: (value) => fold(value as string) },
  url: { ...quoted, type: () => "text", folded: (value) => fold(value as string) },
  phone: { ...ascii, type: () => "text" },
  integer: whole,
  money: whole,
  decimal: {
    type: () => "bigint",
    toSql: (value, { scale = 6 }) => toScaled(value as string, scale),
    fromSql: (text, { scale = 6 }) => fromScaled(text, scale),
    toJson: ({ scale = 6 }) => `'"' + fromScaled(t, ${scale}) + '"'`,
    folded: null,
  },
  date: { ...ascii, type: () => "date" },
  instant: { type: () => "timestamptz", toSql: asText, fromSql: instant, toJson: () => `'"' + instant(t) + '"'`, folded: null },
  boolean: {
    type: () => "boolean",
    toSql: asText,
    fromSql: (text) => text === "t",
    toJson: () => `(t === "t" ? "true" : "false")`,
    folded: null,
  },
  choice: { ...quoted, type: () => "text", folded: null },
  choices: { ...jsonb, folded: null },
  reference: { ...ascii, type: () => "uuid" },
  references: { ...jsonb, folded: null },
  address: { ...jsonb, folded: (value) => fold(formatAddress(value as Parameters<typeof formatAddress>[0])) },
  json: { ...jsonb, folded: null },
};

/** The column of a field; a list of values stands as JSON. */
export const columnOf = (field: Field): Column =>
  field.many ? { ...jsonb, folded: columns[field.kind].folded && foldAll } : columns[field.kind];

/** A column's name as SQL: the few that are words of the language stand in quotes. */
export const sqlName = (name: string): string => (reserved.has(name) ? `"${name}"` : name);
const reserved = new Set([
  "unique",
  "default",
  "to",
  "user",
  "order",
  "group",
  "end",
  "from",
  "limit",
  "offset",
  "check",
  "primary",
  "references",
  "table",
  "column",
  "when",
  "where",
  "select",
  "all",
  "any",
]);

/** The column that holds the fold of a field. */
export const foldColumn = (key: string): string => `${key}_fold`;

/** The column by which a field is unique: an address by its lower case with marks kept, a text by its fold, all else by itself. */
export const uniqueColumn = (key: string, field: Field): string =>
  field.kind === "email" ? `${key}_key` : columnOf(field).folded ? foldColumn(key) : key;

/** A column the application writes beside a field. */
export type Shadow = { readonly column: string; readonly type: string; readonly key: string; readonly of: (value: unknown) => string };

/** A text that is only shown beside what was made of it, never compared. */
const isAsTyped = ({ kind, writer, compose }: Field): boolean => kind === "text" && writer === "kernel" && !compose;

/** The columns that stand beside a field, made from its value with every write. */
export function shadowsOf(key: string, field: Field): readonly Shadow[] {
  const folded = isAsTyped(field) ? null : columnOf(field).folded;
  return [
    ...(folded ? [{ column: foldColumn(key), type: field.many ? "jsonb" : "text", key, of: folded }] : []),
    ...(field.kind === "email" && field.unique
      ? [{ column: uniqueColumn(key, field), type: "text", key, of: (value: unknown) => emailKey(value as string) }]
      : []),
  ];
}

/** `2026-11-21 14:31:00.5+00` → `2026-11-21T14:31:00.5Z`; every session speaks UTC. */
export function instant(text: string): string {
  return `${text.slice(0, 10)}T${text.slice(11, -3)}Z`;
}

export function fromScaled(text: string, scale: number): string {
  const negative = text.startsWith("-");
  const digits = (negative ? text.slice(1) : text).padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, "");
  return `${negative ? "-" : ""}${whole}${fraction ? `.${fraction}` : ""}`;
}

export function toScaled(value: string, scale: number): string {
  const [whole = "0", fraction = ""] = value.split(".");
  return BigInt(`${whole}${fraction.padEnd(scale, "0")}`).toString();
}

/** A list of ids as a parameter. */
export const idList = (ids: readonly string[]): string => arrayLiteral(ids);

function asText(value: unknown): Value {
  return value as Value;
}

function foldAll(value: unknown): string {
  return JSON.stringify((value as readonly string[]).map((item) => fold(item)));
}
