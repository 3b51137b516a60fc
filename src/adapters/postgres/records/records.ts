import { demand, deniedFields, ownersWithin, scopeOf } from "../../../domain/access/access.ts";
import { DomainError, invalidInput, notFound } from "../../../domain/kit/errors.ts";
import { lawsBroken } from "../../../domain/kit/record-input.ts";
import type { AnyRecord, Resource } from "../../../domain/kit/resource.ts";
import { tags } from "../../../domain/tags/tag.ts";
import { ChangedMeanwhile } from "../../../usecases/kit/changed-meanwhile.ts";
import type { Fetched, Records, Values, WriteOptions } from "../../../usecases/kit/ports.ts";
import type { Result, Row, Step } from "../flights/statement.ts";
import { uuid7 } from "../flights/uuid.ts";
import type { Call } from "./call.ts";
import { clearLinks } from "./clear-links.ts";
import { uniqueColumn } from "./columns.ts";
import { FetchedRow, type Selection, selectionOf } from "./fetched.ts";
import { forgetValues } from "./field-values.ts";
import { listPage } from "./list.ts";
import { numbered } from "./numbers.ts";
import { compose, isUnchanged, type PreparedRow, prepareRow } from "./prepared-row.ts";
import { type Ready, writeSets } from "./record-sets.ts";
import { type Owners, purgeSteps, readStep, someStep, twinSteps, type WriteKind, writeSteps } from "./record-steps.ts";
import { explainFailure, trashedReference } from "./refusals.ts";
import { checkTree, lockTree, settle, storedValues } from "./settle.ts";
import { readTimeline } from "./timeline.ts";
import { readTree } from "./tree.ts";
import { uniqueStep, uniqueText } from "./unique.ts";

/** The records of a resource as this call may see and write them. */
export function recordsOf(resource: Resource, call: Call): Records {
  const { actor } = call;
  const denied = deniedFields(actor, resource);
  const whole = selection(resource, [], null);
  const shown = selection(resource, denied, null);
  const owners = (): Owners => (resource.owner ? ownersWithin(actor, scopeOf(actor, "view", resource)) : "all");

  /** In a transaction the tree is locked before its rows, in whatever order two writers come to these. */
  let isTreeLocked = false;
  async function lockedTree(): Promise<void> {
    if (!call.inTransaction || !resource.parent || isTreeLocked) return;
    isTreeLocked = true;
    await call.write([lockTree(resource, call)], "write");
  }

  async function fetch(id: string, selected: Selection, trashed: boolean): Promise<FetchedRow> {
    await lockedTree();
    const [result] = await call.read([readStep(selected, call, id, owners())], "read");
    const row = result?.rows[0];
    if (!row) throw notFound(`There is no such ${resource.label.en[0].toLowerCase()}.`);
    if (!trashed && row[row.length - 1] !== null) throw inTheTrash(resource, id);
    return new FetchedRow(row, selected);
  }

  type Writing = { readonly event: string; readonly kind: WriteKind; readonly version: number };

  /** Writes one row; what else is asked in the same flight is answered beside it. */
  async function writeOne(
    row: PreparedRow,
    { event, kind, version }: Writing,
    also: readonly Step[] = [],
  ): Promise<readonly [FetchedRow, Result | undefined]> {
    try {
      const events = [uuid7()];
      const steps = writeSteps({ shown, rows: [row], versions: [version], event, kind, events }, call);
      const results = await call.attempt([...steps, ...also], "write", events);
      const written = results[0]?.rows[0];
      if (!written) throw (await trashedReference(resource, row, call)) ?? new ChangedMeanwhile(resource.name, row.id);
      return [new FetchedRow(written, shown), results[steps.length]];
    } catch (error) {
      throw await explainFailure(error, { resource, row, call });
    }
  }

  /** Changes as they will be written, with the names in them resolved. */
  async function changed(
    rows: readonly { readonly record: AnyRecord; readonly set: Values; readonly event: string }[],
  ): Promise<readonly Ready[]> {
    const settled = await settle(
      resource,
      rows.map(({ set, record }) => ({ set, before: record })),
      call,
      tagRecords,
    );
    return settled.map(({ set, refusal }, index) => {
      const { record } = rows[index] as (typeof rows)[number];
      const row = refusal ? bare(record.id) : prepareRow(resource, record.id, set, storedValues(record), call.definitions);
      return { row, version: record.version, refusal, event: rows[index]?.event ?? "", parent: parentOf(set) };
    });
  }

  /** Where a change moves a record in the tree: below whom. */
  const parentOf = (set: Values): string | null => {
    const parent = resource.parent && set[resource.parent];
    return typeof parent === "string" ? parent : null;
  };

  const demandCreate = (set: Values): void => {
    if (!resource.guard) demand(actor, "create", resource, ownerOf(set));
  };

  const tagRecords = () => recordsOf(tags as unknown as Resource, call.aside());
  const ownerOf = (values: Values) => (resource.owner ? values[resource.owner] : actor.member_id);
  const owned = (values: Values): Values =>
    resource.owner && values[resource.owner] === undefined ? { ...values, [resource.owner]: actor.member_id } : values;

  return {
    get: async (id, options) => (await fetch(id, whole, options?.trashed ?? false)).record,
    read: (id, fields) => fetch(id, selection(resource, denied, fields ?? null), false),
    list: (query, fields) => listPage(selection(resource, denied, fields ?? null), query, call),

    async some(ids) {
      await lockedTree();
      const [result] = await call.read([someStep(whole, call, ids, owners())], ids.length > 50 ? "bulk" : "read");
      return (result?.rows ?? []).map((row) => whole.record(row));
    },

    async shown(ids) {
      const [result] = await call.read([someStep(shown, call, ids, owners())], ids.length > 50 ? "bulk" : "read");
      return (result?.rows ?? []).map((row) => new FetchedRow(row, shown));
    },

    async byUnique(key, values) {
      const wanted = values.map((value) => uniqueText(resource, key, value, call.definitions));
      const [found] = await call.read([uniqueStep(resource, key, wanted, call)], "bulk");
      const ids = new Map((found?.rows ?? []).map(([id, text]) => [text, id as string]));
      const records = new Map((ids.size ? await this.some([...ids.values()]) : []).map((record) => [record.id, record]));
      return wanted.map((text) => (text === null ? null : (records.get(ids.get(text) ?? "") ?? null)));
    },

    async timeline(id, query) {
      await fetch(id, whole, true);
      return readTimeline(resource, id, query, call);
    },

    async tree(id) {
      await fetch(id, whole, false);
      return readTree(resource, id, owners(), call);
    },

    async add(values, options) {
      await lockedTree();
      const [settled] = await settle(resource, [{ set: owned(values), before: null }], call, tagRecords);
      if (settled?.refusal) throw settled.refusal;
      demandCreate(settled?.set ?? {});
      const [given = {}] = await numbered(resource, [settled?.set ?? {}], call);
      const row = guarded(prepareRow(resource, uuid7(), given, null, call.definitions), options);
      const twins = resource.trash ? twinSteps(resource, uniqueValues(resource, row), owners(), call) : [];
      const [made, found] = await writeOne(row, { event: `${resource.one}.created`, kind: "insert", version: 0 }, twins);
      return found?.rows.length ? withTwins(made, found.rows) : made;
    },

    async apply(record, { event, set }, options) {
      const [ready] = await changed([{ record, event, set: set as Values }]);
      if (!ready || ready.refusal) throw ready?.refusal;
      if (ready.parent !== null) await checkTree(resource, { id: record.id, parent: ready.parent }, call);
      const row = guarded(ready.row, options);
      if (isUnchanged(row)) return fetch(record.id, shown, false);
      return (await writeOne(row, { event, kind: "live", version: record.version }))[0];
    },

    async remove(record) {
      if (!resource.trash) return this.purge(record);
      await writeOne(withUniqueness(leaving(record.id, call), resource, record, call), {
        event: `${resource.one}.deleted`,
        kind: "live",
        version: record.version,
      });
    },

    async restore(record) {
      const row = { ...bare(record.id), columns: leavingColumns, values: [null] };
      const writing: Writing = { event: `${resource.one}.restored`, kind: "trash", version: record.version };
      return (await writeOne(withUniqueness(row, resource, { ...record, deleted_at: null }, call), writing))[0];
    },

    async purge(record) {
      const { id, version } = record;
      const event = `${resource.one}.${resource.trash ? "purged" : "deleted"}`;
      if (resource.trash) await clearLinks(resource, record, call);
      try {
        const eventId = uuid7();
        const forgetting = forgetValues(resource, record, call);
        const steps = [...purgeSteps(resource, call, { id, version, event, eventId }), ...forgetting];
        const [result] = await call.attempt(steps, forgetting.length ? "bulk" : "write", [eventId]);
        if (!result?.rows.length) throw new ChangedMeanwhile(resource.name, id);
      } catch (error) {
        throw await explainFailure(error, { resource, row: bare(id), call });
      }
    },

    async addAll(rows) {
      const settled = await settle(
        resource,
        rows.map((values) => ({ set: owned(values), before: null })),
        call,
        tagRecords,
      );
      const refusals = settled.map(({ set, refusal }) => refusal ?? refusalOf(() => demandCreate(set)));
      const good = settled.filter((_, index) => !refusals[index]).map(({ set }) => set);
      const given = (await numbered(resource, good, call)).values();
      const ready = refusals.map((refusal): Ready => {
        const id = uuid7();
        const row = refusal ? bare(id) : prepareRow(resource, id, given.next().value ?? {}, null, call.definitions);
        return { row, version: 0, event: `${resource.one}.created`, refusal, parent: null };
      });
      return writeSets(ready, { shown, call, kind: "insert" });
    },

    async applyAll(rows) {
      const ready = await changed(rows.map(({ record, change }) => ({ record, event: change.event, set: change.set as Values })));
      return writeSets(ready, { shown, call, kind: "live" });
    },

    async removeAll(rows) {
      const ready = rows.map((record) => ({
        row: withUniqueness(leaving(record.id, call), resource, record, call),
        version: record.version,
        event: `${resource.one}.deleted`,
        refusal: null,
        parent: null,
      }));
      return writeSets(ready, { shown, call, kind: "live" });
    },
  };
}

/** The columns in which a row must be the only one, with what it has there. */
function uniqueValues(resource: Resource, row: PreparedRow): readonly (readonly [string, string])[] {
  return Object.entries(resource.fields).flatMap(([key, field]) => {
    if (!field.unique) return [];
    const column = uniqueColumn(key, field);
    const value = row.values[row.columns.findIndex(({ name }) => name === column)];
    return typeof value === "string" ? [[column, value] as const] : [];
  });
}

/** A new record beside those in the trash that had its unique values: they can be restored or merged instead. */
function withTwins(made: FetchedRow, twins: readonly Row[]): Fetched {
  const found = twins.map(([id, title]) => ({
    id,
    title,
    trashed: true,
    score: 100,
    reasons: ["Has the same unique value and lies in the trash."],
  }));
  return {
    id: made.id,
    version: made.version,
    record: made.record,
    json: () => `${made.json().slice(0, -1)},"possible_duplicates":${JSON.stringify(found)}}`,
  };
}

/** Selections are compiled once for each set of fields one may see. */
function selection(resource: Resource, denied: readonly string[], only: readonly string[] | null): Selection {
  const key = `${resource.name}|${denied.join()}|${only?.join() ?? "*"}`;
  const known = selections.get(key);
  if (known && known.resource === resource) return known;
  const made = selectionOf(resource, denied, only);
  if (selections.size >= 1_000) selections.clear();
  selections.set(key, made);
  return made;
}
const selections = new Map<string, Selection>();

const leavingColumns = [{ name: "deleted_at", type: "timestamptz" }];
const leaving = (id: string, call: Call): PreparedRow => ({
  ...bare(id),
  columns: leavingColumns,
  values: [call.now],
});

const bare = (id: string): PreparedRow => ({ id, columns: [], values: [], satellites: new Map(), guards: [], guardValues: [] });

function guarded(row: PreparedRow, options: WriteOptions | undefined): PreparedRow {
  if (!options?.while?.length) return row;
  return {
    ...row,
    guards: [...row.guards, ...options.while.map(({ resource }) => ({ table: resource.name, test: "untouched" as const }))],
    guardValues: [...row.guardValues, ...options.while.flatMap(({ record }) => [record.id, record.version])],
  };
}

/** In the trash a record gives its unique custom values free, and takes them back with its restore. */
function withUniqueness(row: PreparedRow, resource: Resource, record: AnyRecord, call: Call): PreparedRow {
  const unique = resource.custom && (call.definitions.custom[resource.name] ?? []).some(({ field }) => field.unique);
  if (!unique) return row;
  const { satellites } = prepareRow(resource, row.id, { custom: record.custom }, null, call.definitions);
  const come = satellites.get("custom")?.come ?? [];
  const leaves = row.values[0] !== null;
  return {
    ...row,
    satellites: new Map([["custom", { gone: [], come: leaves ? come.map((one) => ({ ...one, unique_key: null })) : come }]]),
    guards: [...row.guards, { test: "untouched", table: "definitions" }],
    guardValues: [...row.guardValues, call.definitions.version],
  };
}

const inTheTrash = (resource: Resource, id: string): DomainError =>
  notFound(`This ${resource.label.en[0].toLowerCase()} lies in the trash. Restore it to use it again.`, "DELETED", {
    restore: { resource: resource.name, id },
  });

function refusalOf(check: () => unknown): DomainError | null {
  try {
    check();
    return null;
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}
