import type { Actor } from "../../domain/access/access.ts";
import type { Change } from "../../domain/kit/change.ts";
import type { Criteria } from "../../domain/kit/criteria.ts";
import type { Definitions } from "../../domain/kit/definitions.ts";
import type { Fault } from "../../domain/kit/errors.ts";
import type { AnyRecord, Resource } from "../../domain/kit/resource.ts";
import type { Caller, IdentityKit } from "../identity/ports.ts";
import type { Samples } from "../sample-data.ts";
import type { Search } from "../search.ts";

/** A question to a list. */
export type ListQuery = {
  readonly filter?: Criteria | null;
  /** A field, with `-` in front for downwards. */
  readonly sort?: string | null;
  readonly limit?: number;
  readonly cursor?: string | null;
  readonly page?: number | null;
  readonly page_size?: number | null;
  readonly count?: "none" | "estimate" | "exact";
  readonly trashed?: boolean;
};

/** A record on its way out: as the database wrote it, turned into JSON or into values only where that is needed. */
export type Fetched<R = AnyRecord> = { readonly id: string; readonly version: number; readonly record: R; json(): string };

export type Page<R = AnyRecord> = {
  readonly data: readonly Fetched<R>[];
  readonly next_cursor: string | null;
  readonly total: number | null;
  readonly total_is_estimate: boolean;
  readonly page?: number;
  readonly page_size?: number;
};

/** One row of a set-based write: what became of it. */
export type RowOutcome =
  | { readonly ok: true; readonly record: Fetched }
  | {
      readonly ok: false;
      readonly faults: readonly Fault[];
      readonly code: string;
      readonly message: string;
      readonly details?: Readonly<Record<string, unknown>>;
    };

/** What a write depends on beside its own record: when one of these is no longer what was read, nothing is written. */
export type WriteOptions = { readonly while?: readonly { readonly resource: Resource; readonly record: AnyRecord }[] };

/** The records of one resource within the actor's reach. Every write appends its event in the same transaction. */
export type Records<R = AnyRecord> = {
  /** The record as values; NOT_FOUND where it is not viewable, DELETED where it lies in the trash. */
  get(id: string, options?: { readonly trashed?: boolean }): Promise<R>;
  /** The record as it leaves, without the fields that do not exist for the actor. */
  read(id: string, fields?: readonly string[] | null): Promise<Fetched<R>>;
  /** Those of the ids that are there and viewable, in no order. */
  some(ids: readonly string[]): Promise<readonly R[]>;
  /** The same as they leave. */
  shown(ids: readonly string[]): Promise<readonly Fetched<R>[]>;
  /** For each value the live record that has it in this unique field, viewable or not at all. */
  byUnique(key: string, values: readonly unknown[]): Promise<readonly (R | null)[]>;
  list(query: ListQuery, fields?: readonly string[] | null): Promise<Page<R>>;
  /** A new record from checked values; it belongs to the acting member unless they say otherwise. */
  add(values: Values, options?: WriteOptions): Promise<Fetched<R>>;
  /** The record after a change. Nothing is written, and the verb runs again, when it is no longer what was read. */
  apply(record: R, change: Change<any>, options?: WriteOptions): Promise<Fetched<R>>;
  /** Into the trash, or away for good where the resource has none. */
  remove(record: R): Promise<void>;
  restore(record: R): Promise<Fetched<R>>;
  purge(record: R): Promise<void>;
  /** What happened to a record, newest first. */
  timeline(id: string, query: TimelineQuery): Promise<Timeline>;
  /** The tree that a record stands in, from its top down. */
  tree(id: string): Promise<Tree>;
  /** Many at once, each with an outcome of its own. */
  addAll(rows: readonly Values[]): Promise<readonly RowOutcome[]>;
  applyAll(rows: readonly { readonly record: R; readonly change: Change<any> }[]): Promise<readonly RowOutcome[]>;
  removeAll(rows: readonly R[]): Promise<readonly RowOutcome[]>;
};

export type Tree = {
  readonly data: readonly {
    readonly id: string;
    readonly title: string | null;
    readonly parent_id: string | null;
    readonly depth: number;
  }[];
  /** More stand in it than one answer holds. */
  readonly is_cut: boolean;
};

export type TimelineQuery = { readonly limit: number; readonly cursor: string | null; readonly types: readonly string[] | null };

/** One event as a timeline shows it. */
export type Entry = {
  readonly id: string;
  readonly at: string;
  readonly type: string;
  readonly resource: string;
  readonly record_id: string;
  readonly version: number;
  readonly actor_id: string | null;
  readonly via: string;
  readonly changes: readonly { readonly field: string; readonly before: unknown; readonly after: unknown }[];
};
export type Timeline = { readonly data: readonly Entry[]; readonly next_cursor: string | null };

export type Values = Readonly<Record<string, unknown>>;

/** Answers given under an Idempotency-Key, so that a repeated call does nothing twice. */
export type Claims = {
  /** Claims the key for this call, or gives the answer of the call that had it first. */
  claim(actor: Actor, key: string, call: string): Promise<{ readonly claim: string } | { readonly status: number; readonly body: string }>;
  release(actor: Actor, key: string, claim: string): Promise<void>;
  /** Keeps the answer of a call that is done. */
  keep(actor: Actor, key: string, answer: { readonly status: number; readonly body: string }): Promise<void>;
};

/** Where a call comes from, as its events remember it. */
export type Via = "api" | "interface" | "command" | "job" | "import";

/** Everything a verb may ask for; each names what it needs. */
export type Ports = {
  readonly actor: Actor;
  /** The moment of the call, RFC 3339 UTC. */
  readonly now: string;
  /** What the workspace decided about reading and writing records. */
  readonly definitions: Definitions;
  /** The version the caller expects the record to have, from If-Match. */
  readonly expected: number | null;
  readonly records: (resource: Resource) => Records;
  /** Who calls, as far as the connection tells. */
  readonly caller: Caller;
  readonly identity: IdentityKit;
  readonly taggings: Taggings;
  readonly samples: Samples;
  readonly search: Search;
};

/** Which records carry a tag. */
export type Taggings = {
  count(tag: string): Promise<number>;
  /** Takes the tag off every record, or puts another in its place; each record tells of it. */
  replace(tag: string, by: string | null): Promise<void>;
};

export type Uses<K extends keyof Ports> = Pick<Ports, K>;
