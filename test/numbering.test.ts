import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { statementsIn } from "../src/adapters/postgres/migrate.ts";
import { tableSql } from "../src/adapters/postgres/records/resource-sql.ts";
import { change } from "../src/domain/kit/change.ts";
import { managed, numbered, text } from "../src/domain/kit/fields.ts";
import { type Resource, resource } from "../src/domain/kit/resource.ts";
import { type App, perform } from "../src/usecases/kit/perform.ts";
import type { Uses } from "../src/usecases/kit/ports.ts";
import { usecase } from "../src/usecases/kit/usecase.ts";
import { recordVerbs } from "../src/usecases/records.ts";
import { aWorkspace, type Plain, theKernel, type Workspace } from "./support/workspace.ts";

const tickets = resource(
  "tickets",
  "ticket",
  {
    number: numbered(text({ unique: true, de: "Nummer" }), { pattern: "T-{YYYYMMDD}-{SEQ4}", reset_per: "day" }),
    name: text({ max: 200, required: true, de: "Name" }),
    code: text({ unique: true, de: "Code" }),
    state: managed(text({ de: "Zustand" })),
  },
  {
    label: { en: ["Ticket", "Tickets"], de: ["Ticket", "Tickets"] },
    icon: "ticket",
    search: ["number", "name"],
    sort: ["number", "created_at"],
  },
) as unknown as Resource;

const makePlain = usecase({
  summary: "Make a ticket without a transaction",
  allow: { resource: tickets, action: "create" },
  input: {},
  output: { one: tickets },
  run: ({ records }: Uses<"records">) => records(tickets).add({ name: "Plain" }),
});

const makeClosed = usecase({
  summary: "Close the ticket it makes",
  allow: { resource: tickets, action: "create" },
  atomic: true,
  input: { fails: text({}) },
  output: { one: tickets },
  run: async ({ records }: Uses<"records">, { fails }) => {
    const made = await records(tickets).add({ name: "Atomic" });
    if (fails) throw new Error("changed its mind");
    return records(tickets).apply(await records(tickets).get(made.id), change("ticket.closed", { state: "closed" }));
  },
});

let app: App;
beforeAll(async () => {
  const { owner, app: kernelApp } = await theKernel();
  for (const statement of statementsIn(tableSql(tickets))) await owner.query(statement);
  app = { ...kernelApp, verbs: { ...recordVerbs(tickets), "tickets.plain": makePlain, "tickets.close": makeClosed } };
});
afterAll(async () => {
  // The kernel's own connections are closed by now.
  const owner = new pg.Client({ connectionString: process.env.TEST_RAPPORT_URL ?? "" });
  await owner.connect();
  await owner.query("drop table tickets").finally(() => owner.end());
});

async function call({ admin }: Workspace, verb: string, input: unknown): Promise<any> {
  const { answer } = await perform(app, admin.actor, `tickets.${verb}`, input, { via: "api" });
  const given = answer as { json?: () => string } | undefined;
  return given?.json ? JSON.parse(given.json()) : answer;
}
const create = (workspace: Workspace, data: object = {}): Promise<Plain> =>
  call(workspace, "create", { data: { name: "Ticket", ...data } });
const at = async <T>(moment: string, work: () => Promise<T>): Promise<T> => {
  const { clock } = await theKernel();
  clock.now = Date.parse(moment);
  return work().finally(() => {
    clock.now = null;
  });
};
const sequence = (count: number, from = 1) => Array.from({ length: count }, (_, n) => `T-20261121-${String(from + n).padStart(4, "0")}`);
const noon = "2026-11-21T12:00:00Z";

describe("numbers", () => {
  test("stand in the record, its fold, its search words and its event, and nobody writes them", async () => {
    const workspace = await aWorkspace();
    const made = await at(noon, () => create(workspace));
    expect(made).toMatchObject({ number: "T-20261121-0001", version: 1 });
    const { rows } = await workspace.kernel.owner.query(
      "select t.number, t.number_fold, tsvector_to_array(t.search) as words, e.after ->> 'number' as told, w.search_code from tickets t join events e on e.record_id = t.id join definitions w on w.tenant_id = t.tenant_id where t.id = $1",
      [made.id],
    );
    const [row] = rows;
    expect(row).toMatchObject({ number: "T-20261121-0001", number_fold: "t-20261121-0001", told: "T-20261121-0001" });
    expect(row.words).toEqual(expect.arrayContaining(["t", "20261121", "0001"].map((word) => row.search_code + word)));
    const readOnly = expect.objectContaining({ code: "READ_ONLY" });
    await expect(create(workspace, { number: "T-1" })).rejects.toEqual(readOnly);
    await expect(call(workspace, "update", { id: made.id, data: { number: "T-1" } })).rejects.toEqual(readOnly);
    expect(await call(workspace, "update", { id: made.id, data: { name: "Renamed", number: "T-20261121-0001" } })).toMatchObject({
      number: "T-20261121-0001",
    });
  });

  test("of two hundred tickets made at once are two hundred, without a gap", async () => {
    const workspace = await aWorkspace();
    const made = await at(noon, () => Promise.all(Array.from({ length: 200 }, () => create(workspace))));
    expect(made.map(({ number }) => number).sort()).toEqual(sequence(200));
  });

  test("of a bulk follow each other in its order, beside single ones", async () => {
    const workspace = await aWorkspace();
    const operations = Array.from({ length: 500 }, (_, n) => ({ op: "create", data: { name: `Ticket ${n}` } }));
    const [bulk, ...single] = await at(noon, () =>
      Promise.all([call(workspace, "bulk", { operations }), ...Array.from({ length: 20 }, () => create(workspace))]),
    );
    const { rows } = await workspace.kernel.owner.query("select id, number from tickets where tenant_id = $1 order by number", [
      workspace.tenant,
    ]);
    expect(rows.map(({ number }) => number)).toEqual(sequence(520));
    const numbers = new Map(rows.map(({ id, number }) => [id, number]));
    const ofBulk = bulk.results.map(({ id }: Plain) => numbers.get(id));
    expect(ofBulk).toEqual([...ofBulk].sort());
    expect(new Set([...ofBulk, ...single.map(({ number }) => number)]).size).toBe(520);
  });

  test("are not used up by what is refused or rolled back", async () => {
    const workspace = await aWorkspace();
    await at(noon, async () => {
      await create(workspace, { code: "A" });
      await expect(create(workspace, { code: "a" })).rejects.toEqual(expect.objectContaining({ code: "DUPLICATE" }));
      await expect(create(workspace, { name: null })).rejects.toEqual(expect.objectContaining({ code: "REQUIRED" }));
      await expect(call(workspace, "close", { fails: "yes" })).rejects.toThrow("changed its mind");
      expect(await call(workspace, "close", {})).toMatchObject({ number: "T-20261121-0002", state: "closed", version: 2 });
      const operations = [
        { op: "create", data: { name: "x", code: "A" } },
        { op: "create", data: { name: "y" } },
      ];
      await expect(call(workspace, "bulk", { mode: "atomic", operations })).rejects.toEqual(
        expect.objectContaining({ code: "BULK_FAILED" }),
      );
      expect((await create(workspace)).number).toBe("T-20261121-0003");
      // A row that fails among others leaves its number out: at most a gap, never one number twice.
      await call(workspace, "bulk", { operations });
      expect((await create(workspace)).number).toBe("T-20261121-0006");
    });
    const { rows } = await workspace.kernel.owner.query("select number from tickets where tenant_id = $1", [workspace.tenant]);
    expect(new Set(rows.map(({ number }) => number)).size).toBe(rows.length);
  });

  test("of a deleted ticket are never given again", async () => {
    const workspace = await aWorkspace();
    await at(noon, async () => {
      const made = await create(workspace);
      await call(workspace, "delete", { id: made.id });
      await call(workspace, "purge", { id: made.id });
      expect((await create(workspace)).number).toBe("T-20261121-0002");
    });
  });

  test("are counted for each workspace by itself", async () => {
    const [one, other] = [await aWorkspace(), await aWorkspace()];
    await at(noon, async () => {
      for (const workspace of [one, other, one]) await create(workspace);
      expect([(await create(one)).number, (await create(other)).number]).toEqual(["T-20261121-0003", "T-20261121-0002"]);
    });
  });

  test.each([
    ["Pacific/Auckland", "2026-11-21T10:59:59.999Z", "T-20261121", "2026-11-21T11:00:00Z", "T-20261122"],
    ["Pacific/Honolulu", "2026-11-22T09:59:59.999Z", "T-20261121", "2026-11-22T10:00:00Z", "T-20261122"],
  ])("begin anew at midnight in %s", async (time_zone, before, today, after, tomorrow) => {
    const workspace = await aWorkspace({ time_zone });
    for (const number of [`${today}-0001`, `${today}-0002`]) expect((await at(before, () => create(workspace))).number).toBe(number);
    for (const number of [`${tomorrow}-0001`, `${tomorrow}-0002`]) expect((await at(after, () => create(workspace))).number).toBe(number);
  });

  test("grow wider after 9999", async () => {
    const workspace = await aWorkspace();
    await at(noon, async () => {
      await create(workspace);
      await workspace.kernel.owner.query("update counters set value = 9998 where tenant_id = $1 and key like 'number:tickets.%'", [
        workspace.tenant,
      ]);
      expect([(await create(workspace)).number, (await create(workspace)).number, (await create(workspace)).number]).toEqual([
        "T-20261121-9999",
        "T-20261121-10000",
        "T-20261121-10001",
      ]);
    });
  });

  test("are never drawn outside a transaction, and a pattern that would repeat them is refused where it is declared", async () => {
    const workspace = await aWorkspace();
    await expect(call(workspace, "plain", {})).rejects.toThrow("declares `atomic`");
    expect(() => numbered(text(), { pattern: "T-{SEQ4}", reset_per: "day" })).toThrow(
      expect.objectContaining({ code: "NUMBERING_NOT_UNIQUE" }),
    );
  });
});
