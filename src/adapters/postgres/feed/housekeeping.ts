import pg from "pg";
import { resources } from "../../../domain/catalogue.ts";
import type { Housekeeping } from "../../../usecases/housekeeping.ts";
import type { Flights } from "../flights/flight.ts";
import { statement, type Value } from "../flights/statement.ts";
import { makePartitions } from "../migrate.ts";
import { instant } from "../records/columns.ts";

type Given = {
  /** Flights of the tenant role. */
  readonly flights: Flights;
  /** The owner's address, for what only the owner of the tables may do. */
  readonly owner: string;
  readonly sweepIdentity: Housekeeping["sweepIdentity"];
};

/** What the storage does for housekeeping, a workspace at a time under its own rights. */
export function openHousekeeping({ flights, owner, sweepIdentity }: Given): Housekeeping {
  const ask = async (tenant: string | null, text: string, values: readonly Value[], lane: "read" | "bulk") => {
    const [result] = await flights.run(tenant, [[statement(text), values]], lane);
    return result ?? { rows: [], count: 0 };
  };

  return {
    sweepIdentity,

    async tenants(after, most) {
      const { rows } = await ask(null, "select every_tenant($1::uuid, $2::int)", [after ?? FIRST, most], "read");
      return rows.map(([id]) => id ?? "");
    },

    async oldTrash(tenant, name, { before, after, most }) {
      const resource = resources.find((one) => one.name === name && one.trash);
      if (!resource) throw new Error(`${name} has no trash.`);
      const { rows } = await ask(
        tenant,
        `select r.id, r.deleted_at from ${resource.name} r where r.tenant_id = $1 and r.deleted_at is not null and r.deleted_at < $2::timestamptz
 and (r.deleted_at, r.id) > ($3::timestamptz, $4::uuid) order by r.deleted_at, r.id limit $5::int`,
        [tenant, before, after?.deleted_at ?? "-infinity", after?.id ?? FIRST, most],
        "read",
      );
      return rows.map(([id, deleted]) => ({ id: id ?? "", deleted_at: instant(deleted ?? "") }));
    },

    async forgetAnswers(tenant, before) {
      const text = "delete from idempotency_keys where tenant_id = $1 and created_at < $2::timestamptz";
      return (await ask(tenant, text, [tenant, before], "bulk")).count;
    },

    async forgetFieldValues(tenant, field, most) {
      const text = `with gone as (select v.record_id, v.item from custom_values v where v.tenant_id = $1 and v.field_id = $2::uuid limit $3::int)
 delete from custom_values v using gone where v.tenant_id = $1 and v.field_id = $2::uuid and v.record_id = gone.record_id and v.item = gone.item`;
      return (await ask(tenant, text, [tenant, field, most], "bulk")).count;
    },

    async makePartitions() {
      const client = new pg.Client({ connectionString: owner, application_name: "rapport housekeeping" });
      await client.connect();
      try {
        await makePartitions(client, Date.now());
      } finally {
        await client.end();
      }
    },
  };
}

const FIRST = "00000000-0000-0000-0000-000000000000";
