import { describe, expect, test } from "vitest";
import type { Flights } from "../src/adapters/postgres/flights/flight.ts";
import { openScopes } from "../src/adapters/postgres/records/scopes.ts";
import { type App, perform } from "../src/usecases/kit/perform.ts";
import { aWorkspace, type Plain, type Workspace } from "./support/workspace.ts";

const refused = (code: string, details: object = {}) => expect.objectContaining({ code, ...details });
const keysOf = async ({ tenant, kernel }: Workspace): Promise<readonly Plain[]> =>
  (await kernel.owner.query("select key, state, status, answer from idempotency_keys where tenant_id = $1 order by key", [tenant])).rows;
const contactsIn = async ({ admin }: Workspace): Promise<number> =>
  (await admin.perform("contacts.list", { count: "exact", limit: 1 })).total;

/** Calls as HTTP does: the answer is kept for the next call with the same key. */
async function call(
  { kernel, admin }: Workspace,
  verb: string,
  input: unknown,
  key: string,
  app: App = kernel.app,
): Promise<{ body: string; isReplayed: boolean }> {
  const { answer, replayed, verb: called } = await perform(app, admin.actor, verb, input, { via: "api", idempotencyKey: key });
  if (replayed) return { body: replayed.body, isReplayed: true };
  const body = (answer as { json(): string }).json();
  await app.scopes.claims.keep(admin.actor, key, { status: called.status, body });
  return { body, isReplayed: false };
}

/** The same kernel, with something that happens just before the write of a call is sent. */
function interrupted({ kernel }: Workspace, before: () => Promise<unknown>): App {
  let isDone = false;
  const flights: Flights = {
    ...kernel.flights,
    async run(tenant, steps, lane) {
      if (!isDone && steps.some(([{ text }]) => text.includes("insert into events"))) {
        isDone = true;
        await before();
      }
      return kernel.flights.run(tenant, steps, lane);
    },
  };
  return { ...kernel.app, scopes: openScopes({ flights, definitions: kernel.definitions, clock: Date.now, onWrite: () => {} }) };
}

describe("the same key", () => {
  test("twice makes one record and gives the same answer", async () => {
    const workspace = await aWorkspace();
    const first = await call(workspace, "contacts.create", { data: { first_name: "Ada" } }, "one");
    const second = await call(workspace, "contacts.create", { data: { first_name: "Ada" } }, "one");
    expect([first.isReplayed, second.isReplayed]).toEqual([false, true]);
    expect(second.body).toBe(first.body);
    expect(await contactsIn(workspace)).toBe(1);
  });

  test("twenty times at once makes one record; the others hear that it is running, or its answer", async () => {
    const workspace = await aWorkspace();
    const tries = await Promise.allSettled(
      Array.from({ length: 20 }, () => call(workspace, "contacts.create", { data: { first_name: "Ada" } }, "one")),
    );
    const answers = tries.flatMap((one) => (one.status === "fulfilled" ? [one.value.body] : []));
    expect(answers.length).toBeGreaterThan(0);
    expect(new Set(answers).size).toBe(1);
    for (const one of tries)
      if (one.status === "rejected") expect(["IDEMPOTENCY_KEY_RUNNING", "IDEMPOTENCY_ANSWER_LOST"]).toContain(one.reason.code);
    expect(await contactsIn(workspace)).toBe(1);
  });

  test("with another body or another verb is refused", async () => {
    const workspace = await aWorkspace();
    await call(workspace, "contacts.create", { data: { first_name: "Ada" } }, "one");
    for (const [verb, data] of [
      ["contacts.create", { first_name: "Eve" }],
      ["companies.create", { name: "Ada" }],
    ] as const)
      await expect(call(workspace, verb, { data }, "one")).rejects.toEqual(refused("IDEMPOTENCY_KEY_REUSED", { kind: "invalid" }));
    expect(await contactsIn(workspace)).toBe(1);
  });

  test("of another person is another key", async () => {
    const workspace = await aWorkspace();
    const rep = await workspace.member("rep");
    await call(workspace, "contacts.create", { data: { first_name: "Ada" } }, "one");
    await call({ ...workspace, admin: rep }, "contacts.create", { data: { first_name: "Eve" } }, "one");
    expect(await contactsIn(workspace)).toBe(2);
  });

  test("is free again a day later", async () => {
    const workspace = await aWorkspace();
    await call(workspace, "contacts.create", { data: { first_name: "Ada" } }, "one");
    await workspace.kernel.owner.query("update idempotency_keys set created_at = created_at - interval '25 hours' where tenant_id = $1", [
      workspace.tenant,
    ]);
    expect(await call(workspace, "contacts.create", { data: { first_name: "Eve" } }, "one")).toMatchObject({ isReplayed: false });
    expect(await contactsIn(workspace)).toBe(2);
  });

  test("means nothing to a verb that only reads", async () => {
    const workspace = await aWorkspace();
    await workspace.admin.perform("contacts.list", {}, { idempotencyKey: "one" });
    expect(await keysOf(workspace)).toEqual([]);
  });
});

describe("a refusal", () => {
  test.each([
    ["of the input", { data: { email: "no address" } }, "EMAIL_INVALID"],
    ["by the database", { data: { email: "taken@x.test" } }, "DUPLICATE"],
    ["because of a reference", { data: { first_name: "x", company_id: "01900000-0000-7000-8000-000000000000" } }, "REFERENCE_NOT_FOUND"],
  ])("%s keeps no claim, so that the call can be mended and sent again", async (_, input, code) => {
    const workspace = await aWorkspace();
    await workspace.admin.perform("contacts.create", { data: { email: "taken@x.test" } });
    await expect(call(workspace, "contacts.create", input, "one")).rejects.toEqual(refused(code));
    expect(await keysOf(workspace)).toEqual([]);
    expect(await call(workspace, "contacts.create", { data: { first_name: "Ada" } }, "one")).toMatchObject({ isReplayed: false });
  });

  test("names the record that has the value, with a key as without one", async () => {
    const workspace = await aWorkspace();
    const { id } = await workspace.admin.perform("contacts.create", { data: { email: "taken@x.test" } });
    const company = await workspace.admin.perform("companies.create", { data: { name: "Halden", domain: "halden.example" } });
    await expect(call(workspace, "contacts.create", { data: { email: "taken@x.test" } }, "one")).rejects.toEqual(
      refused("DUPLICATE", { details: { existing_id: id } }),
    );
    const child = { data: { name: "Child", domain: "halden.example", parent_id: company.id } };
    for (const key of [undefined, "two"])
      await expect(workspace.admin.perform("companies.create", child, { idempotencyKey: key ?? null })).rejects.toEqual(
        refused("DUPLICATE", { details: { existing_id: company.id } }),
      );
  });

  test("of a record in the trash keeps no claim, though it shows only at the write", async () => {
    const workspace = await aWorkspace();
    const { admin } = workspace;
    const company = await admin.perform("companies.create", { data: { name: "Passing" } });
    const app = interrupted(workspace, () => admin.perform("companies.delete", { id: company.id }));
    await expect(call(workspace, "contacts.create", { data: { first_name: "Ada", company_id: company.id } }, "one", app)).rejects.toEqual(
      refused("REFERENCE_NOT_FOUND"),
    );
    expect(await keysOf(workspace)).toEqual([]);
    expect(await contactsIn(workspace)).toBe(0);
  });
});

describe("a claim", () => {
  test("that was lost between claim and write takes the write with it", async () => {
    const workspace = await aWorkspace();
    const { kernel, tenant } = workspace;
    const app = interrupted(workspace, () =>
      kernel.owner.query("update idempotency_keys set claim_id = gen_random_uuid() where tenant_id = $1", [tenant]),
    );
    await expect(call(workspace, "contacts.create", { data: { first_name: "Ada" } }, "one", app)).rejects.toEqual(
      refused("IDEMPOTENCY_KEY_LOST", { kind: "conflict" }),
    );
    expect(await contactsIn(workspace)).toBe(0);
    expect((await kernel.owner.query("select count(*)::int as count from events where tenant_id = $1", [tenant])).rows).toEqual([
      { count: 0 },
    ]);
    expect((await keysOf(workspace)).map(({ state }) => state)).toEqual(["running"]);
  });

  test("that was lost takes a transaction with it", async () => {
    const workspace = await aWorkspace();
    const { kernel, tenant, admin } = workspace;
    const steal = () => kernel.owner.query("update idempotency_keys set claim_id = gen_random_uuid() where tenant_id = $1", [tenant]);
    const flights: Flights = {
      ...kernel.flights,
      transaction: async (of, work) => {
        await steal();
        return kernel.flights.transaction(of, work);
      },
    };
    const app = { ...kernel.app, scopes: openScopes({ flights, definitions: kernel.definitions, clock: Date.now, onWrite: () => {} }) };
    const operations = [{ op: "create", data: { first_name: "Ada" } }];
    await expect(perform(app, admin.actor, "contacts.bulk", { operations }, { via: "api", idempotencyKey: "one" })).rejects.toEqual(
      refused("IDEMPOTENCY_KEY_LOST"),
    );
    expect(await contactsIn(workspace)).toBe(0);
  });

  test("outlives a write that came to nothing, and completes with the one that is decided again", async () => {
    const workspace = await aWorkspace();
    const { admin, eventsOf } = workspace;
    const made = await admin.perform("contacts.create", { data: { first_name: "Ada" } });
    const app = interrupted(workspace, () => admin.perform("contacts.update", { id: made.id, data: { last_name: "Lovelace" } }));
    const { body } = await call(workspace, "contacts.update", { id: made.id, data: { title: "CTO" } }, "one", app);
    expect(JSON.parse(body)).toMatchObject({ version: 3, last_name: "Lovelace", title: "CTO" });
    expect(await eventsOf(made)).toHaveLength(3);
    expect((await call(workspace, "contacts.update", { id: made.id, data: { title: "CTO" } }, "one")).isReplayed).toBe(true);
  });

  test("is completed by a call that finds nothing to do", async () => {
    const workspace = await aWorkspace();
    const made = await workspace.admin.perform("contacts.create", { data: { first_name: "Ada" } });
    await call(workspace, "contacts.update", { id: made.id, data: { first_name: "Ada" } }, "one");
    expect(await keysOf(workspace)).toEqual([expect.objectContaining({ state: "done", status: 200 })]);
  });

  test("of a node that died is taken over when its lease is over, not before", async () => {
    const workspace = await aWorkspace();
    const { kernel, tenant, admin } = workspace;
    await kernel.app.scopes.claims.claim(admin.actor, "one", JSON.stringify(["contacts.create", { data: { first_name: "Ada" } }]));
    await expect(call(workspace, "contacts.create", { data: { first_name: "Ada" } }, "one")).rejects.toEqual(
      refused("IDEMPOTENCY_KEY_RUNNING", { kind: "conflict" }),
    );
    await kernel.owner.query("update idempotency_keys set claimed_until = claimed_until - interval '61 seconds' where tenant_id = $1", [
      tenant,
    ]);
    await expect(call(workspace, "contacts.create", { data: { first_name: "Eve" } }, "one")).rejects.toEqual(
      refused("IDEMPOTENCY_KEY_REUSED"),
    );
    expect(await call(workspace, "contacts.create", { data: { first_name: "Ada" } }, "one")).toMatchObject({ isReplayed: false });
    expect(await contactsIn(workspace)).toBe(1);
  });

  test("whose answer was never kept says that the call was carried out", async () => {
    const workspace = await aWorkspace();
    await workspace.admin.perform("contacts.create", { data: { first_name: "Ada" } }, { idempotencyKey: "one" });
    await expect(call(workspace, "contacts.create", { data: { first_name: "Ada" } }, "one")).rejects.toEqual(
      refused("IDEMPOTENCY_ANSWER_LOST"),
    );
    expect(await contactsIn(workspace)).toBe(1);
  });
});
