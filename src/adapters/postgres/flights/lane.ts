import type pg from "pg";
import { SILENT } from "./lost-connection.ts";
import { limits, type Opening, type Place, type Spelling } from "./session.ts";
import { checkTenant, type Result, type Statement, type Step } from "./statement.ts";
import {
  type Answer,
  BEGIN,
  clusterFlight,
  type Flight,
  implicitFlight,
  interactiveFlight,
  Preparation,
  SET_TENANT,
  Unit,
} from "./unit.ts";

/** One connection that carries units, one behind the other; once lost it stays lost. */
export class Lane {
  readonly client: pg.Client;
  isReady = false;
  isDead = false;
  /** Units sent and not yet answered. */
  load = 0;
  private readonly opening: Opening;
  private readonly onLost: (error: Error) => void;
  private readonly spelling: Spelling;
  private readonly statementLimit: number;
  private readonly prepared = new Map<string, { used: number }>();
  private clock = 0;
  private bytesHeard = 0;
  private silentFor = 0;

  constructor(opening: Opening, place: Place, spelling: Spelling, onLost: (error: Error) => void) {
    this.client = opening.client;
    this.opening = opening;
    this.spelling = spelling;
    this.statementLimit = limits[place].statement;
    this.onLost = onLost;
    this.client.on("error", (error) => this.lose(error));
    this.client.on("end", () => this.lose(new Error("The connection was closed.")));
    opening.connected.then(
      () => {
        this.isReady = true;
      },
      (error) => this.lose(error),
    );
  }

  /** Takes the connection for lost. A unit may know before `pg` says so, and would otherwise be sent once more to where nobody listens. */
  lose(error: Error): void {
    if (this.isDead) return;
    this.isDead = true;
    this.onLost(error);
  }

  /** Resolves when the connection stands. */
  get opened(): Promise<void> {
    return this.opening.connected;
  }

  /** One unit on prepared statements; others may be in flight before and behind it. */
  send(tenant: string | null, steps: readonly Step[], answer: Answer): void {
    checkTenant(tenant);
    const cluster = this.spelling === "cluster";
    const flight = cluster ? clusterFlight(tenant, steps, true) : implicitFlight(tenant, steps, true);
    const unit = new Unit(this, flight, answer);
    this.prepare(unit, steps, cluster ? [BEGIN] : tenant === null ? [] : [SET_TENANT]);
    this.enqueue(unit, flight.syncs);
  }

  /** One unit whose statements are parsed anew, for a connection of one's own. */
  sendAlone(tenant: string | null, steps: readonly Step[]): Promise<Result[]> {
    checkTenant(tenant);
    return this.fly(this.spelling === "cluster" ? clusterFlight(tenant, steps, false) : implicitFlight(tenant, steps, false));
  }

  /**
   * Steps of an interactive transaction, begun by them if a tenant (or null for none) is given.
   * They are parsed anew: a plan gone stale would cost the whole transaction, which cannot be sent once more.
   */
  sendInside(begin: { tenant: string | null } | null, steps: readonly Step[]): Promise<Result[]> {
    return this.fly(interactiveFlight(begin && { spelling: this.spelling, tenant: begin.tenant }, steps));
  }

  /** A flight of its own making. */
  fly(flight: Flight): Promise<Result[]> {
    return new Promise((resolve, reject) => {
      const unit = new Unit(this, flight, (error, results) => (error === null ? resolve(results) : reject(error)));
      this.enqueue(unit, flight.syncs);
    });
  }

  /** Prepares these statements anew when they are next needed. */
  forget(steps: readonly Step[]): void {
    for (const [{ name }] of steps) this.prepared.delete(name);
    for (const { name } of [BEGIN, SET_TENANT]) this.prepared.delete(name);
  }

  /** After an error `pg` expects nothing more of a query; this one is answered at its ReadyForQuery. */
  expectReady(unit: Unit): void {
    internals(this.client)._activeQuery = unit;
  }

  /**
   * Gives the connection up if it stays silent for longer than its statements may take.
   * Time is counted in calls, a quarter of a second apart, so that a pause of this process is not taken for one of the database.
   */
  checkSilence(): void {
    const heard = (this.client.connection.stream as { bytesRead?: number }).bytesRead ?? 0;
    if (this.load === 0 || !this.isReady || heard !== this.bytesHeard) {
      this.bytesHeard = heard;
      this.silentFor = 0;
      return;
    }
    this.silentFor += SILENCE_CHECK;
    // PostgreSQL may keep the answers of a whole unit until its Sync.
    const steps = internals(this.client)._activeQuery?.steps ?? 1;
    if (this.silentFor > PATIENCE + this.statementLimit * steps) this.destroy(SILENT);
  }

  isAlive(): boolean {
    return !this.isDead;
  }

  destroy(error: Error): void {
    this.client.connection.stream.destroy(error);
  }

  async end(): Promise<void> {
    if (this.isDead) return;
    const slow = setTimeout(() => this.destroy(new Error("The connection took too long to close.")), 1_000);
    await this.client.end().catch(() => {});
    clearTimeout(slow);
  }

  private enqueue(unit: Unit, syncs: number): void {
    this.load++;
    if (this.isDead) {
      unit.handleError(new Error("The connection is gone."));
      return;
    }
    // Unit is linked to pg.Query by its prototype, which the compiler cannot see.
    for (let i = 0; i < syncs; i++) this.client.query(unit as unknown as pg.Query);
  }

  private prepare(unit: Unit, steps: readonly Step[], own: readonly Statement[]): void {
    const started = ++this.clock;
    const missing: Statement[] = [];
    for (let i = 0; i < own.length; i++) this.use(own[i] as Statement, started, missing);
    for (let i = 0; i < steps.length; i++) this.use((steps[i] as Step)[0], started, missing);
    if (missing.length === 0) return;
    const preparation = new Preparation(unit, this.evict(started), missing, () => {
      for (const { name } of missing) this.prepared.delete(name);
    });
    this.client.query(preparation as unknown as pg.Query);
  }

  private use(statement: Statement, now: number, missing: Statement[]): void {
    const known = this.prepared.get(statement.name);
    if (known) {
      known.used = now;
      return;
    }
    this.prepared.set(statement.name, { used: now });
    missing.push(statement);
  }

  /** Takes the longest unused statements out, but none the present unit needs; gives back their names. */
  private evict(now: number): string[] {
    const surplus = this.prepared.size - MOST_PREPARED;
    if (surplus <= 0) return [];
    const old = [...this.prepared].filter(([, { used }]) => used < now).sort(([, a], [, b]) => a.used - b.used);
    const names = old.slice(0, surplus + EVICTED_AT_ONCE).map(([name]) => name);
    for (const name of names) this.prepared.delete(name);
    return names;
  }
}

/** As many statements stay prepared on a connection. */
export const MOST_PREPARED = 1_000;

/** Milliseconds between two calls of `checkSilence`. */
export const SILENCE_CHECK = 250;

const EVICTED_AT_ONCE = 50; // sorting a thousand statements pays for several
const PATIENCE = 1_500; // milliseconds

// What `pg` is waiting for; the types keep quiet about it.
const internals = (client: pg.Client): { _activeQuery: { steps?: number } | null } => client as never;
