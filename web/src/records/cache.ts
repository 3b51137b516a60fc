import type { QueryClient } from "@tanstack/react-query";
import type { AnyRecord, Resource } from "../../../src/domain/kit/resource.ts";
import { rowsKey, type Window } from "./rows.ts";

/** Shows a record as it is now wherever it is shown; what came along with it before stays beside it. */
export function putEverywhere(client: QueryClient, resource: Resource, record: Partial<AnyRecord> & { readonly id: string }): void {
  client.setQueriesData<Window>({ queryKey: rowsKey(resource.name) }, (window) =>
    window?.data.some(({ id }) => id === record.id)
      ? { ...window, data: window.data.map((row) => (row.id === record.id ? ({ ...row, ...record } as AnyRecord) : row)) }
      : window,
  );
  client.setQueryData<AnyRecord>(["record", resource.name, record.id], (row) => (row ? ({ ...row, ...record } as AnyRecord) : row));
}

/** The record as this browser knows it. */
export function knownRecord(client: QueryClient, resource: Resource, id: string): AnyRecord | undefined {
  const alone = client.getQueryData<AnyRecord>(["record", resource.name, id]);
  if (alone) return alone;
  for (const [, window] of client.getQueriesData<Window>({ queryKey: rowsKey(resource.name) })) {
    const found = window?.data.find((row) => row.id === id);
    if (found) return found;
  }
  return undefined;
}

/** Reads the lists of a resource again: something came, went or moved. */
export const rereadLists = (client: QueryClient, resource: Resource): Promise<void> =>
  client.invalidateQueries({ queryKey: rowsKey(resource.name) });

/** Reads a record and what happened to it again. */
export async function rereadRecord(client: QueryClient, resource: Resource, id: string): Promise<void> {
  await Promise.all([
    client.invalidateQueries({ queryKey: ["record", resource.name, id] }),
    client.invalidateQueries({ queryKey: ["timeline", resource.name, id] }),
  ]);
}
