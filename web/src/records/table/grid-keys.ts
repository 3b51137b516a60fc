import { type KeyboardEvent, type RefObject, useCallback } from "react";
import type { AnyRecord } from "../../../../src/domain/kit/resource.ts";
import { tell } from "../../kit/toasts.tsx";
import { words } from "../../kit/words.ts";
import type { Rows } from "../rows.ts";
import { fromTsv, toTsv } from "./clipboard.ts";
import { useTextOf } from "./editor.tsx";
import type { Editing, RowActs, Sized } from "./row.tsx";
import type { Selecting } from "./selection.ts";

/** A cell by its row, −1 being the head, and its column. */
export type Place = { readonly row: number; readonly column: number };

type Now = {
  readonly props: {
    readonly rows: Rows;
    readonly selecting?: Selecting | undefined;
    readonly mayEdit: (record: AnyRecord) => boolean;
    readonly onOpen: (record: AnyRecord, to?: undefined, full?: boolean) => void;
  };
  readonly columns: readonly Sized[];
  readonly focus: Place | null;
  readonly anchor: Place | null;
  readonly editing: Editing | null;
};
type Grid = {
  readonly now: RefObject<Now>;
  readonly goTo: (place: Place, extend?: boolean) => void;
  readonly edit: (row: number, column: number, seed?: string) => void;
  readonly acts: RowActs;
  readonly page: number;
};

const steps: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** The keys of the table: arrows move, typing edits, Space selects, copy and paste speak with spreadsheets. */
export function useGridKeys({ now, goTo, edit, acts, page }: Grid): (event: KeyboardEvent<HTMLElement>) => void {
  const text = useTextOf();
  return useCallback(
    (event) => {
      const { focus, anchor, editing, columns, props } = now.current;
      const { rows, selecting, mayEdit } = props;
      if (editing || !focus || event.nativeEvent.isComposing || (event.target as HTMLElement).matches("input, button:not([role])")) return;
      const mod = event.metaKey || event.ctrlKey;
      const record = rows.rowAt(focus.row);
      const column = columns[focus.column];
      const bounded = (row: number, at: number): Place => ({
        row: Math.max(-1, Math.min(rows.count - 1, row)),
        column: Math.max(0, Math.min(columns.length - 1, at)),
      });
      const range = {
        top: Math.min(anchor?.row ?? focus.row, focus.row),
        bottom: Math.max(anchor?.row ?? focus.row, focus.row),
        from: Math.min(anchor?.column ?? focus.column, focus.column),
        to: Math.max(anchor?.column ?? focus.column, focus.column),
      };
      const inRange = () => {
        const found: AnyRecord[] = [];
        for (let row = range.top; row <= range.bottom; row += 1) {
          const one = rows.rowAt(row);
          if (one) found.push(one);
        }
        return found;
      };
      const step = steps[event.key];
      const mirrored = step && document.dir === "rtl" ? ([step[0], -step[1]] as const) : step;
      const clear = () => {
        for (const one of inRange())
          for (const target of columns.slice(range.from, range.to + 1))
            if (target.isWritable && !target.field.required && mayEdit(one))
              acts.onSave({ record: one, column: target, value: target.key === "tags" ? [] : null });
      };
      const copy = () => {
        const chosen = selecting?.isAny && !anchor ? loadedSelection(rows, selecting) : inRange();
        const across = selecting?.isAny && !anchor ? columns : columns.slice(range.from, range.to + 1);
        void navigator.clipboard.writeText(toTsv(chosen.map((one) => across.map((target) => text(one, target)))));
        tell(words().t("do.copied", { n: chosen.length * across.length }));
      };
      const paste = async () => {
        const cells = fromTsv(await navigator.clipboard.readText());
        let changed = 0;
        cells.forEach((line, down) => {
          const one = rows.rowAt(range.top + down);
          line.forEach((cell, over) => {
            const target = columns[range.from + over];
            if (!one || !target?.isWritable || !mayEdit(one)) return;
            const value = fromText(cell, target);
            if (value === undefined) return;
            changed += 1;
            acts.onSave({ record: one, column: target, value });
          });
        });
        tell(words().t("toast.pasted", { n: changed }));
      };

      if (mirrored) {
        const far = mod ? 1_000_000 : 1;
        goTo(bounded(focus.row + mirrored[0] * (mod ? rows.count : 1), focus.column + mirrored[1] * far), event.shiftKey);
      } else if (event.key === "PageDown" || event.key === "PageUp")
        goTo(bounded(focus.row + (event.key === "PageDown" ? page : -page), focus.column), event.shiftKey);
      else if (event.key === "Home") goTo(bounded(mod ? 0 : focus.row, 0));
      else if (event.key === "End") goTo(bounded(mod ? rows.count - 1 : focus.row, columns.length - 1));
      else if (focus.row < 0) return;
      else if (event.key === " " && selecting && record)
        selecting.toggle(
          inRange().map(({ id }) => id),
          !selecting.has(record.id),
        );
      else if (event.key === "Enter" && mod && record) props.onOpen(record, undefined, true);
      else if (event.key === "Enter" && focus.column === 0 && record) props.onOpen(record);
      else if (event.key === "Enter" || event.key === "F2") edit(focus.row, focus.column);
      else if (event.key === "Escape" && selecting?.isAny) selecting.clear();
      else if (event.key === "Escape" && anchor) goTo(focus);
      else if (mod && event.key.toLowerCase() === "a" && selecting) selecting.all();
      else if (mod && event.key.toLowerCase() === "c") copy();
      else if (mod && event.key.toLowerCase() === "v") void paste();
      else if (event.key === "Delete" || event.key === "Backspace") clear();
      else if (event.key.length === 1 && !mod && !event.altKey && column && isTyped(event.key, column, record))
        edit(focus.row, focus.column, event.key);
      else return;
      event.preventDefault();
    },
    [now, goTo, edit, acts, page, text],
  );
}

/** Typing edits the cells one can write to; in the frozen name it stays free for the shortcuts of the screen. */
const isTyped = (key: string, column: Sized, record: AnyRecord | undefined): boolean =>
  record !== undefined &&
  column.isWritable &&
  column.parts.length === 0 &&
  column.field.kind !== "boolean" &&
  !(key === "?" && column.field.kind !== "text");

function loadedSelection(rows: Rows, selecting: Selecting): readonly AnyRecord[] {
  const found: AnyRecord[] = [];
  for (let row = 0; row < rows.count; row += 1) {
    const record = rows.rowAt(row);
    if (record && selecting.has(record.id)) found.push(record);
  }
  return found;
}

/** What a pasted text means for a column; nothing where it has no meaning there. */
function fromText(cell: string, { field, key }: Sized): unknown {
  const text = cell.trim();
  if (text === "") return field.required ? undefined : key === "tags" ? [] : null;
  if (key === "tags") return text.split(/[,;]/).map((name) => ({ id: name.trim(), name: name.trim(), colour: "slate" }));
  switch (field.kind) {
    case "integer":
      return Number.isInteger(Number(text)) ? Number(text) : text;
    case "boolean":
      return /^(true|yes|ja|1|x|✓)$/i.test(text);
    case "choice": {
      const option = field.options?.find(({ value, label }) =>
        [value, label.en, label.de].some((word) => word.toLowerCase() === text.toLowerCase()),
      );
      return option?.value;
    }
    case "reference":
    case "references":
    case "json":
    case "address":
    case "choices":
    case "money":
      return undefined;
    default:
      return field.many ? text.split(/[,;]/).map((part) => part.trim()) : text;
  }
}
