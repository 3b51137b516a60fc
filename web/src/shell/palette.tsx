import { Modal } from "@mantine/core";
import {
  IconArrowBackUp,
  IconKeyboard,
  IconPencil,
  IconPlus,
  IconSearch,
  IconSettings,
  IconTag,
  IconTrash,
  IconUserPlus,
} from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { type KeyboardEvent, type ReactNode, useDeferredValue, useEffect, useId, useMemo, useRef, useState } from "react";
import { resourceNamed } from "../../../src/domain/catalogue.ts";
import { fold } from "../../../src/domain/kit/fold.ts";
import { Avatar, isPeople } from "../kit/avatar.tsx";
import { ResourceIcon } from "../kit/icons.tsx";
import { usePreferences } from "../kit/preferences.ts";
import { useMay } from "../kit/session.ts";
import { Key } from "../kit/signs.tsx";
import { undoLast } from "../kit/undo.ts";
import { useWords, type Words } from "../kit/words.ts";
import { recordResources } from "../records/columns.ts";
import { closePalette, showShortcuts, usePaletteState } from "./palette-state.ts";
import { type Hit, search } from "./search.ts";
import { type BulkAction, runBulk, useSelectedNow } from "./selected.ts";
import { lettersOf } from "./shell.tsx";

type Entry = {
  readonly id: string;
  readonly group: string;
  readonly text: string;
  readonly detail?: string;
  readonly before: ReactNode;
  readonly after?: ReactNode;
  readonly run: () => void;
  readonly runFull?: () => void;
};

/** Records, actions and places under one key. */
export function Palette() {
  const words = useWords();
  const { t } = words;
  const id = useId();
  const { text: seed } = usePaletteState();
  const [text, setText] = useState(seed);
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const entries = useEntries(text, words);
  const active = Math.min(at, Math.max(0, entries.length - 1));

  useEffect(() => {
    list.current?.querySelector(`[data-index="${active}"]`)?.scrollIntoView({ block: "nearest" });
  }, [active]);

  const run = (entry: Entry | undefined, full: boolean) => {
    if (!entry) return;
    closePalette();
    (full && entry.runFull ? entry.runFull : entry.run)();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) setAt((active + move + entries.length) % Math.max(1, entries.length));
    else if (event.key === "Enter") run(entries[active], event.metaKey || event.ctrlKey);
    else if (event.key === "?" && text === "") {
      closePalette();
      showShortcuts();
    } else return;
    event.preventDefault();
  };
  let group = "";
  return (
    <Modal
      opened
      onClose={closePalette}
      withCloseButton={false}
      size={640}
      padding={0}
      yOffset={112}
      transitionProps={{ duration: 0 }}
      classNames={{ header: "sr-only", content: "palette", inner: "palette-inner", body: "palette-body" }}
      title={t("palette.title")}
    >
      <div className="palette-input">
        <IconSearch size={20} stroke={1.5} aria-hidden />
        <input
          data-autofocus
          role="combobox"
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={entries.length ? `${id}-${active}` : undefined}
          aria-label={t("palette.title")}
          placeholder={t("nav.search")}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
        <button type="button" className="palette-esc" aria-label={`${t("do.close")}, esc`} onClick={closePalette}>
          <Key keys="Esc" />
        </button>
      </div>
      <div className="palette-list" role="listbox" id={`${id}-list`} aria-label={t("palette.title")} ref={list} tabIndex={-1}>
        {entries.map((entry, index) => {
          const heading = entry.group === group ? null : entry.group;
          group = entry.group;
          return (
            <div key={entry.id} role="presentation">
              {heading ? (
                <div className="palette-group" role="presentation">
                  {heading}
                </div>
              ) : null}
              {/* biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled in the field, which keeps the focus. */}
              <div
                role="option"
                tabIndex={-1}
                id={`${id}-${index}`}
                data-index={index}
                aria-selected={index === active}
                className="palette-row"
                onMouseMove={() => setAt(index)}
                onMouseDown={(event) => event.preventDefault()}
                onClick={(event) => run(entry, event.metaKey || event.ctrlKey)}
              >
                <span className="palette-icon">{entry.before}</span>
                <span className="palette-text">
                  <Marked text={entry.text} wanted={textOf(text)} />
                  {entry.detail ? (
                    <span className="palette-detail">
                      <Marked text={entry.detail} wanted={textOf(text)} />
                    </span>
                  ) : null}
                </span>
                <span className="palette-after">
                  {index === active && entry.runFull ? (
                    <>
                      <Key keys="Enter" /> {t("palette.open")} <Key keys="Mod Enter" /> {t("palette.full_page")}
                    </>
                  ) : (
                    entry.after
                  )}
                </span>
              </div>
            </div>
          );
        })}
        {entries.length === 0 ? (
          <div className="palette-nothing">{textOf(text) ? t("palette.nothing", { text: textOf(text) }) : t("palette.type")}</div>
        ) : null}
      </div>
      <div className="palette-foot">
        <Key keys=">" /> {t("palette.hint_actions")}
        <Key keys="@" /> {t("palette.hint_people")}
        <Key keys="#" /> {t("palette.hint_numbers")}
        <Key keys="?" /> {t("palette.hint_shortcuts")}
        <span className="grow" />
        <Key keys="Up" />
        <Key keys="Down" /> {t("palette.move")}
      </div>
    </Modal>
  );
}

const prefixOf = (text: string): string => (/^[>@#]/.test(text) ? text.charAt(0) : "");
const textOf = (text: string): string => text.slice(prefixOf(text).length).trim();

function useEntries(text: string, words: Words): readonly Entry[] {
  const { t, one, language } = words;
  const prefix = prefixOf(text);
  const wanted = textOf(text);
  const folded = fold(wanted);
  const navigate = useNavigate();
  const here = useParams({ strict: false }) as { resource?: string };
  const may = useMay();
  const { recents } = usePreferences();
  const selected = useSelectedNow();
  const asked = useDeferredValue(wanted);
  const { data: hits = none } = useQuery({
    queryKey: ["search", prefix, asked],
    enabled: asked.length > 0 && prefix !== ">",
    placeholderData: keepPreviousData,
    staleTime: 15_000,
    queryFn: ({ signal }) => search(asked, prefix === "@" ? recordResources.filter(isPeople).map(({ name }) => name) : [], signal),
  });
  return useMemo(() => {
    const matches = (entry: Entry) => !folded || fold(entry.text).includes(folded);
    const openPage = (resource: string, id: string) => void navigate({ to: "/$resource/$id", params: { resource, id } });
    const open = (resource: string, id: string) =>
      void navigate({
        to: "/$resource",
        params: { resource },
        search: (now: Record<string, unknown>) => ({ ...(here.resource === resource ? now : {}), open: id }) as never,
      });
    const record = ({ resource: name, id, name: called, detail }: Hit, group: string): Entry => {
      const resource = resourceNamed(name);
      return {
        id: `${group}-${id}`,
        group,
        text: called,
        ...(detail ? { detail } : {}),
        before: <Avatar id={id} name={called} size={20} isPerson={resource ? isPeople(resource) : false} />,
        after: resource ? resource.label[language][0] : name,
        run: () => open(name, id),
        runFull: () => openPage(name, id),
      };
    };
    const icon = (Icon: typeof IconPlus) => <Icon size={16} stroke={1.75} aria-hidden />;
    const bulk: readonly (readonly [BulkAction, string, typeof IconPlus])[] = [
      ["edit", t("bulk.edit"), IconPencil],
      ["assign", t("bulk.assign"), IconUserPlus],
      ["tag", t("bulk.tag"), IconTag],
      ["delete", t("bulk.delete"), IconTrash],
    ];
    const onSelection: readonly Entry[] = selected
      ? bulk.map(([action, word, Icon]) => ({
          id: `bulk-${action}`,
          group: t("palette.on_selection", { n: selected.count }),
          text: word,
          before: icon(Icon),
          run: () => setTimeout(() => runBulk(action)),
        }))
      : [];
    const actions: readonly Entry[] = [
      ...recordResources
        .filter((resource) => may("create", resource))
        .map(
          (resource): Entry => ({
            id: `new-${resource.name}`,
            group: t("palette.actions"),
            text: t("do.new", { one: one(resource) }),
            before: icon(IconPlus),
            after: here.resource === resource.name ? <Key keys="C" /> : null,
            run: () => void navigate({ to: "/$resource", params: { resource: resource.name }, search: { new: true } as never }),
          }),
        ),
      {
        id: "undo",
        group: t("palette.actions"),
        text: t("keys.undo"),
        before: icon(IconArrowBackUp),
        after: <Key keys="Mod Z" />,
        run: undoLast,
      },
      {
        id: "shortcuts",
        group: t("palette.actions"),
        text: t("keys.help"),
        before: icon(IconKeyboard),
        after: <Key keys="?" />,
        run: () => showShortcuts(),
      },
    ];
    const letters = new Map(lettersOf(language).map(([letter, resource]) => [resource.name, letter]));
    const places: readonly Entry[] = [
      ...recordResources.map(
        (resource): Entry => ({
          id: `go-${resource.name}`,
          group: t("palette.goto"),
          text: resource.label[language][1],
          before: <ResourceIcon name={resource.icon} />,
          after: letters.has(resource.name) ? <Key keys={`G ${letters.get(resource.name)?.toUpperCase()}`} /> : null,
          run: () => void navigate({ to: "/$resource", params: { resource: resource.name } }),
        }),
      ),
      {
        id: "go-settings",
        group: t("palette.goto"),
        text: t("nav.settings"),
        before: icon(IconSettings),
        after: <Key keys="G S" />,
        run: () => void navigate({ href: "/settings" }),
      },
    ];
    if (prefix === ">") return [...onSelection, ...actions].filter(matches);
    const found = hits.map((hit) => record(hit, prefix === "@" ? t("palette.people") : t("palette.records")));
    if (prefix) return wanted ? found : [];
    if (!wanted)
      return [...recents.map((recent) => record(recent, t("palette.recent"))), ...onSelection, ...actions.slice(0, 2), ...places];
    return [...found.slice(0, 8), ...[...onSelection, ...actions].filter(matches), ...places.filter(matches)];
  }, [prefix, wanted, folded, hits, recents, selected, language, t, one, may, navigate, here.resource]);
}

const none: readonly Hit[] = [];

/** A text with what was typed in it made stronger. */
function Marked({ text, wanted }: { readonly text: string; readonly wanted: string }) {
  const start = wanted ? fold(text).indexOf(fold(wanted)) : -1;
  if (start < 0 || fold(text).length !== text.length) return <span>{text}</span>;
  const end = start + wanted.length;
  return (
    <span>
      {text.slice(0, start)}
      <b>{text.slice(start, end)}</b>
      {text.slice(end)}
    </span>
  );
}
