import { formatAddress } from "./address.ts";
import { type Criteria, type Leaf, type Operator, type Subject, subjectOf } from "./criteria.ts";
import {
  type Circumstances,
  isFolded,
  isNegated,
  isSeveral,
  patternOf,
  type Question,
  questionOf,
  type Test,
} from "./criteria-question.ts";
import type { Field, Link } from "./fields.ts";
import { compareFolds, fold } from "./fold.ts";
import { toUtc } from "./instant.ts";
import type { Tag } from "./resource.ts";
import type { Range } from "./rolling.ts";
import { below } from "./shape.ts";

/** A record as the tree sees it: fields by key, `tags` as answers show them, `custom` by key. */
export type Evaluated = Readonly<Record<string, unknown>>;

/** One leaf and how it came out. */
export type Trace = {
  /** The JSON pointer of the leaf in its tree. */
  readonly path: string;
  readonly field: string;
  readonly op: Operator;
  /** What was asked for, with pseudo values, names of tags and stretches of time resolved. */
  readonly expected: unknown;
  readonly actual: unknown;
  readonly result: boolean;
};

/** Whether a record meets a tree. */
export const evaluate = (criteria: Criteria, record: Evaluated, circumstances: Circumstances): boolean =>
  predicate(criteria, circumstances)(record);

/** The tree made ready once for many records. */
export function predicate(criteria: Criteria, circumstances: Circumstances): (record: Evaluated) => boolean {
  if ("all" in criteria) {
    const parts = criteria.all.map((part) => predicate(part, circumstances));
    return (record) => parts.every((part) => part(record));
  }
  if ("any" in criteria) {
    const parts = criteria.any.map((part) => predicate(part, circumstances));
    return (record) => parts.some((part) => part(record));
  }
  if ("not" in criteria) {
    const part = predicate(criteria.not, circumstances);
    return (record) => !part(record);
  }
  return leafOf(criteria, circumstances).holds;
}

/** How every leaf of the tree came out, none left out, in the order of the tree. */
export function trace(criteria: Criteria, record: Evaluated, circumstances: Circumstances): readonly Trace[] {
  return walk(criteria, "", (leaf, path) => {
    const { holds, actual, expected } = leafOf(leaf, circumstances);
    return { path, field: leaf.field, op: leaf.op, expected, actual: actual(record), result: holds(record) };
  });
}

function walk<T>(criteria: Criteria, path: string, visit: (leaf: Leaf, path: string) => T): readonly T[] {
  const inside = (key: "all" | "any", parts: readonly Criteria[]) =>
    parts.flatMap((part, index) => walk(part, below(below(path, key), String(index)), visit));
  if ("all" in criteria) return inside("all", criteria.all);
  if ("any" in criteria) return inside("any", criteria.any);
  return "not" in criteria ? walk(criteria.not, below(path, "not"), visit) : [visit(criteria, path)];
}

type Prepared = {
  readonly holds: (record: Evaluated) => boolean;
  readonly actual: (record: Evaluated) => unknown;
  readonly expected: unknown;
};

function leafOf(leaf: Leaf, circumstances: Circumstances): Prepared {
  const subject = subjectOf(leaf.field, circumstances.resource, circumstances.custom);
  // A custom field can go away after the tree was saved: then there is no value, as in a record that never had one.
  if (!subject) return { holds: () => isNegated(leaf.op), actual: () => null, expected: leaf.value ?? null };
  const question = questionOf(leaf, subject, circumstances);
  const passes = passing(question, subject.field);
  const actual = (record: Evaluated): unknown => readOf(subject, record);
  return {
    holds: (record) => itemsOf(actual(record), subject.field).some(passes) !== question.negated,
    actual,
    expected: expectedOf(question.test),
  };
}

function readOf({ key, from }: Subject, record: Evaluated): unknown {
  if (from === "tags") return record.tags ?? null;
  const holder = from === "custom" ? ((record.custom ?? {}) as Evaluated) : record;
  return (Object.hasOwn(holder, key) ? holder[key] : null) ?? null;
}

/** The single values of a field's value; none where it is missing. */
function itemsOf(value: unknown, field: Field): readonly unknown[] {
  if (value === null || value === "") return [];
  if (field.kind === "references") return (value as readonly (Link | Tag)[]).map(({ id }) => id);
  if (isSeveral(field)) return value as readonly unknown[];
  if (field.kind === "address") return [formatAddress(value as Parameters<typeof formatAddress>[0])];
  if (field.kind === "money" && typeof value === "object") return [(value as { amount_minor: number }).amount_minor];
  return [value];
}

/** The test as a function of one value, with everything that does not depend on the record done beforehand. */
function passing({ test, exact }: Question, field: Field): (item: unknown) => boolean {
  const key = keysOf(field, exact);
  if (test.how === "present") return () => true;
  if (test.how === "is") return is(key, key(test.value));
  if (test.how === "one_of") {
    const keys = new Set(test.values.map(key));
    return (item) => keys.has(key(item));
  }
  if (test.how === "range") return within(test, key);
  if (test.how === "matches") {
    const pattern = patternOf(test.pattern, { exact });
    return (item) => pattern.test(String(item));
  }
  const part = String(key(test.text));
  return (item) => partTests[test.how](String(key(item)), part);
}

type Key = string | number | bigint | boolean;
type KeyOf = (item: unknown) => Key;

const is = (key: KeyOf, wanted: Key) => (item: unknown) => key(item) === wanted;

const partTests = {
  contains: (text: string, part: string) => text.includes(part),
  starts_with: (text: string, part: string) => text.startsWith(part),
  ends_with: (text: string, part: string) => text.endsWith(part),
};

function within({ low, high }: Range<unknown>, key: KeyOf): (item: unknown) => boolean {
  const least = low && key(low.value);
  const most = high && key(high.value);
  return (item) => {
    const here = key(item);
    if (low && least !== null && !beyond(compareKeys(here, least), low.included)) return false;
    return !(high && most !== null) || beyond(compareKeys(most, here), high.included);
  };
}

const beyond = (order: number, included: boolean): boolean => order > 0 || (included && order === 0);

/** What values are compared by: equal values have equal keys, whatever their spelling. */
function keysOf({ kind, scale = 6 }: Field, exact: boolean): KeyOf {
  if (isFolded(kind)) return exact ? String : (item) => fold(String(item));
  if (kind === "decimal") return (item) => scaled(String(item), scale);
  // Without its Z, a shorter text is a prefix of a longer one and sorts before it.
  if (kind === "instant") return (item) => toUtc(String(item)).slice(0, -1);
  return (item) => item as Key;
}

function compareKeys(a: Key, b: Key): number {
  if (typeof a === "string" && typeof b === "string") return compareFolds(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function scaled(text: string, scale: number): bigint {
  const [whole = "0", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.slice(0, scale).padEnd(scale, "0"));
}

function expectedOf(test: Test): unknown {
  if (test.how === "present") return null;
  if (test.how === "is") return test.value;
  if (test.how === "one_of") return test.values;
  if (test.how === "matches") return test.pattern;
  if (test.how !== "range") return test.text;
  return test.low && test.high ? [test.low.value, test.high.value] : (test.low ?? test.high)?.value;
}
