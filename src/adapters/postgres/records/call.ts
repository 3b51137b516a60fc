import type { Actor } from "../../../domain/access/access.ts";
import type { Definitions } from "../../../domain/kit/definitions.ts";
import type { Via } from "../../../usecases/kit/ports.ts";
import type { LaneKind } from "../flights/session.ts";
import type { Result, Step, Value } from "../flights/statement.ts";

/** What the statements of one call share: whose data, who acts, and how they reach the database. */
export type Call = {
  readonly tenant: string;
  readonly actor: Actor;
  readonly via: Via;
  readonly cause: string | null;
  readonly now: string;
  readonly definitions: Definitions;
  /** Inside one interactive transaction: what is read is locked until its end. */
  readonly inTransaction: boolean;
  /** Sends a flight that reads. */
  readonly read: (steps: readonly Step[], lane: LaneKind) => Promise<Result[]>;
  /** Sends a flight that writes. */
  readonly write: (steps: readonly Step[], lane: LaneKind) => Promise<Result[]>;
  /** Sends a flight that writes and may fail without spoiling a transaction around it; where it names its events, one without them has written nothing. */
  readonly attempt: (steps: readonly Step[], lane: LaneKind, events?: readonly string[]) => Promise<Result[]>;
  /** Hears that the call gives the workspace new definitions. */
  readonly redefined?: () => void;
  /** The same call for a write that stands for itself, such as making a tag that a record names. */
  readonly aside: () => Call;
};

/** The parameters every write of a call begins with. */
export const head = ({ tenant, actor, via, cause, now }: Call): readonly Value[] => [
  tenant,
  now,
  actor.member_id,
  actor.key_id,
  via,
  cause,
];
