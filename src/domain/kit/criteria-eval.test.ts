import fc from "fast-check";
import { expect, test } from "vitest";
import type { Criteria, Leaf, Operator } from "./criteria.ts";
import { evaluate, trace } from "./criteria-eval.ts";
import { type Circumstances, tagNamesIn } from "./criteria-question.ts";
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

const me = "0190a0b0-0000-7000-8000-000000000001";
const mate = "0190a0b0-0000-7000-8000-000000000002";
const stranger = "0190a0b0-0000-7000-8000-000000000003";
const vip = "0190a0b0-0000-7000-8000-00000000000a";

const things = resource(
  "things",
  "thing",
  {
    name: text(),
    story: longText(),
    email: email(),
    phone: phone(),
    site: url(),
    size: integer(),
    rate: decimal({ scale: 3 }),
    value_minor: money("currency"),
    due: date(),
    seen: instant(),
    open: boolean(),
    stage: choice(["new", "won"]),
    colours: choices(["red", "blue", "green"]),
    owner_id: reference("members"),
    helpers: references("members"),
    aliases: list(text()),
    place: address(),
    extra: json(),
  },
  { label: { en: ["Thing", "Things"], de: ["Ding", "Dinge"] }, icon: "box", tags: true, custom: true },
);

const circumstances: Circumstances = {
  resource: things,
  custom: [
    { id: vip, key: "shoe", type: "integer", field: integer() },
    { id: vip, key: "price", type: "money", field: money("") },
    { id: vip, key: "hats", type: "choices", field: choices(["bowler", "cap"]) },
  ],
  now: "2026-03-31T12:00:00Z",
  today: "2026-03-31",
  memberId: me,
  team: [me, mate],
  tags: new Map([["vip", vip]]),
};

const record = {
  id: stranger,
  name: "Ölberg Straße",
  story: "Once upon\na time",
  email: "Ada@Halden.example",
  phone: "+4930901821",
  site: "https://Halden.example/x",
  size: -3,
  rate: "10.5",
  value_minor: 184_000,
  due: "2026-03-31",
  seen: "2026-03-31T12:00:00.5Z",
  open: false,
  stage: "won",
  colours: ["red", "blue"],
  owner_id: mate,
  helpers: [{ id: me, role: null }],
  aliases: ["Acme", "Müller"],
  place: { street: "Weg 1", city: "Köln", region: null, postal_code: "50667", country: "DE" },
  extra: { a: 1 },
  tags: [{ id: vip, name: "VIP", colour: "sky" }],
  custom: { shoe: 42, price: { amount_minor: 500, currency: "EUR" }, hats: ["cap"] },
};

const holds = (field: string, op: Operator, value?: unknown, ci?: false) =>
  evaluate({ field, op, value, ...(ci === false ? { ci } : {}) }, record, circumstances);

test.each<[field: string, op: Operator, value: unknown, result: boolean, ci?: false]>([
  ["name", "eq", "olberg strasse", true],
  ["name", "eq", "olberg strasse", false, false],
  ["name", "eq", "Ölberg Straße", true, false],
  ["name", "neq", "OLBERG STRASSE", false],
  ["name", "neq", "OLBERG STRASSE", true, false],
  ["name", "in", ["x", "ölberg straße"], true],
  ["name", "in", ["x", "ölberg straße"], false, false],
  ["name", "in", [], false],
  ["name", "not_in", ["x", "ölberg straße"], false],
  ["name", "not_in", [], true],
  ["name", "contains", "ERG STR", true],
  ["name", "contains", "ERG STR", false, false],
  ["name", "contains", "erg Str", true, false],
  ["name", "not_contains", "ERG STR", false],
  ["name", "not_contains", "y", true],
  ["name", "starts_with", "olb", true],
  ["name", "starts_with", "olb", false, false],
  ["name", "starts_with", "lb", false],
  ["name", "ends_with", "strasse", true],
  ["name", "ends_with", "strasse", false, false],
  ["name", "ends_with", "aße", true, false],
  ["name", "matches", "^öl.*str", true],
  ["name", "matches", "^öl.*str", false, false],
  ["name", "matches", "berg", true],
  ["name", "is_empty", undefined, false],
  ["name", "is_not_empty", undefined, true],
  ["story", "contains", "UPON\nA", true],
  ["email", "eq", "ada@halden.example", true],
  ["email", "ends_with", "@HALDEN.EXAMPLE", true],
  ["phone", "eq", "+4930901821", true],
  ["phone", "starts_with", "+4930", true],
  ["phone", "contains", "9018", true],
  ["site", "contains", "halden", true],
  ["site", "contains", "halden", false, false],
  ["size", "eq", -3, true],
  ["size", "neq", -3, false],
  ["size", "in", [1, -3], true],
  ["size", "not_in", [1, -3], false],
  ["size", "gt", -3, false],
  ["size", "gt", -4, true],
  ["size", "gte", -3, true],
  ["size", "lt", -3, false],
  ["size", "lt", 0, true],
  ["size", "lte", -3, true],
  ["size", "between", [-3, -3], true],
  ["size", "between", [-2, 5], false],
  ["size", "between", [5, -5], false],
  ["rate", "eq", "10.5", true],
  ["rate", "gt", "9.75", true],
  ["rate", "lt", "9.75", false],
  ["rate", "between", ["-1", "10.5"], true],
  ["value_minor", "gte", 184_000, true],
  ["value_minor", "lt", 184_000, false],
  ["due", "eq", "2026-03-31", true],
  ["due", "before", "2026-03-31", false],
  ["due", "after", "2026-03-31", false],
  ["due", "after", "2026-03-30", true],
  ["due", "lte", "2026-03-31", true],
  ["due", "between", ["0001-01-01", "9999-12-31"], true],
  ["due", "in_last", { n: 1, unit: "day" }, true],
  ["due", "in_next", { n: 1, unit: "day" }, true],
  ["seen", "after", "2026-03-31T12:00:00Z", true],
  ["seen", "before", "2026-03-31T12:00:00.75Z", true],
  ["seen", "eq", "2026-03-31T12:00:00.5Z", true],
  ["seen", "in_last", { n: 1, unit: "day" }, false],
  ["seen", "in_next", { n: 1, unit: "hour" }, true],
  ["open", "eq", false, true],
  ["open", "neq", false, false],
  ["open", "is_empty", undefined, false],
  ["stage", "eq", "won", true],
  ["stage", "not_in", ["new"], true],
  ["colours", "eq", "blue", true],
  ["colours", "neq", "blue", false],
  ["colours", "in", ["green", "red"], true],
  ["colours", "not_in", ["green"], true],
  ["owner_id", "eq", "$me", false],
  ["owner_id", "neq", "$me", true],
  ["owner_id", "eq", "$my_team", true],
  ["owner_id", "in", ["$me", stranger], false],
  ["helpers", "eq", "$me", true],
  ["helpers", "not_in", [mate], true],
  ["aliases", "eq", "muller", true],
  ["aliases", "eq", "muller", false, false],
  ["aliases", "not_contains", "cm", false],
  ["aliases", "starts_with", "mu", true],
  ["aliases", "matches", "^m", true],
  ["place", "contains", "koln", true],
  ["place", "is_empty", undefined, false],
  ["extra", "is_not_empty", undefined, true],
  ["tags", "has_tag", "Vip", true],
  ["tags", "has_tag", vip, true],
  ["tags", "has_tag", "nobody knows", false],
  ["tags", "has_any_tag", ["nobody knows", "VIP"], true],
  ["tags", "has_any_tag", [], false],
  ["tags", "is_empty", undefined, false],
  ["custom.shoe", "gte", 42, true],
  ["custom.price", "lt", 500, false],
  ["custom.price", "lte", 500, true],
  ["custom.hats", "eq", "cap", true],
  ["custom.hats", "neq", "bowler", true],
  ["id", "in", [stranger], true],
])("%s %s %j is %j (ci %s)", (field, op, value, result, ci) => {
  expect(holds(field, op, value, ci)).toBe(result);
});

const values: Readonly<Record<Operator, unknown>> = {
  eq: "x",
  neq: "x",
  in: ["x"],
  not_in: ["x"],
  gt: "x",
  gte: "x",
  lt: "x",
  lte: "x",
  between: ["a", "z"],
  contains: "x",
  not_contains: "x",
  starts_with: "x",
  ends_with: "x",
  matches: "x",
  is_empty: undefined,
  is_not_empty: undefined,
  before: "2026-01-01T00:00:00Z",
  after: "2026-01-01T00:00:00Z",
  in_last: { n: 1, unit: "day" },
  in_next: { n: 1, unit: "day" },
  has_tag: "VIP",
  has_any_tag: ["VIP"],
};

test.each(Object.entries(values))("where there is no value, %s holds only if it is negated", (op, value) => {
  const expected = ["neq", "not_in", "not_contains", "is_empty"].includes(op);
  const field = op.startsWith("has_") ? "tags" : op === "before" || op === "after" || op.startsWith("in_") ? "seen" : "name";
  const ask = { field, op, value } as Leaf;
  for (const none of [{}, { [field]: null }, { [field]: field === "name" ? "" : null }])
    expect(evaluate(ask, none, circumstances)).toBe(expected);
  expect(evaluate({ field: "colours", op: ask.op, value } as Leaf, { colours: [] }, circumstances)).toBe(expected);
  expect(evaluate({ ...ask, field: "custom.gone" } as Leaf, record, circumstances)).toBe(expected);
});

test("whoever is nobody owns nothing", () => {
  const nobody = { ...circumstances, memberId: null, team: [] };
  expect(evaluate({ field: "owner_id", op: "eq", value: "$me" }, { owner_id: me }, nobody)).toBe(false);
  expect(evaluate({ field: "owner_id", op: "neq", value: "$me" }, { owner_id: me }, nobody)).toBe(true);
  expect(evaluate({ field: "owner_id", op: "in", value: ["$my_team"] }, { owner_id: me }, nobody)).toBe(false);
});

test("texts are ordered by the bytes of their folds", () => {
  const after = (name: string, value: string) => evaluate({ field: "name", op: "gt", value }, { name }, circumstances);
  expect(after("\u{1f600}", "\uffff")).toBe(true);
  expect(after("Ölberg", "P")).toBe(false);
});

test("an empty all holds, an empty any does not", () => {
  expect(evaluate({ all: [] }, record, circumstances)).toBe(true);
  expect(evaluate({ any: [] }, record, circumstances)).toBe(false);
  expect(evaluate({ not: { any: [] } }, record, circumstances)).toBe(true);
});

test.each<[today: string, op: "in_last" | "in_next", n: number, unit: string, inside: readonly string[], outside: readonly string[]]>([
  ["2026-03-31", "in_last", 1, "day", ["2026-03-31"], ["2026-03-30", "2026-04-01"]],
  ["2026-03-31", "in_next", 1, "day", ["2026-03-31"], ["2026-03-30", "2026-04-01"]],
  ["2026-03-31", "in_last", 1, "week", ["2026-03-25", "2026-03-31"], ["2026-03-24", "2026-04-01"]],
  ["2026-03-31", "in_last", 1, "month", ["2026-03-01"], ["2026-02-28"]],
  ["2026-01-31", "in_next", 1, "month", ["2026-01-31", "2026-02-27"], ["2026-01-30", "2026-02-28"]],
  ["2026-03-31", "in_last", 2, "quarter", ["2025-10-01"], ["2025-09-30"]],
  ["2024-02-29", "in_last", 1, "fy", ["2023-03-01"], ["2023-02-28"]],
  ["2026-03-31", "in_next", 1, "fy", ["2027-03-30"], ["2027-03-31"]],
])("on %s %s %i %s", (today, op, n, unit, inside, outside) => {
  const due = (day: string) => evaluate({ field: "due", op, value: { n, unit } }, { due: day }, { ...circumstances, today });
  expect(inside.filter(due)).toEqual(inside);
  expect(outside.filter(due)).toEqual([]);
});

test.each<[op: "in_last" | "in_next", n: number, unit: string, inside: readonly string[], outside: readonly string[]]>([
  ["in_last", 1, "hour", ["2026-03-31T12:00:00Z", "2026-03-31T11:00:00.000001Z"], ["2026-03-31T11:00:00Z", "2026-03-31T12:00:00.000001Z"]],
  ["in_next", 1, "hour", ["2026-03-31T12:00:00Z", "2026-03-31T12:59:59.999999Z"], ["2026-03-31T13:00:00Z", "2026-03-31T11:59:59.999999Z"]],
  ["in_last", 1, "month", ["2026-02-28T12:00:00.1Z"], ["2026-02-28T12:00:00Z"]],
  ["in_next", 1, "week", ["2026-04-07T11:59:59Z"], ["2026-04-07T12:00:00Z"]],
])("from now on %s %i %s", (op, n, unit, inside, outside) => {
  const seen = (moment: string) => evaluate({ field: "seen", op, value: { n, unit } }, { seen: moment }, circumstances);
  expect(inside.filter(seen)).toEqual(inside);
  expect(outside.filter(seen)).toEqual([]);
});

test("a trace tells how every leaf came out, the ones that no longer mattered too", () => {
  const tree: Criteria = {
    any: [
      { field: "name", op: "starts_with", value: "Öl" },
      { all: [{ field: "owner_id", op: "eq", value: "$my_team" }, { not: { field: "custom.shoe", op: "gt", value: 50 } }] },
      { field: "due", op: "in_last", value: { n: 1, unit: "month" } },
      { field: "tags", op: "has_tag", value: "vip" },
      { field: "rate", op: "is_empty" },
    ],
  };
  expect(trace(tree, { ...record, due: null }, circumstances)).toEqual([
    { path: "/any/0", field: "name", op: "starts_with", expected: "Öl", actual: "Ölberg Straße", result: true },
    { path: "/any/1/all/0", field: "owner_id", op: "eq", expected: [me, mate], actual: mate, result: true },
    { path: "/any/1/all/1/not", field: "custom.shoe", op: "gt", expected: 50, actual: 42, result: false },
    { path: "/any/2", field: "due", op: "in_last", expected: ["2026-02-28", "2026-03-31"], actual: null, result: false },
    { path: "/any/3", field: "tags", op: "has_tag", expected: [vip], actual: record.tags, result: true },
    { path: "/any/4", field: "rate", op: "is_empty", expected: null, actual: "10.5", result: false },
  ]);
});

test("the names of tags are told by their folds, each once, ids left out", () => {
  const tree: Criteria = {
    all: [
      { field: "tags", op: "has_tag", value: "VIP" },
      { not: { field: "tags", op: "has_any_tag", value: ["Vip", vip, "Müde"] } },
      { field: "name", op: "eq", value: "x" },
    ],
  };
  expect(tagNamesIn(tree)).toEqual(["vip", "mude"]);
});

test("not turns every answer round, and a negated operator is its opposite's opposite", () => {
  const opposites: readonly [Operator, Operator][] = [
    ["eq", "neq"],
    ["in", "not_in"],
    ["contains", "not_contains"],
    ["is_not_empty", "is_empty"],
  ];
  const names = fc.option(fc.constantFrom("Acme", "acme", "Ácme", "x", "me"));
  fc.assert(
    fc.property(names, fc.constantFrom("Acme", "me", "x"), fc.constantFrom(...opposites), (name, value, [op, opposite]) => {
      const operand = op === "in" ? [value] : value;
      const answer = evaluate({ field: "name", op, value: operand }, { name }, circumstances);
      expect(evaluate({ not: { field: "name", op, value: operand } }, { name }, circumstances)).toBe(!answer);
      expect(evaluate({ field: "name", op: opposite, value: operand }, { name }, circumstances)).toBe(!answer);
    }),
  );
});
