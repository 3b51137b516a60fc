import type { CustomField } from "../../../src/domain/custom-fields/custom-field.ts";
import { readAll } from "./read-all.ts";

export const fieldsKey = (resource: string) => ["settings", "fields", resource] as const;

/** The fields that the workspace added to a resource, in their order. */
export const fieldsQuery = (resource: string) => ({
  queryKey: fieldsKey(resource),
  staleTime: 30_000,
  throwOnError: true,
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    readAll<CustomField>(
      "fields.list",
      { sort: "position", filter: JSON.stringify({ field: "resource", op: "eq", value: resource }) },
      signal,
    ),
});
