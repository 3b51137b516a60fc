import { type OpenJobs, openJobs } from "../adapters/jobs/jobs.ts";
import { openHousekeeping } from "../adapters/postgres/feed/housekeeping.ts";
import type { Flights } from "../adapters/postgres/flights/flight.ts";
import { queues, startWork } from "../usecases/background.ts";
import type { Housekeeping } from "../usecases/housekeeping.ts";
import type { Jobs } from "../usecases/kit/jobs.ts";
import type { App } from "../usecases/kit/perform.ts";

/** The queue of a node and what it does about it. */
export type Work = {
  readonly jobs: Jobs;
  /** Begins to do what is asked for, on a node that works. */
  readonly begin: (app: App) => Promise<void>;
  /** The database is somewhere else now: the queue is opened there. */
  readonly moved: () => Promise<void>;
  readonly close: () => Promise<void>;
};

type Given = {
  readonly ownerUrl: () => string;
  /** Whether this node does jobs, or only hands them over. */
  readonly works: boolean;
  readonly flights: Flights;
  readonly sweepIdentity: Housekeeping["sweepIdentity"];
  readonly onError: (error: Error) => void;
};

/** Opens the queue, whose connections stay where they were opened. */
export async function openWork({ ownerUrl, works, flights, sweepIdentity, onError }: Given): Promise<Work> {
  const open = (): Promise<OpenJobs> => openJobs({ connection: { connectionString: ownerUrl() }, queues, works, onError });
  let current = await open();
  let begun: App | null = null;
  const jobs: Jobs = {
    enqueue: (name, data, options) => current.enqueue(name, data, options),
    enqueueAll: (all) => current.enqueueAll(all),
    work: (name, handler) => current.work(name, handler),
    cron: (name, schedule, handler) => current.cron(name, schedule, handler),
    deadLetters: (tenant, query) => current.deadLetters(tenant, query),
    retry: (id, tenant) => current.retry(id, tenant),
  };

  async function begin(app: App): Promise<void> {
    begun = app;
    if (!works) return;
    const housekeeping = openHousekeeping({ flights, owner: ownerUrl(), sweepIdentity });
    await startWork({ app, jobs, housekeeping, now: () => new Date().toISOString() });
  }

  return {
    jobs,
    begin,
    async moved() {
      const former = current;
      current = await open();
      if (begun) await begin(begun);
      former.close().catch(onError); // its connections lead nowhere: nobody waits for it
    },
    close: () => current.close(),
  };
}
