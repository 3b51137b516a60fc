import { afterAll, beforeAll, expect, test } from "vitest";
import { aDatabase, aNode, type Database, type Node, until } from "../../../../test/support/nodes.ts";
import { aWorkspace, theKernel, type Workspace } from "../../../../test/support/workspace.ts";
import { perform } from "../../../usecases/kit/perform.ts";
import { statement } from "../flights/statement.ts";
import { uuid7 } from "../flights/uuid.ts";
import { openDrain } from "./feed.ts";

let database: Database;
const nodes: Node[] = [];
beforeAll(async () => {
  database = await aDatabase();
  process.env.TEST_RAPPORT_URL = database.url; // the workspaces of this file lie in its own database
  (await theKernel()).owner.on("error", () => {}); // the database goes before its last connection does
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.close()));
  await database.drop();
});

const node = async (options: Parameters<typeof aNode>[1] = {}): Promise<Node> => {
  const made = await aNode(database.logins.tenant, options);
  nodes.push(made);
  return made;
};
const stop = async (one: Node): Promise<void> => {
  nodes.splice(nodes.indexOf(one), 1);
  await one.close();
};
const feedOf = async (tenant: string) =>
  (await database.owner.query("select position::int, event_id from feed where tenant_id = $1 order by position", [tenant])).rows as {
    position: number;
    event_id: string;
  }[];
const waiting = async () => (await database.owner.query("select count(*)::int as count from outbox")).rows[0].count as number;
const create = (at: Node, { admin }: Workspace, name: string) =>
  perform(at.app, admin.actor, "companies.create", { data: { name } }, { via: "api" });

test("under many writers and three drains every event has one place, in order, without gaps", async () => {
  const workspaces = await Promise.all(Array.from({ length: 20 }, () => aWorkspace()));
  const three = await Promise.all([node({ batch: 7 }), node({ batch: 50 }), node()]);
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let turn = 0; turn < 40; turn++) {
      const workspace = workspaces[(writer * 7 + turn * 3) % workspaces.length] as Workspace;
      await create(three[(writer + turn) % 3] as Node, workspace, `Company ${writer}.${turn}`);
    }
  });
  await Promise.all(writers);
  await until(waiting, (count) => count === 0, 10_000);

  let placed = 0;
  for (const { tenant } of workspaces) {
    const feed = await feedOf(tenant);
    const { rows } = await database.owner.query("select id from events where tenant_id = $1", [tenant]);
    const head = (await database.owner.query("select position::int from feed_heads where tenant_id = $1", [tenant])).rows[0].position;
    expect(feed.map(({ position }) => position)).toEqual(feed.map((_, index) => index + 1));
    expect(feed.map(({ event_id }) => event_id).sort()).toEqual(rows.map(({ id }) => id).sort());
    expect(head).toBe(feed.length);
    placed += feed.length;
  }
  expect(placed).toBe(320);
  expect(three.flatMap(({ errors }) => errors)).toEqual([]);
  await Promise.all(three.map(stop));
});

test("events that are there together take their places in the order of their ids", async () => {
  const workspace = await aWorkspace();
  for (let turn = 0; turn < 30; turn++) await workspace.admin.perform("companies.create", { data: { name: `Company ${turn}` } });
  const one = await node({ batch: 8 });
  await until(waiting, (count) => count === 0);
  const feed = await feedOf(workspace.tenant);
  expect(feed).toHaveLength(30);
  expect(feed.map(({ event_id }) => event_id)).toEqual(feed.map(({ event_id }) => event_id).sort());
  await stop(one);
});

test("what nobody was woken for, because a node died between commit and wake, is found by the sweep", async () => {
  const one = await node({ sweepEvery: 100 });
  const workspace = await aWorkspace();
  await workspace.admin.perform("companies.create", { data: { name: "Written by a node that died" } }); // the kernel of tests wakes no drain
  const feed = await until(
    () => feedOf(workspace.tenant),
    (rows) => rows.length === 1,
  );
  expect(feed[0]?.position).toBe(1);
  await stop(one);
});

test("an event whose transaction commits late takes a later place, and whoever read up to there still hears of it", async () => {
  const one = await node();
  const workspace = await aWorkspace();
  const early = uuid7();
  const insert = `with e as (insert into events (tenant_id, id, at, type, resource, record_id, version, via) values ($1, $2, $3, 'company.created', 'companies', $2, 1, 'api') returning id)
    insert into outbox (tenant_id, event_id) select $1, id from e returning event_id`;
  let read = 0;
  await one.flights.transaction(workspace.tenant, async (run) => {
    await run([[statement(insert), [workspace.tenant, early, new Date().toISOString()]]]);
    await create(one, workspace, "Written meanwhile");
    await until(
      () => feedOf(workspace.tenant),
      (rows) => rows.length === 1,
    );
    read = (await one.feed.after(workspace.tenant, 0, 10)).at(-1)?.position ?? 0;
    expect(read).toBe(1);
  });
  one.drain.wake(workspace.tenant);
  const later = await until(
    () => one.feed.after(workspace.tenant, read, 10),
    (rows) => rows.length === 1,
  );
  expect(later[0]).toMatchObject({ position: 2, event_id: early });
  expect((await feedOf(workspace.tenant)).map(({ event_id }) => event_id)).not.toEqual(
    (await feedOf(workspace.tenant)).map(({ event_id }) => event_id).sort(),
  );
  await stop(one);
});

test("a subscriber that fails leaves the events in the outbox, and hears them again with nothing lost", async () => {
  const heard: string[] = [];
  let fails = true;
  const one = await node({
    sweepEvery: 100,
    subscribers: async (_, events) => {
      heard.push(...events.map(({ id }) => id));
      if (fails) throw new Error("not now");
    },
  });
  const workspace = await aWorkspace();
  await create(one, workspace, "Heard twice");
  await until(
    () => heard.length,
    (count) => count >= 2,
  );
  expect(await feedOf(workspace.tenant)).toEqual([]);
  fails = false;
  const [placed] = await until(
    () => feedOf(workspace.tenant),
    (rows) => rows.length === 1,
  );
  expect(new Set(heard)).toEqual(new Set([placed?.event_id]));
  expect(one.errors.map(({ message }) => message)).toContain("not now");
  await stop(one);
});

test("statements that belong to the drain run in its transaction, with the events they are about", async () => {
  const word = statement("insert into search_words (tenant_id, word) values ($1, $2) on conflict (tenant_id, word) do nothing");
  const one = await node({
    alsoInDrain: [(tenant, events) => events.map(({ after }) => [word, [tenant, JSON.parse(after ?? "{}").name]] as const)],
  });
  const workspace = await aWorkspace();
  await create(one, workspace, "Halden");
  await until(waiting, (count) => count === 0);
  const { rows } = await database.owner.query("select word from search_words where tenant_id = $1", [workspace.tenant]);
  expect(rows).toEqual([{ word: "Halden" }]);
  await stop(one);
});

test("a node that does not drain tells one that does", async () => {
  const [draining, serving] = await Promise.all([node({ sweepEvery: 60_000 }), node({ drains: false })]);
  const workspace = await aWorkspace();
  await create(serving, workspace, "Drained elsewhere");
  await until(
    () => feedOf(workspace.tenant),
    (rows) => rows.length === 1,
    2_000,
  );
  await Promise.all([draining, serving].map(stop));
});

test("the drain sees only ids of other workspaces, and the roles of requests cannot ask the outbox itself", async () => {
  const one = await node();
  const workspace = await aWorkspace();
  await workspace.admin.perform("companies.create", { data: { name: "Unseen" } });
  const [named, seen] = await one.flights.run(
    null,
    [
      [statement("select tenants_with_work($1::uuid, $2::int)"), ["00000000-0000-0000-0000-000000000000", 10]],
      [statement("select count(*) from outbox"), []],
    ],
    "read",
  );
  expect(named?.rows.flat()).toContain(workspace.tenant);
  expect(seen?.rows).toEqual([["0"]]);
  await stop(one);
});

test("the listening connection comes back when it is lost, and says that something may have been missed", async () => {
  const [one, two] = await Promise.all([node(), node()]);
  const heard: (string | null)[] = [];
  two.home.listen("rapport_test", (message) => heard.push(message));
  await until(
    () => {
      one.home.notify("rapport_test", "first");
      return heard;
    },
    (messages) => messages.includes("first"),
  );
  await database.owner.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name like '%home' and datname = current_database()",
  );
  await until(
    () => heard,
    (messages) => messages.includes(null),
  );
  await until(
    () => {
      one.home.notify("rapport_test", "second");
      return heard;
    },
    (messages) => messages.includes("second"),
  );
  await Promise.all([one, two].map(stop));
});

test("a drain that is closed finishes what it began and starts nothing more", async () => {
  const one = await node();
  const workspace = await aWorkspace();
  await workspace.admin.perform("companies.create", { data: { name: "Begun" } });
  const other = openDrain({ flights: one.flights, sweepEvery: 60_000 });
  other.wake(workspace.tenant);
  await other.close();
  await until(
    () => feedOf(workspace.tenant),
    (rows) => rows.length === 1,
  );
  await stop(one);
});
