import pg from "pg";
import { LostConnection, SILENT } from "./lost-connection.ts";
import type { LaneKind } from "./session.ts";
import type { Result } from "./statement.ts";

/** Sends a unit: on its lane, or on the wide place where limits are longer. */
export type Attempt = (place: "lane" | "wide") => Promise<Result[]>;

/**
 * Sends a failed unit once more where that is safe and may help: a unit is all or nothing, so whatever the server refused has not happened.
 * A lost write is not sent again, because it may have.
 */
export async function sendAgain(failure: unknown, kind: LaneKind, attempt: Attempt, forget: () => void): Promise<Result[]> {
  let error = failure;
  let place: "lane" | "wide" = "lane";
  let wasLost = false;
  let wasStale = false;
  let collisions = 0;
  for (;;) {
    if (place === "lane" && isTooNarrow(error, kind)) place = "wide";
    else if (!wasLost && mayRepeat(error, kind)) wasLost = true;
    else if (!wasStale && isStale(error)) {
      wasStale = true;
      forget();
    } else if (collisions < MOST_COLLISIONS && collided(error)) await pause(++collisions);
    else throw error;
    try {
      return await attempt(place);
    } catch (next) {
      error = next;
    }
  }
}

const MOST_COLLISIONS = 4;

/** The lane's limit was too short: a slow read, a write that waits for a lock. */
const isTooNarrow = (error: unknown, kind: LaneKind): boolean =>
  (kind === "read" && hasCode(error, "57014")) || (kind === "write" && hasCode(error, "55P03"));

const mayRepeat = (error: unknown, kind: LaneKind): boolean =>
  error instanceof LostConnection && error.cause !== SILENT && (kind === "read" || kind === "search" || !error.mayHaveHappened);

/** A prepared statement no longer fits its tables, or is gone. */
const isStale = (error: unknown): boolean =>
  hasCode(error, "26000") || (hasCode(error, "0A000") && (error as Error).message.startsWith("cached plan must not change"));

/** A deadlock, or a transaction that could not be ordered among others. */
const collided = (error: unknown): boolean => hasCode(error, "40P01") || hasCode(error, "40001");

const hasCode = (error: unknown, code: string): boolean => error instanceof pg.DatabaseError && error.code === code;

const pause = (times: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * times));
