import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Flights } from "../src/adapters/postgres/flights/flight.ts";
import { openScopes } from "../src/adapters/postgres/records/scopes.ts";
import { perform } from "../src/usecases/kit/perform.ts";
import { aWorkspace, type Person, type Plain, type Workspace } from "./support/workspace.ts";

const refused = (code: string, details: object = {}) => expect.objectContaining({ code, ...details });
const bulk = async (
  { admin }: { admin: Person },
  resource: string,
  operations: readonly object[],
  mode = "best_effort",
): Promise<readonly Plain[]> => (await admin.perform(`${resource}.bulk`, { mode, operations })).results;
const outcomes = (results: readonly Plain[]) => results.map(({ outcome, errors }) => (outcome === "failed" ? errors[0].code : outcome));
const everything = async ({ tenant, kernel }: Workspace) => {
  const tables = ["contacts", "companies", "tags", "taggings", "custom_values", "events", "outbox"];
  const counts: number[] = [];
  for (const table of tables)
    counts.push((await kernel.owner.query(`select count(*)::int as count from ${table} where tenant_id = $1`, [tenant])).rows[0].count);
  return counts;
};

describe("a mix of operations", () => {
  test("each has its outcome, in the order of the input, and its event", async () => {
    const workspace = await aWorkspace();
    const { admin, eventsOf } = workspace;
    const [ada, eve, bob] = await Promise.all(
      ["Ada", "Eve", "Bob"].map((first_name) => admin.perform("contacts.create", { data: { first_name, email: `${first_name}@x.test` } })),
    );
    const results = await bulk(workspace, "contacts", [
      { op: "delete", id: bob.id },
      { op: "create", data: { first_name: "New" } },
      { op: "update", id: ada.id, version: 1, data: { title: "CTO" } },
      { op: "update", id: eve.id, version: 7, data: { title: "CEO" } },
      { op: "upsert", key: "email", data: { email: "EVE@x.test", title: "CEO" } },
      { op: "upsert", key: "email", data: { email: "zoe@x.test", first_name: "Zoe" } },
      { op: "update", id: ada.id, data: { title: "CTO" } },
      { op: "create", data: { title: "nobody" } },
      { op: "update", id: "01900000-0000-7000-8000-000000000000", data: { title: "x" } },
      { op: "update", data: { title: "x" } },
      { op: "delete", id: bob.id },
      { op: "upsert", key: "title", data: { title: "x" } },
    ]);
    expect(results.map(({ index }) => index)).toEqual(results.map((_, index) => index));
    expect(outcomes(results)).toEqual([
      "deleted",
      "created",
      "updated",
      "VERSION_CONFLICT",
      "updated",
      "created",
      "unchanged",
      "REQUIRED",
      "NOT_FOUND",
      "REQUIRED",
      "NOT_FOUND",
      "KEY_NOT_UNIQUE",
    ]);
    expect(results[2]).toMatchObject({ id: ada.id, version: 2 });
    expect(results[3]?.errors[0]).toMatchObject({ current_version: 1 });
    expect(results[4]).toMatchObject({ id: eve.id, version: 2 });
    expect(results[6]).toMatchObject({ id: ada.id, version: 2 });
    expect(await eventsOf(ada)).toEqual(["contact.created", "contact.updated"]);
    expect(await eventsOf(bob)).toEqual(["contact.created", "contact.deleted"]);
    for (const place of [1, 5]) expect(await eventsOf(results[place] as Plain)).toEqual(["contact.created"]);
  });

  test("a value that one operation gives free another may take", async () => {
    const workspace = await aWorkspace();
    const ada = await workspace.admin.perform("contacts.create", { data: { email: "ada@x.test" } });
    const eve = await workspace.admin.perform("contacts.create", { data: { email: "eve@x.test" } });
    const results = await bulk(workspace, "contacts", [
      { op: "delete", id: ada.id },
      { op: "create", data: { email: "ada@x.test" } },
      { op: "update", id: eve.id, data: { email: "eva@x.test" } },
      { op: "create", data: { email: "eve@x.test" } },
    ]);
    expect(outcomes(results)).toEqual(["deleted", "created", "updated", "created"]);
  });

  test("tags, links and custom values are written with their rows, and what is the same is unchanged", async () => {
    const workspace = await aWorkspace();
    const { admin, kernel, tenant } = workspace;
    await admin.perform("fields.create", { data: { resource: "contacts", key: "size", label: "Size", type: "integer" } });
    const company = await admin.perform("companies.create", { data: { name: "Halden" } });
    const created = await bulk(
      workspace,
      "contacts",
      Array.from({ length: 30 }, (_, n) => ({
        op: "create",
        data: {
          first_name: `Contact ${n}`,
          tags: ["VIP", `Tag ${n % 3}`],
          custom: { size: n },
          other_companies: [{ id: company.id, role: "adviser" }],
        },
      })),
    );
    expect(outcomes(created)).toEqual(created.map(() => "created"));
    expect((await admin.perform("contacts.list", { tag: "tag 1", count: "exact", limit: 1 })).total).toBe(10);
    const again = await bulk(workspace, "contacts", [
      { op: "update", id: created[0]?.id, data: { tags: ["tag 0", "vip"] } },
      { op: "update", id: created[1]?.id, data: { custom: { size: 1 } } },
      { op: "update", id: created[2]?.id, data: { tags: ["VIP"], custom: { size: 99 } } },
      { op: "update", id: created[3]?.id, data: { other_companies: [] } },
    ]);
    expect(outcomes(again)).toEqual(["unchanged", "unchanged", "updated", "updated"]);
    expect(await admin.perform("contacts.get", { id: created[2]?.id as string })).toMatchObject({
      version: 2,
      tags: [{ name: "VIP" }],
      custom: { size: 99 },
    });
    const count = async (table: string) =>
      (await kernel.owner.query(`select count(*)::int as count from ${table} where tenant_id = $1`, [tenant])).rows[0].count;
    expect([await count("taggings"), await count("custom_values"), await count("record_links")]).toEqual([59, 30, 29]);
  });
});

describe("rows that cannot be written", () => {
  test("one bad row in a thousand is named, and best_effort keeps the others", async () => {
    const workspace = await aWorkspace();
    const taken = await workspace.admin.perform("contacts.create", { data: { email: "taken@x.test" } });
    const operations = Array.from({ length: 1_000 }, (_, n) => ({
      op: "create",
      data: { first_name: `Contact ${n}`, email: n === 613 ? "TAKEN@x.test" : `c${n}@x.test` },
    }));
    const results = await bulk(workspace, "contacts", operations);
    expect(results.filter(({ outcome }) => outcome === "created")).toHaveLength(999);
    expect(results[613]).toMatchObject({ outcome: "failed", errors: [{ code: "DUPLICATE", pointer: "/email", existing_id: taken.id }] });
    expect((await workspace.admin.perform("contacts.list", { count: "exact", limit: 1 })).total).toBe(1_000);
  });

  test.each(["best_effort", "atomic"])("each kind of fault is named on its own row (%s)", async (mode) => {
    const workspace = await aWorkspace();
    const { admin } = workspace;
    await admin.perform("fields.create", { data: { resource: "contacts", key: "code", label: "Code", type: "text", unique: true } });
    await admin.perform("contacts.create", { data: { email: "taken@x.test", custom: { code: "A1" } } });
    const gone = await admin.perform("companies.create", { data: { name: "Gone" } });
    await admin.perform("companies.delete", { id: gone.id });
    const nowhere = "01900000-0000-7000-8000-000000000000";
    const bad: readonly (readonly [object, string, string])[] = [
      [{ email: "taken@x.test" }, "DUPLICATE", "/email"],
      [{ custom: { code: "a1" } }, "DUPLICATE", "/custom/code"],
      [{ company_id: nowhere }, "REFERENCE_NOT_FOUND", "/company_id"],
      [{ company_id: gone.id }, "REFERENCE_NOT_FOUND", "/company_id"],
      [{ owner_id: nowhere }, "REFERENCE_NOT_FOUND", "/owner_id"],
      [{ other_companies: [{ id: gone.id }] }, "REFERENCE_NOT_FOUND", "/other_companies"],
      [{ tags: [nowhere] }, "REFERENCE_NOT_FOUND", "/tags"],
      [{ email: "no address" }, "EMAIL_INVALID", "/email"],
      [{ custom: { cod: 1 } }, "UNKNOWN_FIELD", "/custom/cod"],
    ];
    const before = await everything(workspace);
    const operations = bad.flatMap(([data], n) => [
      { op: "create", data: { first_name: "Bad", ...data } },
      { op: "create", data: { first_name: "Good", email: `good${n}@x.test` } },
    ]);
    const expected = bad.flatMap(([, code, pointer]) => [{ code, pointer }, "created"]);
    const shortened = (results: readonly Plain[]) =>
      results.map(({ outcome, errors }) => (outcome === "failed" ? { code: errors[0].code, pointer: errors[0].pointer } : outcome));
    if (mode === "best_effort") {
      expect(shortened(await bulk(workspace, "contacts", operations, mode))).toEqual(expected);
      expect((await admin.perform("contacts.list", { count: "exact", limit: 1, q: "Good" })).total).toBe(bad.length);
    } else {
      const error = await bulk(workspace, "contacts", operations, mode).catch((thrown) => thrown);
      expect(error).toEqual(refused("BULK_FAILED", { kind: "invalid" }));
      expect(shortened(error.details.results)).toEqual(expected);
      expect(await everything(workspace)).toEqual(before);
    }
  });

  test("a tag that may not be made fails its row alone", async () => {
    const workspace = await aWorkspace();
    const rep = await workspace.member({
      key: "quiet",
      grants: { "*": { view: "all", create: "all", edit: "all", delete: "all", export: "all", assign: "all" } },
      rights: [],
      denied: {},
    });
    const results = await bulk({ admin: rep }, "contacts", [
      { op: "create", data: { first_name: "Ada", tags: ["New"] } },
      { op: "create", data: { first_name: "Eve" } },
    ]);
    expect(outcomes(results)).toEqual(["FORBIDDEN", "created"]);
  });

  test("companies cannot be moved below each other in one request", async () => {
    const workspace = await aWorkspace();
    const [a, b, c] = (await bulk(
      workspace,
      "companies",
      ["A", "B", "C"].map((name) => ({ op: "create", data: { name } })),
    )) as [Plain, Plain, Plain];
    const results = await bulk(workspace, "companies", [
      { op: "update", id: a.id, data: { parent_id: b.id } },
      { op: "update", id: b.id, data: { parent_id: c.id } },
      { op: "update", id: c.id, data: { parent_id: a.id } },
    ]);
    expect(outcomes(results)).toEqual(["updated", "updated", "HIERARCHY_CYCLE"]);
  });

  test("too many or no operations are refused before anything happens", async () => {
    const workspace = await aWorkspace();
    for (const length of [0, 1_001])
      await expect(
        bulk(
          workspace,
          "contacts",
          Array.from({ length }, () => ({ op: "create", data: { first_name: "x" } })),
        ),
      ).rejects.toMatchObject({ kind: "invalid" });
    expect((await workspace.admin.perform("contacts.list", { count: "exact" })).total).toBe(0);
  });
});

describe("the same thing twice in one request", () => {
  test("a create that repeats an earlier row is a duplicate of it", async () => {
    const workspace = await aWorkspace();
    const results = await bulk(workspace, "contacts", [
      { op: "create", data: { email: "ada@x.test" } },
      { op: "create", data: { email: "ADA@x.test" } },
      { op: "create", data: { email: "eve@x.test" } },
    ]);
    expect(outcomes(results)).toEqual(["created", "DUPLICATE", "created"]);
    expect(results[1]?.errors[0].existing_id).toBe(results[0]?.id);
  });

  test.each([
    ["contacts", "email", ["ada@x.test", "Ada@X.test", " ADA@x.test "]],
    ["companies", "domain", ["halden.example", "https://www.Halden.example/about", "HALDEN.example"]],
  ])("an upsert of %s by %s finds what an earlier one made, however it is written", async (resource, key, spellings) => {
    const workspace = await aWorkspace();
    const base = resource === "contacts" ? {} : { name: "Halden" };
    const results = await bulk(
      workspace,
      resource,
      spellings.map((spelling, n) => ({ op: "upsert", key, data: { ...base, [key]: spelling, phone: `+49 30 90182${n}` } })),
    );
    expect(outcomes(results)).toEqual(["created", "updated", "updated"]);
    expect(new Set(results.map(({ id }) => id)).size).toBe(1);
    expect(results.map(({ version }) => version)).toEqual([1, 2, 3]);
    expect(await workspace.admin.perform(`${resource}.get`, { id: results[0]?.id as string })).toMatchObject({
      phone: "+4930901822",
      version: 3,
    });
  });

  test("an upsert finds what a create of the same request made, and a change by id meets one by key", async () => {
    const workspace = await aWorkspace();
    const ada = await workspace.admin.perform("contacts.create", { data: { email: "ada@x.test" } });
    const results = await bulk(workspace, "contacts", [
      { op: "create", data: { email: "eve@x.test" } },
      { op: "upsert", key: "email", data: { email: "EVE@x.test", title: "CEO" } },
      { op: "update", id: ada.id, data: { title: "CTO" } },
      { op: "upsert", key: "email", data: { email: "ada@x.test", first_name: "Ada" } },
      { op: "update", id: ada.id, data: { last_name: "Lovelace" } },
      { op: "delete", id: ada.id },
      { op: "update", id: ada.id, data: { title: "too late" } },
    ]);
    expect(outcomes(results)).toEqual(["created", "updated", "updated", "updated", "updated", "deleted", "NOT_FOUND"]);
    expect(results[1]?.id).toBe(results[0]?.id);
    expect(results.slice(2, 6).map(({ id, version }) => [id, version])).toEqual([2, 3, 4, 5].map((version) => [ada.id, version]));
    expect(await workspace.eventsOf(ada)).toEqual([
      "contact.created",
      "contact.updated",
      "contact.updated",
      "contact.updated",
      "contact.deleted",
    ]);
  });

  test("an upsert goes by a unique custom field", async () => {
    const workspace = await aWorkspace();
    await workspace.admin.perform("fields.create", {
      data: { resource: "contacts", key: "code", label: "Code", type: "text", unique: true },
    });
    const row = (code: string, first_name: string) => ({ op: "upsert", key: "custom.code", data: { first_name, custom: { code } } });
    const first = await bulk(workspace, "contacts", [row("A1", "Ada"), row("B2", "Bob"), row(" a1", "Adele")]);
    expect(outcomes(first)).toEqual(["created", "created", "updated"]);
    const second = await bulk(workspace, "contacts", [row("b2", "Bob"), row("C3", "Carl"), row("B2", "Bert")]);
    expect(outcomes(second)).toEqual(["updated", "created", "updated"]);
    expect(second[2]?.id).toBe(first[1]?.id);
    expect(await workspace.admin.perform("contacts.get", { id: first[0]?.id as string })).toMatchObject({
      first_name: "Adele",
      custom: { code: "a1" },
    });
  });

  test("whatever the mix, every record has as many events as its version says, and no e-mail lives twice", async () => {
    const email = fc.constantFrom("a@x.test", "A@x.test", "b@x.test", "c@x.test");
    const operation = fc.oneof(
      fc.record({ op: fc.constant("create"), data: fc.record({ email, title: fc.constantFrom("x", "y") }) }),
      fc.record({
        op: fc.constant("upsert"),
        key: fc.constant("email"),
        data: fc.record({ email, title: fc.constantFrom("x", "y", "z") }),
      }),
      fc.record({ op: fc.constantFrom("update", "delete"), at: fc.nat(3), data: fc.record({ email, title: fc.constantFrom("x", "y") }) }),
    );
    let written = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 10 }), async (operations) => {
        const workspace = await aWorkspace();
        const { kernel, tenant } = workspace;
        const ids = (
          await bulk(
            workspace,
            "contacts",
            [0, 1, 2, 3].map((n) => ({ op: "create", data: { first_name: `Contact ${n}`, email: n === 0 ? "a@x.test" : null } })),
          )
        ).map(({ id }) => id);
        const results = await bulk(
          workspace,
          "contacts",
          operations.map((one) => ("at" in one ? { op: one.op, id: ids[one.at], data: one.data } : one)),
        );
        const { rows } = await kernel.owner.query(
          `select c.id, c.version::int, count(e.id)::int as events, array_agg(e.version::int order by e.id) as versions, lower(c.email) as email, c.deleted_at from contacts c
           join events e on e.tenant_id = c.tenant_id and e.record_id = c.id where c.tenant_id = $1 group by c.tenant_id, c.id`,
          [tenant],
        );
        for (const row of rows) expect(row.versions).toEqual(Array.from({ length: row.version }, (_, n) => n + 1));
        const live = rows.filter(({ deleted_at, email }) => deleted_at === null && email !== null).map(({ email }) => email);
        expect(new Set(live).size).toBe(live.length);
        const good = results.filter(({ outcome }) => ["created", "updated", "deleted"].includes(outcome)).length;
        written += good;
        expect(rows.reduce((sum, { events }) => sum + events, 0)).toBe(4 + good);
      }),
      { numRuns: 40, seed: 11 },
    );
    expect(written).toBeGreaterThan(50);
  });
});

describe("a thousand rows", () => {
  /** The same workspace through flights that count what they are asked. */
  function counting({ kernel, admin }: Workspace) {
    let steps = 0;
    const flights: Flights = {
      ...kernel.flights,
      run: (tenant, asked, lane) => {
        steps += asked.length;
        return kernel.flights.run(tenant, asked, lane);
      },
      transaction: (tenant, work) =>
        kernel.flights.transaction(tenant, (run, attempt) =>
          work(
            (asked) => {
              steps += asked.length;
              return run(asked);
            },
            (asked) => {
              steps += asked.length;
              return attempt(asked);
            },
          ),
        ),
    };
    const app = { ...kernel.app, scopes: openScopes({ flights, definitions: kernel.definitions, clock: Date.now, onWrite: () => {} }) };
    return {
      async bulk(resource: string, operations: readonly object[]): Promise<{ results: readonly Plain[]; steps: number }> {
        await kernel.definitions.of(admin.actor.tenant_id);
        steps = 0;
        const { answer } = await perform(app, admin.actor, `${resource}.bulk`, { operations }, { via: "api" });
        return { results: (answer as { results: readonly Plain[] }).results, steps };
      },
    };
  }

  test("are created, changed, upserted and deleted in a few statements, each with its event exactly once", async () => {
    const workspace = await aWorkspace();
    const { admin, kernel, tenant } = workspace;
    await admin.perform("fields.create", { data: { resource: "contacts", key: "code", label: "Code", type: "text", unique: true } });
    const companies = await bulk(
      workspace,
      "companies",
      Array.from({ length: 1_000 }, (_, n) => ({ op: "create", data: { name: `Company ${n}` } })),
    );
    const counted = counting(workspace);
    const data = (n: number, more: object = {}) => ({
      first_name: `Contact ${n}`,
      email: `c${n}@x.test`,
      company_id: companies[n]?.id,
      tags: ["VIP"],
      custom: { code: `K${n}` },
      ...more,
    });

    const created = await counted.bulk(
      "contacts",
      Array.from({ length: 1_000 }, (_, n) => ({ op: "create", data: data(n) })),
    );
    expect(outcomes(created.results)).toEqual(created.results.map(() => "created"));
    expect(created.steps).toBeLessThan(10);

    const updated = await counted.bulk(
      "contacts",
      created.results.map(({ id }, n) => ({
        op: "update",
        id,
        data: { title: `Title ${n}`, tags: ["VIP", "Old"], company_id: companies[999 - n]?.id },
      })),
    );
    expect(outcomes(updated.results)).toEqual(updated.results.map(() => "updated"));
    expect(updated.steps).toBeLessThan(10);

    const upserted = await counted.bulk(
      "contacts",
      Array.from({ length: 1_000 }, (_, n) => ({
        op: "upsert",
        key: "custom.code",
        data: { custom: { code: `k${n}` }, lifecycle: "lead" },
      })),
    );
    expect(outcomes(upserted.results)).toEqual(upserted.results.map(() => "updated"));
    expect(upserted.results.map(({ id }) => id)).toEqual(created.results.map(({ id }) => id));
    expect(upserted.steps).toBeLessThan(10);

    const deleted = await counted.bulk(
      "contacts",
      created.results.map(({ id }) => ({ op: "delete", id })),
    );
    expect(outcomes(deleted.results)).toEqual(deleted.results.map(() => "deleted"));
    expect(deleted.steps).toBeLessThan(10);

    const { rows } = await kernel.owner.query(
      `select e.type, count(*)::int as count, count(distinct e.record_id)::int as records, count(o.event_id)::int as waiting from events e left join outbox o on o.tenant_id = e.tenant_id and o.event_id = e.id
       where e.tenant_id = $1 and e.resource = 'contacts' group by e.type order by e.type`,
      [tenant],
    );
    expect(rows).toEqual([
      { type: "contact.created", count: 1_000, records: 1_000, waiting: 1_000 },
      { type: "contact.deleted", count: 1_000, records: 1_000, waiting: 1_000 },
      { type: "contact.updated", count: 2_000, records: 1_000, waiting: 2_000 },
    ]);
  });
});
