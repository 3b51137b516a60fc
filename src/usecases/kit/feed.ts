/** What decides who may hear of a change: the owner of the record and how it is shared, by the names of their fields. */
export type Side = Readonly<Record<string, string | null>>;

/** One event at its place in a workspace's feed. */
export type FeedEntry = {
  readonly position: number;
  readonly event_id: string;
  readonly at: string;
  readonly type: string;
  readonly resource: string;
  readonly record_id: string;
  readonly version: number;
  readonly actor_id: string | null;
  /** The record before and after; null where it was not there. */
  readonly before: Side | null;
  readonly after: Side | null;
};

/** The events of a workspace in the order the drain gave them: no gaps, and nothing is ever put in between. */
export type Feed = {
  /** The last position there is. */
  head(tenant: string): Promise<number>;
  /** The entries behind a position, in order. */
  after(tenant: string, position: number, most: number): Promise<readonly FeedEntry[]>;
  /** Hears where a feed may have moved to; a tenant of null says that a hint may have been lost. Answers how to stop. */
  onMoved(hear: (tenant: string | null, to: number) => void): () => void;
};

/** Short messages between nodes. Any may be lost, so nothing may depend on one alone. */
export type Signals = {
  /** Hears every message of a channel, from this node too; null says that some may have been lost. Answers how to stop. */
  listen(channel: string, hear: (message: string | null) => void): () => void;
  notify(channel: string, message: string): void;
};

/** An event on its way out of the outbox, with the record before and after as JSON text. */
export type Outgoing = {
  readonly id: string;
  readonly at: string;
  readonly type: string;
  readonly resource: string;
  readonly record_id: string;
  readonly version: number;
  readonly actor_id: string | null;
  readonly before: string | null;
  readonly after: string | null;
};
