import type { PgBoss } from "pg-boss";
import type { DeadLetter, JobData } from "../../usecases/kit/jobs.ts";

/** Where pg-boss keeps its tables. */
export const SCHEMA = "jobs";

/** The queue in which jobs lie that were given up. */
export const DEAD_LETTERS = "dead_letters";

type Found = {
  readonly id: string;
  readonly source_name: string;
  readonly data: { readonly data: JobData };
  readonly source_output: { readonly message?: unknown } | null;
  readonly source_retry_count: number | null;
  readonly created_on: Date;
};

// pg-boss finds jobs by their data too, but all at once.
const list = `select j.id, j.source_name, j.data, j.source_output, j.source_retry_count, j.created_on from ${SCHEMA}.job j
 where j.name = '${DEAD_LETTERS}' and j.state = 'created' and j.group_id is not distinct from $1
   and ($2::uuid is null or (j.created_on, j.id) < (select b.created_on, b.id from ${SCHEMA}.job b where b.name = '${DEAD_LETTERS}' and b.id = $2::uuid))
 order by j.created_on desc, j.id desc limit $3`;

export async function deadLettersOf(
  boss: PgBoss,
  tenant: string | null,
  { limit = 50, before = null }: { readonly limit?: number; readonly before?: string | null } = {},
): Promise<readonly DeadLetter[]> {
  const { rows } = await boss.getDb().executeSql(list, [tenant, before, limit]);
  return (rows as Found[]).map(({ id, source_name, data, source_output, source_retry_count, created_on }) => ({
    id,
    name: source_name,
    data: data.data,
    error: typeof source_output?.message === "string" ? source_output.message : "It failed without a word.",
    tries: (source_retry_count ?? 0) + 1,
    failed_at: created_on.toISOString(),
  }));
}

/** Puts a dead letter back where it came from, with all its tries before it. */
export async function retryOne(boss: PgBoss, id: string, tenant: string | null): Promise<boolean> {
  return (await boss.redrive(DEAD_LETTERS, { ids: [id], data: { tenant } })) > 0;
}
