import { change } from "../domain/kit/change.ts";
import { DomainError, type Fault, invalid } from "../domain/kit/errors.ts";
import { choice, integer, reference, text } from "../domain/kit/fields.ts";
import { fold } from "../domain/kit/fold.ts";
import { readValue } from "../domain/kit/kinds.ts";
import { inputSchema, readChange, readCustomValue, readNew } from "../domain/kit/record-input.ts";
import type { AnyRecord, Resource } from "../domain/kit/resource.ts";
import { free, listOf, objectOf, type Shapes } from "../domain/kit/shape.ts";
import type { Fetched, RowOutcome, Uses, Values } from "./kit/ports.ts";
import { usecase } from "./kit/usecase.ts";
import { allowed, checkAssignment, checkRight, contextOf } from "./record-rights.ts";

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
    allow: resource.guard ? { right: resource.guard } : allowed(resource, "view"),
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

type Numbered = { readonly operation: Operation; readonly index: number; readonly subjects: readonly string[] };

/** Operations on one record or one unique value follow each other: the second waits for the round after the first. */
async function runInRounds(resource: Resource, operations: readonly Operation[], ports: Ports): Promise<readonly Result[]> {
  const results: Result[] = new Array(operations.length);
  let waiting: readonly Numbered[] = operations.map((operation, index) => ({
    operation,
    index,
    subjects: subjectsOf(resource, operation, ports),
  }));
  while (waiting.length) {
    const seen = new Set<string>();
    const now = waiting.filter(({ subjects }) => {
      const isFirst = subjects.every((subject) => !seen.has(subject));
      for (const subject of subjects) seen.add(subject);
      return isFirst;
    });
    for (const result of await runRound(resource, now, ports)) results[result.index] = result;
    waiting = waiting.filter(({ index }) => !results[index]);
  }
  return results;
}

/** What an operation speaks of: its record, and every value that no two records may share. */
function subjectsOf(resource: Resource, { op, id, data }: Operation, ports: Ports): readonly string[] {
  const { custom } = contextOf(ports, resource);
  const declared = Object.entries(resource.fields).filter(([, { unique }]) => unique);
  const own = custom.filter(({ field }) => field.unique);
  const values =
    op === "delete"
      ? []
      : [
          ...declared.map(([key, field]) => [key, readValue(valueIn(data, key) ?? null, field, ports.definitions)] as const),
          ...own.map(
            (one) => [`custom.${one.key}`, readCustomValue(valueIn(data, `custom.${one.key}`) ?? null, one, ports.definitions)] as const,
          ),
        ];
  return [
    ...(id ? [`id=${id}`] : []),
    ...values.flatMap(([key, parsed]) => (parsed.ok && parsed.value !== null ? [`${key}=${fold(JSON.stringify(parsed.value))}`] : [])),
  ];
}

/** The value of a field in what was sent, `custom.key` for one of the workspace's own. */
function valueIn(data: unknown, key: string): unknown {
  const values = (data ?? {}) as Values;
  return key.startsWith("custom.") ? (values.custom as Values | null | undefined)?.[key.slice("custom.".length)] : values[key];
}

/** Runs the operations, but those on a record that another one of them turns out to speak of as well. */
async function runRound(resource: Resource, round: readonly Numbered[], ports: Ports): Promise<readonly Result[]> {
  const records = ports.records(resource);
  const results: Result[] = [];
  const fail = ({ operation, index }: Numbered, error: unknown) =>
    results.push({ index, op: operation.op, outcome: "failed", errors: faultsOf(error) });
  const found = await existing(resource, round, ports, fail);
  const adds: (Numbered & { values: Values })[] = [];
  const changes: (Numbered & { record: AnyRecord; set: Values })[] = [];
  const removals: (Numbered & { record: AnyRecord })[] = [];
  const failedAlready = new Set(results.map(({ index }) => index));
  const taken = new Set<string>();

  for (const one of round) {
    if (failedAlready.has(one.index)) continue;
    const { op, data, version } = one.operation;
    const record = found.get(one.index);
    if (record && taken.has(record.id)) continue;
    if (record) taken.add(record.id);
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
        else {
          const set = readChange(resource, data, record, contextOf(ports, resource));
          checkAssignment(resource, record, set, ports);
          changes.push({ ...one, record, set });
        }
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
    rows.forEach((row, place) => {
      results.push(resultOf(row, outcomes[place] as RowOutcome, outcome));
    });
  // What goes away or changes gives its unique values free for what comes.
  note(removals, await records.removeAll(removals.map(({ record }) => record)), "deleted");
  note(
    real,
    await records.applyAll(real.map(({ record, set }) => ({ record, change: change(`${resource.one}.updated`, set) }))),
    "updated",
  );
  note(adds, await records.addAll(adds.map(({ values }) => values)), "created");
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
      const values = upserts.map(({ operation }) => valueIn(operation.data, key));
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

function resultOf({ index, operation: { op }, record }: Numbered & { record?: AnyRecord }, row: RowOutcome, outcome: Outcome): Result {
  if (!row.ok) return { index, op, outcome: "failed", errors: row.faults.map((fault) => ({ ...row.details, ...fault })) };
  const { id, version }: Fetched = row.record;
  return { index, op, outcome: record?.version === version ? "unchanged" : outcome, id, version };
}

function faultsOf(error: unknown): readonly Fault[] {
  if (!(error instanceof DomainError)) throw error;
  return error.faults.length ? error.faults : [{ ...error.details, pointer: "", code: error.code, message: error.message }];
}
