import pg from "pg";
import { LostConnection } from "./lost-connection.ts";

/** The lanes that units share; slow work has lanes of its own, so that it never holds up quick work. */
export type LaneKind = "read" | "write" | "search" | "bulk";

/** Where a connection serves: on a lane, as the wide place for what a lane had to refuse, or for an interactive transaction. */
export type Place = LaneKind | "wide read" | "wide write" | "transaction";

/** How the tenant is set: `cluster` reaches the workers of a Citus cluster, which `implicit` does not. */
export type Spelling = "implicit" | "cluster";

/** Milliseconds after which PostgreSQL gives up; 0 = never. What only reads is read-only, because a read may be sent twice. */
export const limits: Record<Place, { statement: number; lock: number; readOnly: boolean }> = {
  read: { statement: 100, lock: 0, readOnly: true },
  write: { statement: 2_000, lock: 100, readOnly: false },
  search: { statement: 2_000, lock: 0, readOnly: true },
  bulk: { statement: 30_000, lock: 0, readOnly: false },
  "wide read": { statement: 2_000, lock: 0, readOnly: true },
  "wide write": { statement: 5_000, lock: 2_000, readOnly: false },
  transaction: { statement: 30_000, lock: 5_000, readOnly: false },
};

/** A client on its way to the database, and the promise that it has arrived. */
export type Opening = { client: pg.Client; connected: Promise<void> };

/** Opens connections for a place; throws at once while the last failed attempt is fresh, so that callers need not wait for the next one. */
export type Connect = (place: Place, pipeline: boolean) => Opening;

export function connector(connection: pg.ClientConfig, spelling: Spelling): Connect {
  let failures = 0;
  let quietUntil = 0;
  let reason: unknown;

  return (place, pipeline) => {
    if (failures > 0 && performance.now() < quietUntil) throw new LostConnection(false, reason);
    const client = new pg.Client({ ...sessionConfig(connection, place, spelling), pipeline });
    client.on("error", () => {}); // whoever uses the client listens for itself; without any listener an error would end the process
    const connected = client.connect().then(
      () => {
        failures = 0;
      },
      (error) => {
        reason = error;
        quietUntil = performance.now() + Math.min(1_000, 50 * 2 ** failures++);
        throw new LostConnection(false, error);
      },
    );
    connected.catch(() => {});
    return { client, connected };
  };
}

/** The settings a session starts with; they travel as `options`, which a rolled back transaction cannot undo. */
export function sessionConfig(connection: pg.ClientConfig, place: Place, spelling: Spelling): pg.ClientConfig {
  const { statement, lock, readOnly } = limits[place];
  const given = withoutOptions(connection);
  const settings: Record<string, string | number> = {
    TimeZone: "UTC",
    DateStyle: "ISO",
    statement_timeout: statement,
    lock_timeout: lock,
    idle_in_transaction_session_timeout: 30_000,
    default_transaction_read_only: readOnly ? "on" : "off",
    ...(spelling === "cluster" ? { "citus.propagate_set_commands": "local" } : {}),
  };
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  return {
    ...given.connection,
    options: [given.options, ...options].join(" ").trim(),
    application_name: `${connection.application_name ?? "rapport"} ${place}`,
    connectionTimeoutMillis: 2_000,
    keepAlive: true,
    statement_timeout: undefined,
    lock_timeout: undefined,
    query_timeout: undefined,
  };
}

// In `pg` what stands in the connection string wins over what stands beside it, so options are taken out of it.
function withoutOptions(connection: pg.ClientConfig): { connection: pg.ClientConfig; options: string } {
  const url = connection.connectionString;
  const found = url && /[?&]options=([^&]*)/.exec(url);
  if (!found) return { connection, options: connection.options ?? "" };
  const connectionString = url.replace(/([?&])options=[^&]*&?/, "$1").replace(/[?&]$/, "");
  return { connection: { ...connection, connectionString }, options: decodeURIComponent((found[1] ?? "").replaceAll("+", " ")) };
}
