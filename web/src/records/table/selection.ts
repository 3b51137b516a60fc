import { useMemo, useState } from "react";

/** Which rows are chosen: some by id, or all that match except some. */
export type Selection = { readonly all: boolean; readonly ids: ReadonlySet<string> };

export const noSelection: Selection = { all: false, ids: new Set() };

export type Selecting = {
  readonly selection: Selection;
  readonly has: (id: string) => boolean;
  readonly isAny: boolean;
  readonly toggle: (ids: readonly string[], on?: boolean) => void;
  readonly all: () => void;
  readonly clear: () => void;
  /** How many are chosen of so many that match. */
  readonly countOf: (total: number) => number;
};

export function useSelection(): Selecting {
  const [selection, setSelection] = useState<Selection>(noSelection);
  return useMemo(() => {
    const has = (id: string) => selection.ids.has(id) !== selection.all;
    return {
      selection,
      has,
      isAny: selection.all || selection.ids.size > 0,
      toggle: (ids, on) =>
        setSelection((now) => {
          const next = new Set(now.ids);
          for (const id of ids) {
            const isOn = next.has(id) !== now.all;
            const wanted = on ?? !isOn;
            if (wanted === isOn) continue;
            if (next.has(id)) next.delete(id);
            else next.add(id);
          }
          return { ...now, ids: next };
        }),
      all: () => setSelection({ all: true, ids: new Set() }),
      clear: () => setSelection(noSelection),
      countOf: (total) => (selection.all ? total - selection.ids.size : selection.ids.size),
    };
  }, [selection]);
}
