import { Button, Checkbox, Select, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { resources } from "../../../src/domain/catalogue.ts";
import { type CustomField, customFields } from "../../../src/domain/custom-fields/custom-field.ts";
import { type CustomType, customTypes } from "../../../src/domain/kit/definitions.ts";
import type { Resource } from "../../../src/domain/kit/resource.ts";
import { useSubmission } from "../identity/submission.ts";
import { perform } from "../kit/api.ts";
import { DialogActions, Sheet } from "../kit/dialogs.tsx";
import { tell } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";
import { OptionsEditor, optionOf, type StoredOption, writtenOption } from "./options-editor.tsx";
import { keyFor } from "./role-dialog.tsx";

type Props = {
  readonly resource: Resource;
  readonly field: CustomField | null;
  readonly taken: readonly string[];
  readonly last: number;
  readonly onClose: () => void;
  readonly onSaved: () => Promise<unknown>;
};

const isChosen = (type: CustomType) => type === "choice" || type === "choices";
const mayBeUnique = (type: CustomType) => !["long_text", "boolean", "choice", "choices"].includes(type);

/** Makes or changes a field of the workspace's own; its key and type stay once it is there. */
export function FieldDialog({ resource, field, taken, last, onClose, onSaved }: Props) {
  const { t, label, language } = useWords();
  const [text, setText] = useState(field?.label ?? "");
  const [key, setKey] = useState<string | null>(field?.key ?? null);
  const [type, setType] = useState<CustomType>((field?.type as CustomType | undefined) ?? "text");
  const [to, setTo] = useState<string | null>(field?.to ?? null);
  const [options, setOptions] = useState<readonly StoredOption[]>(() => ((field?.options ?? []) as readonly unknown[]).map(optionOf));
  const [required, setRequired] = useState(field?.required ?? false);
  const [unique, setUnique] = useState(field?.unique ?? false);
  const [help, setHelp] = useState(field?.help ?? "");
  const form = useSubmission(["label", "key", "type", "to", "options", "required", "unique", "help"]);
  const keyNow = key ?? keyFor(text, taken);
  const save = () =>
    form.submit(async () => {
      const common = {
        label: text,
        required,
        unique: unique && mayBeUnique(type),
        help: help.trim() || null,
        ...(isChosen(type) ? { options: options.map(writtenOption).filter(({ value }) => value) } : {}),
      };
      if (field) await perform("fields.update", { id: field.id, data: common }, { ifMatch: field.version });
      else
        await perform("fields.create", {
          data: { ...common, resource: resource.name, key: keyNow, type, position: last + 1, ...(type === "reference" ? { to } : {}) },
        });
      await onSaved();
      onClose();
      tell(t(field ? "field.saved" : "field.created", { name: text }));
    });
  const typeName = (one: string) => {
    const option = customFields.fields.type.options?.find(({ value }) => value === one);
    return option ? label(option.label) : one;
  };
  return (
    <Sheet
      title={field ? t("field.edit_title", { name: field.label }) : t("field.new_of", { many: resource.label[language][1] })}
      isOpen
      onClose={onClose}
    >
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
          label={t("field.label")}
          placeholder={t("field.example")}
          data-autofocus
          maxLength={200}
          value={text}
          error={form.faultOf("label")}
          onChange={({ currentTarget: { value } }) => {
            form.correct("label");
            setText(value);
          }}
        />
        <TextInput
          label={t("field.key")}
          description={t("field.key_text")}
          className="mono-input"
          disabled={field !== null}
          value={text || key ? keyNow : ""}
          error={form.faultOf("key")}
          onChange={({ currentTarget: { value } }) => {
            form.correct("key");
            setKey(value);
          }}
        />
        <Select
          label={t("field.type")}
          allowDeselect={false}
          disabled={field !== null}
          data={customTypes.map((one) => ({ value: one, label: typeName(one) }))}
          value={type}
          error={form.faultOf("type")}
          onChange={(value) => value && setType(value as CustomType)}
        />
        {type === "reference" ? (
          <Select
            label={t("field.to")}
            disabled={field !== null}
            data={resources
              .filter(({ place, name }) => place === "records" || name === "members")
              .map((one) => ({ value: one.name, label: one.label[language][1] }))}
            value={to}
            error={form.faultOf("to")}
            onChange={(value) => {
              form.correct("to");
              setTo(value);
            }}
          />
        ) : null}
        {isChosen(type) ? (
          <OptionsEditor
            options={options}
            fault={form.faultOf("options")}
            onChange={(next) => {
              form.correct("options");
              setOptions(next);
            }}
          />
        ) : null}
        <Textarea
          label={t("field.help")}
          description={t("field.help_text")}
          autosize
          maxRows={4}
          maxLength={500}
          value={help}
          error={form.faultOf("help")}
          onChange={(event) => setHelp(event.currentTarget.value)}
        />
        <Checkbox
          label={t("field.is_required")}
          description={t("field.required_text")}
          checked={required}
          onChange={(event) => setRequired(event.currentTarget.checked)}
        />
        {mayBeUnique(type) ? (
          <Checkbox
            label={t("field.is_unique")}
            description={t("field.unique_text")}
            checked={unique}
            error={form.faultOf("unique")}
            onChange={(event) => setUnique(event.currentTarget.checked)}
          />
        ) : null}
        <DialogActions>
          <Button size="md" onClick={onClose}>
            {t("do.cancel")}
          </Button>
          <Button type="submit" size="md" variant="filled" loading={form.isBusy}>
            {t(field ? "field.save" : "field.create")}
          </Button>
        </DialogActions>
      </form>
    </Sheet>
  );
}
