import { systemIn } from "../domain/access/system.ts";
import { resources } from "../domain/catalogue.ts";
import type { Background } from "./background.ts";
import type { Handler, Job } from "./kit/jobs.ts";
import { isRefusal, perform } from "./kit/perform.ts";

/** What housekeeping asks of the storage. */
export type Housekeeping = {
  /** Workspaces, page by page: those behind an id, or the first. */
  tenants(after: string | null, most: number): Promise<readonly string[]>;
  /** What has lain in the trash since before a moment, oldest first, behind the one given. */
  oldTrash(tenant: string, resource: string, query: TrashQuery): Promise<readonly Trashed[]>;
  /** Forgets answers kept under an Idempotency-Key before a moment. */
  forgetAnswers(tenant: string, before: string): Promise<number>;
  /** Forgets some of the rows by which records are found under a custom field; answers how many. */
  forgetFieldValues(tenant: string, field: string, most: number): Promise<number>;
  /** Makes the partitions of events for the months to come. */
  makePartitions(): Promise<void>;
  /** Takes away sessions and tokens that have expired. */
  sweepIdentity(now: string): Promise<number>;
};
export type TrashQuery = { readonly before: string; readonly after: Trashed | null; readonly most: number };
export type Trashed = { readonly id: string; readonly deleted_at: string };

/** What is done by the clock (UTC). */
export type Cron = {
  readonly name: string;
  readonly summary: string;
  readonly schedule: string;
  readonly run: (background: Background, job: Job) => Promise<void>;
};

const DAY = 86_400_000;
const KEPT_IN_TRASH = 30 * DAY;
const KEPT_ANSWERS = DAY;

/** Tidies one workspace. */
export const tidyWorkspace = "housekeeping.workspace";

export const crons: readonly Cron[] = [
  {
    name: "housekeeping.workspaces",
    summary: "Every night each workspace is tidied",
    schedule: "17 2 * * *",
    run: async ({ housekeeping, jobs, now }, { id }) => {
      let after: string | null = null;
      for (;;) {
        const tenants: readonly string[] = await housekeeping.tenants(after, 1_000);
        // The night's own job is the key: when it runs twice, no workspace is tidied twice.
        await jobs.enqueueAll(tenants.map((tenant) => ({ name: tidyWorkspace, tenant, key: id, data: { asked_at: now() } })));
        after = tenants.at(-1) ?? null;
        if (after === null) return;
      }
    },
  },
  {
    name: "housekeeping.partitions",
    summary: "The months to come have their place in the events",
    schedule: "5 3 * * *",
    run: ({ housekeeping }) => housekeeping.makePartitions(),
  },
  {
    name: "housekeeping.identity",
    summary: "Sessions and tokens that have expired go",
    schedule: "23 * * * *",
    run: async ({ housekeeping, now }) => {
      await housekeeping.sweepIdentity(now());
    },
  },
];

/** Forgets what need not be kept any longer, and purges what has lain in the trash for 30 days, each with its event. */
export const tidy =
  (background: Background): Handler =>
  async ({ tenant, signal }) => {
    if (tenant === null) return;
    const ago = (ms: number) => new Date(Date.parse(background.now()) - ms).toISOString();
    await background.housekeeping.forgetAnswers(tenant, ago(KEPT_ANSWERS));
    for (const resource of resources) {
      if (resource.trash && resource.verbs.includes("purge"))
        await purgeOld(background, { tenant, name: resource.name, before: ago(KEPT_IN_TRASH), signal });
    }
  };

type Purge = { readonly tenant: string; readonly name: string; readonly before: string; readonly signal: AbortSignal };

async function purgeOld({ app, housekeeping }: Background, { tenant, name, before, signal }: Purge): Promise<void> {
  let after: Trashed | null = null;
  while (!signal.aborted) {
    const old: readonly Trashed[] = await housekeeping.oldTrash(tenant, name, { before, after, most: 100 });
    for (const { id } of old) {
      if (signal.aborted) return;
      await perform(app, systemIn(tenant), `${name}.purge`, { id }, { via: "job" }).catch((error) => {
        if (!isRefusal(error)) throw error; // restored meanwhile, or still pointed to: the next night asks again
      });
    }
    after = old.at(-1) ?? null;
    if (after === null) return;
  }
}
