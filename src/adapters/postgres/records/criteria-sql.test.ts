import { randomBytes } from "node:crypto";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Criteria, type Operator, pathsOf, subjectOf } from "../../../domain/kit/criteria.ts";
import { predicate } from "../../../domain/kit/criteria-eval.ts";
import { operatorsOf } from "../../../domain/kit/criteria-leaf.ts";
import { type Circumstances, isFolded } from "../../../domain/kit/criteria-question.ts";
import { readCriteria } from "../../../domain/kit/criteria-read.ts";
import { type CustomDefinition, customTypes, definitionOf } from "../../../domain/kit/definitions.ts";
import { DomainError } from "../../../domain/kit/errors.ts";
import {
  address,
  boolean,
  choice,
  choices,
  date,
  decimal,
  email,
  type Field,
  instant,
  integer,
  json,
  kindNames,
  list,
  longText,
  money,
  phone,
  reference,
  references,
  text,
  url,
} from "../../../domain/kit/fields.ts";
import { compareFolds, fold } from "../../../domain/kit/fold.ts";
import { resource } from "../../../domain/kit/resource.ts";
import { type Sql, sqlParams } from "../flights/sql-params.ts";
import { columnOf, columns, shadowsOf, sqlName } from "./columns.ts";
import { indexedConjuncts } from "./criteria-index.ts";
import { compileCriteria } from "./criteria-sql.ts";
import { customRows } from "./custom-rows.ts";
import { afterPrefix } from "./prefix.ts";

const things = resource(
  "things",
  "thing",
  {
    name: text(),
    story: longText(),
    email: email({ unique: true }),
    code: text({ unique: true }),
    phone: phone(),
    site: url(),
    size: integer(),
    rate: decimal({ scale: 3 }),
    value_minor: money("currency"),
    due: date(),
    seen: instant(),
    open: boolean(),
    stage: choice(["new", "won", "lost"]),
    colours: choices(["red", "blue", "green"]),
    owner_id: reference("members"),
    helpers: references("members"),
    aliases: list(text()),
    other_emails: list(email()),
    other_phones: list(phone()),
    dates: list(date()),
    rates: list(decimal({ scale: 3 })),
    place: address(),
    extra: json(),
    order: integer(),
  },
  {
    label: { en: ["Thing", "Things"], de: ["Ding", "Dinge"] },
    icon: "box",
    tags: true,
    custom: true,
    sort: ["name", "size", "due", "seen", "phone"],
    filter: ["owner_id", "stage"],
  },
);

const id = (number: number) => `0190a0b0-0000-7000-8000-${String(number).padStart(12, "0")}`;
const tenant = id(1);
const otherTenant = id(2);
const members = [id(10), id(11), id(12)];
const tags = [
  { id: id(20), name: "VIP", colour: "sky" },
  { id: id(21), name: "Müde", colour: "rose" },
  { id: id(22), name: "Third", colour: "plum" },
];
const custom: readonly CustomDefinition[] = customTypes.map((type, index) =>
  definitionOf({
    id: id(30 + index),
    key: `own_${type}`,
    label: type,
    type,
    to: type === "reference" ? "members" : null,
    options: type === "choice" || type === "choices" ? ["red", "blue", "green"] : null,
    required: false,
    unique: false,
    default: null,
  }),
);

const circumstances: Circumstances = {
  resource: things,
  custom,
  now: "2026-03-31T12:00:00.25Z",
  today: "2026-03-31",
  memberId: members[0] ?? null,
  team: members.slice(0, 2),
  tags: new Map(tags.map((tag) => [fold(tag.name), tag.id])),
};

// Few values, so that records and trees meet; each breaks something if it is escaped, folded, cut or ordered wrongly.
const texts = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      "Acme",
      "acme",
      "ACME",
      "Ácme",
      "Ac",
      "me",
      "Straße",
      "STRASSE",
      "strasse ",
      "Ölberg",
      "olberg",
      "%",
      "a%b",
      "_",
      "a_b",
      "\\",
      "a\\%",
      "O'Neil",
      '"',
      '{"a",NULL}',
      "null",
      "\u0301",
      "a\u0301",
      "😀",
      "😀x",
      "\uffff",
      "\ue000x",
      "\ud7ff",
      "\u{10ffff}",
      "a\tb\nc",
      "ﬁnance",
      "İ",
      "ΟΔΟΣ",
      "한국",
      "a ¨ b",
    ),
  },
  {
    weight: 1,
    arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 4 }).filter((one) => one.trim() !== "" && !one.includes("\0")),
  },
);
const emails = fc.constantFrom("ada@halden.example", "Ada@Halden.example", "ádá@halden.example", "bob_100%@x.example");
const phones = fc.constantFrom("+4930901821", "+4930901822", "+14155552671", "+442079460000");
const urls = fc.constantFrom("https://halden.example", "https://Halden.example/a_b%20c", "http://müller.example");
const integers = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER));
const decimals = fc.constantFrom("0", "-0.001", "0.001", "9.75", "10.5", "10.499", "-10.5", "999999999999.999", "100");
const dates = fc.constantFrom(
  "0001-01-01",
  "9999-12-31",
  "2026-03-31",
  "2026-03-30",
  "2026-04-01",
  "2026-02-28",
  "2026-03-01",
  "2025-03-31",
  "2024-02-29",
);
const instants = fc.constantFrom(
  "0001-01-01T00:00:00Z",
  "9999-12-31T23:59:59.999999Z",
  "2026-03-31T12:00:00.25Z",
  "2026-03-31T12:00:00Z",
  "2026-03-31T12:00:00.250001Z",
  "2026-03-31T11:00:00.25Z",
  "2026-03-31T11:30:00Z",
  "2026-03-24T12:00:00.25Z",
  "2026-02-28T12:00:00.25Z",
  "2026-04-01T12:00:00Z",
);
const stages = fc.constantFrom("new", "won", "lost");
const colours = fc.constantFrom("red", "blue", "green");
const ids = fc.constantFrom(...members);
const several = <T>(one: fc.Arbitrary<T>) => fc.uniqueArray(one, { maxLength: 3 });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 4 });

const values: Readonly<Record<Field["kind"], fc.Arbitrary<unknown>>> = {
  text: texts,
  long_text: texts,
  email: emails,
  phone: phones,
  url: urls,
  integer: integers,
  decimal: decimals,
  money: integers,
  date: dates,
  instant: instants,
  boolean: fc.boolean(),
  choice: stages,
  choices: several(colours),
  reference: ids,
  references: several(ids).map((links) => links.map((one) => ({ id: one, role: "x" }))),
  address: fc.record({
    street: texts,
    city: fc.constantFrom("Köln", "Koln"),
    region: fc.constant(null),
    postal_code: fc.constant("50667"),
    country: fc.constant("DE"),
  }),
  json: fc.constantFrom<unknown>({}, { a: null }, { a: [1] }),
};
const customValues = (one: CustomDefinition): fc.Arbitrary<unknown> =>
  one.type === "money"
    ? integers.map((amount_minor) => ({ amount_minor, currency: "EUR" }))
    : one.type === "choice"
      ? colours
      : values[one.field.kind];

const records = fc.record({
  ...Object.fromEntries(
    Object.entries(things.all).map(([key, field]) => [key, maybe(field.many ? several(values[field.kind]) : values[field.kind])]),
  ),
  id: fc.uuid(),
  version: fc.constant(1),
  deleted_at: fc.constant(null),
  tags: fc.subarray(tags),
  custom: fc.record(Object.fromEntries(custom.map((one) => [one.key, customValues(one)])), { requiredKeys: [] }),
});
type Thing = {
  readonly id: string;
  readonly tags: readonly (typeof tags)[number][];
  readonly custom: Readonly<Record<string, unknown>>;
} & Readonly<Record<string, unknown>>;

const paths = pathsOf(things, { custom, denied: [] });
const singles: Partial<typeof values> = { choices: colours, references: ids, address: texts };

/** A condition as a client might send it: any operator that the field offers, a value that fits. */
const leaves: fc.Arbitrary<unknown> = fc.constantFrom(...paths).chain((path) => {
  const subject = subjectOf(path, things, custom);
  if (!subject) throw new Error(path);
  const { field, from } = subject;
  const one = path === "custom.own_choice" ? colours : (singles[field.kind] ?? values[field.kind]);
  const person = field.to === "members" ? fc.oneof(one, fc.constantFrom("$me", "$my_team")) : one;
  const part =
    field.kind === "phone"
      ? fc.constantFrom("+49", "30 90", "1", "21")
      : fc.oneof(texts, emails, fc.constantFrom("@", "HALDEN", "https://h", ".example"));
  const tag = fc.constantFrom("vip", "MUDE", "unknown", id(21), id(99));
  const roll = fc.record({
    n: fc.constantFrom(1, 2, 4, 12),
    unit: fc.constantFrom(...(field.kind === "date" ? [] : ["hour"]), "day", "week", "month", "quarter", "fy"),
  });
  const valueFor = (op: Operator): fc.Arbitrary<unknown> => {
    if (op === "has_tag") return tag;
    if (op === "has_any_tag") return fc.array(tag, { maxLength: 3 });
    if (op === "in" || op === "not_in") return fc.array(person, { maxLength: 4 });
    if (op === "between") return fc.tuple(one, one);
    if (op === "in_last" || op === "in_next") return roll;
    if (op === "is_empty" || op === "is_not_empty") return fc.constant(undefined);
    return ["contains", "not_contains", "starts_with", "ends_with"].includes(op) ? part : person;
  };
  const offered = operatorsOf({ field, from }).filter(
    (op) => op !== "matches" && !(path === "custom.own_long_text" && op.includes("contains")),
  );
  return fc
    .constantFrom(...offered)
    .chain((op) => fc.record({ field: fc.constant(path), op: fc.constant(op), value: valueFor(op), ci: fc.constantFrom(true, false) }));
});

const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaves,
    fc.record({ all: fc.array(tie("tree"), { maxLength: 4 }) }),
    fc.record({ any: fc.array(tie("tree"), { maxLength: 4 }) }),
    fc.record({ not: tie("tree") }),
  ),
}));

const read = (raw: unknown): Criteria | null => {
  try {
    return readCriteria(raw, things, { country: "DE", custom, denied: [], forList: true });
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
};

const database = `criteria_${randomBytes(6).toString("hex")}`;
const server = process.env.TEST_DATABASE_URL;
if (!server)
  throw new Error("Set TEST_DATABASE_URL to the owner's URL of a PostgreSQL server; these tests create a database of their own in it.");
const admin = new pg.Client(server);
const client = new pg.Client(Object.assign(new URL(server), { pathname: `/${database}` }).href);
let sample: Thing[] = [];

beforeAll(async () => {
  await admin.connect();
  await admin.query(`create database ${database}`);
  await admin.query(`create role ${database} nologin`);
  await client.connect();
  await client.query(tables());
  sample = fc.sample(records, 250) as unknown as Thing[];
  for (const thing of sample) await insert(client, thing);
  await client.query("analyze");
});

afterAll(async () => {
  await client.end();
  await admin.query(`drop database if exists ${database} with (force)`);
  await admin.query(`drop role if exists ${database}`);
  await admin.end();
});

/** Tables as the migrations make them, for a resource that no product has. */
function tables(): string {
  const lines = Object.entries(things.all).flatMap(([key, field]) => [
    `${sqlName(key)} ${columnOf(field).type(field)}`,
    ...shadowsOf(key, field).map(({ column, type }) => `${column} ${type}${type === "text" ? ' collate "C"' : ""}`),
  ]);
  const secured = ["things", "custom_values", "taggings"].map(
    (table) => `alter table ${table} enable row level security;
      create policy own on ${table} using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
      grant select on ${table} to ${database};`,
  );
  return `create table things (tenant_id uuid not null, ${lines.join(", ")}, tags uuid[] not null default '{}', custom jsonb not null default '{}', primary key (tenant_id, id));
    create table custom_values (tenant_id uuid, field_id uuid, resource text, record_id uuid, item int, text_fold text collate "C", int_value bigint, date_value date, instant_value timestamptz, primary key (tenant_id, field_id, record_id, item));
    create index on custom_values (tenant_id, field_id, text_fold, record_id) where text_fold is not null;
    create index on custom_values (tenant_id, field_id, int_value, record_id) where int_value is not null;
    create index on custom_values (tenant_id, field_id, date_value, record_id) where date_value is not null;
    create index on custom_values (tenant_id, field_id, instant_value, record_id) where instant_value is not null;
    create table taggings (tenant_id uuid, tag_id uuid, resource text, record_id uuid, primary key (tenant_id, record_id, tag_id));
    create index on taggings (tenant_id, tag_id, resource, record_id);
    ${["name_fold", "code_fold", "phone", "size", "due", "seen", "owner_id", "stage"].map((column) => `create index on things (tenant_id, ${column}, id);`).join("\n")}
    ${secured.join("\n")}`;
}

/** A record with what stands beside it; a stranger's rows of the same ids must never count. */
async function insert(to: pg.Client, thing: Thing): Promise<void> {
  const row = new Map<string, unknown>([["tenant_id", tenant]]);
  for (const [key, field] of Object.entries(things.all)) {
    const value = thing[key] ?? null;
    row.set(sqlName(key), value === null ? null : columnOf(field).toSql(value, field));
    for (const { column, of } of shadowsOf(key, field)) row.set(column, value === null ? null : of(value));
  }
  row.set(
    "tags",
    thing.tags.map((tag) => tag.id),
  );
  row.set("custom", JSON.stringify(thing.custom));
  await insertRow(to, "things", row);
  const other = sample.at(-1 - sample.indexOf(thing)) ?? thing;
  for (const [owner, source] of [
    [tenant, thing],
    [otherTenant, other],
  ] as const) {
    for (const { unique_key: _, ...values } of customRows(thing.id, source.custom, custom))
      await insertRow(to, "custom_values", new Map(Object.entries({ tenant_id: owner, resource: "things", ...values })));
    for (const tag of source.tags)
      await insertRow(
        to,
        "taggings",
        new Map(Object.entries({ tenant_id: owner, resource: "things", record_id: thing.id, tag_id: tag.id })),
      );
  }
}

async function insertRow(to: pg.Client, table: string, row: ReadonlyMap<string, unknown>): Promise<void> {
  await to.query(
    `insert into ${table} (${[...row.keys()].join(", ")}) values (${[...row.keys()].map((_, index) => `$${index + 1}`).join(", ")})`,
    [...row.values()],
  );
}

const compiled = (criteria: Criteria): { text: string; sql: Sql } => {
  const sql = sqlParams(tenant);
  return { text: compileCriteria(criteria, circumstances, sql), sql };
};

test("memory and SQL agree on every tree and record, and SQL never answers null", async () => {
  const seen = { trees: 0, refused: 0, some: 0, ops: new Set<string>() };
  const note = (criteria: Criteria): void => {
    if ("all" in criteria) criteria.all.forEach(note);
    else if ("any" in criteria) criteria.any.forEach(note);
    else if ("not" in criteria) note(criteria.not);
    else seen.ops.add(`${criteria.field} ${criteria.op}`);
  };
  await fc.assert(
    fc.asyncProperty(fc.oneof({ weight: 1, arbitrary: tree }, { weight: 2, arbitrary: leaves }), async (raw) => {
      const criteria = read(JSON.parse(JSON.stringify(raw)));
      if (!criteria) {
        seen.refused += 1;
        return;
      }
      const { text: condition, sql } = compiled(criteria);
      const { rows } = await client.query(`select r.id, (${condition}) as answer from things r where r.tenant_id = $1`, sql.params);
      const filtered = await client.query(`select r.id from things r where r.tenant_id = $1 and ${condition}`, sql.params);
      const holds = predicate(criteria, circumstances);
      const expected = new Map(sample.map((thing) => [thing.id, holds(thing)]));
      expect(new Map(rows.map((row) => [row.id, row.answer]))).toEqual(expected);
      expect(new Set(filtered.rows.map((row) => row.id))).toEqual(new Set([...expected].flatMap(([key, answer]) => (answer ? [key] : []))));
      seen.trees += 1;
      if (filtered.rows.length > 0 && filtered.rows.length < sample.length) seen.some += 1;
      note(criteria);
    }),
    { numRuns: 1_500 },
  );
  expect(seen.trees).toBeGreaterThan(300);
  expect(seen.some).toBeGreaterThan(seen.trees / 3);
  expect(seen.ops.size).toBeGreaterThan(150);
}, 60_000);

test("the text of a statement depends on the shape of the tree alone", () => {
  const shape = (values: readonly unknown[], name: string, day: string) =>
    compiled({
      all: [
        { field: "size", op: "in", value: values },
        { field: "name", op: "starts_with", value: name },
        { field: "due", op: "in_last", value: { n: values.length + 1, unit: "day" } },
        { field: "owner_id", op: "eq", value: "$my_team" },
        { field: "tags", op: "has_any_tag", value: [name, "VIP"].slice(values.length % 2) },
        { any: [{ field: "custom.own_date", op: "between", value: [day, day] }] },
      ],
    });
  const [one, two] = [shape([], "Acme", "2026-01-01"), shape([1, 2, 3], "Ölberg';--", "2027-01-01")];
  expect(two.text).toBe(one.text);
  expect(two.sql.params).not.toEqual(one.sql.params);
  expect(one.sql.params[0]).toBe(tenant);
  expect(one.text).not.toContain("Acme");
});

test("a field that went away after the tree was saved counts as without a value", () => {
  expect(
    compiled({
      any: [
        { field: "custom.gone", op: "eq", value: 1 },
        { field: "custom.gone", op: "neq", value: 1 },
      ],
    }).text,
  ).toBe("(false or true)");
});

test("a pattern never reaches SQL", () => {
  expect(() => compiled({ field: "name", op: "matches", value: "a" })).toThrow("Lists and segments cannot look for patterns.");
});

test("the conjuncts that an index serves are those of the outermost conjunction", () => {
  const conjuncts = (criteria: Criteria) => indexedConjuncts(criteria, things, custom);
  const leaf = (field: string, op: Operator, value?: unknown): Criteria => ({ field, op, value });
  expect(
    conjuncts({
      all: [
        leaf("name", "starts_with", "a"),
        leaf("size", "gt", 1),
        { all: [leaf("tags", "has_tag", "VIP"), leaf("custom.own_text", "eq", "x")] },
        leaf("code", "eq", "x"),
        leaf("id", "in", []),
        leaf("name", "eq", "b"),
      ],
    }),
  ).toEqual(["name", "size", "tags", "custom.own_text", "code", "id"]);
  expect(conjuncts(leaf("owner_id", "eq", "$me"))).toEqual(["owner_id"]);
  const unserved = [
    leaf("name", "contains", "a"),
    leaf("name", "neq", "a"),
    leaf("name", "is_empty"),
    leaf("rate", "eq", "1"),
    leaf("colours", "eq", "red"),
    leaf("custom.own_long_text", "is_not_empty"),
    leaf("email", "eq", "a@b.example"),
  ];
  expect(conjuncts({ all: [...unserved, { any: [leaf("size", "eq", 1)] }, { not: leaf("size", "eq", 1) }] })).toEqual([]);
});

test.each<[criteria: Criteria, condition: RegExp]>([
  [{ field: "name", op: "eq", value: "Acme" }, /name_fold = /],
  [{ field: "name", op: "eq", value: "Acme", ci: false }, /name_fold = /],
  [{ field: "name", op: "in", value: ["Acme", "x"] }, /name_fold = ANY/],
  [{ field: "name", op: "starts_with", value: "Öl" }, /name_fold >= .*name_fold < /],
  [{ field: "name", op: "starts_with", value: "Öl", ci: false }, /name_fold >= .*name_fold < /],
  [{ field: "code", op: "eq", value: "x" }, /code_fold = /],
  [{ field: "phone", op: "eq", value: "+4930901821" }, /phone = /],
  [{ field: "size", op: "between", value: [1, 2] }, /size >= .*size <= /],
  [{ field: "due", op: "in_last", value: { n: 3, unit: "day" } }, /due > .*due <= /],
  [{ field: "seen", op: "after", value: "2026-03-31T12:00:00Z" }, /seen > /],
  [{ field: "owner_id", op: "eq", value: "$me" }, /owner_id = ANY/],
  [{ field: "stage", op: "eq", value: "won" }, /stage = /],
  [{ field: "tags", op: "has_tag", value: "VIP" }, /tag_id = ANY/],
  [{ field: "custom.own_text", op: "starts_with", value: "Ac" }, /text_fold >= .*text_fold < /],
  [{ field: "custom.own_text", op: "eq", value: "Acme", ci: false }, /text_fold = /],
  [{ field: "custom.own_decimal", op: "gt", value: "9.75" }, /int_value > /],
  [{ field: "custom.own_date", op: "eq", value: "2026-03-31" }, /date_value = /],
  [{ field: "custom.own_instant", op: "in_next", value: { n: 1, unit: "week" } }, /instant_value >= .*instant_value < /],
  [{ field: "custom.own_choices", op: "in", value: ["red"] }, /text_fold = ANY/],
])("under row-level security an index serves %j", async (criteria, condition) => {
  expect(indexedConjuncts(criteria, things, custom)).toHaveLength(1);
  const { text: where, sql } = compiled(criteria);
  await client.query("begin");
  await client.query(`set local role ${database}`);
  await client.query(`select set_config('app.tenant_id', $1, true), set_config('enable_seqscan', 'off', true)`, [tenant]);
  const { rows } = await client.query(`explain select r.id from things r where r.tenant_id = $1 and ${where}`, sql.params);
  await client.query("rollback");
  const conditions = rows.map((row) => row["QUERY PLAN"] as string).filter((line) => line.includes("Index Cond"));
  expect(conditions.join("\n")).toMatch(condition);
});

test("a prefix is followed by the first text that does not begin with it, in the order of bytes", () => {
  expect([
    afterPrefix("a"),
    afterPrefix("a\u{10ffff}"),
    afterPrefix("\ud7ff"),
    afterPrefix("\uffff"),
    afterPrefix("\u{10ffff}"),
    afterPrefix(""),
  ]).toEqual(["b", "b", "\ue000", "\u{10000}", null, null]);
  fc.assert(
    fc.property(texts, fc.oneof(texts, fc.string({ unit: "binary" })), (prefix, other) => {
      const after = afterPrefix(prefix);
      const inRange = (text: string) => compareFolds(text, prefix) >= 0 && (after === null || compareFolds(text, after) < 0);
      expect(inRange(prefix + other)).toBe(true);
      expect(inRange(other)).toBe(other.startsWith(prefix));
    }),
  );
});

test("memory and the columns agree on which kinds are compared by their fold", () => {
  for (const kind of kindNames) expect([kind, isFolded(kind)]).toEqual([kind, columns[kind].folded !== null]);
});
