import { ActionIcon, Button, Menu, Popover, Tooltip } from "@mantine/core";
import { IconArrowsSort, IconChevronDown, IconChevronUp, IconColumns3, IconMenu2 } from "@tabler/icons-react";
import type { Resource } from "../../../../src/domain/kit/resource.ts";
import { prefer, usePreferences } from "../../kit/preferences.ts";
import { useWords } from "../../kit/words.ts";
import type { Column } from "../columns.ts";
import type { ListState } from "../list-state.ts";

type Props = { readonly resource: Resource; readonly columns: readonly Column[]; readonly state: ListState; readonly isNarrow: boolean };

/** Order, columns and row height of a list. */
export function ListTools({ resource, columns, state, isNarrow }: Props) {
  return (
    <div className="list-tools">
      <SortMenu columns={columns} state={state} isNarrow={isNarrow} />
      <ColumnsMenu resource={resource} columns={columns} state={state} isNarrow={isNarrow} />
      <DensityMenu />
    </div>
  );
}

function SortMenu({ columns, state, isNarrow }: Omit<Props, "resource">) {
  const { t, label } = useWords();
  const key = state.sort?.replace("-", "");
  const sorted = columns.find((column) => column.key === key);
  const name = sorted ? label(sorted.field.label) : t("list.sort");
  const icon = <IconArrowsSort size={16} stroke={1.75} />;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        {isNarrow ? (
          <ActionIcon aria-label={t("list.sort_by", { name })}>{icon}</ActionIcon>
        ) : (
          <Button variant="subtle" leftSection={icon} aria-label={t("list.sort_by", { name })}>
            {name}
          </Button>
        )}
      </Menu.Target>
      <Menu.Dropdown>
        {columns
          .filter(({ isSortable }) => isSortable)
          .map((column) => (
            <Menu.Item
              key={column.key}
              rightSection={
                key === column.key ? (
                  <span className="quiet">{t(state.sort?.startsWith("-") ? "list.descending" : "list.ascending")}</span>
                ) : null
              }
              onClick={() => state.set({ sort: state.sort === column.key ? `-${column.key}` : column.key })}
            >
              {label(column.field.label)}
            </Menu.Item>
          ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function ColumnsMenu({ resource, columns, state, isNarrow }: Props) {
  const { t, label } = useWords();
  const shown = state.columns.filter((key) => columns.some((column) => column.key === key));
  const hidden = columns.filter(({ key }) => !shown.includes(key));
  const set = (next: readonly string[]) => state.set({ columns: next.join(",") }, { replace: true });
  const swap = (from: number, to: number) => {
    const next = [...shown];
    const [moved] = next.splice(from, 1);
    if (moved) next.splice(to, 0, moved);
    set(next);
  };
  const icon = <IconColumns3 size={16} stroke={1.75} />;
  return (
    <Popover position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        {isNarrow ? (
          <ActionIcon aria-label={t("list.columns")}>{icon}</ActionIcon>
        ) : (
          <Button variant="subtle" leftSection={icon}>
            {t("list.columns")}
          </Button>
        )}
      </Popover.Target>
      <Popover.Dropdown>
        <div className="columns-menu">
          {shown.map((key, index) => {
            const column = columns.find((one) => one.key === key);
            const name = column ? label(column.field.label) : key;
            const isTitle = key === resource.title;
            return (
              // biome-ignore lint/a11y/noStaticElementInteractions: dragging is the mouse's way; the two buttons are the keyboard's.
              <div
                key={key}
                className="columns-item"
                draggable={!isTitle}
                onDragStart={(event) => event.dataTransfer.setData("text/plain", String(index))}
                onDragOver={(event) => event.preventDefault()}
                onDrop={(event) => !isTitle && swap(Number(event.dataTransfer.getData("text/plain")), index)}
              >
                <label>
                  <input
                    type="checkbox"
                    className="checkbox"
                    checked
                    disabled={isTitle}
                    onChange={() => set(shown.filter((one) => one !== key))}
                  />
                  {name}
                </label>
                {isTitle ? null : (
                  <>
                    <ActionIcon
                      size="sm"
                      aria-label={t("list.column_up", { name })}
                      disabled={index <= 1}
                      onClick={() => swap(index, index - 1)}
                    >
                      <IconChevronUp size={14} stroke={2} />
                    </ActionIcon>
                    <ActionIcon
                      size="sm"
                      aria-label={t("list.column_down", { name })}
                      disabled={index === shown.length - 1}
                      onClick={() => swap(index, index + 1)}
                    >
                      <IconChevronDown size={14} stroke={2} />
                    </ActionIcon>
                  </>
                )}
              </div>
            );
          })}
          {hidden.length ? <hr /> : null}
          {hidden.map(({ key, field }) => (
            <div key={key} className="columns-item">
              <label>
                <input type="checkbox" className="checkbox" checked={false} onChange={() => set([...shown, key])} />
                {label(field.label)}
              </label>
            </div>
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

function DensityMenu() {
  const { t } = useWords();
  const { density } = usePreferences();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Tooltip label={t("list.density")}>
          <ActionIcon aria-label={t("list.density")}>
            <IconMenu2 size={16} stroke={1.75} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {(["compact", "comfortable"] as const).map((one) => (
          <Menu.Item key={one} rightSection={density === one ? "✓" : null} onClick={() => prefer({ density: one })}>
            {t(`me.${one}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
