import { crons, type Housekeeping, tidy, tidyWorkspace } from "./housekeeping.ts";
import type { Outgoing } from "./kit/feed.ts";
import type { JobRules, Jobs } from "./kit/jobs.ts";
import type { App } from "./kit/perform.ts";
import { type EventJob, jobsFor, subscribers } from "./subscribers.ts";

/** What works behind requests reaches the world through. */
export type Background = {
  readonly app: App;
  readonly jobs: Jobs;
  readonly housekeeping: Housekeeping;
  /** The moment, RFC 3339 UTC. */
  readonly now: () => string;
};

/** Every kind of job there is, with how it is tried where that is not the usual way. */
export const queues: Readonly<Record<string, Partial<JobRules> | null>> = {
  ...Object.fromEntries(subscribers.map(({ name, rules }) => [name, rules ?? null])),
  ...Object.fromEntries(crons.map(({ name }) => [name, { at_once: 1 }])),
  [tidyWorkspace]: { at_once: 1, limit: 3_600 },
};

/** Hands the events of a workspace to whoever listens; what is handed over twice is done once. */
export const handOver =
  (jobs: Pick<Jobs, "enqueueAll">) =>
  async (tenant: string, events: readonly Outgoing[]): Promise<void> => {
    const asked = jobsFor(tenant, events);
    if (asked.length > 0) await jobs.enqueueAll(asked);
  };

/** Begins to do on this node what is asked for by events and by the clock. */
export async function startWork(background: Background): Promise<void> {
  const { jobs } = background;
  for (const { name, run } of subscribers) await jobs.work(name, (job) => run(job.data as EventJob, background, job)); // what `jobsFor` gave it
  await jobs.work(tidyWorkspace, tidy(background));
  for (const { name, schedule, run } of crons) await jobs.cron(name, schedule, (job) => run(background, job));
}
