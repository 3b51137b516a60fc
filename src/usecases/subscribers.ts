import type { Background } from "./background.ts";
import type { Outgoing } from "./kit/feed.ts";
import type { Job, JobRules, NewJob } from "./kit/jobs.ts";

/** Who listens to which events, and what they do about each, after the write and out of its way. */
export type Subscriber = {
  /** The name of its jobs. */
  readonly name: string;
  readonly summary: string;
  /** Types of events, such as `field.deleted`, or `contact.*` for all of a kind. */
  readonly on: readonly string[];
  readonly rules?: Partial<JobRules>;
  readonly run: (about: EventJob, background: Background, job: Job) => Promise<void>;
};

/** What a job knows of its event; values are read when it runs. */
export type EventJob = {
  readonly tenant: string;
  readonly event_id: string;
  readonly type: string;
  readonly resource: string;
  readonly record_id: string;
};

/** Every subscriber there is. */
export const subscribers: readonly Subscriber[] = [
  {
    name: "fields.forget_values",
    summary: "When a custom field is gone, what records are found by goes with it",
    on: ["field.deleted", "field.purged"],
    run: async ({ tenant, record_id }, { housekeeping }, { signal }) => {
      while (!signal.aborted && (await housekeeping.forgetFieldValues(tenant, record_id, 2_000)) > 0);
    },
  },
];

/** The jobs that these events ask for, each known by its event and its listener. */
export function jobsFor(tenant: string, events: readonly Pick<Outgoing, "id" | "type" | "resource" | "record_id">[]): readonly NewJob[] {
  return events.flatMap(({ id, type, resource, record_id }) =>
    subscribers
      .filter(({ on }) => on.some((pattern) => hears(pattern, type)))
      .map(({ name }) => ({ name, tenant, key: id, data: { tenant, event_id: id, type, resource, record_id } satisfies EventJob })),
  );
}

const hears = (pattern: string, type: string): boolean =>
  pattern.endsWith(".*") ? type.startsWith(pattern.slice(0, -1)) : pattern === type;
