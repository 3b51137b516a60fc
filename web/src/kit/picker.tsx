import { IconCheck, IconPlus, IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react";
import { fold } from "../../../src/domain/kit/fold.ts";
import { useWords } from "./words.ts";

export type PickerItem = {
  readonly value: string;
  readonly text: string;
  readonly before?: ReactNode;
  readonly after?: ReactNode;
  readonly group?: string;
};

type Props = {
  readonly items: readonly PickerItem[];
  readonly chosen?: readonly string[];
  readonly onPick: (value: string) => void;
  /** Given, the items are those of a search elsewhere and are not filtered here. */
  readonly onSearch?: (text: string) => void;
  readonly onCreate?: (text: string) => void;
  readonly label: string;
  readonly seed?: string;
  /** Short lists need no search field of their own on a first glance, but typing still filters. */
  readonly width?: number;
};

/** A list to choose from: typing narrows it, arrows move, Enter picks. */
export function Picker({ items, chosen = [], onPick, onSearch, onCreate, label, seed = "", width = 240 }: Props) {
  const { t } = useWords();
  const id = useId();
  const [text, setText] = useState(seed);
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const wanted = fold(text.trim());
  const shown = useMemo(
    () => (onSearch || !wanted ? items : items.filter((item) => fold(item.text).includes(wanted))),
    [items, wanted, onSearch],
  );
  const mayCreate = onCreate && wanted !== "" && !items.some((item) => fold(item.text) === wanted);
  const count = shown.length + (mayCreate ? 1 : 0);
  const active = Math.min(at, Math.max(0, count - 1));

  useEffect(() => {
    list.current?.querySelector(`[data-index="${active}"]`)?.scrollIntoView({ block: "nearest" });
  }, [active]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the search begins with what was typed into the cell, once.
  useEffect(() => {
    if (seed) onSearch?.(seed);
  }, []);

  const pick = (index: number) => {
    const item = shown[index];
    if (item) onPick(item.value);
    else if (mayCreate) onCreate?.(text.trim());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) setAt((active + move + count) % Math.max(1, count));
    else if (event.key === "Enter") pick(active);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  let group: string | undefined;
  return (
    <div className="picker" style={{ inlineSize: width }}>
      <div className="picker-search">
        <IconSearch size={14} stroke={2} aria-hidden />
        <input
          // biome-ignore lint/a11y/noAutofocus: the list was opened to choose from it.
          autoFocus
          data-autofocus
          role="combobox"
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={count ? `${id}-${active}` : undefined}
          aria-label={label}
          placeholder={t("input.search")}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
            onSearch?.(event.currentTarget.value);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div className="picker-list" role="listbox" id={`${id}-list`} aria-label={label} ref={list} tabIndex={-1}>
        {shown.map((item, index) => {
          const heading = item.group && item.group !== group ? item.group : null;
          group = item.group;
          const isChosen = chosen.includes(item.value);
          return (
            <div key={item.value} role="presentation">
              {heading ? (
                <div className="picker-group" role="presentation">
                  {heading}
                </div>
              ) : null}
              {/* biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled in the search field, which keeps the focus. */}
              <div
                role="option"
                tabIndex={-1}
                id={`${id}-${index}`}
                data-index={index}
                className="picker-item"
                aria-selected={isChosen}
                data-active={index === active || undefined}
                onMouseMove={() => setAt(index)}
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => pick(index)}
              >
                {item.before}
                <span className="picker-text">{item.text}</span>
                {item.after}
                {isChosen ? <IconCheck className="picker-check" size={14} stroke={2} aria-hidden /> : null}
              </div>
            </div>
          );
        })}
        {mayCreate ? (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled in the search field, which keeps the focus.
          <div
            role="option"
            tabIndex={-1}
            aria-selected={false}
            id={`${id}-${shown.length}`}
            data-index={shown.length}
            className="picker-item"
            data-active={active === shown.length || undefined}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => pick(shown.length)}
          >
            <IconPlus size={14} stroke={2} aria-hidden />
            <span className="picker-text">{t("value.create", { text: text.trim() })}</span>
          </div>
        ) : null}
        {count === 0 ? <div className="picker-nothing">{t("value.none_found")}</div> : null}
      </div>
    </div>
  );
}
