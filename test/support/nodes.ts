import { randomBytes } from "node:crypto";
import pg from "pg";
import { type Drain, type DrainOptions, openDrain } from "../../src/adapters/postgres/feed/feed.ts";
import { type OpenFeed, openFeed } from "../../src/adapters/postgres/feed/feed-reader.ts";
import { type Home, openHome } from "../../src/adapters/postgres/feed/home.ts";
import { type Flights, openFlights } from "../../src/adapters/postgres/flights/flight.ts";
import { type Logins, migrate, runtimeLogins } from "../../src/adapters/postgres/migrate.ts";
import { definitionsCache } from "../../src/adapters/postgres/records/definitions.ts";
import { openScopes } from "../../src/adapters/postgres/records/scopes.ts";
import { verbs } from "../../src/usecases/catalogue.ts";
import type { App } from "../../src/usecases/kit/perform.ts";

/** A database of its own: what drains here drains nothing of other tests. */
export type Database = { readonly url: string; readonly logins: Logins; readonly owner: pg.Client; drop(): Promise<void> };

export async function aDatabase(): Promise<Database> {
  const server = process.env.TEST_DATABASE_URL ?? "";
  const name = `nodes_${randomBytes(6).toString("hex")}`;
  await asOwner(server, `create database ${name}`);
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href;
  await migrate({ url, folder: "migrations" });
  const owner = new pg.Client({ connectionString: url });
  owner.on("error", () => {}); // some tests end every connection to the database
  await owner.connect();
  return {
    url,
    logins: await runtimeLogins(url),
    owner,
    async drop() {
      await owner.end();
      await asOwner(server, `drop database ${name} with (force)`);
    },
  };
}

export async function asOwner(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

/** One process's worth of what reads, writes and drains. */
export type Node = {
  readonly flights: Flights;
  readonly home: Home;
  readonly feed: OpenFeed;
  readonly drain: Drain;
  readonly app: App;
  readonly errors: Error[];
  close(): Promise<void>;
};

type NodeOptions = Omit<Partial<DrainOptions>, "flights" | "signals">;

export async function aNode(tenant: pg.ClientConfig, options: NodeOptions = {}): Promise<Node> {
  const errors: Error[] = [];
  const onError = (error: Error) => errors.push(error);
  const flights = await openFlights({ connection: tenant, lanes: { read: 2, write: 3, search: 1, bulk: 1 }, onError });
  const home = await openHome({ connection: tenant, onError });
  const feed = openFeed({ flights, signals: home });
  const drain = openDrain({ flights, signals: home, onError, ...options, listeners: [feed.moved, ...(options.listeners ?? [])] });
  const app: App = {
    verbs,
    scopes: openScopes({ flights, definitions: definitionsCache(flights), clock: Date.now, onWrite: drain.wake }),
  };
  return {
    flights,
    home,
    feed,
    drain,
    app,
    errors,
    async close() {
      await drain.close();
      feed.close();
      await home.close();
      await flights.close();
    },
  };
}

/** Waits until something holds, and fails with its last answer where it does not. */
export async function until<T>(ask: () => Promise<T> | T, holds: (answer: T) => boolean, ms = 5_000): Promise<T> {
  const end = performance.now() + ms;
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (performance.now() > end) throw new Error(`It did not come to that in ${ms} ms; the last answer was ${JSON.stringify(answer)}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
