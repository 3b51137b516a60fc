import pg from "pg";
import type { Definitions } from "../../../domain/kit/definitions.ts";
import type { AnyRecord, Resource } from "../../../domain/kit/resource.ts";
import type { Doing } from "../../../usecases/identity/ports.ts";
import type { Records } from "../../../usecases/kit/ports.ts";
import type { Flights } from "../flights/flight.ts";
import type { LaneKind } from "../flights/session.ts";
import { type Result, type Row, type Step, statement, type Value } from "../flights/statement.ts";
import type { Call } from "../records/call.ts";
import { instant } from "../records/columns.ts";
import { recordsOf } from "../records/records.ts";

/** A step of a text and its values, as the identity role sends it. */
export const step = (text: string, ...values: Value[]): Step => [statement(text), values];

/** The rows of one statement. */
export async function ask(flights: Flights, lane: LaneKind, text: string, ...values: Value[]): Promise<readonly Row[]> {
  const [result] = await flights.run(null, [step(text, ...values)], lane);
  return result?.rows ?? [];
}

/** An instant, or null where there is none. */
export const moment = (text: string | null | undefined): string | null => (text ? instant(text) : null);

/** What a call of the generic kernel shares, inside a transaction of the identity role. */
export function callIn(run: (steps: readonly Step[]) => Promise<Result[]>, { actor, now, via }: Doing, searchCode: string): Call {
  const definitions: Definitions = { ...noDefinitions, search_code: searchCode };
  const call: Call = {
    tenant: actor.tenant_id,
    actor,
    via,
    cause: null,
    now,
    definitions,
    inTransaction: true,
    read: run,
    write: run,
    attempt: run,
    aside: () => call,
  };
  return call;
}

/** A transaction in a workspace in which the kernel writes its records. */
export function inWorkspace<T>(flights: Flights, doing: Doing, work: (call: Call) => Promise<T>): Promise<T> {
  return flights.transaction(doing.actor.tenant_id, async (run) => {
    const [tenant] = await run([step("select code from tenants where id = $1", doing.actor.tenant_id)]);
    return work(callIn(run, doing, tenant?.rows[0]?.[0] ?? ""));
  });
}

/** The records of a declaration of particular fields, as records of any. */
export const recordsIn = (resource: unknown, call: Call): Records<AnyRecord> => recordsOf(resource as Resource, call);

/** The unique constraint a failure names, from its field or, where a cluster drops it, from the message. */
export function brokenConstraint(error: unknown): string | null {
  if (!(error instanceof pg.DatabaseError) || error.code !== "23505") return null;
  return error.constraint ?? /constraint "([^"]+)"/.exec(error.message)?.[1] ?? null;
}

const noDefinitions: Definitions = {
  version: 0,
  search_code: "",
  country: null,
  currency: "EUR",
  time_zone: "UTC",
  language: "en",
  fiscal_start_month: 1,
  custom: {},
};
