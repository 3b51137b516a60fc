// biome-ignore-all lint/a11y/useSemanticElements: rows and cells that are virtual in both directions cannot be a table.
import { columnPinningFeature, columnResizingFeature, columnSizingFeature, tableFeatures, useTable } from "@tanstack/react-table";
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { AnyRecord, Resource } from "../../../../src/domain/kit/resource.ts";
import { prefer, preferences, usePreferences } from "../../kit/preferences.ts";
import { useWords } from "../../kit/words.ts";
import { type Column, firstWidth } from "../columns.ts";
import type { Rows } from "../rows.ts";
import { type Edit, useSave } from "../save.ts";
import type { Move } from "./editor.tsx";
import { type Place, useGridKeys } from "./grid-keys.ts";
import { Head } from "./head.tsx";
import { type Editing, Row, type RowActs, type Sized } from "./row.tsx";
import type { Selecting } from "./selection.ts";

export const GUTTER = 40;
const rowHeights = { compact: 32, comfortable: 40 } as const;

type Props = {
  readonly resource: Resource;
  readonly rows: Rows;
  readonly columns: readonly Column[];
  /** Every column of the resource, for editors that need more than is shown. */
  readonly all: readonly Column[];
  readonly sort: string | null;
  readonly onSort?: (sort: string | null) => void;
  readonly onHide?: (key: string) => void;
  readonly selecting?: Selecting | undefined;
  readonly openId?: string | null;
  readonly onOpen: (record: AnyRecord, to?: { readonly resource: string; readonly id: string }, full?: boolean) => void;
  readonly news?: ReadonlySet<string>;
  /** Under which the scroll position is kept for coming back. */
  readonly memoryKey: string;
  readonly footer?: (isEditing: boolean) => ReactNode;
  readonly mayEdit: (record: AnyRecord) => boolean;
  readonly onFocusRow?: (index: number) => void;
  /** A related list grows with its rows instead of scrolling by itself. */
  readonly isEmbedded?: boolean;
};

const features = tableFeatures({ columnSizingFeature, columnResizingFeature, columnPinningFeature });
const noRows: readonly AnyRecord[] = [];
/** Where each list was left, for the way back. */
const left = new Map<string, { readonly top: number; readonly focus: Place | null }>();

/** A table of records, virtual in both directions, edited in place. */
export function Grid(props: Props) {
  const { resource, rows, all, sort, selecting, memoryKey, openId = null, news } = props;
  const { t, language } = useWords();
  const { density } = usePreferences();
  const height = rowHeights[density];
  const scroller = useRef<HTMLDivElement>(null);
  const memory = left.get(memoryKey);
  const [focus, setFocus] = useState<Place | null>(memory?.focus ?? null);
  const [anchor, setAnchor] = useState<Place | null>(null);
  const [editing, setEditing] = useState<Editing | null>(null);
  const save = useSave(resource);

  const columns = useSizedColumns(resource, props.columns);
  const vertical = useVirtualizer({
    count: rows.count,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 8,
    initialOffset: memory?.top ?? 0,
    paddingStart: 32,
    scrollPaddingStart: 32,
    scrollPaddingEnd: selecting?.isAny ? 72 + 36 : 36,
    rangeExtractor: (range) => {
      const shown = defaultRangeExtractor(range);
      const kept = editing?.row ?? focus?.row ?? -1;
      return kept >= 0 && kept < rows.count && !shown.includes(kept) ? [...shown, kept].sort((a, b) => a - b) : shown;
    },
  });
  const frozen = GUTTER + (columns.sized[0]?.width ?? 0);
  const horizontal = useVirtualizer({
    horizontal: true,
    count: Math.max(0, columns.sized.length - 1),
    getScrollElement: () => scroller.current,
    estimateSize: (index) => columns.sized[index + 1]?.width ?? 0,
    overscan: 3,
    paddingStart: frozen,
    scrollPaddingStart: frozen,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured again when a width or the height of rows changes.
  useLayoutEffect(() => {
    vertical.measure();
    horizontal.measure();
  }, [height, columns.key]);

  const visible = vertical.getVirtualItems();
  const first = visible[0]?.index ?? 0;
  const last = visible.at(-1)?.index ?? 0;
  useEffect(() => rows.look(first, last), [rows.look, first, last]);

  const across = horizontal.getVirtualItems();
  const total = columns.sized.reduce((sum, { width }) => sum + width, GUTTER);
  const lead = across[0] ? across[0].start - frozen : 0;
  const lastAcross = across.at(-1);
  const tail = lastAcross ? total - lastAcross.end : 0;
  const shownKey = across.map(({ index }) => index + 1).join();
  const shown = useMemo(() => shownKey.split(",").map(Number), [shownKey]);

  // What the handlers need is always the latest, while they themselves stay the same, so that rows do not render again for them.
  const now = useRef({ props, columns: columns.sized, focus, anchor, editing });
  now.current = { props, columns: columns.sized, focus, anchor, editing };

  const goTo = useCallback((place: Place, extend = false) => {
    setAnchor((anchor) => (extend ? (anchor ?? now.current.focus) : null));
    setFocus(place);
    now.current.props.onFocusRow?.(place.row);
  }, []);
  const edit = useCallback((row: number, column: number, seed?: string) => {
    const { props, columns } = now.current;
    const record = props.rows.rowAt(row);
    const target = columns[column];
    if (record && target && (target.isWritable || target.parts.length) && props.mayEdit(record)) setEditing({ row, column, seed });
  }, []);
  const saveEdit = useCallback(
    async (edit: Edit) => {
      const place = now.current.editing;
      const collision = await save(edit);
      if (collision && place) setEditing({ row: place.row, column: place.column, draft: { value: edit.value, base: edit.record } });
    },
    [save],
  );
  const endEdit = useCallback(
    (move: Move) => {
      const { editing, columns, props } = now.current;
      setEditing(null);
      if (!editing) return;
      const step = { stay: [0, 0], next: [0, 1], previous: [0, -1], down: [1, 0] }[move] as [number, number];
      const row = Math.min(props.rows.count - 1, editing.row + step[0]);
      goTo({ row, column: Math.max(0, Math.min(columns.length - 1, editing.column + step[1])) });
    },
    [goTo],
  );
  const select = useCallback((row: number, event: { readonly shiftKey: boolean }) => {
    const { props, focus } = now.current;
    const from = event.shiftKey && focus ? focus.row : row;
    const ids = idsBetween(props.rows, from, row);
    const record = props.rows.rowAt(row);
    if (record) props.selecting?.toggle(ids, !props.selecting.has(record.id));
    setFocus((focus) => ({ row, column: focus?.column ?? 0 }));
  }, []);
  const acts = useMemo<RowActs>(
    () => ({
      onCell: (row, column, { shiftKey }) => goTo({ row, column }, shiftKey),
      onEdit: edit,
      onOpen: (record, to) => now.current.props.onOpen(record, to),
      onSelect: select,
      onSave: (one) => void saveEdit(one),
      onEditEnd: endEdit,
    }),
    [goTo, edit, select, saveEdit, endEdit],
  );

  const onKeyDown = useGridKeys({ now, goTo, edit, acts, page: Math.floor((scroller.current?.clientHeight ?? 600) / height) - 2 });

  // The focused cell is brought into sight and takes the focus of the page, unless somebody types elsewhere.
  const isMine = useRef(false);
  useEffect(() => {
    if (!focus) return;
    if (focus.row >= 0) vertical.scrollToIndex(focus.row, { align: "auto" });
    if (focus.column > 0) horizontal.scrollToIndex(focus.column - 1, { align: "auto" });
  }, [focus, vertical, horizontal]);
  useEffect(() => {
    if (!focus || editing || !isMine.current) return;
    const cell = scroller.current?.querySelector<HTMLElement>(`[data-cell="${focus.row}:${focus.column}"]`);
    if (cell && document.activeElement !== cell) cell.focus({ preventScroll: true });
  });

  const keep = useRef({ top: 0, focus });
  keep.current.focus = focus;
  useEffect(() => () => void left.set(memoryKey, { top: keep.current.top, focus: keep.current.focus }), [memoryKey]);

  const [top, bottom] = [
    Math.min(anchor?.row ?? focus?.row ?? -2, focus?.row ?? -2),
    Math.max(anchor?.row ?? focus?.row ?? -2, focus?.row ?? -2),
  ];
  const [from, to] = [Math.min(anchor?.column ?? -1, focus?.column ?? -1), Math.max(anchor?.column ?? -1, focus?.column ?? -1)];
  const selectLabel = t("list.select_row");
  return (
    <div
      ref={scroller}
      className="grid"
      data-embedded={props.isEmbedded || undefined}
      role="grid"
      aria-label={t("list.rows", { many: resource.label[language][1] })}
      aria-rowcount={rows.total === null ? -1 : rows.total + 1}
      aria-colcount={columns.sized.length + 1}
      aria-multiselectable={selecting ? true : undefined}
      // Without a focused cell the grid itself is the way in.
      tabIndex={focus ? -1 : 0}
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        isMine.current = true;
        if (event.target === event.currentTarget && !focus && rows.count) goTo({ row: first, column: 0 });
      }}
      onBlur={(event) => {
        if (event.relatedTarget && !event.currentTarget.contains(event.relatedTarget as Node)) isMine.current = false;
      }}
      onScroll={(event) => {
        keep.current.top = event.currentTarget.scrollTop;
      }}
    >
      <Head
        resource={resource}
        columns={columns.sized}
        shown={shown}
        lead={lead}
        tail={tail}
        focus={focus?.row === -1 ? focus.column : null}
        sort={sort}
        rows={rows}
        selecting={selecting}
        onSort={props.onSort}
        onHide={props.onHide}
        onResize={columns.resizeHandler}
        onWidth={columns.setWidth}
        onFocus={(column) => goTo({ row: -1, column })}
        width={total}
      />
      <div
        className="grid-body"
        role="presentation"
        style={{ blockSize: vertical.getTotalSize() - 32, minInlineSize: total }}
        data-stale={rows.isStale || undefined}
      >
        {visible.map(({ index, start }) => {
          const record = rows.rowAt(index);
          const isFocused = focus?.row === index;
          const inRange = anchor !== null && index >= top && index <= bottom;
          return (
            <Row
              key={index}
              resource={resource}
              index={index}
              record={record}
              columns={columns.sized}
              all={all}
              shown={shown}
              lead={lead}
              tail={tail}
              height={height}
              top={start - 32}
              focus={isFocused ? focus.column : null}
              from={inRange ? from : -1}
              to={inRange ? to : -2}
              isSelected={record !== undefined && (selecting?.has(record.id) ?? false)}
              hasSelection={selecting?.isAny ?? false}
              isSelectable={selecting !== undefined}
              isOpen={record !== undefined && record.id === openId}
              isNews={record !== undefined && (news?.has(record.id) ?? false)}
              editing={editing?.row === index ? editing : null}
              selectLabel={selectLabel}
              acts={acts}
            />
          );
        })}
      </div>
      {props.footer ? (
        <div className="grid-foot" style={{ minInlineSize: total }}>
          {props.footer(editing !== null)}
        </div>
      ) : null}
    </div>
  );
}

/** The records between two rows that are loaded. */
export function idsBetween(rows: Rows, from: number, to: number): readonly string[] {
  const ids: string[] = [];
  for (let index = Math.min(from, to); index <= Math.max(from, to); index += 1) {
    const id = rows.rowAt(index)?.id;
    if (id) ids.push(id);
  }
  return ids;
}

/** The columns with their widths, kept on this device for each resource. */
function useSizedColumns(resource: Resource, columns: readonly Column[]) {
  const { widths } = usePreferences();
  const known = useMemo(() => {
    const prefix = `${resource.name}.`;
    return Object.fromEntries(
      Object.entries(widths).flatMap(([key, width]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), width]] : [])),
    );
  }, [widths, resource]);
  const definitions = useMemo(
    () =>
      columns.map((column) => ({
        id: column.key,
        accessorFn: () => null,
        size: firstWidth(column, column.key === resource.title),
        minSize: 64,
        maxSize: 800,
      })),
    [columns, resource],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: noRows as AnyRecord[],
    columnResizeMode: "onChange",
    columnResizeDirection: document.dir === "rtl" ? "rtl" : "ltr",
    state: { columnSizing: known, columnPinning: { start: [resource.title], end: [] } },
    onColumnSizingChange: (change) => {
      const next = typeof change === "function" ? change(known) : change;
      const named = Object.fromEntries(Object.entries(next).map(([key, width]) => [`${resource.name}.${key}`, width]));
      prefer({ widths: { ...preferences().widths, ...named } });
    },
  });
  const headers = table.getHeaderGroups()[0]?.headers ?? [];
  const sizes = new Map(headers.map((header) => [header.id, header.getSize()]));
  const key = columns.map((column) => `${column.key}:${sizes.get(column.key)}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the sizes.
  const sized = useMemo<readonly Sized[]>(
    () => columns.map((column) => ({ ...column, width: sizes.get(column.key) ?? firstWidth(column, column.key === resource.title) })),
    [key, columns, resource],
  );
  return {
    sized,
    key,
    resizeHandler: (id: string) => headers.find((header) => header.id === id)?.getResizeHandler(),
    setWidth: (id: string, width: number) =>
      prefer({ widths: { ...preferences().widths, [`${resource.name}.${id}`]: Math.max(64, Math.min(800, width)) } }),
  };
}
