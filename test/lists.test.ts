import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { toScaled } from "../src/adapters/postgres/records/columns.ts";
import { resourceNamed } from "../src/domain/catalogue.ts";
import { evaluate } from "../src/domain/kit/criteria-eval.ts";
import { readCriteria } from "../src/domain/kit/criteria-read.ts";
import { type CustomType, customTypes } from "../src/domain/kit/definitions.ts";
import { compareFolds, fold } from "../src/domain/kit/fold.ts";
import type { Resource } from "../src/domain/kit/resource.ts";
import { aWorkspace, type Plain, type Workspace } from "./support/workspace.ts";

const refused = (code: string) => expect.objectContaining({ code });
const resourceOf = (name: string) => resourceNamed(name) as Resource;

/** Numbers that are the same in every run. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
const next = seeded(20_261_121);
const oneOf = <T>(values: readonly T[]): T => values[next(values.length)] as T;

const names = [
  "Ölberg",
  "Olberg",
  "olberg",
  "Straße",
  "Strasse",
  "İzmir",
  "ızgara",
  "Zebra",
  "Éclair",
  "eclair",
  "Ada",
  "ada",
  "Ångström",
  "𝒜da",
  "\uffee",
  "ß",
  "Kim 2",
  "Kim 10",
];
const sorts: Readonly<Record<string, readonly string[]>> = {
  companies: ["name", "domain", "industry", "created_at", "updated_at", "id"],
  contacts: ["name", "last_name", "email", "created_at", "updated_at", "id"],
};
const sortable = customTypes.filter((type) => type !== "long_text");
let target = "";

/** A value of a custom type out of few, so that there are ties. */
function customValue(type: CustomType, n: number): unknown {
  const values: Readonly<Record<CustomType, () => unknown>> = {
    text: () => oneOf(names),
    long_text: () => oneOf(names),
    integer: () => next(9) - 4,
    decimal: () => oneOf(["-1.5", "0", "0.000001", "2.25", "10", "9.999999", "-0.5"]),
    money: () => ({ amount_minor: oneOf([-500, 0, 99, 100, 10_000]), currency: "EUR" }),
    date: () => oneOf(["0001-01-01", "1999-12-31", "2026-02-28", "2026-03-01"]),
    instant: () => oneOf(["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z", "2025-12-31T23:59:59.999999Z"]),
    boolean: () => next(2) === 1,
    choice: () => oneOf(["red", "green", "Blue"]),
    choices: () => [oneOf(["red", "green"]), "Blue"],
    url: () => `https://${oneOf(["a", "B", "ç"])}.example/${n % 3}`,
    email: () => `${oneOf(["Ada", "ada", "àda"])}@halden.example`,
    phone: () => oneOf(["+4930901820", "+4930901821", "+4940901820"]),
    reference: () => target,
  };
  return values[type]();
}

/** How SQL orders what is stored for finding. */
function sortKey(value: unknown, type: CustomType | "declared"): string | bigint | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return String(value[0]);
  if (type === "decimal") return BigInt(toScaled(String(value), 6));
  if (type === "money") return BigInt((value as { amount_minor: number }).amount_minor);
  if (typeof value === "boolean") return BigInt(Number(value));
  if (typeof value === "number") return BigInt(value);
  if (type === "instant")
    return String(value)
      .replace(/Z$/, "")
      .padEnd(19, ":")
      .replace(/^(.{19})$/, "$1.")
      .padEnd(26, "0");
  return type === "choice" || type === "phone" || type === "reference" ? String(value) : fold(String(value));
}

function compareKeys(a: string | bigint, b: string | bigint): number {
  if (typeof a === "bigint" && typeof b === "bigint") return a < b ? -1 : a > b ? 1 : 0;
  return compareFolds(String(a), String(b));
}

/** The order of a list as a person would make it: by value, then by id, what has no value last in both directions. */
function inOrder(records: readonly Plain[], sort: string): readonly string[] {
  const down = sort.startsWith("-");
  const key = down ? sort.slice(1) : sort;
  const type = key.startsWith("custom.") ? (key.slice("custom.f_".length) as CustomType) : "declared";
  const keyOf = (record: Plain) => {
    if (key.startsWith("custom.")) return sortKey(record.custom[key.slice("custom.".length)], type);
    return key.endsWith("_at") ? sortKey(record[key], "instant") : sortKey(record[key], "declared");
  };
  const sign = down ? -1 : 1;
  return [...records]
    .map((record) => ({ id: record.id, key: keyOf(record) }))
    .sort((a, b) => {
      if (a.key === null || b.key === null) return a.key === b.key ? sign * compareFolds(a.id, b.id) : a.key === null ? 1 : -1;
      return sign * (compareKeys(a.key, b.key) || compareFolds(a.id, b.id));
    })
    .map(({ id }) => id);
}

async function walk({ admin }: Workspace, resource: string, query: object): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const page: Plain = await admin.perform(`${resource}.list`, { ...query, cursor });
    ids.push(...page.data.map(({ id }: Plain) => id));
    cursor = page.next_cursor;
    if (cursor === null) return ids;
    expect(page.data.length).toBeGreaterThan(0);
    expect(ids.length).toBeLessThan(2_000);
  }
}

describe("walking a list", () => {
  let workspace: Workspace;
  const all: Record<string, readonly Plain[]> = {};

  beforeAll(async () => {
    workspace = await aWorkspace();
    const { admin, kernel } = workspace;
    target = (await admin.perform("companies.create", { data: { name: "Target" } })).id;
    await admin.perform("companies.delete", { id: target });
    await admin.perform("companies.purge", { id: target });
    target = (await admin.perform("contacts.create", { data: { first_name: "Target" } })).id;
    for (const resource of ["companies", "contacts"])
      for (const type of sortable)
        await admin.perform("fields.create", {
          data: {
            resource,
            key: `f_${type}`,
            label: type,
            type,
            ...(type === "reference" ? { to: "contacts" } : {}),
            ...(type === "choice" || type === "choices" ? { options: ["red", "green", "Blue"] } : {}),
          },
        });
    for (const resource of ["companies", "contacts"]) {
      for (let batch = 0; batch < 3; batch++) {
        kernel.clock.now = Date.parse("2026-05-01T10:00:00Z") + (batch % 2) * 500;
        const operations = Array.from({ length: 10 }, (_, row) => {
          const n = batch * 10 + row;
          const maybe = <T>(value: T): T | null => (next(3) === 0 ? null : value);
          const custom = Object.fromEntries(sortable.filter(() => next(3) > 0).map((type) => [`f_${type}`, customValue(type, n)]));
          const data =
            resource === "companies"
              ? {
                  name: oneOf(names),
                  industry: maybe(oneOf(names)),
                  domain: maybe(`${oneOf(["a", "ö", "z"])}${n}.example`),
                  tier: oneOf(["none", "gold"]),
                  custom,
                }
              : {
                  first_name: oneOf(names),
                  last_name: maybe(oneOf(names)),
                  email: maybe(`${oneOf(["A", "b", "Ü"])}${n}@halden.example`),
                  lifecycle: maybe(oneOf(["lead", "customer"])),
                  custom,
                };
          return { op: "create", data };
        });
        const { results } = await admin.perform(`${resource}.bulk`, { mode: "atomic", operations });
        const changed = results.slice(0, 4).map(({ id }: Plain) => ({ op: "update", id, data: { phone: `+493090${1000 + batch}` } }));
        kernel.clock.now += 250;
        await admin.perform(`${resource}.bulk`, { mode: "atomic", operations: changed });
      }
      kernel.clock.now = null;
      all[resource] = (await admin.perform(`${resource}.list`, { limit: 100 })).data;
      expect(all[resource]?.length).toBeGreaterThanOrEqual(30);
    }
  });

  const cases = Object.entries(sorts).flatMap(([resource, keys]) =>
    [...keys, ...sortable.map((type) => `custom.f_${type}`)].map((key) => [resource, key] as const),
  );
  test.each(cases)("%s sorted by %s hold each row once, in order, whatever the limit and the direction", async (resource, key) => {
    for (const sort of [key, `-${key}`]) {
      const expected = inOrder(all[resource] ?? [], sort);
      for (const limit of [1, 7, 100])
        expect([sort, limit, await walk(workspace, resource, { sort, limit })]).toEqual([sort, limit, expected]);
    }
  });

  test("every sort there is was walked", () => {
    for (const [name, keys] of Object.entries(sorts)) expect([...keys].sort()).toEqual([...resourceOf(name).sort, "id"].sort());
  });

  test("pages by number hold the same rows as a walk", async () => {
    for (const sort of ["industry", "-industry", "custom.f_integer", "-custom.f_text", "-id"]) {
      const expected = inOrder(all.companies ?? [], sort);
      for (const page_size of [1, 7, 13]) {
        const ids: string[] = [];
        for (let page = 1; (page - 1) * page_size < expected.length; page++) {
          const found = await workspace.admin.perform("companies.list", { sort, page, page_size });
          expect(found).toMatchObject({ page, page_size, total: expected.length, total_is_estimate: false });
          ids.push(...found.data.map(({ id }: Plain) => id));
        }
        expect([sort, page_size, ids]).toEqual([sort, page_size, expected]);
      }
    }
    expect((await workspace.admin.perform("companies.list", { page: 99, page_size: 100 })).data).toEqual([]);
  });

  test("a walk goes on from a page by number", async () => {
    const first = await workspace.admin.perform("companies.list", { sort: "industry", page: 2, page_size: 10 });
    const rest = await walk(workspace, "companies", { sort: "industry", limit: 10 }).then((ids) => ids.slice(20));
    const second = await workspace.admin.perform("companies.list", { sort: "industry", cursor: first.next_cursor, limit: 10 });
    expect(second.data.map(({ id }: Plain) => id)).toEqual(rest.slice(0, 10));
  });

  test("what a filter and a sort let through is what memory says, in its order", async () => {
    const { admin, kernel, tenant } = workspace;
    const contacts = resourceOf("contacts");
    const definitions = await kernel.definitions.of(tenant);
    const custom = definitions.custom.contacts ?? [];
    const circumstances = {
      resource: contacts,
      custom,
      now: "2026-05-02T00:00:00Z",
      today: "2026-05-02",
      memberId: admin.id,
      team: [admin.id],
      tags: new Map(),
    };
    const leaf = fc.oneof(
      fc.record({
        field: fc.constantFrom("name", "last_name", "custom.f_text"),
        op: fc.constantFrom("starts_with", "eq", "neq", "contains", "gt", "lte"),
        value: fc.constantFrom("ada", "Öl", "str", "kim 2", "a"),
      }),
      fc.record({
        field: fc.constantFrom("lifecycle", "company_id", "email", "custom.f_integer", "custom.f_choices"),
        op: fc.constantFrom("is_empty", "is_not_empty"),
      }),
      fc.record({ field: fc.constant("lifecycle"), op: fc.constantFrom("eq", "neq"), value: fc.constantFrom("lead", "customer", "other") }),
      fc.record({
        field: fc.constant("custom.f_integer"),
        op: fc.constantFrom("eq", "gt", "gte", "lt", "lte", "neq"),
        value: fc.integer({ min: -4, max: 4 }),
      }),
      fc.record({
        field: fc.constantFrom("custom.f_choice", "custom.f_choices"),
        op: fc.constantFrom("in", "not_in"),
        value: fc.subarray(["red", "green", "Blue"]),
      }),
      fc.record({ field: fc.constant("custom.f_boolean"), op: fc.constantFrom("eq", "neq"), value: fc.boolean() }),
      fc.record({ field: fc.constant("custom.f_decimal"), op: fc.constantFrom("gt", "lte"), value: fc.constantFrom("0", "2.25", "-1") }),
      fc.record({ field: fc.constant("owner_id"), op: fc.constantFrom("eq", "neq"), value: fc.constantFrom("$me", target) }),
    );
    const usable = leaf.filter(
      ({ op, field }) => !(["gt", "lte"].includes(op) && ["name", "last_name", "email", "custom.f_text"].includes(field)),
    );
    const tree = fc.oneof(
      usable,
      fc.record({ all: fc.array(usable, { minLength: 1, maxLength: 3 }) }),
      fc.record({ any: fc.array(usable, { minLength: 1, maxLength: 3 }) }),
      fc.record({ not: usable }),
    );
    const sort = fc
      .constantFrom(...(sorts.contacts ?? []), "custom.f_text", "custom.f_integer")
      .chain((key) => fc.constantFrom(key, `-${key}`));
    let found = 0;
    await fc.assert(
      fc.asyncProperty(tree, sort, fc.constantFrom(3, 50), async (filter, by, limit) => {
        const criteria = readCriteria(filter, contacts, { country: "DE", custom, denied: [], forList: true });
        const expected = inOrder(
          (all.contacts ?? []).filter((record) => evaluate(criteria, record, circumstances)),
          by,
        );
        found += expected.length;
        expect(await walk(workspace, "contacts", { filter, sort: by, limit })).toEqual(expected);
        expect((await admin.perform("contacts.list", { filter, count: "exact", limit: 1 })).total).toBe(expected.length);
      }),
      { numRuns: 60, seed: 7 },
    );
    expect(found).toBeGreaterThan(300);
  });

  test("rows added while walking disturb nobody who was there", async () => {
    for (const sort of ["name", "-name", "industry", "-created_at"]) {
      const before = inOrder((await workspace.admin.perform("companies.list", { limit: 100 })).data, sort);
      const seen: string[] = [];
      for (let cursor: string | null = null; ; ) {
        const page: Plain = await workspace.admin.perform("companies.list", { sort, limit: 9, cursor });
        seen.push(...page.data.map(({ id }: Plain) => id));
        cursor = page.next_cursor;
        if (cursor === null) break;
        await workspace.admin.perform("companies.bulk", {
          operations: [
            { op: "create", data: { name: oneOf(names), industry: "Aa" } },
            { op: "create", data: { name: "zz" } },
          ],
        });
      }
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.filter((id) => before.includes(id))).toEqual(before);
      const added = seen.filter((id) => !before.includes(id));
      await workspace.admin.perform("companies.bulk", { operations: added.map((id) => ({ op: "delete", id })) }).catch(() => {});
      const left = (await workspace.admin.perform("companies.list", { limit: 100 })).data.filter(({ id }: Plain) => !before.includes(id));
      if (left.length) await workspace.admin.perform("companies.bulk", { operations: left.map(({ id }: Plain) => ({ op: "delete", id })) });
    }
  });
});

describe("cursors and pages that are not what they say", () => {
  test("a cursor under another filter, sort or place is refused", async () => {
    const { admin } = await aWorkspace();
    await admin.perform("companies.bulk", {
      operations: [1, 2, 3].map((n) => ({ op: "create", data: { name: `Company ${n}`, industry: "x" } })),
    });
    const { next_cursor: cursor } = await admin.perform("companies.list", { sort: "name", limit: 1 });
    expect((await admin.perform("companies.list", { sort: "name", limit: 2, cursor })).data).toHaveLength(2);
    for (const other of [{ sort: "-name" }, { sort: "domain" }, {}, { sort: "name", tier: "none" }, { sort: "name", trashed: "true" }])
      await expect(admin.perform("companies.list", { ...other, cursor })).rejects.toEqual(refused("CURSOR_MISMATCH"));
    await expect(admin.perform("contacts.list", { sort: "name", cursor })).rejects.toEqual(refused("CURSOR_MISMATCH"));
    await expect(admin.perform("companies.list", { sort: "name", cursor, page: 1 })).rejects.toEqual(refused("PAGE_AND_CURSOR"));
  });

  test("a cursor that was tampered with is refused, never an internal error", async () => {
    const { admin } = await aWorkspace();
    await admin.perform("fields.create", { data: { resource: "companies", key: "size", label: "Size", type: "integer" } });
    const operations = [1, 2, 3].map((n) => ({ op: "create", data: { name: `Company ${n}`, custom: { size: n } } }));
    await admin.perform("companies.bulk", { operations });
    const anything = fc.oneof(
      fc.string(),
      fc.constant(null),
      fc.integer(),
      fc.constantFrom("", "\0", "x", "9".repeat(40), "2026-13-45", "infinity", "\ud800", "{}"),
    );
    const id = fc.oneof(fc.constantFrom(randomUUID(), "-".repeat(36), "0".repeat(36)), anything);
    for (const sort of ["name", "-created_at", "id", "custom.size", "industry"]) {
      const { next_cursor } = await admin.perform("companies.list", { sort, limit: 1 });
      const [list] = JSON.parse(Buffer.from(next_cursor, "base64url").toString());
      const forged = fc.oneof(
        fc
          .tuple(fc.constant(list), fc.constantFrom(0, 1, 2), anything, id)
          .map((parts) => Buffer.from(JSON.stringify(parts)).toString("base64url")),
        fc.string(),
        fc.nat({ max: next_cursor.length - 1 }).map((at) => next_cursor.slice(0, at)),
      );
      await fc.assert(
        fc.asyncProperty(forged, async (cursor) => {
          const answer = await admin.perform("companies.list", { sort, cursor }).catch((error) => error);
          if (answer instanceof Error)
            expect(answer).toEqual(
              expect.objectContaining({ code: expect.stringMatching(/^(CURSOR_INVALID|CURSOR_MISMATCH|NUL|TOO_LONG)$/) }),
            );
          else expect(answer.data.length).toBeLessThanOrEqual(3);
        }),
        { numRuns: 40, seed: 3 },
      );
    }
  });

  test("the name that folds to the longest text still makes a cursor that is taken back", async () => {
    const { admin } = await aWorkspace();
    const hangul = (from: number) =>
      Array.from({ length: 200 }, (_, n) => String.fromCodePoint(0xac00 + ((from + n * 97) % 11_000))).join("");
    const made = [];
    for (const n of [1, 2, 3])
      made.push(await admin.perform("contacts.create", { data: { first_name: hangul(n), last_name: hangul(n * 7) } }));
    const workspace = { admin } as Workspace;
    for (const sort of ["name", "last_name"])
      expect((await walk(workspace, "contacts", { sort, limit: 1 })).sort()).toEqual(made.map(({ id }) => id).sort());
  });

  test("pages reach ten thousand rows and no deeper", async () => {
    const { admin } = await aWorkspace();
    expect((await admin.perform("companies.list", { page: 100, page_size: 100 })).data).toEqual([]);
    await expect(admin.perform("companies.list", { page: 101, page_size: 100 })).rejects.toEqual(refused("PAGE_TOO_DEEP"));
    for (const query of [
      { limit: 101 },
      { page_size: 101 },
      { limit: 0 },
      { page: 0 },
      { sort: "nme" },
      { sort: "--name" },
      { filter: "{" },
      { filter: "7" },
    ])
      await expect(admin.perform("companies.list", query)).rejects.toMatchObject({ kind: "invalid" });
  });
});
