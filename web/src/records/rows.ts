import { keepPreviousData, type QueryClient, type UseQueryOptions, useQueries, useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { catalogue } from "../../../src/domain/catalogue.ts";
import type { Criteria } from "../../../src/domain/kit/criteria.ts";
import type { AnyRecord, Resource } from "../../../src/domain/kit/resource.ts";
import { perform } from "../kit/api.ts";
import { embeddedKey } from "../kit/cells.tsx";

/** What a list shows, and in which order. */
export type ListQuery = { readonly filter: Criteria | null; readonly sort: string | null; readonly trashed?: boolean };
export type Window = {
  readonly data: readonly AnyRecord[];
  readonly next_cursor: string | null;
  readonly total: number | null;
  readonly total_is_estimate: boolean;
};

export const WINDOW = 100;
/** Rows that pages reach; deeper ones are read by following cursors. */
const DEEPEST_PAGE = 10_000;

/** The rows of a list, read in windows of a hundred around what is looked at. */
export type Rows = {
  /** How many rows the list has room for: all of them, or beyond ten thousand as many as cursors have reached. */
  readonly count: number;
  readonly total: number | null;
  readonly isEstimate: boolean;
  readonly isFirstLoad: boolean;
  readonly isStale: boolean;
  readonly error: unknown;
  readonly rowAt: (index: number) => AnyRecord | undefined;
  readonly look: (first: number, last: number) => void;
  readonly refetch: () => void;
};

export const rowsKey = (resource: string) => ["rows", resource] as const;

export function useRows(resource: Resource, query: ListQuery, isEnabled = true): Rows {
  const client = useQueryClient();
  const [span, setSpan] = useState<readonly [number, number]>([0, 0]);
  const indexes = [...new Set([0, ...Array.from({ length: span[1] - span[0] + 1 }, (_, offset) => span[0] + offset)])];
  const results = useQueries({ queries: indexes.map((index) => ({ ...windowQuery(client, resource, query, index), enabled: isEnabled })) });
  const first = results[0];
  const windows = new Map(indexes.map((index, place) => [index, results[place]?.data]));
  const total = first?.data?.total ?? null;
  const count = reachable(client, resource, query, total ?? first?.data?.data.length ?? 0);
  return {
    count,
    total,
    isEstimate: first?.data?.total_is_estimate ?? false,
    isFirstLoad: first?.isPending ?? true,
    isStale: results.some(({ isPlaceholderData }) => isPlaceholderData),
    error: first?.error ?? null,
    rowAt: (index) => {
      const at = Math.floor(index / WINDOW);
      const window = windows.get(at) ?? client.getQueryData<Window>(windowKey(resource, query, at));
      return window?.data[index % WINDOW];
    },
    look: useCallback((from: number, to: number) => {
      const next: readonly [number, number] = [Math.floor(Math.max(0, from) / WINDOW), Math.floor(Math.max(0, to) / WINDOW)];
      setSpan((now) => (now[0] === next[0] && now[1] === next[1] ? now : next));
    }, []),
    refetch: () => void client.invalidateQueries({ queryKey: rowsKey(resource.name) }),
  };
}

export const windowKey = (resource: Resource, query: ListQuery, index: number) => [...rowsKey(resource.name), query, index] as const;

function windowQuery(client: QueryClient, resource: Resource, query: ListQuery, index: number): UseQueryOptions<Window> {
  return {
    queryKey: windowKey(resource, query, index),
    staleTime: 30_000,
    gcTime: 600_000,
    retry: 1,
    placeholderData: index === 0 ? keepPreviousData : undefined,
    queryFn: ({ signal }) => {
      const before = index ? client.getQueryData<Window>(windowKey(resource, query, index - 1)) : undefined;
      const place =
        index === 0
          ? { limit: WINDOW, count: "estimate" }
          : before?.next_cursor
            ? { limit: WINDOW, cursor: before.next_cursor }
            : { page: index + 1, page_size: WINDOW };
      return listRecords(resource, query, place, signal);
    },
  };
}

/** One page of a list. */
export function listRecords(
  resource: Resource,
  { filter, sort, trashed }: ListQuery,
  place: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
): Promise<Window> {
  return perform<Window>(
    `${resource.name}.list`,
    {
      ...place,
      filter: filter ? JSON.stringify(filter) : null,
      sort,
      ...(trashed ? { trashed: "true" } : {}),
      include: includeOf(resource) || null,
    },
    signal ? { signal } : {},
  );
}

/** One record with what its references point to. */
export const recordQuery = (resource: Resource, id: string) => ({
  queryKey: ["record", resource.name, id] as const,
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    perform<AnyRecord>(`${resource.name}.get`, { id, include: includeOf(resource) || null }, { signal }),
  staleTime: 10_000,
  retry: false,
});

/** The references whose records a list brings along; members are known from the directory. */
function includeOf({ fields }: Resource): string {
  return Object.entries(fields)
    .filter(([key, { kind, to }]) => kind === "reference" && to && to !== "members" && to in catalogue && key.endsWith("_id"))
    .map(([key]) => embeddedKey(key))
    .join(",");
}

function reachable(client: QueryClient, resource: Resource, query: ListQuery, total: number): number {
  if (total <= DEEPEST_PAGE) return total;
  let index = DEEPEST_PAGE / WINDOW;
  while (client.getQueryData<Window>(windowKey(resource, query, index))) index += 1;
  return Math.min(total, (index + 1) * WINDOW);
}
