// biome-ignore-all lint/a11y/useSemanticElements: rows and cells that are virtual in both directions cannot be a table.
import { memo } from "react";
import { resourceNamed } from "../../../../src/domain/catalogue.ts";
import type { AnyRecord, Resource } from "../../../../src/domain/kit/resource.ts";
import { Avatar, isPeople } from "../../kit/avatar.tsx";
import { Cell, isEmpty, isNumeric, type Values } from "../../kit/cells.tsx";
import { type Column, valueIn } from "../columns.ts";
import type { Edit } from "../save.ts";
import { titleOf } from "../title.ts";
import { FieldEditor, type Move } from "./editor.tsx";

/** A column with its measure; the first one is frozen. */
export type Sized = Column & { readonly width: number };
export type Editing = {
  readonly row: number;
  readonly column: number;
  readonly seed?: string | undefined;
  readonly draft?: { readonly value: unknown; readonly base: AnyRecord } | undefined;
};

/** What a row tells the table; the functions stay the same as long as the table lives. */
export type RowActs = {
  readonly onCell: (row: number, column: number, event: { readonly shiftKey: boolean }) => void;
  readonly onEdit: (row: number, column: number) => void;
  readonly onOpen: (record: AnyRecord, to?: { readonly resource: string; readonly id: string }) => void;
  readonly onSelect: (row: number, event: { readonly shiftKey: boolean }) => void;
  readonly onSave: (edit: Edit) => void;
  readonly onEditEnd: (move: Move) => void;
};

type Props = {
  readonly resource: Resource;
  readonly index: number;
  readonly record: AnyRecord | undefined;
  readonly columns: readonly Sized[];
  readonly all: readonly Column[];
  /** The columns in sight, by their place; the first is always shown. */
  readonly shown: readonly number[];
  readonly lead: number;
  readonly tail: number;
  readonly height: number;
  readonly top: number;
  readonly focus: number | null;
  readonly from: number;
  readonly to: number;
  readonly isSelected: boolean;
  readonly hasSelection: boolean;
  readonly isSelectable: boolean;
  readonly isOpen: boolean;
  readonly isNews: boolean;
  readonly editing: Editing | null;
  readonly selectLabel: string;
  readonly acts: RowActs;
};

/** One record across the columns in sight. */
export const Row = memo(function Row(props: Props) {
  const {
    resource,
    index,
    record,
    columns,
    shown,
    lead,
    tail,
    height,
    top,
    isSelected,
    hasSelection,
    isSelectable,
    isOpen,
    isNews,
    selectLabel,
    acts,
  } = props;
  const title = String(record?.[resource.title] ?? "");
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the cells of a grid take the focus, not its rows.
    <div
      role="row"
      className="row"
      aria-rowindex={index + 2}
      aria-selected={isSelectable ? isSelected : undefined}
      data-selected={isSelected || undefined}
      data-open={isOpen || undefined}
      data-news={isNews || undefined}
      style={{ blockSize: height, transform: `translateY(${top}px)` }}
    >
      {/* biome-ignore lint/a11y/useFocusableInteractive: the checkbox inside takes the focus. */}
      <div role="gridcell" aria-colindex={1} className="gutter" data-checks={hasSelection || undefined}>
        <span className="gutter-number tabular">{index + 1}</span>
        {isSelectable && record ? (
          <input
            type="checkbox"
            className="checkbox"
            tabIndex={-1}
            checked={isSelected}
            aria-label={selectLabel.replace("{name}", title)}
            onClick={(event) => acts.onSelect(index, event)}
            onChange={() => undefined}
          />
        ) : null}
      </div>
      <RowCell {...props} place={0} />
      {lead ? <div className="spacer" style={{ inlineSize: lead }} /> : null}
      {shown.map((place) => (place ? <RowCell key={columns[place]?.key} {...props} place={place} /> : null))}
      {tail ? <div className="spacer" style={{ inlineSize: tail }} /> : null}
    </div>
  );
});

function RowCell(props: Props & { readonly place: number }) {
  const { resource, index, record, columns, all, place, focus, from, to, editing, acts } = props;
  const column = columns[place];
  if (!column) return null;
  const isEditing = editing !== null && editing.column === place;
  const isTitle = column.key === resource.title;
  const isLast = place === columns.length - 1;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it is a cell of the grid, which handles its keys.
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both of its roles have a column index.
    <div
      role={place === 0 ? "rowheader" : "gridcell"}
      aria-colindex={place + 2}
      aria-readonly={!column.isWritable && !column.parts.length ? true : undefined}
      className={place === 0 ? "cell cell-first" : "cell"}
      data-cell={`${index}:${place}`}
      data-end={isNumeric(column.field) || undefined}
      data-last={isLast || undefined}
      data-focus={focus === place || undefined}
      data-range={(place >= from && place <= to) || undefined}
      data-editing={isEditing || undefined}
      tabIndex={focus === place ? 0 : -1}
      style={{ inlineSize: column.width }}
      onMouseDown={(event) => {
        if (event.button === 0 && !isEditing) acts.onCell(index, place, event);
      }}
      onDoubleClick={() => acts.onEdit(index, place)}
    >
      {record === undefined ? (
        <span className="cell-waiting" />
      ) : isEditing ? (
        <FieldEditor
          resource={resource}
          record={record}
          column={column}
          columns={all}
          seed={editing.seed}
          draft={editing.draft}
          onSave={acts.onSave}
          onEnd={acts.onEditEnd}
        />
      ) : isTitle ? (
        <TitleCell {...props} record={record} />
      ) : (
        <Value record={record} column={column} acts={acts} />
      )}
    </div>
  );
}

function TitleCell({ resource, record, acts }: Props & { readonly record: AnyRecord }) {
  const name = titleOf(resource, record) || "–";
  return (
    <>
      <Avatar id={record.id} name={name} size={20} isPerson={isPeople(resource)} />
      <button type="button" tabIndex={-1} className="cell-title" title={name} onClick={() => acts.onOpen(record)}>
        {name}
      </button>
    </>
  );
}

function Value({ record, column, acts }: { readonly record: AnyRecord; readonly column: Column; readonly acts: RowActs }) {
  const { field, key } = column;
  const value = valueIn(record, key);
  const shown = <Cell name={key} field={field} value={value} record={record as Values} />;
  const target = field.kind === "reference" && field.to ? resourceNamed(field.to) : undefined;
  if (target?.place !== "records" || isEmpty(value)) return shown;
  return (
    <button
      type="button"
      tabIndex={-1}
      className="cell-link"
      onClick={() => acts.onOpen(record, { resource: target.name, id: String(value) })}
    >
      {shown}
    </button>
  );
}
