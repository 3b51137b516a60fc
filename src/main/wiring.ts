import type pg from "pg";
import { type Logger, pino } from "pino";
import { openDrain } from "../adapters/postgres/feed/feed.ts";
import { openFeed } from "../adapters/postgres/feed/feed-reader.ts";
import { openHome } from "../adapters/postgres/feed/home.ts";
import { definitionsChannel, tellNodes } from "../adapters/postgres/feed/tell-nodes.ts";
import { type Flights, openFlights } from "../adapters/postgres/flights/flight.ts";
import { statement } from "../adapters/postgres/flights/statement.ts";
import { openIdentity } from "../adapters/postgres/identity/identity.ts";
import { type Logins, migrate, runtimeLogins } from "../adapters/postgres/migrate.ts";
import { definitionsCache } from "../adapters/postgres/records/definitions.ts";
import { openScopes } from "../adapters/postgres/records/scopes.ts";
import { searchPort } from "../adapters/postgres/search/search.ts";
import { searchWordSteps } from "../adapters/postgres/search/search-words.ts";
import { tokens } from "../adapters/secrets/tokens.ts";
import { openTraces } from "../adapters/telemetry/traces.ts";
import { handOver } from "../usecases/background.ts";
import { verbs } from "../usecases/catalogue.ts";
import type { Caller } from "../usecases/identity/ports.ts";
import type { App } from "../usecases/kit/perform.ts";
import type { Ports } from "../usecases/kit/ports.ts";
import { closing } from "./closing.ts";
import type { Configuration } from "./configuration.ts";
import { type Database, spellingOf } from "./database.ts";
import { identityKit } from "./identity.ts";
import type { NodeRole } from "./node-role.ts";
import { migrationsFolder, version } from "./root.ts";
import { openServer } from "./server.ts";
import { openWork } from "./work.ts";

/** The product while it runs; a node that only works has no address. */
export type Started = { readonly address: string | null; readonly stop: () => Promise<void> };

type Given = { readonly role: NodeRole; readonly database: Database; readonly say: (line: string) => void };

/** Opens everything on the database in its order, and takes it over; when one thing fails, what was opened before it is closed again. */
export async function start(configuration: Configuration, { role, database, say }: Given): Promise<Started> {
  const log = pino({ level: configuration.log_level, base: undefined });
  const opened = closing((name, error) => log.error({ err: error }, `${name} did not close cleanly`));
  opened.keep("the database", database);
  try {
    const address = await open(configuration, { role, database, say, log, opened });
    return { address, stop: opened.closeAll };
  } catch (error) {
    await opened.closeAll();
    throw error;
  }
}

type Around = Given & { readonly log: Logger; readonly opened: ReturnType<typeof closing> };

async function open(configuration: Configuration, { role, database, say, log, opened }: Around): Promise<string | null> {
  const [answers, works] = [role !== "worker", role !== "web"];
  const { keep } = opened;

  await migrate({ url: database.url(), folder: migrationsFolder, say });
  const [logins, spelling] = await Promise.all([runtimeLogins(database.url()), spellingOf(database)]);

  const follow = follower(database, logins, { log, isClosing: opened.isClosing });
  const onLost = (error: Error): void => {
    if (opened.isClosing()) return;
    log.warn({ err: error }, "a connection to the database was lost");
    follow.soon();
  };
  const onError = (error: Error): void => log.error({ err: error }, "work behind requests failed; it is tried again");
  const few = { read: 2, write: 3, search: 1, bulk: 1 };
  const flights = keep("the connections of workspaces", await openFlights({ connection: logins.tenant, spelling, onError: onLost }));
  const own = keep(
    "the connections of identity",
    await openFlights({ connection: logins.identity, spelling, onError: onLost, lanes: few }),
  );
  const home = keep("the listening connection", await openHome({ connection: logins.tenant, onError: onLost }));
  const identity = keep("identity", await openIdentity({ flights: own, hash: tokens.hash, listen: logins.identity, onError: onLost }));
  const { kit, mail } = await identityKit(identity, configuration, (failure) => log.error(failure, "a letter could not be sent"));
  keep("mail", mail);
  const work = keep("jobs", await openWork({ ownerUrl: database.url, works, flights, sweepIdentity: identity.sweep, onError }));
  follow.also(work.moved);

  const feed = keep("the feed", openFeed({ flights, signals: home }));
  const drain = openDrain({
    flights,
    signals: home,
    drains: works,
    subscribers: handOver(work.jobs),
    alsoInDrain: [searchWordSteps, tellNodes],
    listeners: [feed.moved],
    onError,
  });
  keep("the drain", drain);

  const definitions = definitionsCache(flights);
  home.listen(definitionsChannel, (tenant) => (tenant === null ? definitions.forgetAll() : definitions.forget(tenant)));
  const scopes = openScopes({
    flights,
    definitions,
    clock: Date.now,
    onWrite: drain.wake,
    // Each verb names what it needs of these.
    more: (call, { caller = nobody }) =>
      ({ identity: kit, caller, jobs: work.jobs, ...(call ? { search: searchPort(call) } : {}) }) as unknown as Partial<Ports>,
  });
  const app: App = { verbs, scopes };
  await work.begin(app);
  openTelemetry(configuration, { log, opened });

  if (!answers) return null;
  const checks = { database: () => select1(flights), identity: () => select1(own) };
  const server = keep("the server", await openServer({ configuration, app, identity, feed, signals: home, logger: log, checks, onError }));
  return server.address;
}

function openTelemetry(configuration: Configuration, { log, opened }: Pick<Around, "log" | "opened">): void {
  const { otel_endpoint: endpoint, otel_headers: headers, otel_service_name: service } = configuration;
  if (!endpoint) return;
  const onFailure = (error: unknown): void => log.warn({ err: error }, "traces could not be sent");
  opened.keep("traces", openTraces({ endpoint, headers, service, version: version(), onFailure }));
}

const nobody: Caller = { address: "", user_agent: "", session: null };

const select1 = (flights: Flights): Promise<unknown> => flights.run(null, [[statement("select 1"), []]], "read");

/**
 * A lost connection may mean that the built-in database was killed: it is started again, on another port, and everything follows it there.
 * The database of DATABASE_URL comes back where it was, and connections come back by themselves.
 */
function follower(database: Database, logins: Logins, { log, isClosing }: { log: Logger; isClosing: () => boolean }) {
  const others: (() => Promise<void>)[] = [];
  let timer: NodeJS.Timeout | null = null;
  let failures = 0;

  async function revive(): Promise<void> {
    const before = database.url();
    try {
      await database.revive();
      if (database.url() !== before) {
        for (const login of [logins.tenant, logins.identity]) pointTo(login, database.url());
        for (const move of others) await move();
        log.warn("the built-in database was gone and has been started again");
      }
      failures = 0;
    } catch (error) {
      log.error({ err: error }, "the built-in database could not be started again");
      if (failures++ < MOST_TRIES) plan(1_000 * 2 ** failures);
    }
  }

  function plan(wait: number): void {
    if (timer || isClosing() || !database.isBuiltIn) return;
    timer = setTimeout(() => {
      timer = null;
      if (!isClosing()) void revive();
    }, wait);
    timer.unref();
  }

  return { soon: () => plan(100), also: (move: () => Promise<void>) => others.push(move) };
}

const MOST_TRIES = 6; // with growing waits, two minutes

/** Connections that are opened from now on go there. */
function pointTo(login: pg.ClientConfig, url: string): void {
  const { hostname, port } = new URL(url);
  Object.assign(login, { host: hostname, port: Number(port) });
}
