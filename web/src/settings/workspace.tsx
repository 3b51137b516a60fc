import { Button, Select, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Workspace } from "../../../src/domain/workspace/workspace.ts";
import { CountrySelect, CurrencySelect, ZoneSelect } from "../identity/places.tsx";
import { useSubmission } from "../identity/submission.ts";
import { perform } from "../kit/api.ts";
import { ask } from "../kit/dialogs.tsx";
import { refuse, tell } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";
import { Group, Line, SaveBar } from "./parts.tsx";

const fields = ["name", "country", "currency", "time_zone", "language", "fiscal_start_month"] as const;
type Given = Pick<Workspace, (typeof fields)[number]>;
const key = ["workspace"];

/** What the workspace is called, and how it reads money, dates and phone numbers. */
export function WorkspaceSettings() {
  const { data: workspace } = useQuery({
    queryKey: key,
    throwOnError: true,
    queryFn: ({ signal }) => perform<Workspace>("workspace.get", {}, { signal }),
  });
  return workspace ? (
    <div className="settings-narrow">
      <General key={workspace.version} workspace={workspace} />
      <SampleData />
    </div>
  ) : null;
}

function General({ workspace }: { readonly workspace: Workspace }) {
  const { t, locale } = useWords();
  const client = useQueryClient();
  const [draft, setDraft] = useState<Partial<Given>>({});
  const form = useSubmission(fields);
  const changed = fields.filter((name) => name in draft && draft[name] !== workspace[name]);
  const months = Array.from({ length: 12 }, (_, index) => ({
    value: String(index + 1),
    label: new Intl.DateTimeFormat(locale, { month: "long", timeZone: "UTC" }).format(Date.UTC(2000, index, 1)),
  }));
  const set = <K extends keyof Given>(name: K, value: Given[K]) => {
    form.correct(name);
    setDraft((before) => ({ ...before, [name]: value }));
  };
  const now: Given = { ...workspace, ...draft };
  const id = (name: keyof Given) => `workspace-${name}`;
  const save = () =>
    form.submit(async () => {
      const data = Object.fromEntries(changed.map((name) => [name, draft[name]]));
      client.setQueryData(key, await perform<Workspace>("workspace.update", { data }, { ifMatch: workspace.version }));
      await client.invalidateQueries({ queryKey: ["me"] });
      tell(t("workspace.saved"));
    });
  return (
    <Group title={t("settings.general")} text={t("workspace.text")}>
      <Line label={t("workspace.name")} htmlFor={id("name")}>
        <TextInput
          id={id("name")}
          value={now.name}
          error={form.faultOf("name")}
          onChange={(event) => set("name", event.currentTarget.value)}
        />
      </Line>
      <Line label={t("settings.country")} text={t("workspace.country_text")} htmlFor={id("country")}>
        <CountrySelect
          id={id("country")}
          clearable
          clearButtonProps={{ "aria-label": t("do.clear") }}
          value={now.country}
          error={form.faultOf("country")}
          onChange={(value) => set("country", value)}
        />
      </Line>
      <Line label={t("settings.currency")} text={t("workspace.currency_text")} htmlFor={id("currency")}>
        <CurrencySelect
          id={id("currency")}
          allowDeselect={false}
          value={now.currency}
          error={form.faultOf("currency")}
          onChange={(value) => value && set("currency", value)}
        />
      </Line>
      <Line label={t("settings.time_zone")} text={t("workspace.zone_text")} htmlFor={id("time_zone")}>
        <ZoneSelect
          id={id("time_zone")}
          allowDeselect={false}
          value={now.time_zone}
          error={form.faultOf("time_zone")}
          onChange={(value) => value && set("time_zone", value)}
        />
      </Line>
      <Line label={t("me.language")} text={t("workspace.language_text")} htmlFor={id("language")}>
        <Select
          id={id("language")}
          allowDeselect={false}
          data={[
            { value: "en", label: "English" },
            { value: "de", label: "Deutsch" },
          ]}
          value={now.language}
          onChange={(value) => value && set("language", value)}
        />
      </Line>
      <Line label={t("workspace.fiscal")} text={t("workspace.fiscal_text")} htmlFor={id("fiscal_start_month")}>
        <Select
          id={id("fiscal_start_month")}
          allowDeselect={false}
          data={months}
          value={String(now.fiscal_start_month)}
          onChange={(value) => set("fiscal_start_month", Number(value))}
        />
      </Line>
      {form.sentence ? (
        <p className="settings-refusal" role="alert">
          {form.sentence}
        </p>
      ) : null}
      {changed.length ? (
        <SaveBar
          text={t("settings.changes", { n: changed.length })}
          verb={t("workspace.save")}
          isBusy={form.isBusy}
          onDiscard={() => setDraft({})}
          onSave={() => void save()}
        />
      ) : null}
    </Group>
  );
}

type Samples = { readonly is_present: boolean; readonly count: number };

function SampleData() {
  const { t } = useWords();
  const client = useQueryClient();
  const [isBusy, setBusy] = useState(false);
  const { data: samples } = useQuery({
    queryKey: ["sample-data"],
    queryFn: ({ signal }) => perform<Samples>("sample_data.get", {}, { signal }),
  });
  if (!samples) return null;
  const add = async () => {
    setBusy(true);
    try {
      const { count } = await perform<Samples>("sample_data.add");
      await client.invalidateQueries();
      tell(t("samples.added", { n: count }));
    } catch (error) {
      refuse(error);
    } finally {
      setBusy(false);
    }
  };
  const remove = () =>
    ask({
      title: t("samples.remove_ask", { n: samples.count }),
      text: t("samples.remove_why"),
      verb: t("samples.remove", { n: samples.count }),
      isDestructive: true,
      run: async () => {
        await perform("sample_data.remove");
        await client.invalidateQueries();
        tell(t("samples.removed"));
      },
    });
  return (
    <Group
      title={t("samples.title")}
      text={samples.is_present ? t("samples.present", { n: samples.count }) : t("samples.absent")}
      action={
        samples.is_present ? (
          <Button onClick={remove}>{t("samples.remove", { n: samples.count })}</Button>
        ) : (
          <Button loading={isBusy} onClick={() => void add()}>
            {t("samples.add")}
          </Button>
        )
      }
    />
  );
}
