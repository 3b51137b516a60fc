import { customFields } from "../../../domain/custom-fields/custom-field.ts";
import type { CustomDefinition, Definitions } from "../../../domain/kit/definitions.ts";
import { definitionOf } from "../../../domain/kit/definitions.ts";
import { notFound } from "../../../domain/kit/errors.ts";
import type { Resource } from "../../../domain/kit/resource.ts";
import { workspaces } from "../../../domain/workspace/workspace.ts";
import type { Flights } from "../flights/flight.ts";
import { statement } from "../flights/statement.ts";
import { selectionOf } from "./fetched.ts";

/** What each workspace decided, kept in memory until it changes. */
export type DefinitionsCache = { of(tenant: string): Promise<Definitions>; forget(tenant: string): void; forgetAll(): void };

const MOST_KEPT = 5_000;
const KEPT_MS = 30_000;

/** A write under outdated definitions is refused by its statement, so that what is kept here may be a little old. */
export function definitionsCache(flights: Flights): DefinitionsCache {
  const kept = new Map<string, { readonly until: number; readonly definitions: Promise<Definitions> }>();
  return {
    of(tenant) {
      const known = kept.get(tenant);
      if (known && known.until > performance.now()) return known.definitions;
      const definitions = load(flights, tenant);
      definitions.catch(() => kept.delete(tenant));
      if (kept.size >= MOST_KEPT) kept.clear();
      kept.set(tenant, { until: performance.now() + KEPT_MS, definitions });
      return definitions;
    },
    forget: (tenant) => kept.delete(tenant),
    forgetAll: () => kept.clear(),
  };
}

const workspace = selectionOf(workspaces as unknown as Resource);
const field = selectionOf(customFields as unknown as Resource);
const readVersion = statement("select version, search_code from definitions where tenant_id = $1");
const readWorkspace = statement(`select ${workspace.sql} from workspaces r where r.tenant_id = $1 and r.id = $1`);
const readFields = statement(`select ${field.sql} from fields r where r.tenant_id = $1 and r.deleted_at is null order by r.position, r.id`);

async function load(flights: Flights, tenant: string): Promise<Definitions> {
  const [versions, workspaceRows, fieldRows] = await flights.run(
    tenant,
    [
      [readVersion, [tenant]],
      [readWorkspace, [tenant]],
      [readFields, [tenant]],
    ],
    "read",
  );
  const [version, code] = versions?.rows[0] ?? [];
  const row = workspaceRows?.rows[0];
  if (!version || !code || !row) throw notFound("This workspace is not there any more.");
  const { country, currency, time_zone, language, fiscal_start_month } = workspace.record(row) as unknown as Omit<
    Definitions,
    "version" | "search_code" | "custom"
  >;
  const custom: Record<string, CustomDefinition[]> = {};
  for (const one of fieldRows?.rows ?? []) {
    const stored = field.record(one) as unknown as Parameters<typeof definitionOf>[0] & { resource: string };
    custom[stored.resource] = [...(custom[stored.resource] ?? []), definitionOf(stored)];
  }
  return { version: Number(version), search_code: code, country, currency, time_zone, language, fiscal_start_month, custom };
}
