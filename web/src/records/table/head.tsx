// biome-ignore-all lint/a11y/useSemanticElements: rows and cells that are virtual in both directions cannot be a table.
import { Menu } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconEyeOff } from "@tabler/icons-react";
import type { KeyboardEvent } from "react";
import type { Resource } from "../../../../src/domain/kit/resource.ts";
import { isNumeric } from "../../kit/cells.tsx";
import { useWords } from "../../kit/words.ts";
import type { Rows } from "../rows.ts";
import type { Sized } from "./row.tsx";
import type { Selecting } from "./selection.ts";

type Props = {
  readonly resource: Resource;
  readonly columns: readonly Sized[];
  readonly shown: readonly number[];
  readonly lead: number;
  readonly tail: number;
  readonly focus: number | null;
  readonly sort: string | null;
  readonly rows: Rows;
  readonly selecting?: Selecting | undefined;
  readonly onSort?: ((sort: string | null) => void) | undefined;
  readonly onHide?: ((key: string) => void) | undefined;
  readonly onResize: (key: string) => ((event: unknown) => void) | undefined;
  readonly onWidth: (key: string, width: number) => void;
  readonly onFocus: (column: number) => void;
  readonly width: number;
};

/** The head of the table: names, the one arrow of the sorted column, and edges to pull. */
export function Head(props: Props) {
  const { t } = useWords();
  const { selecting, rows, shown, lead, tail, width } = props;
  const chosen = selecting?.countOf(rows.total ?? 0) ?? 0;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the cells of a grid take the focus, not its rows.
    <div className="grid-head" role="row" aria-rowindex={1} style={{ minInlineSize: width }}>
      {/* biome-ignore lint/a11y/useFocusableInteractive: the checkbox inside takes the focus. */}
      <div
        role="columnheader"
        aria-colindex={1}
        className="gutter gutter-head"
        aria-label={t("list.row_number")}
        data-checks={selecting?.isAny || undefined}
      >
        {selecting ? (
          <input
            type="checkbox"
            className="checkbox"
            tabIndex={-1}
            aria-label={t("list.select_all")}
            checked={chosen > 0 && chosen === rows.total}
            ref={(box) => {
              if (box) box.indeterminate = chosen > 0 && chosen !== rows.total;
            }}
            onChange={() => {
              if (selecting.isAny) selecting.clear();
              else
                selecting.toggle(
                  Array.from({ length: Math.min(rows.count, 100) }, (_, index) => rows.rowAt(index)?.id ?? "").filter(Boolean),
                  true,
                );
            }}
          />
        ) : null}
      </div>
      <HeadCell {...props} place={0} />
      {lead ? <div className="spacer" style={{ inlineSize: lead }} /> : null}
      {shown.map((place) => (place ? <HeadCell key={props.columns[place]?.key} {...props} place={place} /> : null))}
      {tail ? <div className="spacer" style={{ inlineSize: tail }} /> : null}
    </div>
  );
}

function HeadCell({
  columns,
  place,
  sort,
  focus,
  onSort,
  onHide,
  onResize,
  onWidth,
  onFocus,
  resource,
}: Props & { readonly place: number }) {
  const { t, label } = useWords();
  const column = columns[place];
  if (!column) return null;
  const name = label(column.field.label);
  const direction = sort === column.key ? "ascending" : sort === `-${column.key}` ? "descending" : undefined;
  const flip = () => onSort?.(direction === "ascending" ? `-${column.key}` : column.key);
  const pull = onResize(column.key);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!event.altKey || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
    event.preventDefault();
    event.stopPropagation();
    onWidth(column.key, column.width + (event.key === "ArrowRight" ? 16 : -16));
  };
  const mayHide = onHide && column.key !== resource.title;
  return (
    <div
      role="columnheader"
      aria-colindex={place + 2}
      aria-sort={direction}
      className={place === 0 ? "cell cell-first head-cell" : "cell head-cell"}
      data-cell={`-1:${place}`}
      data-end={isNumeric(column.field) || undefined}
      data-last={place === columns.length - 1 || undefined}
      data-focus={focus === place || undefined}
      tabIndex={focus === place ? 0 : -1}
      style={{ inlineSize: column.width }}
      onKeyDown={(event) => {
        onKeyDown(event);
        if (event.target === event.currentTarget && event.key === "Enter") event.currentTarget.querySelector("button")?.click();
      }}
      onMouseDown={() => onFocus(place)}
    >
      {onSort && (column.isSortable || mayHide) ? (
        <Menu position="bottom-start">
          <Menu.Target>
            <button type="button" tabIndex={-1} className="head-button">
              <span className="cell-text">{name}</span>
              {direction === "ascending" ? <IconArrowUp size={12} stroke={2} aria-hidden /> : null}
              {direction === "descending" ? <IconArrowDown size={12} stroke={2} aria-hidden /> : null}
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            {column.isSortable ? (
              <>
                <Menu.Item leftSection={<IconArrowUp size={16} stroke={1.75} />} onClick={() => onSort(column.key)}>
                  {t("list.ascending")}
                </Menu.Item>
                <Menu.Item leftSection={<IconArrowDown size={16} stroke={1.75} />} onClick={() => onSort(`-${column.key}`)}>
                  {t("list.descending")}
                </Menu.Item>
                {direction ? <Menu.Item onClick={() => onSort(null)}>{t("list.sort_none")}</Menu.Item> : null}
              </>
            ) : null}
            {mayHide ? (
              <Menu.Item leftSection={<IconEyeOff size={16} stroke={1.75} />} onClick={() => onHide(column.key)}>
                {t("list.hide_column")}
              </Menu.Item>
            ) : null}
          </Menu.Dropdown>
        </Menu>
      ) : (
        <button type="button" tabIndex={-1} className="head-button" onClick={column.isSortable ? flip : undefined}>
          <span className="cell-text">{name}</span>
        </button>
      )}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the mouse's way; Alt and arrows are the keyboard's. */}
      <span
        className="head-edge"
        title={t("list.resize", { name })}
        onMouseDown={(event) => (event.stopPropagation(), pull?.(event))}
        onTouchStart={pull}
      />
    </div>
  );
}
