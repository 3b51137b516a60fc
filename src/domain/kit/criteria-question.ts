import { RE2JS } from "re2js";
import { type Criteria, type Leaf, leavesOf, ME, MY_TEAM, type Operator, type Subject } from "./criteria.ts";
import type { CustomDefinition } from "./definitions.ts";
import type { Field, Kind } from "./fields.ts";
import { fold } from "./fold.ts";
import { isId } from "./kinds.ts";
import type { Resource } from "./resource.ts";
import { type Range, type Roll, rollingBounds } from "./rolling.ts";

/** What the answer of a tree depends on beside the record; memory and SQL are given the same. */
export type Circumstances = {
  readonly resource: Resource;
  readonly custom: readonly CustomDefinition[];
  readonly now: string;
  /** The day it is where the workspace is. */
  readonly today: string;
  readonly memberId: string | null;
  /** The members of my team, me among them. */
  readonly team: readonly string[];
  /** The ids of tags by the fold of their names; those that the tree names suffice. */
  readonly tags: ReadonlyMap<string, string>;
};

export type Scalar = string | number | boolean;

/** What every operator comes down to. */
export type Test =
  | { readonly how: "is"; readonly value: Scalar }
  | { readonly how: "one_of"; readonly values: readonly Scalar[] }
  | ({ readonly how: "range" } & Range<Scalar>)
  | { readonly how: "contains" | "starts_with" | "ends_with"; readonly text: string }
  | { readonly how: "matches"; readonly pattern: string }
  | { readonly how: "present" };

/** A leaf with everything resolved: it holds if any value of the field passes the test or, negated, if none does. */
export type Question = { readonly test: Test; readonly negated: boolean; readonly exact: boolean };

/** What a leaf asks of its field, in these circumstances. */
export function questionOf({ op, value, ci }: Leaf, { field }: Pick<Subject, "field">, circumstances: Circumstances): Question {
  return { test: tests[op](value, { field, circumstances }), negated: isNegated(op), exact: ci === false };
}

/** Operators that hold where there is no value. */
export const isNegated = (op: Operator): boolean => op === "neq" || op === "not_in" || op === "not_contains" || op === "is_empty";

/** Kinds whose text is compared by its fold unless `ci: false` asks otherwise. */
export const isFolded = (kind: Kind): boolean => foldedKinds.has(kind);

/** Whether a field holds several values. */
export const isSeveral = ({ kind, many }: Field): boolean => many || kind === "choices" || kind === "references";

/** The folds of the tag names a tree uses, to be resolved before it is answered. */
export const tagNamesIn = (criteria: Criteria): readonly string[] => [
  ...new Set(
    leavesOf(criteria)
      .filter(({ op }) => op === "has_tag" || op === "has_any_tag")
      .flatMap(({ value }) => listed(value))
      .filter((tag) => !isId(tag))
      .map((name) => fold(String(name))),
  ),
];

/** The linear-time engine for a pattern, kept because compiling costs more than matching; it looks anywhere in the text. */
export function patternOf(pattern: string, { exact }: { exact: boolean }): RE2JS {
  const key = `${exact ? "" : "i"}:${pattern}`;
  const known = patterns.get(key);
  if (known) return known;
  const made = RE2JS.compile(pattern, exact ? 0 : RE2JS.CASE_INSENSITIVE);
  if (patterns.size >= MOST_PATTERNS) patterns.clear();
  patterns.set(key, made);
  return made;
}

const patterns = new Map<string, RE2JS>();
const MOST_PATTERNS = 100;

const foldedKinds: ReadonlySet<Kind> = new Set<Kind>(["text", "long_text", "email", "url", "address"]);

type Asked = { readonly field: Field; readonly circumstances: Circumstances };

// The tree was checked when it was read, so its values have the types their operators want.
const tests: Readonly<Record<Operator, (value: unknown, asked: Asked) => Test>> = {
  eq: isOrOneOf,
  neq: isOrOneOf,
  in: oneOf,
  not_in: oneOf,
  gt: (value) => ({ how: "range", low: { value: value as Scalar, included: false }, high: null }),
  gte: (value) => ({ how: "range", low: { value: value as Scalar, included: true }, high: null }),
  lt: (value) => ({ how: "range", low: null, high: { value: value as Scalar, included: false } }),
  lte: (value) => ({ how: "range", low: null, high: { value: value as Scalar, included: true } }),
  after: (value) => ({ how: "range", low: { value: value as Scalar, included: false }, high: null }),
  before: (value) => ({ how: "range", low: null, high: { value: value as Scalar, included: false } }),
  between: (value) => {
    const [low, high] = value as readonly [Scalar, Scalar];
    return { how: "range", low: { value: low, included: true }, high: { value: high, included: true } };
  },
  in_last: (value, asked) => rolling("in_last", value as Roll, asked),
  in_next: (value, asked) => rolling("in_next", value as Roll, asked),
  contains: (value) => ({ how: "contains", text: value as string }),
  not_contains: (value) => ({ how: "contains", text: value as string }),
  starts_with: (value) => ({ how: "starts_with", text: value as string }),
  ends_with: (value) => ({ how: "ends_with", text: value as string }),
  matches: (value) => ({ how: "matches", pattern: value as string }),
  is_empty: () => ({ how: "present" }),
  is_not_empty: () => ({ how: "present" }),
  has_tag: taggedOneOf,
  has_any_tag: taggedOneOf,
};

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

function isOrOneOf(value: unknown, asked: Asked): Test {
  return isPseudo(value, asked.field) ? oneOf([value], asked) : { how: "is", value: value as Scalar };
}

function oneOf(value: unknown, { field, circumstances: { memberId, team } }: Asked): Test {
  const resolve = (item: unknown): readonly Scalar[] => {
    if (!isPseudo(item, field)) return [item as Scalar];
    return item === MY_TEAM ? team : memberId === null ? [] : [memberId];
  };
  return { how: "one_of", values: listed(value).flatMap(resolve) };
}

const isPseudo = (value: unknown, { to }: Field): boolean => to === "members" && (value === ME || value === MY_TEAM);

function rolling(op: "in_last" | "in_next", roll: Roll, { field, circumstances: { now, today } }: Asked): Test {
  return { how: "range", ...rollingBounds(field.kind === "date" ? today : now, op, roll) };
}

function taggedOneOf(value: unknown, { circumstances: { tags } }: Asked): Test {
  const ids = listed(value).flatMap((tag) => (isId(tag) ? [tag] : (tags.get(fold(String(tag))) ?? [])));
  return { how: "one_of", values: ids };
}
