import type { Leaf, Operator } from "../../../../src/domain/kit/criteria.ts";
import type { Field, Kind } from "../../../../src/domain/kit/fields.ts";

const texts = ["contains", "not_contains", "eq", "neq", "starts_with", "ends_with", "is_empty", "is_not_empty"] as const;
const numbers = ["eq", "neq", "gt", "gte", "lt", "lte", "between", "is_empty", "is_not_empty"] as const;
const times = ["in_last", "in_next", "before", "after", "between", "is_empty", "is_not_empty"] as const;
const sets = ["in", "not_in", "is_empty", "is_not_empty"] as const;

/** What the filter bar offers for each kind, the usual question first. */
const offered = {
  text: texts,
  long_text: ["contains", "not_contains", "is_empty", "is_not_empty"],
  email: texts,
  phone: texts,
  url: texts,
  integer: numbers,
  decimal: numbers,
  money: numbers,
  date: ["in_last", "in_next", "eq", "before", "after", "between", "is_empty", "is_not_empty"],
  instant: times,
  boolean: ["eq", "is_empty", "is_not_empty"],
  choice: sets,
  choices: sets,
  reference: sets,
  references: sets,
  address: ["contains", "not_contains", "is_empty", "is_not_empty"],
  json: ["is_empty", "is_not_empty"],
} as const satisfies Record<Kind, readonly Operator[]>;

export const operatorsOf = ({ kind, to }: Field): readonly Operator[] =>
  to === "tags" ? ["has_any_tag", "is_empty", "is_not_empty"] : offered[kind];

/** What stands behind an operator. */
export type Operand = "one" | "list" | "pair" | "nothing" | "roll" | "tags";
const operands = {
  eq: "one",
  neq: "one",
  in: "list",
  not_in: "list",
  gt: "one",
  gte: "one",
  lt: "one",
  lte: "one",
  between: "pair",
  contains: "one",
  not_contains: "one",
  starts_with: "one",
  ends_with: "one",
  matches: "one",
  is_empty: "nothing",
  is_not_empty: "nothing",
  before: "one",
  after: "one",
  in_last: "roll",
  in_next: "roll",
  has_tag: "tags",
  has_any_tag: "tags",
} as const satisfies Record<Operator, Operand>;
export const operandOf = (op: Operator): Operand => operands[op];

/** A condition on a field as it begins; its value is still to be given. */
export function begin(path: string, field: Field): Leaf {
  const [op = "is_not_empty"] = operatorsOf(field);
  return { field: path, op, ...firstValue(op, field) };
}

/** Another question to the same field; the value stays where it still fits. */
export function asking(leaf: Leaf, op: Operator, field: Field): Leaf {
  const keeps = operandOf(leaf.op) === operandOf(op);
  return { field: leaf.field, op, ...(keeps && leaf.value !== undefined ? { value: leaf.value } : firstValue(op, field)) };
}

export function isComplete({ op, value }: Leaf): boolean {
  const operand = operandOf(op);
  if (operand === "nothing") return true;
  if (operand === "list" || operand === "tags") return Array.isArray(value) ? value.length > 0 : Boolean(value);
  if (operand === "pair") return Array.isArray(value) && value.every((one) => one !== null && one !== "");
  return value !== undefined && value !== null && value !== "";
}

function firstValue(op: Operator, { kind }: Field): { value?: unknown } {
  if (operandOf(op) === "roll") return { value: { n: kind === "date" || kind === "instant" ? 30 : 1, unit: "day" } };
  return kind === "boolean" && operandOf(op) === "one" ? { value: true } : {};
}
