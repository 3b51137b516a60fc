import pg from "pg";
import { openJobs } from "../../src/adapters/jobs/jobs.ts";
import { openFlights } from "../../src/adapters/postgres/flights/flight.ts";
import { openIdentity } from "../../src/adapters/postgres/identity/identity.ts";
import { runtimeLogins } from "../../src/adapters/postgres/migrate.ts";
import { tokens } from "../../src/adapters/secrets/tokens.ts";
import { systemIn } from "../../src/domain/access/system.ts";
import { perform } from "../../src/usecases/kit/perform.ts";
import { aLiveNode } from "./live-node.ts";

/** What a test asks of a node that is a process of its own. */
export type Asked = { readonly write: { readonly tenant: string; readonly count: number } } | { readonly hold: string };
/** What such a node says. */
export type Told = { readonly address: string } | { readonly wrote: string } | { readonly holds: string } | { readonly failed: string };

const url = process.argv[2] ?? "";
const say = (told: Told) => process.send?.(told);
let holding: string | null = null;

const logins = await runtimeLogins(url);
const flights = await openFlights({ connection: logins.identity, lanes: { read: 1, write: 1, search: 1, bulk: 1 } });
const identity = await openIdentity({ flights, hash: tokens.hash, listen: logins.identity });
const node = await aLiveNode(logins.tenant, identity, { options: { sweepEvery: 1_000 } });
const jobs = await openJobs({
  connection: { connectionString: url },
  queues: { "test.note": { tries: 5, delay: 1, longest: 1 } },
  settings: { heartbeat: 10, watch: 1, poll: 1, stop: 1, clock: 30 },
});
const own = new pg.Client({ connectionString: url });
await own.connect();
await jobs.work("test.note", async ({ data }) => {
  if (data.number === holding) {
    say({ holds: String(data.number) });
    await new Promise(() => {}); // until somebody ends this process
  }
  await own.query("insert into noted (number, process) values ($1, $2)", [data.number, process.pid]);
});

process.on("message", async (asked: Asked) => {
  try {
    if ("hold" in asked) {
      holding = asked.hold;
      return say({ holds: "" });
    }
    const { tenant, count } = asked.write;
    for (let index = 0; index < count; index++) {
      const data = { name: `Company ${index} of ${process.pid}` };
      const { answer } = await perform(node.app, systemIn(tenant), "companies.create", { data }, { via: "command" });
      say({ wrote: (answer as { id: string }).id });
    }
  } catch (error) {
    say({ failed: String(error) });
  }
});
process.on("disconnect", () => process.exit());
say({ address: node.address });
