import { SegmentedControl, TextInput, useMantineColorScheme } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { ZoneSelect } from "../identity/places.tsx";
import { useSubmission } from "../identity/submission.ts";
import { perform } from "../kit/api.ts";
import { type Density, type Language, prefer, usePreferences } from "../kit/preferences.ts";
import { sessionQuery, useSession } from "../kit/session.ts";
import { refuse, tell } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";
import { Group, Line, SaveBar } from "./parts.tsx";

/** My name, my language, and how the product looks to me. */
export function Profile() {
  const { t } = useWords();
  const client = useQueryClient();
  const { member } = useSession();
  const stored = { name: member?.name ?? "", time_zone: member?.time_zone ?? null };
  const [draft, setDraft] = useState<Partial<typeof stored>>({});
  const form = useSubmission(["name", "time_zone"]);
  const now = { ...stored, ...draft };
  const changes = (Object.keys(stored) as (keyof typeof stored)[]).filter((key) => now[key] !== stored[key]);
  const nameId = useId();
  const zoneId = useId();
  const save = () =>
    form.submit(async () => {
      await perform("auth.update_me", Object.fromEntries(changes.map((key) => [key, now[key]])));
      await Promise.all([
        client.invalidateQueries({ queryKey: sessionQuery.queryKey }),
        client.invalidateQueries({ queryKey: ["members"] }),
      ]);
      setDraft({});
      tell(t("profile.saved"));
    });
  return (
    <div className="settings-narrow">
      <Group title={t("profile.you")}>
        <Line label={t("enter.name")} htmlFor={nameId}>
          <TextInput
            id={nameId}
            value={now.name}
            error={form.faultOf("name")}
            onChange={({ currentTarget: { value } }) => {
              form.correct("name");
              setDraft({ ...draft, name: value });
            }}
          />
        </Line>
        <Line label={t("enter.email")} text={t("profile.email_text")}>
          <span className="set-line-plain">{member?.email}</span>
        </Line>
        <Line label={t("settings.time_zone")} text={t("profile.zone_text")} htmlFor={zoneId}>
          <ZoneSelect
            id={zoneId}
            value={now.time_zone}
            placeholder={t("profile.zone_workspace")}
            allowDeselect={false}
            error={form.faultOf("time_zone")}
            onChange={(value) => setDraft({ ...draft, time_zone: value })}
          />
        </Line>
      </Group>
      <Appearance />
      {form.sentence ? (
        <p className="settings-refusal" role="alert">
          {form.sentence}
        </p>
      ) : null}
      {changes.length ? (
        <SaveBar
          text={t("settings.changes", { n: changes.length })}
          verb={t("profile.save")}
          isBusy={form.isBusy}
          onDiscard={() => setDraft({})}
          onSave={() => void save()}
        />
      ) : null}
    </div>
  );
}

function Appearance() {
  const { t } = useWords();
  const { language, density } = usePreferences();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const speak = (value: string) => {
    prefer({ language: value as Language });
    perform("auth.update_me", { language: value }).catch(refuse);
  };
  return (
    <Group title={t("profile.appearance")} text={t("profile.appearance_text")}>
      <Line label={t("me.language")} text={t("profile.language_text")}>
        <SegmentedControl
          aria-label={t("me.language")}
          value={language}
          onChange={speak}
          data={[
            { value: "en", label: "English" },
            { value: "de", label: "Deutsch" },
          ]}
        />
      </Line>
      <Line label={t("profile.theme")}>
        <SegmentedControl
          aria-label={t("profile.theme")}
          value={colorScheme}
          onChange={(value) => setColorScheme(value as "light" | "dark" | "auto")}
          data={[
            { value: "auto", label: t("me.auto") },
            { value: "light", label: t("me.light") },
            { value: "dark", label: t("me.dark") },
          ]}
        />
      </Line>
      <Line label={t("me.density")} text={t("profile.density_text")}>
        <SegmentedControl
          aria-label={t("me.density")}
          value={density}
          onChange={(value) => prefer({ density: value as Density })}
          data={[
            { value: "compact", label: t("me.compact") },
            { value: "comfortable", label: t("me.comfortable") },
          ]}
        />
      </Line>
    </Group>
  );
}
