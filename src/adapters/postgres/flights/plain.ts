import pg from "pg";
import { type Checkable, Checkouts } from "./checkouts.ts";
import { CLOSED, defaultLanes, type FlightOptions, type Flights, landing, TRANSACTION_ENDED, type Work } from "./flight.ts";
import { LostConnection } from "./lost-connection.ts";
import { sendAgain } from "./resend.ts";
import { connector, type LaneKind, type Place } from "./session.ts";
import { checkParameters, checkTenant, type Result, type Step } from "./statement.ts";
import { GO_BACK, RELEASE, SAVEPOINT } from "./unit.ts";

/** The same as `openFlights` in the usual way, one awaited query after the other on a checked-out connection: what the fast way is compared with. */
export async function openPlainFlights(options: FlightOptions): Promise<Flights> {
  const { spelling = "implicit", maxTransactions = 10, onError = () => {} } = options;
  const connect = connector(options.connection, spelling);
  const everyConnection = new Set<Connection>();
  let isClosed = false;
  let inFlight = 0;

  const open = async (place: Place): Promise<Connection> => {
    const { client, connected } = connect(place, false);
    await connected;
    const connection = connectionOf(client, (error) => {
      everyConnection.delete(connection);
      if (!isClosed) onError(error);
    });
    everyConnection.add(connection);
    return connection;
  };
  const checkoutsFor = (place: Place, most: number) => new Checkouts({ most, wait: 30_000, open: () => open(place) });
  const lanesFor = (kind: LaneKind) => checkoutsFor(kind, options.lanes?.[kind] ?? defaultLanes[kind]);
  const lanes = { read: lanesFor("read"), write: lanesFor("write"), search: lanesFor("search"), bulk: lanesFor("bulk") };
  const wide = { read: checkoutsFor("wide read", 2), write: checkoutsFor("wide write", 4) };
  const transactions = checkoutsFor("transaction", maxTransactions);

  const counted = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isClosed) throw new LostConnection(false, CLOSED);
    inFlight++;
    try {
      return await work();
    } finally {
      inFlight--;
    }
  };

  await lanes.read.use(async () => {});

  return {
    run: (tenant, steps, kind) =>
      counted(async () => {
        const attempt = (place: "lane" | "wide") =>
          (place === "lane" ? lanes[kind] : wide[kind === "read" ? "read" : "write"]).use((connection) =>
            transactionOn(connection, tenant, (run) => run(steps)).catch(withoutAnswer),
          );
        return await attempt("lane").catch((error) => sendAgain(error, kind, attempt, () => {}));
      }),

    transaction: (tenant, work) => counted(() => transactions.use((connection) => transactionOn(connection, tenant, work))),

    close: async () => {
      isClosed = true;
      await landing(() => inFlight === 0);
      await Promise.all([...everyConnection].map((connection) => connection.end()));
    },
  };
}

type Connection = Checkable & { client: pg.Client };

function connectionOf(client: pg.Client, onLost: (error: Error) => void): Connection {
  let isDead = false;
  const die = (error: Error) => {
    if (isDead) return;
    isDead = true;
    onLost(error);
  };
  client.on("error", die);
  client.on("end", () => die(new Error("The connection was closed.")));
  return { client, isAlive: () => !isDead, end: () => client.end() };
}

async function transactionOn<T>(connection: Connection, tenant: string | null, work: Work<T>): Promise<T> {
  checkTenant(tenant);
  let isEnded = false;
  let isCommitting = false;
  let failure: unknown = null;

  const run = async (steps: readonly Step[]): Promise<Result[]> => {
    if (isEnded) throw new Error(TRANSACTION_ENDED);
    const results: Result[] = [];
    for (const [{ text }, values] of steps) {
      checkParameters(values);
      try {
        results.push(await query(connection.client, text, values));
      } catch (error) {
        failure ??= connection.isAlive() && error instanceof pg.DatabaseError ? error : new LostConnection(false, error);
        throw failure;
      }
    }
    return results;
  };

  const attempt = async (steps: readonly Step[]): Promise<Result[]> => {
    await run([[SAVEPOINT, []]]);
    try {
      const results = await run(steps);
      await run([[RELEASE, []]]);
      return results;
    } catch (error) {
      if (error instanceof LostConnection) throw error;
      failure = null;
      await run([[GO_BACK, []]]);
      throw error;
    }
  };

  try {
    await connection.client.query("begin");
    if (tenant !== null) await connection.client.query(`set local app.tenant_id = '${tenant}'`); // known to be a UUID
    const result = await work(run, attempt);
    isEnded = true;
    if (failure) throw failure;
    isCommitting = true;
    const { command } = await connection.client.query("commit");
    if (command === "ROLLBACK") throw new Error("The transaction was rolled back.");
    return result;
  } catch (error) {
    isEnded = true;
    await connection.client.query("rollback").catch(() => {});
    if (connection.isAlive() || error instanceof LostConnection) throw error;
    throw new LostConnection(isCommitting, error);
  }
}

// A unit sent as one flight cannot know how far it came; neither does this one, so that both leave the caller the same choice.
function withoutAnswer(error: unknown): never {
  throw error instanceof LostConnection ? new LostConnection(true, error.cause) : error;
}

async function query(client: pg.Client, text: string, values: Step[1]): Promise<Result> {
  const { rows, rowCount } = await client.query({
    text,
    values: [...values],
    rowMode: "array",
    types: AS_SENT,
    queryMode: "extended",
  } as RawQuery);
  return { rows, count: rowCount ?? 0 };
}

type RawQuery = pg.QueryArrayConfig<unknown[]>; // `queryMode` is missing from the types of pg

const AS_SENT = { getTypeParser: () => (text: string) => text } as unknown as pg.CustomTypesConfig;
