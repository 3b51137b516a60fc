import { type ChildProcess, fork } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openJobs } from "../src/adapters/jobs/jobs.ts";
import { anInstallation, type Installation, signUp } from "./support/identity.ts";
import { connectLive } from "./support/live-client.ts";
import type { Asked, Told } from "./support/node-process.ts";
import { until } from "./support/nodes.ts";

type Process = {
  readonly address: string;
  readonly told: Told[];
  readonly pid: number;
  ask(asked: Asked): void;
  kill(): Promise<void>;
};

let at: Installation;
let url: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  at = await anInstallation();
  at.owner.on("error", () => {}); // the database goes before its last connection does
  url = Object.assign(new URL(process.env.TEST_DATABASE_URL ?? ""), { pathname: `/${at.owner.database}` }).href;
  await at.owner.query("create table noted (number text not null, process integer not null)");
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await at.close();
});

async function aProcess(): Promise<Process> {
  const child = fork("test/support/node-process.ts", [url], {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  children.push(child);
  const told: Told[] = [];
  child.on("message", (one: Told) => told.push(one));
  const gone = new Promise<void>((resolve) => child.on("exit", () => resolve()));
  const [ready] = await until(
    () => told.flatMap((one) => ("address" in one ? [one] : [])),
    (found) => found.length > 0,
    20_000,
  );
  return {
    address: ready?.address ?? "",
    told,
    pid: child.pid ?? 0,
    ask: (asked) => void child.send(asked),
    async kill() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

const wrote = ({ told }: Process): string[] => told.flatMap((one) => ("wrote" in one ? [one.wrote] : []));
const noted = async () => (await at.owner.query("select number, process from noted")).rows as { number: string; process: number }[];

test("two processes see each other's changes within a second, share the jobs, and when one is killed nothing is lost", {
  timeout: 90_000,
}, async () => {
  const [one, two] = await Promise.all([aProcess(), aProcess()]);
  const anna = await signUp(at);
  const { key } = await at.call("keys.create", { name: "Test", role: "admin" }, { as: anna.token });
  const client = await connectLive(two.address, { key, origin: null });
  client.say({ subscribe: { resource: "companies" } });
  await client.hear((message) => message.ready);

  const began = performance.now();
  one.ask({ write: { tenant: anna.tenant, count: 1 } });
  await client.hear((message) => message.type === "company.created", 1_000);
  expect(performance.now() - began).toBeLessThan(1_000);

  const jobs = await openJobs({
    connection: { connectionString: url },
    queues: { "test.note": { tries: 5, delay: 1, longest: 1 } },
    works: false,
    settings: { heartbeat: 10 },
  });
  const numbers = Array.from({ length: 100 }, (_, index) => `${index}`);
  for (let twice = 0; twice < 2; twice++)
    await jobs.enqueueAll(numbers.map((number) => ({ name: "test.note", tenant: anna.tenant, key: number, data: { number } })));
  await until(noted, (rows) => rows.length >= 100, 15_000);
  expect((await noted()).map(({ number }) => number).sort()).toEqual([...numbers].sort());
  expect(new Set((await noted()).map(({ process }) => process))).toEqual(new Set([one.pid, two.pid]));

  one.ask({ hold: "held" });
  await until(
    () => one.told.some((told) => "holds" in told),
    (holds) => holds,
  );
  // Either process may take such a job, and only the first one keeps it: they are handed over until that one has some.
  let handed = 0;
  await until(
    async () => {
      await jobs.enqueue("test.note", { number: "held" }, { tenant: anna.tenant, key: `held ${handed++}` });
      return one.told.some((told) => "holds" in told && told.holds === "held");
    },
    (holds) => holds,
    10_000,
  );
  one.ask({ write: { tenant: anna.tenant, count: 10_000 } });
  await until(
    () => wrote(one).length,
    (count) => count >= 60,
  );
  await one.kill();

  // What it had committed has its place and was heard, whether or not it came to placing it.
  const committed = async () =>
    (await at.owner.query("select record_id from events where tenant_id = $1 and type = 'company.created'", [anna.tenant])).rows.map(
      (row) => row.record_id as string,
    );
  const ids = await committed();
  expect(ids.length).toBeGreaterThanOrEqual(60);
  expect(ids).toEqual(expect.arrayContaining(wrote(one)));
  await until(
    () => client.frames().length,
    (count) => count >= ids.length,
    10_000,
  );
  expect(
    client
      .frames()
      .map(({ id }) => id)
      .sort(),
  ).toEqual((await committed()).sort());
  const places = (await at.owner.query("select position::int from feed where tenant_id = $1 order by position", [anna.tenant])).rows.map(
    (row) => row.position,
  );
  expect(places).toEqual(places.map((_, index) => index + 1));
  expect((await at.owner.query("select count(*)::int as count from outbox where tenant_id = $1", [anna.tenant])).rows).toEqual([
    { count: 0 },
  ]);

  // What it held is done by the other, once its death was noticed; nothing is done twice.
  const held = async () => (await noted()).filter(({ number }) => number === "held");
  const done = await until(held, (rows) => rows.length >= handed, 40_000);
  expect(done.map(({ process }) => process)).toEqual(done.map(() => two.pid));
  expect(done).toHaveLength(handed);
  client.terminate();
  await jobs.close();
  await two.kill();
});
