import { conflict, DomainError } from "../../../domain/kit/errors.ts";
import { ChangedMeanwhile } from "../../../usecases/kit/changed-meanwhile.ts";
import type { RowOutcome } from "../../../usecases/kit/ports.ts";
import { statement } from "../flights/statement.ts";
import { uuid7 } from "../flights/uuid.ts";
import type { Call } from "./call.ts";
import { FetchedRow, type Selection } from "./fetched.ts";
import { isUnchanged, type PreparedRow } from "./prepared-row.ts";
import { someStep, type WriteKind, writeSteps } from "./record-steps.ts";
import { explainFailure, isIntegrityError, trashedReference } from "./refusals.ts";
import { checkTree } from "./settle.ts";

/** A row of a set as it will be written, or why it cannot be. */
export type Ready = {
  readonly row: PreparedRow;
  readonly version: number;
  readonly event: string;
  readonly refusal: DomainError | null;
  /** Below whom the record moves in its tree, if it does. */
  readonly parent: string | null;
};

type Indexed = Ready & { readonly index: number };
type Writing = { readonly shown: Selection; readonly call: Call; readonly kind: WriteKind; readonly outcomes: RowOutcome[] };

/** Writes many rows, each with an outcome of its own: those of one shape go as one statement. */
export async function writeSets(
  rows: readonly Ready[],
  { shown, call, kind }: { readonly shown: Selection; readonly call: Call; readonly kind: WriteKind },
): Promise<readonly RowOutcome[]> {
  const writing: Writing = { shown, call, kind, outcomes: new Array(rows.length) };
  const indexed = rows.map((ready, index): Indexed => ({ ...ready, index }));
  for (const { refusal, index } of indexed) if (refusal) writing.outcomes[index] = failed(refusal);
  const good = indexed.filter(({ refusal }) => !refusal);
  const same = kind === "insert" ? [] : good.filter(({ row }) => isUnchanged(row));
  await answerUnchanged(same, writing);
  const different = good.filter((one) => !same.includes(one));
  for (const set of byShape(different.filter(({ parent }) => parent === null))) await writeSet(set, writing);
  // Each move is checked against the tree that the moves before it left behind.
  for (const one of different.filter(({ parent }) => parent !== null)) {
    const refusal = await checkMove(shown, one, call);
    if (refusal) writing.outcomes[one.index] = failed(refusal);
    else await writeSet([one], writing);
  }
  return writing.outcomes;
}

function byShape(rows: readonly Indexed[]): Iterable<readonly Indexed[]> {
  const shapes = new Map<string, Indexed[]>();
  for (const ready of rows) {
    const { columns, guards, guardValues } = ready.row;
    const shape = JSON.stringify([ready.event, columns.map(({ name }) => name), guards, guardValues]);
    const others = shapes.get(shape);
    if (others) others.push(ready);
    else shapes.set(shape, [ready]);
  }
  return shapes.values();
}

async function answerUnchanged(rows: readonly Indexed[], { shown, call, outcomes }: Writing): Promise<void> {
  if (rows.length === 0) return;
  const ids = rows.map(({ row }) => row.id);
  const [result] = await call.read([someStep(shown, call, ids, "all")], "bulk");
  const found = new Map((result?.rows ?? []).map((row) => [row[0], new FetchedRow(row, shown)]));
  for (const { row, index } of rows) {
    const record = found.get(row.id);
    outcomes[index] = record ? { ok: true, record } : failed(movedOn());
  }
}

async function checkMove({ resource }: Selection, { row, parent }: Indexed, call: Call): Promise<DomainError | null> {
  try {
    if (parent !== null) await checkTree(resource, { id: row.id, parent }, call);
    return null;
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}

/** Where the database refuses a set, its halves are tried, down to the rows at fault. */
async function writeSet(rows: readonly Indexed[], writing: Writing): Promise<void> {
  const { shown, call, kind, outcomes } = writing;
  const { resource } = shown;
  const [first] = rows;
  if (!first) return;
  try {
    const events = rows.map(() => uuid7());
    const versions = rows.map(({ version }) => version);
    const steps = writeSteps({ shown, rows: rows.map(({ row }) => row), versions, event: first.event, kind, events }, call);
    const [result] = await call.attempt(steps, rows.length > 20 ? "bulk" : "write", events);
    const written = new Map((result?.rows ?? []).map((row) => [row[0], new FetchedRow(row, shown)]));
    if (written.size === 0 && (await isOutdated(first.row, call))) throw new ChangedMeanwhile("definitions", call.tenant);
    for (const { row, index } of rows) {
      const record = written.get(row.id);
      outcomes[index] = record ? { ok: true, record } : failed((await trashedReference(resource, row, call)) ?? movedOn());
    }
  } catch (error) {
    if (!isIntegrityError(error)) throw error;
    if (rows.length > 1) {
      const middle = Math.ceil(rows.length / 2);
      await writeSet(rows.slice(0, middle), writing);
      return writeSet(rows.slice(middle), writing);
    }
    const refusal = await explainFailure(error, { resource, row: first.row, call });
    if (!(refusal instanceof DomainError)) throw refusal;
    outcomes[first.index] = failed(refusal);
  }
}

/** Whether the definitions that a row was decided under have changed since: they hold back every row, and all is decided again. */
async function isOutdated({ guards }: PreparedRow, { tenant, definitions, read }: Call): Promise<boolean> {
  if (!guards.some(({ table }) => table === "definitions")) return false;
  const [found] = await read([[statement("select version from definitions where tenant_id = $1"), [tenant]]], "read");
  return Number(found?.rows[0]?.[0]) !== definitions.version;
}

const movedOn = () =>
  conflict("VERSION_CONFLICT", "Somebody changed this record or what it points to at the same time. Read it and try again.");

const failed = ({ code, message, faults, details }: DomainError): RowOutcome => ({
  ok: false,
  code,
  message,
  faults: faults.length ? faults : [{ pointer: "", code, message }],
  details,
});
