import { Button, Select, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useState } from "react";
import type { TagRecord } from "../../../src/domain/tags/tag.ts";
import { useSubmission } from "../identity/submission.ts";
import { perform } from "../kit/api.ts";
import { DialogActions, Sheet } from "../kit/dialogs.tsx";
import { hueNames } from "../kit/roles.ts";
import { tell } from "../kit/toasts.tsx";
import { useWords, type Word } from "../kit/words.ts";
import { countOf } from "./tags.tsx";

/** Names and colours a tag. */
export function TagDialog({ tag, onClose }: { readonly tag: TagRecord | null; readonly onClose: () => void }) {
  const { t } = useWords();
  const client = useQueryClient();
  const [name, setName] = useState(tag?.name ?? "");
  const [colour, setColour] = useState(tag?.colour ?? "slate");
  const form = useSubmission(["name", "colour"]);
  const save = () =>
    form.submit(async () => {
      if (tag) await perform("tags.update", { id: tag.id, data: { name, colour } }, { ifMatch: tag.version });
      else await perform("tags.create", { data: { name, colour } });
      await client.invalidateQueries();
      onClose();
      tell(t(tag ? "tag.saved" : "tag.created", { name }));
    });
  return (
    <Sheet title={t(tag ? "tag.edit_title" : "tag.new", { name: tag?.name ?? "" })} isOpen onClose={onClose}>
      <form
        className="dialog-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {form.sentence ? (
          <p className="settings-refusal" role="alert">
            {form.sentence}
          </p>
        ) : null}
        <TextInput
          label={t("members.name")}
          placeholder={t("tag.example")}
          data-autofocus
          maxLength={100}
          value={name}
          error={form.faultOf("name")}
          onChange={({ currentTarget: { value } }) => {
            form.correct("name");
            setName(value);
          }}
        />
        <HueChoice value={colour} onChange={setColour} />
        <DialogActions>
          <Button size="md" onClick={onClose}>
            {t("do.cancel")}
          </Button>
          <Button type="submit" size="md" variant="filled" loading={form.isBusy}>
            {t(tag ? "tag.save" : "tag.create")}
          </Button>
        </DialogActions>
      </form>
    </Sheet>
  );
}

function HueChoice({ value, onChange }: { readonly value: string; readonly onChange: (hue: string) => void }) {
  const { t } = useWords();
  const at = Math.max(0, (hueNames as readonly string[]).indexOf(value));
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const next = step ? hueNames[(at + step + hueNames.length) % hueNames.length] : undefined;
    if (!next) return;
    event.preventDefault();
    onChange(next);
    event.currentTarget.querySelector<HTMLElement>(`[data-hue=${next}]`)?.focus();
  };
  return (
    <div>
      <div className="field-label">{t("tag.colour")}</div>
      <div className="hues" role="radiogroup" aria-label={t("tag.colour")} onKeyDown={onKeyDown}>
        {hueNames.map((hue, index) => (
          // biome-ignore lint/a11y/useSemanticElements: the dot of the hue itself is chosen.
          <button
            type="button"
            role="radio"
            key={hue}
            data-hue={hue}
            className="hue"
            aria-checked={index === at}
            aria-label={t(`hue.${hue}` satisfies Word)}
            title={t(`hue.${hue}` satisfies Word)}
            tabIndex={index === at ? 0 : -1}
            onClick={() => onChange(hue)}
          >
            <span style={{ background: `var(--rp-${hue}-dot)` }} />
          </button>
        ))}
      </div>
    </div>
  );
}

type MergeProps = { readonly tag: TagRecord; readonly tags: readonly TagRecord[]; readonly onClose: () => void };

/** Makes two words for one thing one. */
export function MergeDialog({ tag, tags, onClose }: MergeProps) {
  const { t } = useWords();
  const client = useQueryClient();
  const [into, setInto] = useState<string | null>(null);
  const { data: n } = useQuery({ queryKey: ["settings", "tags", tag.id, "count"], queryFn: () => countOf(tag), gcTime: 0 });
  const form = useSubmission(["into"]);
  const target = tags.find(({ id }) => id === into);
  const merge = () =>
    form.submit(async () => {
      await perform("tags.merge", { id: tag.id, into });
      await client.invalidateQueries();
      onClose();
      tell(t("tag.merged", { name: tag.name, into: target?.name ?? "" }));
    });
  return (
    <Sheet title={t("tag.merge_title", { name: tag.name })} isOpen onClose={onClose}>
      <form
        className="dialog-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void merge();
        }}
      >
        <p className="dialog-text">{n === undefined ? t("tag.merge_text") : t("tag.merge_count", { n, name: tag.name })}</p>
        {form.sentence ? (
          <p className="settings-refusal" role="alert">
            {form.sentence}
          </p>
        ) : null}
        <Select
          label={t("tag.merge_into")}
          searchable
          data-autofocus
          nothingFoundMessage={t("value.none_found")}
          data={tags.filter(({ id }) => id !== tag.id).map(({ id, name }) => ({ value: id, label: name }))}
          value={into}
          error={form.faultOf("into")}
          onChange={setInto}
        />
        <DialogActions>
          <Button size="md" onClick={onClose}>
            {t("do.cancel")}
          </Button>
          <Button type="submit" size="md" variant="filled" disabled={!into} loading={form.isBusy}>
            {target ? t("tag.merge_do", { name: target.name }) : t("tag.merge")}
          </Button>
        </DialogActions>
      </form>
    </Sheet>
  );
}
