import { TextInput } from "@mantine/core";
import { IconChevronRight, IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { fold } from "../../../src/domain/kit/fold.ts";
import { PathLink } from "../identity/link.tsx";
import { useWords } from "../kit/words.ts";
import { groups, type Section } from "./sections.ts";

/** The pages of the settings; typing narrows them by name and by what they are about. */
export function Nav({ sections, current }: { readonly sections: readonly Section[]; readonly current: Section | null }) {
  const { t } = useWords();
  const [text, setText] = useState("");
  const list = useRef<HTMLDivElement>(null);
  const wanted = fold(text.trim());
  const shown = sections.filter(({ word, finds }) => fold(`${t(word)}, ${t(finds)}`).includes(wanted));
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const links = [...(list.current?.querySelectorAll<HTMLElement>("input, a") ?? [])];
    const at = links.indexOf(document.activeElement as HTMLElement); // the focus is inside of the list
    links[at + step]?.focus();
    event.preventDefault();
  };
  return (
    <nav className="settings-nav" aria-label={t("nav.settings")} ref={list} onKeyDown={onKeyDown}>
      <TextInput
        type="search"
        className="settings-search"
        placeholder={t("settings.search")}
        aria-label={t("settings.search")}
        leftSection={<IconSearch size={16} stroke={1.75} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") list.current?.querySelector<HTMLElement>("a")?.click();
          if (event.key === "Escape") setText("");
        }}
      />
      {groups.map((group) => {
        const within = shown.filter((section) => section.group === group);
        return within.length ? (
          <div className="settings-group" key={group}>
            <h2 className="settings-group-name">{t(group)}</h2>
            {within.map(({ key, word, Icon }) => (
              <PathLink
                key={key}
                to={`/settings/${key}`}
                className="settings-item"
                aria-current={current?.key === key ? "page" : undefined}
              >
                <Icon size={16} stroke={1.75} aria-hidden />
                <span>{t(word)}</span>
                <IconChevronRight className="settings-item-go" size={16} stroke={1.75} aria-hidden />
              </PathLink>
            ))}
          </div>
        ) : null;
      })}
      {shown.length === 0 ? <p className="settings-none">{t("settings.none_found", { text: text.trim() })}</p> : null}
    </nav>
  );
}
