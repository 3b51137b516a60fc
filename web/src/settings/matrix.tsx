import { Menu } from "@mantine/core";
import { type KeyboardEvent, useRef, useState } from "react";
import { type Action, actions, type Scope, scopes } from "../../../src/domain/access/access.ts";
import { resourceNamed } from "../../../src/domain/catalogue.ts";
import { Key } from "../kit/signs.tsx";
import { useWords, type Word } from "../kit/words.ts";
import { type Draft, governed, matrixRows, scopeIn } from "./role-draft.ts";

type Props = {
  readonly role: string;
  readonly stored: Draft;
  readonly draft: Draft;
  readonly isFixed: boolean;
  readonly onSet: (row: string, action: Action, scope: Scope) => void;
};
type Place = { readonly row: number; readonly column: number };

/** What a role may do: resource by action, each with how far it reaches. Digits set the cell of the moment, arrows move. */
export function Matrix({ role, stored, draft, isFixed, onSet }: Props) {
  const { t, label } = useWords();
  const [at, setAt] = useState<Place>({ row: 0, column: 0 });
  const [open, setOpen] = useState<Place | null>(null);
  const grid = useRef<HTMLDivElement>(null);
  const move = (row: number, column: number) => {
    const to = { row: clamp(row, matrixRows.length), column: clamp(column, actions.length) };
    setAt(to);
    grid.current?.querySelector<HTMLElement>(`[data-at="${to.row}.${to.column}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent, { row, column }: Place) => {
    const step = steps[event.key];
    const scope = /^[0-3]$/.test(event.key) ? scopes[Number(event.key)] : undefined;
    const [name, action] = [matrixRows[row], actions[column]];
    if (event.ctrlKey || event.metaKey || event.altKey || !name || !action) return;
    if (step) move(row + step[0], column + step[1]);
    else if (event.key === "Home") move(row, 0);
    else if (event.key === "End") move(row, actions.length - 1);
    else if (scope && !isFixed) onSet(name, action, scope);
    else if ((event.key === "Enter" || event.key === " ") && !isFixed) setOpen({ row, column });
    else return;
    event.preventDefault();
  };
  const nameOf = (row: string) => {
    const resource = resourceNamed(row);
    return resource ? label({ en: resource.label.en[1], de: resource.label.de[1] }) : t("role.everything_else");
  };
  return (
    <div className="matrix" ref={grid}>
      <table
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: the arrows move between its cells, which makes it a grid.
        role="grid"
        aria-label={t("role.may", { role })}
        aria-readonly={isFixed}
        aria-rowcount={matrixRows.length + 3}
        aria-colcount={7}
      >
        <thead>
          <tr className="matrix-head" aria-rowindex={1}>
            <th scope="col" aria-colindex={1}>
              {t("role.may", { role })}
            </th>
            {actions.map((action, index) => (
              <th scope="col" aria-colindex={index + 2} key={action}>
                {t(`action.${action}` satisfies Word)}
              </th>
            ))}
          </tr>
        </thead>
        {[governed.map(({ name }) => name), ["*"]].map((names, group) => (
          <tbody key={names[0]}>
            <tr className="matrix-group" aria-rowindex={group === 0 ? 2 : governed.length + 3}>
              <th scope="rowgroup" colSpan={actions.length + 1} aria-colindex={1}>
                {t(group === 0 ? "nav.records" : "settings.workspace")}
              </th>
            </tr>
            {names.map((name) => {
              const row = matrixRows.indexOf(name);
              return (
                <tr key={name} aria-rowindex={row + group + 3}>
                  <th className="matrix-name" scope="row" aria-colindex={1}>
                    {nameOf(name)}
                  </th>
                  {actions.map((action, column) => {
                    const place = { row, column };
                    return (
                      <Cell
                        key={action}
                        place={place}
                        name={t(`action.${action}` satisfies Word)}
                        scope={scopeIn(draft, name, action)}
                        before={scopeIn(stored, name, action)}
                        isFixed={isFixed}
                        isTabStop={at.row === row && at.column === column}
                        isOpen={open?.row === row && open.column === column}
                        onOpen={(isOpen) => setOpen(isOpen ? place : null)}
                        onFocus={() => setAt(place)}
                        onKeyDown={(event) => onKeyDown(event, place)}
                        onSet={(next) => onSet(name, action, next)}
                      />
                    );
                  })}
                </tr>
              );
            })}
          </tbody>
        ))}
      </table>
    </div>
  );
}

const steps: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};
const clamp = (value: number, length: number) => Math.max(0, Math.min(length - 1, value));

type CellProps = {
  readonly place: Place;
  readonly name: string;
  readonly scope: Scope;
  readonly before: Scope;
  readonly isFixed: boolean;
  readonly isTabStop: boolean;
  readonly isOpen: boolean;
  readonly onOpen: (isOpen: boolean) => void;
  readonly onFocus: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onSet: (scope: Scope) => void;
};

function Cell({ place, name, scope, before, isFixed, isTabStop, isOpen, onOpen, onFocus, onKeyDown, onSet }: CellProps) {
  const { t } = useWords();
  const isChanged = scope !== before;
  const cell = (
    <td
      className="matrix-cell"
      aria-colindex={place.column + 2}
      data-fixed={isFixed || undefined}
      tabIndex={isTabStop ? 0 : -1}
      data-at={`${place.row}.${place.column}`}
      data-label={name}
      data-scope={scope}
      data-changed={isChanged || undefined}
      onFocus={onFocus}
      onKeyDown={onKeyDown}
    >
      <span className="matrix-value">
        <Bars scope={scope} />
        <span className="matrix-word">{t(`scope.${scope}` satisfies Word)}</span>
        {isChanged ? (
          <s className="matrix-was">
            <span className="sr-only">{t("role.was")} </span>
            {t(`scope.${before}` satisfies Word)}
          </s>
        ) : null}
      </span>
    </td>
  );
  if (isFixed) return cell;
  return (
    <Menu opened={isOpen} onChange={onOpen} position="bottom-start" width={160} withinPortal>
      <Menu.Target>{cell}</Menu.Target>
      <Menu.Dropdown>
        {scopes.map((one, index) => (
          <Menu.Item key={one} leftSection={<Bars scope={one} />} rightSection={<Key keys={String(index)} />} onClick={() => onSet(one)}>
            {t(`scope.${one}` satisfies Word)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Three rising bars; the word beside them carries the meaning. */
function Bars({ scope }: { readonly scope: Scope }) {
  const filled = scopes.indexOf(scope);
  return (
    <svg className="bars" width={14} height={12} viewBox="0 0 14 12" aria-hidden>
      {[0, 1, 2].map((bar) => (
        <rect key={bar} x={bar * 5} y={8 - bar * 4} width={3.5} height={4 + bar * 4} rx={1} data-filled={bar < filled || undefined} />
      ))}
    </svg>
  );
}
