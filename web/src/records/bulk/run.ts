import type { QueryClient } from "@tanstack/react-query";
import type { AnyRecord, Resource } from "../../../../src/domain/kit/resource.ts";
import { newKey, perform } from "../../kit/api.ts";
import { rereadLists } from "../cache.ts";
import { type ListQuery, listRecords, type Window } from "../rows.ts";
import type { Selection } from "../table/selection.ts";

export type Operation = { readonly op: "update" | "delete"; readonly id: string; readonly data?: Readonly<Record<string, unknown>> };
export type Result = { readonly id: string; readonly outcome: "updated" | "unchanged" | "deleted" | "failed"; readonly message?: string };
export type Progress = { readonly done: number; readonly total: number };

/** Rows written by one call; small enough that progress is seen. */
const CHUNK = 200;

/** Every record that is chosen: those by id as they are known, or all that match, read page by page. */
export async function chosenRecords(
  client: QueryClient,
  resource: Resource,
  query: ListQuery,
  selection: Selection,
  onRead?: (count: number) => boolean,
): Promise<readonly AnyRecord[]> {
  if (!selection.all) return recordsById(client, resource, [...selection.ids]);
  const found: AnyRecord[] = [];
  let cursor: string | null = null;
  do {
    const page: Window = await listRecords(resource, query, { limit: 100, cursor });
    found.push(...page.data.filter(({ id }) => !selection.ids.has(id)));
    cursor = page.next_cursor;
    if (onRead && !onRead(found.length)) break;
  } while (cursor);
  return found;
}

async function recordsById(client: QueryClient, resource: Resource, ids: readonly string[]): Promise<readonly AnyRecord[]> {
  const known = new Map<string, AnyRecord>();
  for (const [, window] of client.getQueriesData<Window>({ queryKey: ["rows", resource.name] }))
    for (const record of window?.data ?? []) known.set(record.id, record);
  const missing = ids.filter((id) => !known.has(id));
  const read = await Promise.all(missing.map((id) => perform<AnyRecord>(`${resource.name}.get`, { id })));
  for (const record of read) known.set(record.id, record);
  return ids.flatMap((id) => known.get(id) ?? []);
}

/** Writes the operations in pieces; each row has an outcome of its own, and stopping keeps what was done. */
export async function runBulkOperations(
  client: QueryClient,
  resource: Resource,
  operations: readonly Operation[],
  onProgress: (progress: Progress) => boolean,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < operations.length; start += CHUNK) {
    const piece = operations.slice(start, start + CHUNK);
    const answer = await perform<{
      results: readonly { index: number; outcome: Result["outcome"]; errors?: readonly { message: string }[] }[];
    }>(`${resource.name}.bulk`, { mode: "best_effort", operations: piece }, { idempotencyKey: newKey() });
    for (const { index, outcome, errors } of answer.results) {
      const id = piece[index]?.id ?? "";
      results.push({ id, outcome, ...(errors?.[0] ? { message: errors[0].message } : {}) });
    }
    if (!onProgress({ done: Math.min(start + CHUNK, operations.length), total: operations.length })) break;
  }
  await rereadLists(client, resource);
  return results;
}
