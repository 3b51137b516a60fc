import type { Outgoing, Signals } from "../../../usecases/kit/feed.ts";
import { arrayLiteral } from "../flights/array-literal.ts";
import type { Flights } from "../flights/flight.ts";
import { type Row, type Step, statement } from "../flights/statement.ts";
import { instant } from "../records/columns.ts";

/** Gives each event its place in its workspace's feed, and tells who follows. */
export type Drain = {
  /** Something was written in this workspace. */
  wake(tenant: string): void;
  /** Looks for workspaces whose events nobody was woken for. */
  sweep(): Promise<void>;
  /** Waits until what this node was woken for is done. */
  idle(): Promise<void>;
  close(): Promise<void>;
};

/** Where a feed has moved. */
export type Moved = { readonly tenant: string; readonly from: number; readonly to: number };

export type DrainOptions = {
  readonly flights: Flights;
  /** The other nodes; left out where this is the only one. */
  readonly signals?: Signals | null;
  /** A node that does not drain tells those that do. */
  readonly drains?: boolean;
  /** Hears events before they have their place. After a crash it hears them again, so what it starts must be known by the event's id. */
  readonly subscribers?: (tenant: string, events: readonly Outgoing[]) => Promise<void>;
  /** Hear of every move of a feed that this node made. */
  readonly listeners?: readonly ((moved: Moved) => void)[];
  /** Further statements of the drain's own transaction; they too may run twice. */
  readonly alsoInDrain?: readonly ((tenant: string, events: readonly Outgoing[]) => readonly Step[])[];
  readonly onError?: (error: Error) => void;
  /** Milliseconds between two looks for what was missed. */
  readonly sweepEvery?: number;
  /** How many events take their place in one transaction. */
  readonly batch?: number;
};

/** What other nodes send: that a workspace has work, and that a feed has moved. */
export const workChannel = "rapport_feed";
export const movedChannel = "rapport_live";

/** Starts to drain the outbox: one node at a time per workspace, several workspaces at once. */
export function openDrain(options: DrainOptions): Drain {
  const { flights, signals = null, drains = true, onError = () => {}, sweepEvery = 5_000, batch = 500 } = options;
  /** Workspaces being drained, and those drained a moment ago; `again` says that they were woken meanwhile. */
  const running = new Map<string, { again: boolean }>();
  const resting = new Map<string, { again: boolean }>();
  const waiting = new Set<string>();
  const idlers = new Set<() => void>();
  let isClosed = false;

  function wake(tenant: string): void {
    if (isClosed) return;
    if (!drains) {
      signals?.notify(workChannel, tenant);
      return;
    }
    const busy = running.get(tenant) ?? resting.get(tenant);
    if (busy) busy.again = true;
    else waiting.add(tenant);
    pump();
  }

  function pump(): void {
    for (const tenant of waiting) {
      if (running.size >= MOST_AT_ONCE) return;
      waiting.delete(tenant);
      const state = { again: false };
      running.set(tenant, state);
      drainTenant(tenant)
        .catch((error) => onError(error as Error)) // its rows still lie in the outbox; the sweep comes back to them
        .finally(() => {
          running.delete(tenant);
          if (!isClosed) rest(tenant, state);
          pump();
          tellIdlers();
        });
    }
  }

  /** Writes come in crowds: after a short rest one transaction serves many of them. */
  function rest(tenant: string, state: { again: boolean }): void {
    resting.set(tenant, state);
    setTimeout(() => {
      resting.delete(tenant);
      if (state.again) wake(tenant);
      tellIdlers();
    }, GATHER_MS);
  }

  async function drainTenant(tenant: string): Promise<void> {
    let refused = 0;
    while (!isClosed) {
      const events = await readOutbox(flights, tenant, batch);
      if (events.length === 0) return;
      await options.subscribers?.(tenant, events);
      const further = (options.alsoInDrain ?? []).flatMap((steps) => steps(tenant, events));
      const moved = await place(flights, tenant, events, further);
      if (moved === "elsewhere") {
        if (++refused > MOST_TRIES) return;
        await pause(5 * 2 ** refused);
        continue;
      }
      refused = 0;
      if (moved) announce(moved);
      if (events.length < batch) return;
    }
  }

  function announce(moved: Moved): void {
    for (const hear of options.listeners ?? []) {
      try {
        hear(moved);
      } catch (error) {
        onError(error as Error);
      }
    }
    signals?.notify(movedChannel, `${moved.tenant}:${moved.to}`);
  }

  async function sweep(): Promise<void> {
    let after = FIRST_TENANT;
    for (;;) {
      const [found] = await flights.run(null, [[tenantsWithWork, [after, SWEPT_AT_ONCE]]], "read");
      const tenants = (found?.rows ?? []).map(([tenant]) => tenant ?? "");
      for (const tenant of tenants) wake(tenant);
      if (tenants.length < SWEPT_AT_ONCE) return;
      after = tenants.at(-1) ?? after;
    }
  }

  const look = () => void sweep().catch((error) => onError(error as Error));
  const timer = drains ? setInterval(look, sweepEvery).unref() : undefined;
  const deaf = drains ? signals?.listen(workChannel, (tenant) => (tenant === null ? look() : wake(tenant))) : undefined;
  if (drains) look();

  const isIdle = () => running.size === 0 && waiting.size === 0 && ![...resting.values()].some(({ again }) => again);
  const tellIdlers = (): void => {
    if (isIdle()) for (const done of idlers) done();
  };
  const idle = (): Promise<void> =>
    isIdle()
      ? Promise.resolve()
      : new Promise((resolve) => {
          const done = () => {
            idlers.delete(done);
            resolve();
          };
          idlers.add(done);
        });

  return {
    wake,
    sweep,
    idle,
    async close() {
      isClosed = true;
      clearInterval(timer);
      deaf?.();
      waiting.clear();
      resting.clear();
      await idle();
    },
  };
}

const MOST_AT_ONCE = 4;
const MOST_TRIES = 7; // about a second and a quarter; then the sweep takes over
const GATHER_MS = 20;
const SWEPT_AT_ONCE = 500;
const FIRST_TENANT = "00000000-0000-0000-0000-000000000000";

const tenantsWithWork = statement("select tenants_with_work($1::uuid, $2::int)");

const inOutbox = statement(`select e.id, e.at, e.type, e.resource, e.record_id, e.version, e.actor_id, e.before, e.after
 from outbox o join events e on e.tenant_id = $1 and e.id = o.event_id where o.tenant_id = $1 order by o.event_id limit $2::int`);

// Whoever holds the head of a tenant's feed alone moves it. The second statement sees all that was committed before it held the head.
const holdHead = statement("select position from feed_heads where tenant_id = $1 for update skip locked");
const takePlaces = statement(`with h as (select position from feed_heads where tenant_id = $1 for update skip locked),
 t as (delete from outbox o using h where o.tenant_id = $1 and o.event_id = any($2::uuid[]) returning o.event_id),
 n as (select t.event_id, h.position + row_number() over (order by t.event_id) as position from t cross join h),
 m as (update feed_heads f set position = h.position + (select count(*) from t) from h where f.tenant_id = $1 and exists (select 1 from t)),
 f as (insert into feed (tenant_id, position, event_id, at) select $1, n.position, n.event_id, $3::timestamptz from n returning position)
 select min(position), max(position), (select count(*) from h) from f`);

async function readOutbox(flights: Flights, tenant: string, most: number): Promise<readonly Outgoing[]> {
  const [found] = await flights.run(tenant, [[inOutbox, [tenant, most]]], "read");
  return (found?.rows ?? []).map(outgoing);
}

/** Where the events stand now; null when another node had placed them before, "elsewhere" while it is about it. */
async function place(
  flights: Flights,
  tenant: string,
  events: readonly Outgoing[],
  further: readonly Step[],
): Promise<Moved | null | "elsewhere"> {
  const places: Step = [takePlaces, [tenant, arrayLiteral(events.map(({ id }) => id)), new Date().toISOString()]];
  const [held, placed] = await flights.run(tenant, [[holdHead, [tenant]], places, ...further], "write");
  const [first, last, heads] = placed?.rows[0] ?? [];
  if (first && last) return { tenant, from: Number(first), to: Number(last) };
  return held?.rows.length || heads !== "0" ? null : "elsewhere";
}

const outgoing = ([id, at, type, resource, record, version, actor, before, after]: Row): Outgoing => ({
  id: id ?? "",
  at: instant(at ?? ""),
  type: type ?? "",
  resource: resource ?? "",
  record_id: record ?? "",
  version: Number(version),
  actor_id: actor ?? null,
  before: before ?? null,
  after: after ?? null,
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
