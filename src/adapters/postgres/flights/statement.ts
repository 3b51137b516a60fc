import { createHash } from "node:crypto";

/** One SQL text, prepared once per connection under its name. */
export type Statement = { readonly name: string; readonly text: string };

/** A parameter, written as text; undefined is null. Arrays are passed as `arrayLiteral`. */
export type Value = string | number | bigint | boolean | null | undefined;

/** A statement and its parameters. */
export type Step = readonly [Statement, readonly Value[]];

/** The fields of a row as PostgreSQL sends them. */
export type Row = readonly (string | null)[];

/** What a step gave back: its rows, and the number of rows its command tag speaks of. */
export type Result = { rows: Row[]; count: number };

/** The statement of a text; its name is derived from the text, so the same text is prepared once. */
export function statement(text: string): Statement {
  const known = statements.get(text);
  if (known) return known;
  refuseWhatBreaksAUnit(text);
  const made = nameStatement(text);
  if (statements.size >= MOST_STATEMENTS) statements.delete(statements.keys().next().value ?? "");
  statements.set(text, made);
  return made;
}

/** A statement that may begin or end a transaction, for the flights alone. */
export function nameStatement(text: string): Statement {
  return { name: createHash("sha256").update(text).digest("base64url").slice(0, 16), text };
}

/** Refuses what the protocol cannot carry: it counts parameters in 16 bits. */
export function checkParameters(values: readonly Value[]): void {
  if (values.length > 65_535) throw new RangeError(`A statement takes at most 65535 parameters, not ${values.length}; pass arrays.`);
}

/** Refuses a tenant that is not a UUID, before it comes near a statement. */
export function checkTenant(tenant: string | null): void {
  if (tenant !== null && !UUID.test(tenant)) throw new TypeError(`A tenant is a UUID, not ${JSON.stringify(tenant)}.`);
}

const MOST_STATEMENTS = 10_000;
const statements = new Map<string, Statement>();
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

// A rail against mistakes, not a wall: the lane itself drops a connection that comes back inside a transaction.
const BREAKS_A_UNIT =
  /^\s*(begin|start|commit|end|rollback|abort|savepoint|release|set(?!\s+(local|constraints)\b)|reset|discard|copy|listen|unlisten|prepare|deallocate)\b/i;

function refuseWhatBreaksAUnit(text: string): void {
  if (text.includes("\0")) throw new TypeError("The text of a statement cannot hold a NUL character.");
  const word = BREAKS_A_UNIT.exec(text)?.[1];
  if (word) throw new TypeError(`A unit is one transaction on a shared connection: "${word}" has no place in its statements.`);
}
