import { afterAll, beforeAll, expect, test } from "vitest";
import { aDatabase, aNode, type Database, until } from "../../../test/support/nodes.ts";
import { aWorkspace, theKernel } from "../../../test/support/workspace.ts";
import { type Background, handOver, queues, startWork } from "../../usecases/background.ts";
import { crons, tidyWorkspace } from "../../usecases/housekeeping.ts";
import { perform } from "../../usecases/kit/perform.ts";
import { openHousekeeping } from "../postgres/feed/housekeeping.ts";
import { type JobsOptions, type OpenJobs, openJobs } from "./jobs.ts";

const DAY = 86_400_000;
const TENANT = "019a0000-0000-7000-8000-000000000001";
const OTHER = "019a0000-0000-7000-8000-000000000002";

let database: Database;
const open: OpenJobs[] = [];
beforeAll(async () => {
  database = await aDatabase();
  process.env.TEST_RAPPORT_URL = database.url; // the workspaces of this file lie in its own database
  (await theKernel()).owner.on("error", () => {}); // the database goes before its last connection does
});
afterAll(async () => {
  await Promise.all(open.map((jobs) => jobs.close()));
  await database.drop();
});

const quick = { tries: 3, delay: 1, longest: 1 };
const someQueues = { "test.count": { at_once: 4 }, "test.fail": quick, "test.slow": quick };
async function some(options: Partial<JobsOptions> = {}): Promise<OpenJobs> {
  const settings = { poll: 1, stop: 1, watch: 1, clock: 1, ...options.settings };
  const jobs = await openJobs({ connection: { connectionString: database.url }, queues: someQueues, ...options, settings });
  open.push(jobs);
  return jobs;
}
const stop = async (jobs: OpenJobs): Promise<void> => {
  open.splice(open.indexOf(jobs), 1);
  await jobs.close();
};

test("two nodes that start at once on an empty database make one queue, and each job runs once however often it is handed over", async () => {
  const [one, two] = await Promise.all([some(), some()]);
  const ran: string[] = [];
  for (const node of [one, two]) await node.work("test.count", async ({ data }) => void ran.push(String(data.number)));
  const jobs = Array.from({ length: 200 }, (_, number) => ({
    name: "test.count",
    tenant: TENANT,
    key: `event ${number}`,
    data: { number },
  }));
  await Promise.all([one.enqueueAll(jobs), two.enqueueAll(jobs)]);
  await one.enqueueAll(jobs.slice(0, 50)); // as a drain does that crashed before it could say so
  await until(
    () => ran.length,
    (count) => count >= 200,
    15_000,
  );
  await one.enqueueAll(jobs); // a job that is done stays known
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(ran).toHaveLength(200);
  expect(new Set(ran).size).toBe(200);
  await Promise.all([one, two].map(stop));
});

test("the same key of another workspace or another name is another job", async () => {
  const jobs = await some();
  const ran: unknown[] = [];
  for (const name of ["test.count", "test.slow"]) await jobs.work(name, async (job) => void ran.push([job.name, job.tenant, job.attempt]));
  const about = { key: "the same", data: {} };
  await jobs.enqueueAll([
    { name: "test.count", tenant: TENANT, ...about },
    { name: "test.count", tenant: OTHER, ...about },
    { name: "test.slow", tenant: TENANT, ...about },
  ]);
  await until(
    () => ran.length,
    (count) => count === 3,
  );
  expect(ran).toEqual(
    expect.arrayContaining([
      ["test.count", TENANT, 1],
      ["test.count", OTHER, 1],
      ["test.slow", TENANT, 1],
    ]),
  );
  await stop(jobs);
});

test("a job with a name that nobody declared is a mistake, and is said so at once", async () => {
  const jobs = await some({ works: false });
  await expect(jobs.enqueue("test.misspelt", {})).rejects.toThrow("There is no job named test.misspelt.");
  await stop(jobs);
});

test("a job that fails is tried again later each time, then lies among the dead letters of its workspace until someone tries it anew", async () => {
  const jobs = await some();
  const tries: { at: number; attempt: number }[] = [];
  let fails = true;
  await jobs.work("test.fail", async ({ attempt }) => {
    tries.push({ at: performance.now(), attempt });
    if (fails) throw new Error("The other side is not there.");
  });
  await jobs.enqueue("test.fail", { record_id: "7" }, { tenant: TENANT, key: "dead" });
  const [letter] = await until(
    () => jobs.deadLetters(TENANT),
    (letters) => letters.length > 0,
    15_000,
  );
  expect(tries.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  expect((tries[1]?.at ?? 0) - (tries[0]?.at ?? 0)).toBeGreaterThan(400); // half of a second and up: the wait is spread at random
  expect(letter).toMatchObject({ name: "test.fail", data: { record_id: "7" }, error: "The other side is not there.", tries: 3 });
  expect(Date.parse(letter?.failed_at ?? "")).toBeGreaterThan(Date.now() - 60_000);

  expect(await jobs.deadLetters(OTHER)).toEqual([]);
  expect(await jobs.deadLetters(null)).toEqual([]);
  expect(await jobs.retry(letter?.id ?? "", OTHER)).toBe(false);
  fails = false;
  expect(await jobs.retry(letter?.id ?? "", TENANT)).toBe(true);
  await until(
    () => tries.length,
    (count) => count === 4,
  );
  expect(await jobs.deadLetters(TENANT)).toEqual([]);
  expect(await jobs.retry(letter?.id ?? "", TENANT)).toBe(false);
  await stop(jobs);
});

test("dead letters come in pages, newest first", async () => {
  const jobs = await some({ queues: { ...someQueues, "test.fail": { tries: 1 } } });
  await jobs.work("test.fail", async () => {
    throw new Error("no");
  });
  for (const number of [1, 2, 3, 4, 5]) await jobs.enqueue("test.fail", { number }, { tenant: OTHER });
  await until(
    () => jobs.deadLetters(OTHER),
    (letters) => letters.length === 5,
    15_000,
  );
  const first = await jobs.deadLetters(OTHER, { limit: 3 });
  const rest = await jobs.deadLetters(OTHER, { limit: 3, before: first.at(-1)?.id ?? null });
  expect([...first, ...rest].map(({ data }) => data.number).sort()).toEqual([1, 2, 3, 4, 5]);
  expect([first.length, rest.length]).toEqual([3, 2]);
  await stop(jobs);
});

test("a node that stops hands back what it could not finish, and another one does it", async () => {
  const [leaving, staying] = await Promise.all([some(), some({ works: true })]);
  const began = new Promise<void>((resolve) => {
    void leaving.work("test.slow", async ({ signal }) => {
      resolve();
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped"))));
    });
  });
  await leaving.enqueue("test.slow", { left: true }, { tenant: TENANT });
  await began;
  const done: unknown[] = [];
  await stop(leaving);
  await staying.work("test.slow", async ({ data, attempt }) => void done.push([data, attempt]));
  await until(
    () => done.length,
    (count) => count === 1,
    15_000,
  );
  expect(done).toEqual([[{ left: true }, 2]]);
  await stop(staying);
});

async function aWorkingNode() {
  const queue = await some({ queues });
  const node = await aNode(database.logins.tenant, { subscribers: handOver(queue) });
  const housekeeping = openHousekeeping({ flights: node.flights, owner: database.url, sweepIdentity: async () => 0 });
  const background: Background = { app: node.app, jobs: queue, housekeeping, now: () => new Date().toISOString() };
  await startWork(background);
  return { queue, node, background, close: () => Promise.all([stop(queue), node.close()]) };
}

test("when a custom field is deleted, what records were found by under it goes, by a job that its event asks for", async () => {
  const at = await aWorkingNode();
  const workspace = await aWorkspace();
  const call = (verb: string, input: unknown) => perform(at.node.app, workspace.admin.actor, verb, input, { via: "api" });
  const field = await workspace.admin.perform("fields.create", {
    data: { resource: "companies", key: "region_code", label: "Region", type: "text" },
  });
  const values = Array.from({ length: 3 }, (_, item) => [workspace.tenant, field.id, workspace.admin.id, item]);
  for (const value of values)
    await database.owner.query(
      "insert into custom_values (tenant_id, field_id, resource, record_id, item, text_fold) values ($1, $2, 'companies', $3, $4, 'x')",
      value,
    );
  await call("fields.delete", { id: field.id });
  const left = async () =>
    (await database.owner.query("select count(*)::int as count from custom_values where field_id = $1", [field.id])).rows[0].count;
  expect(await until(left, (count) => count === 0)).toBe(0);
  await at.close();
});

test("at night what has lain in the trash for 30 days is purged with its event, and kept answers of yesterday go", async () => {
  const at = await aWorkingNode();
  const workspace = await aWorkspace();
  const { admin, tenant } = workspace;
  const [old, young] = [
    await admin.perform("companies.create", { data: { name: "Old" } }),
    await admin.perform("companies.create", { data: { name: "Young" } }),
  ];
  for (const { id } of [old, young]) await admin.perform("companies.delete", { id });
  await database.owner.query("update companies set deleted_at = $3 where tenant_id = $1 and id = $2", [
    tenant,
    old.id,
    new Date(Date.now() - 31 * DAY),
  ]);
  await database.owner.query("update companies set deleted_at = $3 where tenant_id = $1 and id = $2", [
    tenant,
    young.id,
    new Date(Date.now() - 29 * DAY),
  ]);
  for (const [key, age] of [
    ["old", 2],
    ["young", 0.5],
  ] as const)
    await database.owner.query(
      "insert into idempotency_keys (tenant_id, actor_id, key, body_hash, state, claim_id, claimed_until, created_at) values ($1, $2, $3, 'x', 'done', $2, $4, $4)",
      [tenant, admin.id, key, new Date(Date.now() - age * DAY)],
    );

  await at.queue.enqueue("housekeeping.workspaces", {});
  await until(
    () => workspace.eventsOf(old),
    (events) => events.at(-1) === "company.purged",
    10_000,
  );
  expect((await database.owner.query("select id from companies where tenant_id = $1", [tenant])).rows).toEqual([{ id: young.id }]);
  expect((await database.owner.query("select via from events where tenant_id = $1 and type = 'company.purged'", [tenant])).rows).toEqual([
    { via: "job" },
  ]);
  const keys = async () =>
    (await database.owner.query("select key from idempotency_keys where tenant_id = $1", [tenant])).rows.map(({ key }) => key);
  expect(await until(keys, (left) => left.length === 1)).toEqual(["young"]);
  await at.close();
});

test("every kind of job has its queue, and what goes by the clock is scheduled once however many nodes there are", async () => {
  const two = await Promise.all([aWorkingNode(), aWorkingNode()]);
  const { rows } = await database.owner.query("select name, cron, timezone from jobs.schedule order by name");
  expect(rows).toEqual(
    crons.map(({ name, schedule }) => ({ name, cron: schedule, timezone: "UTC" })).sort((a, b) => (a.name < b.name ? -1 : 1)),
  );
  const names = (await database.owner.query("select name from jobs.queue")).rows.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining([...Object.keys(queues), "dead_letters", tidyWorkspace]));
  await Promise.all(two.map((one) => one.close()));
});

test("the months to come have their partitions, and making them again changes nothing", async () => {
  const at = await aWorkingNode();
  const partitions = async () =>
    (await database.owner.query("select count(*)::int as count from pg_inherits where inhparent = 'events'::regclass")).rows[0].count;
  const before = await partitions();
  await at.background.housekeeping.makePartitions();
  expect(await partitions()).toBe(before);
  expect(before).toBeGreaterThanOrEqual(5);
  await at.close();
});

test("an administrator sees the dead letters of the workspace and tries one again; a rep may do neither", async () => {
  const queue = await some({ queues: { "test.fail": { tries: 1 } } });
  const workspace = await aWorkspace();
  let fails = true;
  let ran = 0;
  await queue.work("test.fail", async () => {
    ran++;
    if (fails) throw new Error("not there");
  });
  await queue.enqueue("test.fail", {}, { tenant: workspace.tenant });
  await until(
    () => queue.deadLetters(workspace.tenant),
    (letters) => letters.length === 1,
    10_000,
  );
  const app = {
    ...workspace.kernel.app,
    scopes: { ...workspace.kernel.app.scopes, open: withJobs(workspace.kernel.app.scopes.open, queue) },
  };
  const call = (who: typeof workspace.admin, verb: string, input: unknown) => perform(app, who.actor, verb, input, { via: "api" });

  const { answer } = (await call(workspace.admin, "jobs.dead_letters", {})) as { answer: any };
  expect(answer).toMatchObject({ data: [{ name: "test.fail", error: "not there", tries: 1 }], next_cursor: null });
  const rep = await workspace.member("rep");
  await expect(call(rep, "jobs.dead_letters", {})).rejects.toMatchObject({ code: "FORBIDDEN" });
  await expect(call(rep, "jobs.retry", { id: answer.data[0].id })).rejects.toMatchObject({ code: "FORBIDDEN" });
  await expect(call((await aWorkspace()).admin, "jobs.retry", { id: answer.data[0].id })).rejects.toMatchObject({ code: "NOT_FOUND" });
  fails = false;
  await call(workspace.admin, "jobs.retry", { id: answer.data[0].id });
  await until(
    () => ran,
    (count) => count === 2,
  );
  await stop(queue);
});

/** The scopes of tests, with the port that main adds. */
const withJobs =
  (inner: Background["app"]["scopes"]["open"], jobs: OpenJobs): Background["app"]["scopes"]["open"] =>
  (actor, how, work) =>
    inner(actor, how, (ports) => work({ ...ports, jobs } as typeof ports));
