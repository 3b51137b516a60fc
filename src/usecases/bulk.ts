import { change } from "../domain/kit/change.ts";
import { DomainError, type Fault, invalid } from "../domain/kit/errors.ts";
import { choice, integer, reference, text } from "../domain/kit/fields.ts";
import { inputSchema, readChange, readNew } from "../domain/kit/record-input.ts";
import type { AnyRecord, Resource } from "../domain/kit/resource.ts";
import { free, listOf, objectOf, type Shapes } from "../domain/kit/shape.ts";
import type { Fetched, RowOutcome, Uses, Values } from "./kit/ports.ts";
import { usecase } from "./kit/usecase.ts";
import { allowed, checkRight, contextOf } from "./records.ts";

type Ports = Uses<"records" | "actor" | "definitions">;
type Operation = {
  readonly op: "create" | "update" | "upsert" | "delete";
  readonly id: string | null;
  readonly version: number | null;
  readonly key: string | null;
  readonly data: unknown;
};
type Outcome = "created" | "updated" | "unchanged" | "deleted" | "failed";
type Result = {
  readonly index: number;
  readonly op: Operation["op"];
  readonly outcome: Outcome;
  readonly id?: string;
  readonly version?: number;
  readonly errors?: readonly Fault[];
};

const MOST_OPERATIONS = 1_000;

/** Up to a thousand writes in one transaction, each with an outcome of its own. */
export const bulkVerb = (resource: Resource) =>
  usecase({
    summary: `Write many ${resource.label.en[1].toLowerCase()} at once`,
    description:
      "`best_effort` keeps every row that is good; `atomic` keeps all or, with 422 and the same results, none. `key` names the unique field an upsert goes by.",
    allow: allowed(resource, "view"),
    atomic: true,
    input: {
      mode: { ...choice(["best_effort", "atomic"], { required: true }), default: "best_effort" as const },
      operations: listOf(operationShape(resource), { required: true, min: 1, max: MOST_OPERATIONS }),
    },
    output: { value: resultShape },
    refuses: ["BULK_FAILED"],
    run: async (ports: Ports, { mode, operations }) => {
      const results = await runInRounds(resource, operations as readonly Operation[], ports);
      if (mode === "atomic" && results.some(({ outcome }) => outcome === "failed")) {
        throw new DomainError("invalid", "BULK_FAILED", "Nothing was written, because some rows cannot be. Mend them and send all again.", {
          results,
        });
      }
      return { results };
    },
  });

const operationShape = (resource: Resource) =>
  objectOf({
    op: choice(["create", "update", "upsert", "delete"], { required: true }),
    id: reference(""),
    version: integer({ min: 1 }),
    key: text({ max: 100 }),
    data: free<unknown>(inputSchema(resource, "change")),
  });

const resultShape = {
  results: free<unknown, true>(
    {
      type: "array",
      items: {
        type: "object",
        required: ["index", "op", "outcome"],
        properties: {
          index: { type: "integer" },
          op: { type: "string" },
          outcome: { type: "string", enum: ["created", "updated", "unchanged", "deleted", "failed"] },
          id: { type: "string", format: "uuid" },
          version: { type: "integer" },
          errors: {
            type: "array",
            items: { type: "object", properties: { pointer: { type: "string" }, code: { type: "string" }, message: { type: "string" } } },
          },
        },
      },
    },
    { required: true },
  ),
} satisfies Shapes;

/** Operations on one record follow each other: the second waits for the round after the first. */
async function runInRounds(resource: Resource, operations: readonly Operation[], ports: Ports): Promise<readonly Result[]> {
  const results: Result[] = new Array(operations.length);
  let waiting = operations.map((operation, index) => ({ operation, index }));
  while (waiting.length) {
    const seen = new Set<string>();
    const now = waiting.filter(({ operation }) => {
      const subject = subjectOf(operation);
      const isFirst = subject === null || !seen.has(subject);
      if (subject !== null) seen.add(subject);
      return isFirst;
    });
    for (const result of await runRound(resource, now, ports)) results[result.index] = result;
    const done = new Set(now.map(({ index }) => index));
    waiting = waiting.filter(({ index }) => !done.has(index));
  }
  return results;
}

const subjectOf = ({ id, key, data }: Operation): string | null =>
  id ?? (key ? `${key}=${JSON.stringify((data as Values | null)?.[key])}` : null);

type Numbered = { readonly operation: Operation; readonly index: number };

async function runRound(resource: Resource, round: readonly Numbered[], ports: Ports): Promise<readonly Result[]> {
  const records = ports.records(resource);
  const results: Result[] = [];
  const fail = ({ operation, index }: Numbered, error: unknown) =>
    results.push({ index, op: operation.op, outcome: "failed", errors: faultsOf(error) });
  const found = await existing(resource, round, ports, fail);
  const adds: (Numbered & { values: Values })[] = [];
  const changes: (Numbered & { record: AnyRecord; set: Values })[] = [];
  const removals: (Numbered & { record: AnyRecord })[] = [];

  for (const one of round) {
    if (results.some(({ index }) => index === one.index)) continue;
    const { op, data, version } = one.operation;
    const record = found.get(one.index);
    try {
      if (op === "create" || (op === "upsert" && !record))
        adds.push({ ...one, values: readNew(resource, data, contextOf(ports, resource)) });
      else {
        if (!record) throw new DomainError("not_found", "NOT_FOUND", `There is no such ${resource.label.en[0].toLowerCase()}.`);
        checkRight(resource, record, op === "delete" ? "delete" : "edit", ports);
        if (version !== null && version !== record.version)
          throw new DomainError("conflict", "VERSION_CONFLICT", "Somebody changed this record since you read it.", {
            current_version: record.version,
          });
        if (op === "delete") removals.push({ ...one, record });
        else changes.push({ ...one, record, set: readChange(resource, data, record, contextOf(ports, resource)) });
      }
    } catch (error) {
      fail(one, error);
    }
  }

  const same = changes.filter(({ set }) => Object.keys(set).length === 0);
  for (const { index, operation, record } of same)
    results.push({ index, op: operation.op, outcome: "unchanged", id: record.id, version: record.version });
  const real = changes.filter((one) => !same.includes(one));
  const note = (rows: readonly Numbered[], outcomes: readonly RowOutcome[], outcome: Outcome) =>
    rows.forEach(({ index, operation }, place) => {
      results.push(resultOf(index, operation.op, outcomes[place] as RowOutcome, outcome));
    });
  note(adds, await records.addAll(adds.map(({ values }) => values)), "created");
  note(
    real,
    await records.applyAll(real.map(({ record, set }) => ({ record, change: change(`${resource.one}.updated`, set) }))),
    "updated",
  );
  note(removals, await records.removeAll(removals.map(({ record }) => record)), "deleted");
  return results;
}

/** The records that operations speak of, by id or by a unique field. */
async function existing(
  resource: Resource,
  round: readonly Numbered[],
  ports: Ports,
  fail: (one: Numbered, error: unknown) => void,
): Promise<ReadonlyMap<number, AnyRecord>> {
  const records = ports.records(resource);
  const found = new Map<number, AnyRecord>();
  const byId = round.filter(({ operation }) => operation.op === "update" || operation.op === "delete");
  const ids = byId.flatMap(({ operation }) => (operation.id ? [operation.id] : []));
  const known = new Map((ids.length ? await records.some(ids) : []).map((record) => [record.id, record]));
  for (const one of byId) {
    const record = one.operation.id ? known.get(one.operation.id) : undefined;
    if (!one.operation.id) fail(one, invalid("REQUIRED", "Give the id of the record.", "/id"));
    else if (record) found.set(one.index, record);
  }
  for (const [key, upserts] of groupByKey(round)) {
    try {
      const values = upserts.map(
        ({ operation }) =>
          (operation.data as Values | null)?.[key] ?? (operation.data as { custom?: Values } | null)?.custom?.[key.replace("custom.", "")],
      );
      const matches = await records.byUnique(key, values);
      upserts.forEach((one, place) => {
        const record = matches[place];
        if (record) found.set(one.index, record);
      });
    } catch (error) {
      for (const one of upserts) fail(one, error);
    }
  }
  return found;
}

function groupByKey(round: readonly Numbered[]): ReadonlyMap<string, readonly Numbered[]> {
  const groups = new Map<string, Numbered[]>();
  for (const one of round.filter(({ operation }) => operation.op === "upsert")) {
    const key = one.operation.key ?? "";
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return groups;
}

function resultOf(index: number, op: Operation["op"], row: RowOutcome, outcome: Outcome): Result {
  if (!row.ok) return { index, op, outcome: "failed", errors: row.faults.map((fault) => ({ ...row.details, ...fault })) };
  const { id, version }: Fetched = row.record;
  return { index, op, outcome, id, version };
}

function faultsOf(error: unknown): readonly Fault[] {
  if (!(error instanceof DomainError)) throw error;
  return error.faults.length ? error.faults : [{ ...error.details, pointer: "", code: error.code, message: error.message }];
}
