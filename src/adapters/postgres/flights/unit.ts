import pg from "pg";
import type { Lane } from "./lane.ts";
import { LostConnection } from "./lost-connection.ts";
import type { Spelling } from "./session.ts";
import { nameStatement, type Result, type Row, type Statement, type Step } from "./statement.ts";
import { addClose, addExecution, addParse, addSync, startMessages, takeMessages } from "./wire.ts";

/** Called once with the results or with the error. */
export type Answer = (error: unknown, results: Result[]) => void;

/** The bytes of one flight, what of its answers is not the caller's, and the state in which it must leave the connection. */
export type Flight = { message: Buffer; steps: number; skip: number; syncs: number; ends: Status };

type Status = ReturnType<pg.Client["getTransactionStatus"]>;

/** Statements the spellings add to the caller's. */
export const BEGIN = nameStatement("begin");
export const COMMIT = nameStatement("commit");
export const ROLLBACK = nameStatement("rollback");
export const SAVEPOINT = nameStatement("savepoint attempt");
export const RELEASE = nameStatement("release savepoint attempt");
export const GO_BACK = nameStatement("rollback to savepoint attempt");
export const SET_TENANT = nameStatement("select set_config('app.tenant_id', $1, true)");

/** One Sync is one implicit transaction: an error skips the rest, rolls all back and leaves the session clean. */
export function implicitFlight(tenant: string | null, steps: readonly Step[], prepared: boolean): Flight {
  startMessages();
  if (tenant !== null) addStep(SET_TENANT, [tenant], prepared);
  addSteps(steps, prepared);
  addSync();
  return { message: takeMessages(), steps: steps.length, skip: tenant === null ? 0 : 1, syncs: 1, ends: "I" };
}

/** The commit has a Sync of its own, so that it also ends a transaction that failed before it. */
export function clusterFlight(tenant: string | null, steps: readonly Step[], prepared: boolean): Flight {
  startMessages();
  const skip = addBegin("cluster", tenant, prepared);
  addSteps(steps, prepared);
  addSync();
  addStep(COMMIT, [], false); // parsed anew, because it must not fail
  addSync();
  return { message: takeMessages(), steps: steps.length, skip, syncs: 2, ends: "I" };
}

/** Steps of an interactive transaction, which the first of them begins. */
export function interactiveFlight(begin: { spelling: Spelling; tenant: string | null } | null, steps: readonly Step[]): Flight {
  startMessages();
  const skip = begin ? addBegin(begin.spelling, begin.tenant, false) : 0;
  addSteps(steps, false);
  addSync();
  return { message: takeMessages(), steps: steps.length, skip, syncs: 1, ends: "T" };
}

/** The end of an interactive transaction. */
export function endingFlight(end: Statement): Flight {
  startMessages();
  addStep(end, [], false);
  addSync();
  return { message: takeMessages(), steps: 1, skip: 0, syncs: 1, ends: "I" };
}

/**
 * A flight in `pg`'s queue. It stands in the queue once for each of its Syncs, since `pg` moves on at every ReadyForQuery,
 * and answers at the last one, which is after the commit or the rollback.
 */
export class Unit {
  /** Why one of its statements could not be prepared. */
  unprepared: unknown = null;
  readonly steps: number;
  private readonly lane: Lane;
  private readonly ends: Status;
  private message: Buffer | null;
  private syncs: number;
  private at: number;
  private answer: Answer | null;
  private error: unknown = null;
  private rolledBack = false;
  private collected: Row[] | null = null;
  private readonly results: Result[] = [];

  constructor(lane: Lane, flight: Flight, answer: Answer) {
    this.lane = lane;
    this.message = flight.message;
    this.steps = flight.steps;
    this.at = -flight.skip;
    this.syncs = flight.syncs;
    this.ends = flight.ends;
    this.answer = answer;
  }

  submit(connection: pg.Connection): null {
    if (this.message) connection.stream.write(this.message);
    this.message = null;
    return null;
  }

  handleDataRow(message: { fields: (string | null)[] }): void {
    if (this.collected) this.collected.push(message.fields);
    else this.collected = [message.fields];
  }

  handleCommandComplete(message: { text: string }): void {
    const rows = this.collected ?? [];
    this.collected = null;
    const at = this.at++;
    if (message.text === "ROLLBACK" && this.ends === "I") this.rolledBack = true; // going back to a savepoint says the same
    if (at >= 0 && at < this.steps && this.error === null) this.results.push({ rows, count: countOf(message.text) });
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete({ text: "" });
  }

  handleError(error: unknown): void {
    if (error instanceof pg.DatabaseError && !this.lane.isDead) {
      this.error ??= error;
      this.lane.expectReady(this);
    } else {
      this.lane.lose(error instanceof Error ? error : new Error(String(error)));
      this.settle(new LostConnection(this.message === null, this.error ?? error));
    }
  }

  handleReadyForQuery(): void {
    if (--this.syncs > 0) return;
    const status = this.lane.client.getTransactionStatus();
    const leftAs = this.ends === "T" && this.error !== null ? "E" : this.ends;
    if (status !== leftAs) {
      const broken = new Error(`A step began or ended a transaction of its own: the connection was left as ${status}, not ${leftAs}.`);
      this.error ??= broken;
      this.lane.destroy(broken);
    }
    if (this.rolledBack) this.error ??= new Error("The transaction was rolled back.");
    this.settle(this.unprepared ?? this.error);
  }

  handleRowDescription(): void {}

  handleCopyInResponse(): void {
    this.lane.destroy(new Error("COPY cannot travel in a unit.")); // it swallows the Sync that was sent behind it
  }

  private settle(error: unknown): void {
    const answer = this.answer;
    if (!answer) return;
    this.answer = null;
    this.lane.load--;
    answer(error, this.results);
  }
}

/** Closes and parses statements ahead of the unit that needs them, under a Sync of their own. */
export class Preparation {
  private readonly unit: Unit;
  private readonly message: Buffer;
  private readonly failed: () => void;

  constructor(unit: Unit, closed: readonly string[], parsed: readonly Statement[], failed: () => void) {
    this.unit = unit;
    this.failed = failed;
    startMessages();
    for (const name of closed) addClose(name);
    for (const { name, text } of parsed) {
      addClose(name); // it may stand there from before it was forgotten
      addParse(name, text);
    }
    addSync();
    this.message = takeMessages();
  }

  submit(connection: pg.Connection): null {
    connection.stream.write(this.message);
    return null;
  }

  handleError(error: unknown): void {
    this.failed();
    if (error instanceof pg.DatabaseError) this.unit.unprepared ??= error;
  }

  handleReadyForQuery(): void {}
}

// In pipeline mode `pg` takes only its own Query. Linking the prototypes passes that test
// without Query's constructor, which copies a configuration and makes a parser of rows for every unit.
Object.setPrototypeOf(Unit.prototype, pg.Query.prototype);
Object.setPrototypeOf(Preparation.prototype, pg.Query.prototype);

function addBegin(spelling: Spelling, tenant: string | null, prepared: boolean): number {
  addStep(BEGIN, [], prepared);
  if (tenant === null) return 1;
  if (spelling === "implicit") addStep(SET_TENANT, [tenant], prepared);
  else addStep({ name: "", text: `set local app.tenant_id = '${tenant}'` }, [], false); // the tenant is known to be a UUID
  return 2;
}

function addSteps(steps: readonly Step[], prepared: boolean): void {
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i] as Step;
    addStep(step[0], step[1], prepared);
  }
}

function addStep(statement: Statement, values: Step[1], prepared: boolean): void {
  if (!prepared) addParse("", statement.text);
  addExecution(prepared ? statement.name : "", values);
}

// The number at the end of a command tag: INSERT 0 5, SELECT 1; CREATE TABLE has none.
function countOf(tag: string): number {
  const count = Number(tag.slice(tag.lastIndexOf(" ") + 1));
  return Number.isNaN(count) ? 0 : count;
}
