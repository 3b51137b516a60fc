import type pg from "pg";
import { Checkouts } from "./checkouts.ts";
import { Lane, SILENCE_CHECK } from "./lane.ts";
import { Lanes } from "./lanes.ts";
import { LostConnection } from "./lost-connection.ts";
import { sendAgain } from "./resend.ts";
import { connector, type LaneKind, type Place, type Spelling } from "./session.ts";
import { checkTenant, type Result, type Step } from "./statement.ts";
import { COMMIT, endingFlight, GO_BACK, RELEASE, ROLLBACK, SAVEPOINT } from "./unit.ts";

export type { LaneKind } from "./session.ts";

/** Runs statements as transactions with the tenant set; a tenant of null sets none. */
export interface Flights {
  /**
   * The steps as one transaction in one flight: all or nothing, results in the order of the steps.
   * They are prepared before the first of them runs, so none may need a table that another one makes.
   */
  run(tenant: string | null, steps: readonly Step[], lane: LaneKind): Promise<Result[]>;
  /** An interactive transaction on a connection of its own: commits when the work resolves, rolls back when it throws. It never waits for a lane. */
  transaction<T>(tenant: string | null, work: Work<T>): Promise<T>;
  /** Waits for what is in flight, a few seconds at most, and closes all connections. */
  close(): Promise<void>;
}

/** What happens in an interactive transaction. Each `run` is one flight; an `attempt` is one too, and when it fails the transaction goes on as if it had not been. */
export type Work<T> = (run: Send, attempt: Send) => Promise<T>;
export type Send = (steps: readonly Step[]) => Promise<Result[]>;

export type FlightOptions = {
  connection: pg.ClientConfig;
  /** How many connections of each kind; by default 3 read, 8 write, 2 search, 2 bulk. */
  lanes?: Partial<Record<LaneKind, number>>;
  spelling?: Spelling;
  /** How many interactive transactions at once; by default 10. */
  maxTransactions?: number;
  /** Hears of every lost connection. */
  onError?: (error: Error) => void;
};

export const defaultLanes: Record<LaneKind, number> = { read: 3, write: 8, search: 2, bulk: 2 };

/** Opens the fast way: units as single flights, several at once on each connection. Resolves when the database has answered. */
export async function openFlights(options: FlightOptions): Promise<Flights> {
  const { spelling = "implicit", maxTransactions = 10, onError = () => {} } = options;
  const connect = connector(options.connection, spelling);

  const laneAt = (place: Place, onLost: (lane: Lane) => void): Lane => {
    const lane: Lane = new Lane(connect(place, true), place, spelling, (error) => {
      everyLane.delete(lane);
      onLost(lane);
      if (!isClosed) onError(error);
    });
    everyLane.add(lane);
    return lane;
  };
  const lanesFor = (kind: LaneKind) => new Lanes(options.lanes?.[kind] ?? defaultLanes[kind], (onLost) => laneAt(kind, onLost));
  const checkoutsFor = (place: Place, most: number, wait: number) => {
    const open = async () => {
      const lane = laneAt(place, () => {});
      await lane.opened;
      return lane;
    };
    return new Checkouts({ most, wait, open });
  };

  let isClosed = false;
  let resending = 0;
  const everyLane = new Set<Lane>();
  const lanes = { read: lanesFor("read"), write: lanesFor("write"), search: lanesFor("search"), bulk: lanesFor("bulk") };
  const wide = { read: checkoutsFor("wide read", 2, 2_000), write: checkoutsFor("wide write", 4, 5_000) };
  const transactions = checkoutsFor("transaction", maxTransactions, 5_000);
  const watch = setInterval(() => {
    for (const lane of everyLane) lane.checkSilence();
    for (const checkouts of [wide.read, wide.write, transactions]) checkouts.sweep(performance.now());
  }, SILENCE_CHECK);
  watch.unref();

  const onLane = (tenant: string | null, steps: readonly Step[], kind: LaneKind): Promise<Result[]> =>
    new Promise((resolve, reject) => {
      lanes[kind].send(tenant, steps, (error, results) => (error === null ? resolve(results) : reject(error)));
    });

  const again = async (failure: unknown, tenant: string | null, steps: readonly Step[], kind: LaneKind): Promise<Result[]> => {
    const onWide = () => wide[kind === "read" ? "read" : "write"].use((lane) => lane.sendAlone(tenant, steps));
    const forget = () => lanes[kind].forget(steps);
    resending++;
    try {
      return await sendAgain(failure, kind, (place) => (place === "wide" ? onWide() : onLane(tenant, steps, kind)), forget);
    } finally {
      resending--;
    }
  };

  const close = async (): Promise<void> => {
    isClosed = true;
    await landing(() => resending === 0 && transactions.load === 0 && [...everyLane].every((lane) => lane.load === 0));
    clearInterval(watch);
    await Promise.all([...everyLane].map((lane) => lane.end()));
  };

  try {
    await Promise.all([lanes.read.openFirst(), lanes.write.openFirst()]);
  } catch (error) {
    await close();
    throw error;
  }

  return {
    // The straight way is one promise; whatever else may be needed is made only after a failure.
    run: (tenant, steps, kind) =>
      new Promise((resolve, reject) => {
        if (isClosed) throw new LostConnection(false, CLOSED);
        if (steps.length === 0) return resolve([]);
        lanes[kind].send(tenant, steps, (error, results) => {
          if (error === null) resolve(results);
          else again(error, tenant, steps, kind).then(resolve, reject);
        });
      }),

    transaction: async (tenant, work) => {
      if (isClosed) throw new LostConnection(false, CLOSED);
      return await transactions.use((lane) => transactionOn(lane, tenant, work));
    },

    close,
  };
}

/** Why nothing is sent after `close`. */
export const CLOSED = new Error("The flights have been closed.");

/** What a statement hears that comes after its transaction. */
export const TRANSACTION_ENDED = "The transaction has ended; wait for its statements before the work resolves.";

/** Waits until nothing is in flight any more, five seconds at most. */
export async function landing(isDone: () => boolean): Promise<void> {
  const until = performance.now() + 5_000;
  while (!isDone() && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function transactionOn<T>(lane: Lane, tenant: string | null, work: Work<T>): Promise<T> {
  checkTenant(tenant);
  let isBegun = false;
  let isEnded = false;
  let failure: unknown = null;

  const send = (steps: readonly Step[]): Promise<Result[]> => {
    if (isEnded) throw new Error(TRANSACTION_ENDED);
    const answer = lane.sendInside(isBegun ? null : { tenant }, steps);
    isBegun = true;
    return answer;
  };
  const spoil = (error: unknown): never => {
    // Without a commit nothing can have happened.
    failure ??= error instanceof LostConnection ? new LostConnection(false, error.cause) : error;
    throw failure;
  };
  const run = async (steps: readonly Step[]): Promise<Result[]> => (steps.length === 0 ? [] : await send(steps).catch(spoil));
  const attempt = async (steps: readonly Step[]): Promise<Result[]> => {
    try {
      return (await send([[SAVEPOINT, []], ...steps, [RELEASE, []]])).slice(1, -1);
    } catch (error) {
      if (failure || error instanceof LostConnection) return spoil(error);
      await run([[GO_BACK, []]]);
      throw error;
    }
  };

  try {
    const result = await work(run, attempt);
    if (failure) throw failure;
    isEnded = true;
    if (isBegun) await lane.fly(endingFlight(COMMIT));
    return result;
  } catch (error) {
    isEnded = true;
    if (isBegun) await lane.fly(endingFlight(ROLLBACK)).catch(() => {}); // if it fails, the lane has given its connection up
    throw error;
  }
}
