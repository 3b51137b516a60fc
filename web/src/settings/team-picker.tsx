import { Popover } from "@mantine/core";
import { useState } from "react";
import { Picker } from "../kit/picker.tsx";
import { Nothing } from "../kit/signs.tsx";
import { useWords } from "../kit/words.ts";
import { type Member, useAllTeams } from "./members-data.ts";
import { pathsOf } from "./team-tree.ts";

type Link = { readonly id: string; readonly role: string | null };
type Props = { readonly member: Member; readonly isOff: boolean; readonly onChange: (teams: readonly Link[]) => void };

/** The teams of a member: written when the list closes, all at once. */
export function TeamPicker({ member, isOff, onChange }: Props) {
  const { t } = useWords();
  const { data: teams = [] } = useAllTeams();
  const stored = (member.teams ?? []) as readonly Link[];
  const [draft, setDraft] = useState<readonly Link[] | null>(null);
  const chosen = draft ?? stored;
  const paths = pathsOf(teams);
  const names = chosen.map(({ id }) => teams.find((team) => team.id === id)?.name ?? "…");
  const shown = names.length ? <span className="team-names">{names.join(", ")}</span> : <Nothing />;
  if (isOff) return shown;
  const close = () => {
    if (draft && String(draft.map(({ id }) => id).sort()) !== String(stored.map(({ id }) => id).sort())) onChange(draft);
    setDraft(null);
  };
  const toggle = (id: string) =>
    setDraft(chosen.some((one) => one.id === id) ? chosen.filter((one) => one.id !== id) : [...chosen, { id, role: null }]);
  return (
    <Popover opened={draft !== null} onChange={(isOpen) => (isOpen ? undefined : close())} position="bottom-start" trapFocus returnFocus>
      <Popover.Target>
        <button
          type="button"
          className="team-button"
          aria-label={t("members.teams_of", { name: member.name, teams: names.join(", ") || t("value.empty") })}
          onClick={() => (draft ? close() : setDraft(stored))}
        >
          {shown}
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        {teams.length ? (
          <Picker
            label={t("members.teams")}
            chosen={chosen.map(({ id }) => id)}
            items={teams.map(({ id }) => ({ value: id, text: paths.get(id) ?? "" })).sort((a, b) => a.text.localeCompare(b.text))}
            onPick={toggle}
          />
        ) : (
          <p className="set-no-rows">{t("teams.none")}</p>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
