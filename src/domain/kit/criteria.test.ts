import fc from "fast-check";
import { expect, test } from "vitest";
import { readCriteria } from "./criteria-read.ts";
import { DomainError } from "./errors.ts";
import {
  address,
  boolean,
  choice,
  choices,
  date,
  decimal,
  email,
  instant,
  integer,
  json,
  list,
  longText,
  money,
  phone,
  reference,
  references,
  text,
  url,
} from "./fields.ts";
import { resource } from "./resource.ts";

const things = resource(
  "things",
  "thing",
  {
    name: text({ max: 200 }),
    story: longText(),
    email: email(),
    phone: phone(),
    site: url(),
    domain: text({ format: "domain" }),
    size: integer({ min: 0 }),
    rate: decimal({ scale: 3 }),
    value_minor: money("currency"),
    due: date(),
    seen: instant(),
    open: boolean(),
    stage: choice(["new", "won"]),
    colours: choices(["red", "blue"]),
    owner_id: reference("members"),
    company_id: reference("companies"),
    helpers: references("members"),
    aliases: list(text()),
    place: address(),
    extra: json(),
  },
  { label: { en: ["Thing", "Things"], de: ["Ding", "Dinge"] }, icon: "box", tags: true, custom: true },
);

const id = "0190a0b0-0000-7000-8000-000000000001";
const custom = [
  { id, key: "shoe_size", type: "integer" as const, field: integer({ en: "Shoe size" }) },
  { id, key: "story", type: "long_text" as const, field: longText({ en: "Own story" }) },
];
const context = { country: "DE", custom, denied: [] };

const read = (raw: unknown, more: object = {}) => readCriteria(raw, things, { ...context, ...more });

function faultsOf(raw: unknown, more: object = {}): readonly string[] {
  try {
    read(raw, more);
  } catch (error) {
    if (error instanceof DomainError) return error.faults.map(({ pointer, code }) => `${pointer} ${code}`);
    throw error;
  }
  return [];
}

const leaf = (field: string, op: string, value?: unknown, more: object = {}) => ({
  field,
  op,
  ...(value === undefined ? {} : { value }),
  ...more,
});

test.each([
  ["a text is trimmed", leaf("name", "eq", "  Acme "), leaf("name", "eq", "Acme")],
  ["comparing without case is how it is anyway", leaf("name", "eq", "Acme", { ci: true }), leaf("name", "eq", "Acme")],
  ["the stored text can be asked for", leaf("name", "eq", "Acme", { ci: false }), leaf("name", "eq", "Acme", { ci: false })],
  ["case means nothing to a number", leaf("size", "eq", 3, { ci: false }), leaf("size", "eq", 3)],
  ["a phone is read as it is stored", leaf("phone", "eq", "030 901821"), leaf("phone", "eq", "+4930901821")],
  ["a part of a phone is its digits", leaf("phone", "contains", "90 18-21"), leaf("phone", "contains", "901821")],
  ["a web address counts as a domain", leaf("domain", "eq", "https://www.halden.example/x"), leaf("domain", "eq", "halden.example")],
  ["a decimal is brought to its one spelling", leaf("rate", "gt", "01.50"), leaf("rate", "gt", "1.5")],
  ["money is minor units", leaf("value_minor", "gte", 184_000), leaf("value_minor", "gte", 184_000)],
  ["an instant is brought to UTC", leaf("seen", "after", "2026-11-21T15:00:00+01:00"), leaf("seen", "after", "2026-11-21T14:00:00Z")],
  ["between takes both ends", leaf("due", "between", ["2026-01-01", "2026-12-31"]), leaf("due", "between", ["2026-01-01", "2026-12-31"])],
  ["a stretch of time is a number and a unit", leaf("due", "in_last", { n: 3, unit: "fy" }), leaf("due", "in_last", { n: 3, unit: "fy" })],
  ["me stands for a member", leaf("owner_id", "in", ["$me", id.toUpperCase()]), leaf("owner_id", "in", ["$me", id])],
  ["my team stands for members", leaf("helpers", "eq", "$my_team"), leaf("helpers", "eq", "$my_team")],
  ["one choice is asked of a list of choices", leaf("colours", "eq", "red"), leaf("colours", "eq", "red")],
  ["one text is asked of a list of texts", leaf("aliases", "starts_with", "Ac"), leaf("aliases", "starts_with", "Ac")],
  ["a tag is named", leaf("tags", "has_tag", " VIP "), leaf("tags", "has_tag", "VIP")],
  ["a tag is named by its id", leaf("tags", "has_any_tag", [id.toUpperCase(), "VIP"]), leaf("tags", "has_any_tag", [id, "VIP"])],
  ["a custom field is named by its key", leaf("custom.shoe_size", "lt", 42), leaf("custom.shoe_size", "lt", 42)],
  [
    "what the system writes can be asked for",
    leaf("created_at", "in_last", { n: 1, unit: "hour" }),
    leaf("created_at", "in_last", { n: 1, unit: "hour" }),
  ],
  ["an empty list is a list", leaf("stage", "in", []), leaf("stage", "in", [])],
  ["nothing is asked for by is_empty", leaf("extra", "is_empty", null), leaf("extra", "is_empty")],
  ["a part of an address", leaf("place", "contains", "Berlin"), leaf("place", "contains", "Berlin")],
  ["groups nest", { all: [{ any: [] }, { not: leaf("open", "eq", true) }] }, { all: [{ any: [] }, { not: leaf("open", "eq", true) }] }],
])("%s", (_, raw, normalised) => {
  expect(read(raw)).toEqual(normalised);
});

test.each([
  ["no tree", null, " CRITERIA_NODE"],
  ["an empty object", {}, " CRITERIA_NODE"],
  ["a list", [], " CRITERIA_NODE"],
  ["two shapes at once", { all: [], any: [] }, " CRITERIA_NODE"],
  ["a stray key", { all: [], "a/b": 1 }, "/a~1b CRITERIA_NODE"],
  ["a group that is no list", { all: {} }, "/all CRITERIA_NODE"],
  ["a child that is no condition", { all: [leaf("size", "eq", 1), 7] }, "/all/1 CRITERIA_NODE"],
  ["an unknown field", leaf("nme", "eq", "x"), "/field CRITERIA_UNKNOWN_FIELD"],
  ["a field of the prototype", leaf("constructor", "eq", "x"), "/field CRITERIA_UNKNOWN_FIELD"],
  ["an unknown custom field", leaf("custom.hat", "eq", "x"), "/field CRITERIA_UNKNOWN_FIELD"],
  ["the mark of the trash", leaf("deleted_at", "is_empty"), "/field CRITERIA_UNKNOWN_FIELD"],
  ["a phone as it was typed", leaf("phone_as_typed", "contains", "030"), "/field CRITERIA_UNKNOWN_FIELD"],
  ["a field that is no text", { field: 3, op: "eq", value: 1 }, "/field CRITERIA_UNKNOWN_FIELD"],
  ["an unknown operator", leaf("size", "like", 1), "/op CRITERIA_OPERATOR_UNKNOWN"],
  ["an operator of later", leaf("name", "within_territory", "DACH"), "/op CRITERIA_OPERATOR_LATER"],
  ["a change", leaf("stage", "changed_to", "won"), "/op CRITERIA_OPERATOR_LATER"],
  ["an operator of another kind", leaf("size", "contains", "1"), "/op CRITERIA_OPERATOR_NOT_OFFERED"],
  ["a tag of something else", leaf("name", "has_tag", "VIP"), "/op CRITERIA_OPERATOR_NOT_OFFERED"],
  ["tags compared", leaf("tags", "eq", "VIP"), "/op CRITERIA_OPERATOR_NOT_OFFERED"],
  ["json compared", leaf("extra", "eq", {}), "/op CRITERIA_OPERATOR_NOT_OFFERED"],
  ["no value", leaf("size", "eq"), "/value CRITERIA_VALUE_MISSING"],
  ["null", leaf("size", "eq", null), "/value CRITERIA_VALUE_MISSING"],
  ["blanks", leaf("name", "contains", "  "), "/value CRITERIA_VALUE_MISSING"],
  ["null in a list", leaf("size", "in", [1, null]), "/value/1 CRITERIA_VALUE_MISSING"],
  ["a value where none is wanted", leaf("size", "is_empty", true), "/value CRITERIA_VALUE"],
  ["a text for a number", leaf("size", "eq", "1"), "/value TYPE"],
  ["a number out of range", leaf("size", "gt", -1), "/value OUT_OF_RANGE"],
  ["an amount in a currency", leaf("value_minor", "gt", { amount_minor: 1, currency: "EUR" }), "/value CRITERIA_VALUE"],
  ["a date that is none", leaf("due", "before", "2026-02-30"), "/value DATE_INVALID"],
  ["an instant without its zone", leaf("seen", "before", "2026-02-20"), "/value INSTANT_INVALID"],
  ["a decimal that is too fine", leaf("rate", "eq", "1.2345"), "/value DECIMAL_INVALID"],
  ["a stage that is none", leaf("stage", "in", ["new", "lost"]), "/value/1 NOT_A_CHOICE"],
  ["a member by name", leaf("owner_id", "eq", "Ada"), "/value REFERENCE_NOT_FOUND"],
  ["me as a company", leaf("company_id", "eq", "$me"), "/value REFERENCE_NOT_FOUND"],
  ["a list that is none", leaf("size", "in", 1), "/value CRITERIA_VALUE"],
  ["one end", leaf("size", "between", [1]), "/value CRITERIA_VALUE"],
  ["a stretch without a unit", leaf("seen", "in_last", { n: 1 }), "/value CRITERIA_VALUE"],
  ["a stretch of nothing", leaf("seen", "in_next", { n: 0, unit: "day" }), "/value CRITERIA_VALUE"],
  ["a stretch of too much", leaf("seen", "in_next", { n: 1001, unit: "day" }), "/value CRITERIA_VALUE"],
  ["a stretch with a stray key", leaf("seen", "in_next", { n: 1, unit: "day", x: 1 }), "/value CRITERIA_VALUE"],
  ["hours of a date", leaf("due", "in_last", { n: 1, unit: "hour" }), "/value CRITERIA_VALUE"],
  ["a part of a phone without digits", leaf("phone", "contains", "abc"), "/value CRITERIA_VALUE"],
  ["a pattern that is none", leaf("name", "matches", "["), "/value CRITERIA_PATTERN"],
  ["a pattern that is not linear", leaf("name", "matches", "(a)\\1"), "/value CRITERIA_PATTERN"],
  ["a pattern that explodes", leaf("name", "matches", "((a{1000}){1000}){1000}"), "/value CRITERIA_PATTERN"],
  ["a case that is neither", leaf("name", "eq", "x", { ci: "no" }), "/ci TYPE"],
])("%s is refused", (_, raw, fault) => {
  expect(faultsOf(raw)).toEqual([fault]);
});

test("every fault of a tree is named at once", () => {
  expect(
    faultsOf({ all: [leaf("size", "eq", "x"), { any: [leaf("hat", "eq", 1), { not: leaf("due", "in", ["x", "2026-01-01", "y"]) }] }] }),
  ).toEqual([
    "/all/0/value TYPE",
    "/all/1/any/0/field CRITERIA_UNKNOWN_FIELD",
    "/all/1/any/1/not/value/0 DATE_INVALID",
    "/all/1/any/1/not/value/2 DATE_INVALID",
  ]);
});

test("faults are named from where the tree stands in the input", () => {
  expect(faultsOf({ all: [7] }, { pointer: "/criteria" })).toEqual(["/criteria/all/0 CRITERIA_NODE"]);
});

test("a typo is told from a field that nobody knows", () => {
  expect(() => read(leaf("nme", "eq", "x"))).toThrow("There is no field “nme”. Did you mean “name”?");
});

test("a denied field does not exist", () => {
  const denied = { denied: ["phone", "tags", "custom.shoe_size"] };
  for (const tree of [leaf("phone", "is_empty"), leaf("tags", "has_tag", "VIP"), leaf("custom.shoe_size", "eq", 1)]) {
    expect(faultsOf(tree, denied)).toEqual(["/field CRITERIA_UNKNOWN_FIELD"]);
  }
  expect(() => read(leaf("phon", "eq", "x"), denied)).toThrow("There is no field “phon”.");
});

test("what memory can do and lists cannot is refused for lists alone", () => {
  const pattern = leaf("name", "matches", "^ac");
  expect(read(pattern)).toEqual(pattern);
  expect(faultsOf(pattern, { forList: true })).toEqual(["/op CRITERIA_OPERATOR_NOT_OFFERED"]);
  const long = leaf("custom.story", "contains", "once");
  expect(read(long)).toEqual(long);
  expect(faultsOf(long, { forList: true })).toEqual(["/op CRITERIA_OPERATOR_NOT_OFFERED"]);
  expect(faultsOf(leaf("custom.story", "is_empty"), { forList: true })).toEqual([]);
});

test("a tree is at most 8 levels deep", () => {
  const nested = (depth: number): unknown => (depth === 1 ? leaf("size", "eq", 1) : { not: nested(depth - 1) });
  expect(faultsOf(nested(8))).toEqual([]);
  expect(faultsOf(nested(9))).toEqual([`${"/not".repeat(8)} CRITERIA_TOO_DEEP`]);
  expect(faultsOf(nested(5_000))).toHaveLength(1);
});

test("a tree has at most 200 nodes", () => {
  const wide = (leaves: number) => ({ all: Array.from({ length: leaves }, () => leaf("size", "eq", 1)) });
  expect(faultsOf(wide(199))).toEqual([]);
  expect(faultsOf(wide(200))).toEqual([" CRITERIA_TOO_LARGE"]);
  expect(faultsOf(wide(100_000))).toEqual([" CRITERIA_TOO_LARGE"]);
});

test("a list of values has at most 5,000", () => {
  const ids = (length: number) =>
    leaf(
      "size",
      "in",
      Array.from({ length }, (_, index) => index),
    );
  expect(faultsOf(ids(5_000))).toEqual([]);
  expect(faultsOf(ids(5_001))).toEqual(["/value CRITERIA_TOO_LARGE"]);
});

test("faults are at most a hundred", () => {
  expect(
    faultsOf(
      leaf(
        "size",
        "in",
        Array.from({ length: 5_000 }, () => "x"),
      ),
    ),
  ).toHaveLength(100);
});

test("whatever is sent is read or refused, and what was read reads the same again", () => {
  const anything = fc.oneof(
    fc.jsonValue({ maxDepth: 4 }),
    fc.record(
      {
        field: fc.constantFrom(...Object.keys(things.all), "tags", "custom.shoe_size", "x"),
        op: fc.constantFrom("eq", "in", "between", "contains", "in_last", "has_any_tag", "matches", "is_empty", "x"),
        value: fc.oneof(
          fc.jsonValue({ maxDepth: 2 }),
          fc.string(),
          fc.integer(),
          fc.constantFrom("$me", "2026-01-01", "new", id),
          fc.array(fc.integer(), { minLength: 2, maxLength: 2 }),
        ),
        ci: fc.boolean(),
      },
      { requiredKeys: ["field", "op"] },
    ),
  );
  let good = 0;
  fc.assert(
    fc.property(fc.oneof(anything, fc.record({ all: fc.array(anything, { maxLength: 1 }) })), (raw) => {
      if (faultsOf(raw).length) return;
      good += 1;
      const once = read(raw);
      expect(read(JSON.parse(JSON.stringify(once)))).toEqual(once);
    }),
    { numRuns: 2_000 },
  );
  expect(good).toBeGreaterThan(20);
});
