import { ActionIcon, Menu, Popover } from "@mantine/core";
import { IconAdjustmentsHorizontal, IconChevronDown, IconPlus, IconSearch } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { AnyRecord, Resource } from "../../../src/domain/kit/resource.ts";
import { Avatar, isPeople } from "../kit/avatar.tsx";
import { Cell, type Values } from "../kit/cells.tsx";
import { EmptyState } from "../kit/empty-state.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { sentenceOf } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";
import { openPalette } from "../shell/palette-state.ts";
import { type Column, valueIn } from "./columns.ts";
import { FilterChips } from "./filter/filter-chips.tsx";
import type { ListState } from "./list-state.ts";
import { useSubtitle } from "./record-name.tsx";
import type { Rows } from "./rows.ts";
import { titleOf } from "./title.ts";

type Props = {
  readonly resource: Resource;
  readonly state: ListState;
  readonly rows: Rows;
  readonly columns: readonly Column[];
  readonly onOpen: (record: AnyRecord) => void;
  readonly onCreate?: (() => void) | undefined;
};

const ROW = 64;

/** The list on a phone: one column, names with what matters at the right. */
export function PhoneList({ resource, state, rows, columns, onOpen, onCreate }: Props) {
  const { t, label, many, one, language, noun, number } = useWords();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.count, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 6 });
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  useEffect(() => rows.look(first, last), [rows.look, first, last]);
  const sortKey = state.sort?.replace("-", "");
  const sorted = columns.find(({ key }) => key === sortKey);
  const total = rows.total ?? 0;
  return (
    <main className="phone" id="content">
      <header className="phone-head">
        <h1>{resource.label[language][1]}</h1>
        <span className="grow" />
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon className="touch" aria-label={t("list.sort")}>
              <IconAdjustmentsHorizontal size={22} stroke={1.5} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {columns
              .filter(({ isSortable }) => isSortable)
              .map((column) => (
                <Menu.Item key={column.key} onClick={() => state.set({ sort: state.sort === column.key ? `-${column.key}` : column.key })}>
                  {label(column.field.label)}
                </Menu.Item>
              ))}
          </Menu.Dropdown>
        </Menu>
        {onCreate ? (
          <button type="button" className="phone-new" aria-label={t("do.new", { one: one(resource) })} onClick={onCreate}>
            <IconPlus size={20} stroke={1.75} />
          </button>
        ) : null}
      </header>
      <button type="button" className="phone-search" onClick={() => openPalette()}>
        <IconSearch size={20} stroke={1.5} aria-hidden />
        {t("nav.search_short")}
      </button>
      <div className="phone-chips">
        <Popover position="bottom-start">
          <Popover.Target>
            <button type="button" className="phone-chip">
              {state.view?.name ?? t("list.all", { many: many(resource) })}
              <IconChevronDown size={16} stroke={1.75} aria-hidden />
            </button>
          </Popover.Target>
          <Popover.Dropdown>
            {[null, ...state.views].map((view) => (
              <button type="button" className="phone-view" key={view?.id ?? "all"} onClick={() => state.show(view)}>
                {view?.name ?? t("list.all", { many: many(resource) })}
              </button>
            ))}
          </Popover.Dropdown>
        </Popover>
        <FilterChips filter={state.filter} columns={columns} onChange={(filter) => state.set({ filter })} />
      </div>
      <div className="phone-strip tabular">
        <span>{t("list.count", { n: rows.isEstimate ? t("list.about", { n: total }) : number(total), noun: noun(resource, total) })}</span>
        <span>{sorted ? label(sorted.field.label) : null}</span>
      </div>
      <div className="phone-rows" ref={scroller}>
        {rows.error ? <EmptyState title={t("empty.failed")} text={sentenceOf(rows.error)} /> : null}
        {rows.isFirstLoad ? <SkeletonRows rows={9} height={ROW} /> : null}
        {!rows.isFirstLoad && !rows.error && rows.count === 0 ? <EmptyState title={t("empty.none", { many: many(resource) })} /> : null}
        <ul style={{ blockSize: virtual.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const record = rows.rowAt(index);
            return (
              <li key={index} style={{ transform: `translateY(${start}px)` }}>
                {record ? (
                  <PhoneRow
                    resource={resource}
                    record={record}
                    sorted={sorted?.key === resource.title ? undefined : sorted}
                    onOpen={onOpen}
                  />
                ) : null}
              </li>
            );
          })}
        </ul>
      </div>
    </main>
  );
}

type RowProps = {
  readonly resource: Resource;
  readonly record: AnyRecord;
  readonly sorted: Column | undefined;
  readonly onOpen: (record: AnyRecord) => void;
};

function PhoneRow({ resource, record, sorted, onOpen }: RowProps) {
  const subtitle = useSubtitle(resource, record);
  const name = titleOf(resource, record);
  return (
    <button type="button" className="phone-row" onClick={() => onOpen(record)}>
      <Avatar id={record.id} name={name} size={40} isPerson={isPeople(resource)} />
      <span className="phone-row-text">
        <span className="phone-row-name">{name}</span>
        <span className="phone-row-sub">{subtitle}</span>
      </span>
      {sorted ? (
        <span className="phone-row-side">
          <Cell name={sorted.key} field={sorted.field} value={valueIn(record, sorted.key)} record={record as Values} />
        </span>
      ) : null}
    </button>
  );
}
