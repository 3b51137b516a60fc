import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Criteria } from "../../../src/domain/kit/criteria.ts";
import type { Resource } from "../../../src/domain/kit/resource.ts";
import type { View } from "../../../src/domain/views/view.ts";
import { perform } from "../kit/api.ts";
import { same } from "./save.ts";

/** What the address of a list says; what it leaves out comes from the view. */
export type ListSearch = {
  readonly view?: string | undefined;
  /** `null` where the view has a filter and the address takes it away. */
  readonly filter?: Criteria | null | undefined;
  readonly sort?: string | null | undefined;
  readonly columns?: string | undefined;
  readonly open?: string | undefined;
  readonly new?: boolean | undefined;
};

export type ListState = {
  readonly view: View | null;
  readonly views: readonly View[];
  readonly filter: Criteria | null;
  readonly sort: string | null;
  readonly columns: readonly string[];
  readonly openId: string | null;
  readonly isCreating: boolean;
  /** The address shows something else than the view keeps. */
  readonly isChanged: boolean;
  readonly set: (change: Partial<ListSearch>, options?: { readonly replace?: boolean }) => void;
  readonly show: (view: View | null) => void;
  readonly reset: () => void;
};

const MOST_COLUMNS = 7;

export const viewsQuery = (resource: Resource) => ({
  queryKey: ["views", resource.name] as const,
  staleTime: 60_000,
  queryFn: async ({ signal }: { signal: AbortSignal }) => {
    const { data } = await perform<{ data: readonly View[] }>(
      "views.list",
      { limit: 100, sort: "name", filter: JSON.stringify({ field: "resource", op: "eq", value: resource.name }) },
      { signal },
    );
    return data;
  },
});

/** The list as its address and its view describe it. */
export function useListState(resource: Resource): ListState {
  const search = useSearch({ strict: false }) as ListSearch;
  const navigate = useNavigate();
  const { data: views = none } = useQuery(viewsQuery(resource));
  return useMemo(() => {
    const view = views.find(({ id }) => id === search.view) ?? null;
    const kept = keptBy(resource, view);
    const filter = search.filter === undefined ? kept.filter : search.filter;
    const sort = search.sort === undefined ? kept.sort : search.sort;
    const columns = search.columns ? search.columns.split(",").filter(Boolean) : kept.columns;
    const go = (next: ListSearch, replace = false) =>
      void navigate({ to: "/$resource", params: { resource: resource.name }, search: next as never, replace });
    return {
      view,
      views,
      filter,
      sort,
      columns,
      openId: search.open ?? null,
      isCreating: search.new === true,
      isChanged: !same(filter, kept.filter) || !same(sort, kept.sort) || !same(columns, kept.columns),
      set: (change, options) => {
        const next = { ...search, ...change };
        if (same(next.filter, kept.filter)) next.filter = undefined;
        if (same(next.sort, kept.sort)) next.sort = undefined;
        if (next.columns === kept.columns.join(",")) next.columns = undefined;
        go(next, options?.replace);
      },
      show: (to) => go({ view: to?.id }),
      reset: () => go({ view: search.view, open: search.open }),
    };
  }, [resource, views, search, navigate]);
}

function keptBy(resource: Resource, view: View | null): { filter: Criteria | null; sort: string | null; columns: readonly string[] } {
  const first = resource.columns.slice(0, MOST_COLUMNS);
  if (!view) return { filter: null, sort: resource.sort.includes("updated_at") ? "-updated_at" : null, columns: first };
  return {
    filter: (view.filter as Criteria | null) ?? null,
    sort: view.sort ?? null,
    columns: view.columns?.length ? view.columns : first,
  };
}

const none: readonly View[] = [];

/** Writing views: made, changed and taken away for those who see them. */
export function useViewWrites(resource: Resource) {
  const client = useQueryClient();
  const reread = () => client.invalidateQueries({ queryKey: ["views", resource.name] });
  return {
    create: async (view: Pick<View, "name" | "filter" | "sort" | "columns" | "visibility">) => {
      const made = await perform<View>("views.create", { data: { ...view, resource: resource.name, layout: "table" } });
      await reread();
      return made;
    },
    update: async (view: View, change: Partial<View>) => {
      await perform<View>("views.update", { id: view.id, data: change }, { ifMatch: view.version });
      await reread();
    },
    remove: async (view: View) => {
      await perform("views.delete", { id: view.id });
      await reread();
    },
  };
}
