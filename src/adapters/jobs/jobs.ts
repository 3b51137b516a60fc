import { createHash } from "node:crypto";
import { type ConstructorOptions, type JobResult, type JobWithMetadata, PgBoss, type Queue } from "pg-boss";
import { type Handler, type Job, type JobData, type JobRules, type Jobs, type NewJob, usualRules } from "../../usecases/kit/jobs.ts";
import { DEAD_LETTERS, deadLettersOf, retryOne, SCHEMA } from "./dead-letters.ts";

export type OpenJobs = Jobs & {
  /** Takes no more jobs, waits for those under way, and hands back what does not end in time. */
  close(): Promise<void>;
};

export type JobsOptions = {
  /** A role that may make and owns the schema `jobs`. */
  readonly connection: Pick<ConstructorOptions, "connectionString" | "host" | "port" | "database" | "user" | "password" | "ssl">;
  /** Every name there is, with how its jobs are tried; null for the usual way. */
  readonly queues: Readonly<Record<string, Partial<JobRules> | null>>;
  /** A node that does not work only hands jobs over. */
  readonly works?: boolean;
  readonly onError?: (error: Error) => void;
  readonly settings?: Partial<Settings>;
};

/** Seconds: how soon a node's death is noticed, how often queues are looked at without being told, how long stopping may take. */
type Settings = {
  readonly heartbeat: number;
  readonly watch: number;
  readonly poll: number;
  readonly stop: number;
  readonly clock: number;
};
const usual: Settings = { heartbeat: 60, watch: 15, poll: 10, stop: 20, clock: 30 };

/** Opens the queue in a schema of its own, on a small pool of its own. */
export async function openJobs({ connection, queues, works = true, onError = () => {}, settings }: JobsOptions): Promise<OpenJobs> {
  const { heartbeat, watch, poll, stop, clock } = { ...usual, ...settings };
  const boss = new PgBoss({
    ...connection,
    application_name: "rapport jobs",
    schema: SCHEMA,
    max: works ? 4 : 2,
    useListenNotify: works,
    supervise: works,
    schedule: works,
    superviseIntervalSeconds: watch,
    monitorIntervalSeconds: watch,
    cronMonitorIntervalSeconds: clock,
    cronWorkerIntervalSeconds: Math.min(5, clock),
  });
  boss.on("error", onError);
  await boss.start();
  try {
    await declare(boss, queues, heartbeat);
    if (works) await forgetSchedules(boss, Object.keys(queues));
  } catch (error) {
    await boss.stop({ graceful: false });
    throw error;
  }

  const rulesOf = (name: string): JobRules => {
    if (!Object.hasOwn(queues, name)) throw new Error(`There is no job named ${name}.`);
    return { ...usualRules, ...queues[name] };
  };

  const enqueueAll = async (jobs: readonly NewJob[]): Promise<void> => {
    const byName = new Map<string, NewJob[]>();
    for (const job of jobs) {
      rulesOf(job.name);
      byName.set(job.name, [...(byName.get(job.name) ?? []), job]);
    }
    for (const [name, those] of byName) await boss.insert(name, those.map(stored), { returnId: false });
  };

  /** Takes jobs of this name, and looks for the next as soon as these are done. */
  const take = async (name: string, batch: number, handler: Handler): Promise<void> => {
    const options = {
      includeMetadata: true,
      perJobResults: true,
      batchSize: batch,
      pollingIntervalSeconds: Math.min(2, poll),
      notifyPollingIntervalSeconds: poll,
    } as const;
    let taker = "";
    taker = await boss.work<Envelope, void, typeof options>(name, options, async (jobs) => {
      const results = await Promise.all(jobs.map((job) => outcomeOf(job, handler)));
      boss.notifyWorker(taker);
      return results;
    });
  };

  const work = async (name: string, handler: Handler): Promise<void> => {
    const { at_once, batch } = rulesOf(name);
    for (let one = 0; one < at_once; one++) await take(name, batch, handler);
  };

  return {
    enqueueAll,
    enqueue: (name, data, options) => enqueueAll([{ name, data, ...options }]),
    work,
    async cron(name, schedule, handler) {
      await work(name, handler);
      await boss.schedule(name, schedule, { tenant: null, data: {} } satisfies Envelope, { tz: "UTC", missed: "once" });
    },
    deadLetters: (tenant, query) => deadLettersOf(boss, tenant, query),
    retry: (id, tenant) => retryOne(boss, id, tenant),
    close: () => boss.stop({ graceful: true, timeout: stop * 1_000 }),
  };
}

/** A job's data as it lies in the queue, beside whose it is. */
type Envelope = { readonly tenant: string | null; readonly data: JobData };

const LONG_KEPT = 90 * 86_400;

/** Makes the queues that are missing and brings the rules of the others up to date. */
async function declare(boss: PgBoss, queues: JobsOptions["queues"], heartbeat: number): Promise<void> {
  const known = new Map((await boss.getQueues()).map((queue) => [queue.name, queue]));
  // Nobody works on dead letters: they wait there for a person.
  if (!known.has(DEAD_LETTERS)) await boss.createQueue(DEAD_LETTERS, { retentionSeconds: LONG_KEPT, deleteAfterSeconds: LONG_KEPT });
  for (const [name, own] of Object.entries(queues)) {
    const rules: JobRules = { ...usualRules, ...own };
    const options = {
      retryLimit: rules.tries - 1,
      retryDelay: rules.delay,
      retryBackoff: true,
      retryDelayMax: rules.longest,
      expireInSeconds: rules.limit,
      heartbeatSeconds: heartbeat,
      // As long as a job is remembered, the same key starts nothing twice.
      deleteAfterSeconds: 2 * 86_400,
      retentionSeconds: 30 * 86_400,
      deadLetter: DEAD_LETTERS,
      notify: true,
    } satisfies Omit<Queue, "name">;
    const found = known.get(name);
    if (!found) await boss.createQueue(name, options);
    else if (Object.entries(options).some(([key, value]) => found[key as keyof typeof options] !== value))
      await boss.updateQueue(name, options);
  }
}

/** A schedule that is no longer declared would fill a queue that nobody works on. */
async function forgetSchedules(boss: PgBoss, names: readonly string[]): Promise<void> {
  for (const { name, key } of await boss.getSchedules()) if (!names.includes(name)) await boss.unschedule(name, key);
}

const stored = ({ name, data, tenant = null, key = null, startAfter = null }: NewJob) => ({
  data: { tenant, data } satisfies Envelope,
  ...(key === null ? {} : { id: idOf([name, tenant ?? "", key]) }),
  ...(startAfter === null ? {} : { startAfter }),
  ...(tenant === null ? {} : { group: { id: tenant } }),
});

/** The id of a job with a key: the same every time (RFC 9562, version 8), so that the database refuses the second. */
function idOf(parts: readonly string[]): string {
  const hash = createHash("sha256").update(parts.join("\n")).digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x80;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}

/** One job of a batch fails for itself. */
async function outcomeOf(job: JobWithMetadata<Envelope>, handler: Handler): Promise<JobResult> {
  try {
    await handler(opened(job));
    return { id: job.id, status: "completed" };
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
    return { id: job.id, status: "failed", output: { message, stack } };
  }
}

const opened = ({ id, name, data, retryCount, signal }: JobWithMetadata<Envelope>): Job => ({
  id,
  name,
  tenant: data.tenant,
  data: data.data,
  attempt: retryCount + 1,
  signal,
});
