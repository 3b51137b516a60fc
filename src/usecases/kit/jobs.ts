/** How a kind of job is tried. */
export type JobRules = {
  /** How often it is tried before it lies among the dead letters. */
  readonly tries: number;
  /** Seconds until the second try; the wait doubles with each further one, up to `longest`. */
  readonly delay: number;
  readonly longest: number;
  /** Seconds that one run may take. */
  readonly limit: number;
  /** How many are taken at once on one node, each when the one before it is done. */
  readonly at_once: number;
  /** How many are taken in one go, for quick ones that come in thousands; they run side by side. */
  readonly batch: number;
};

/** About a day of tries, closer together at first. */
export const usualRules: JobRules = { tries: 12, delay: 5, longest: 6 * 3_600, limit: 900, at_once: 2, batch: 1 };

/** What is to be done once: of jobs with the same name, workspace and key only the first counts. */
export type NewJob = {
  readonly name: string;
  readonly data: JobData;
  readonly tenant?: string | null;
  readonly key?: string | null;
  /** Not before this moment, RFC 3339. */
  readonly startAfter?: string | null;
};
export type JobData = Readonly<Record<string, unknown>>;

/** A job in the hands of whoever does it. It may come twice, so doing it twice must do no harm. */
export type Job = {
  readonly id: string;
  readonly name: string;
  readonly tenant: string | null;
  readonly data: JobData;
  /** Which try this is, from 1. */
  readonly attempt: number;
  /** Fires when the node stops or the run took too long. */
  readonly signal: AbortSignal;
};
export type Handler = (job: Job) => Promise<void>;

/** A job that was given up, with what it last failed of. */
export type DeadLetter = {
  readonly id: string;
  readonly name: string;
  readonly data: JobData;
  readonly error: string;
  readonly tries: number;
  readonly failed_at: string;
};

/** Work that does not hold up who asked for it. */
export type Jobs = {
  enqueue(name: string, data: JobData, options?: Omit<NewJob, "name" | "data">): Promise<void>;
  enqueueAll(jobs: readonly NewJob[]): Promise<void>;
  /** Does the jobs of this name on this node. */
  work(name: string, handler: Handler): Promise<void>;
  /** Does something by the clock (UTC), once whatever the number of nodes; what fell into a pause is made up for once. */
  cron(name: string, schedule: string, handler: Handler): Promise<void>;
} & DeadLetters;

/** What an administrator may see and do about jobs. */
export type DeadLetters = {
  /** Those of a workspace, or with null those of the installation, newest first; `before` is the id after which to go on. */
  deadLetters(tenant: string | null, query?: { readonly limit?: number; readonly before?: string | null }): Promise<readonly DeadLetter[]>;
  /** Tries a dead letter anew; false where the workspace has no such one. */
  retry(id: string, tenant: string | null): Promise<boolean>;
};
