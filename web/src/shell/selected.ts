import { useEffect, useSyncExternalStore } from "react";
import type { Resource } from "../../../src/domain/kit/resource.ts";
import type { ListQuery, Rows } from "../records/rows.ts";
import type { Selecting } from "../records/table/selection.ts";

/** What is selected on the screen, for the actions of the palette. */
export type Selected = { readonly resource: Resource; readonly count: number; readonly query: ListQuery };
/** An action of the bulk bar by name. */
export type BulkAction = "edit" | "assign" | "tag" | "delete";

let selected: Selected | null = null;
let runner: ((action: BulkAction) => void) | null = null;
const listeners = new Set<() => void>();

/** Tells the palette what this list has selected. */
export function useSelected(resource: Resource, selecting: Selecting, rows: Rows, query: ListQuery): void {
  const count = selecting.countOf(rows.total ?? 0);
  useEffect(() => {
    set(count > 0 ? { resource, count, query } : null);
    return () => set(null);
  }, [resource, count, query]);
}

/** Lets the palette start an action of the bulk bar. */
export function useBulkRunner(run: (action: BulkAction) => void): void {
  useEffect(() => {
    runner = run;
    return () => {
      runner = null;
    };
  });
}

export const runBulk = (action: BulkAction): void => runner?.(action);

export const useSelectedNow = (): Selected | null =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => selected,
  );

function set(next: Selected | null): void {
  selected = next;
  for (const listener of listeners) listener();
}
