import { Button, Checkbox } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useId, useRef, useState } from "react";
import type { AnyRecord, Resource } from "../../../src/domain/kit/resource.ts";
import { ApiError, newKey, perform } from "../kit/api.ts";
import type { Values } from "../kit/cells.tsx";
import { DialogActions, Sheet } from "../kit/dialogs.tsx";
import { Input } from "../kit/inputs.tsx";
import { useSession } from "../kit/session.ts";
import { refuse, sentenceOf, tell } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";
import { rereadLists } from "./cache.ts";
import { type Column, inputOf, useColumns } from "./columns.ts";
import { titleOf } from "./title.ts";

type Props = {
  readonly resource: Resource;
  readonly initial?: Readonly<Record<string, unknown>>;
  readonly beside?: Values;
  readonly onClose: () => void;
  /** Leaves the form and shows the record. */
  readonly onOpen: (record: Pick<AnyRecord, "id">) => void;
};

/** A new record: the usual fields first, the others on demand, every fault at its field. */
export function CreateForm({ resource, initial = {}, beside = {}, onClose, onOpen }: Props) {
  const { t, one } = useWords();
  const client = useQueryClient();
  const { member } = useSession();
  const columns = useColumns(resource).filter((column) => column.isWritable || column.field.writer === "creation");
  const start = resource.owner && member ? { [resource.owner]: member.id, ...initial } : initial;
  const [values, setValues] = useState<Readonly<Record<string, unknown>>>(start);
  const [extra, setExtra] = useState<Values>(beside);
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const [general, setGeneral] = useState<string | null>(null);
  const [duplicate, setDuplicate] = useState<string | null>(null);
  const [withAll, setWithAll] = useState(false);
  const [another, setAnother] = useState(false);
  const [round, setRound] = useState(0);
  const [isRunning, setRunning] = useState(false);
  const key = useRef(newKey());

  const usual = new Set([
    ...resource.columns,
    ...resource.anyOf,
    "first_name",
    "last_name",
    "title",
    resource.title,
    ...Object.keys(initial),
  ]);
  const shown = columns.filter((column) => withAll || usual.has(column.key) || column.field.required || faults[column.key]);
  const create = async () => {
    setRunning(true);
    setFaults({});
    setGeneral(null);
    setDuplicate(null);
    try {
      const data = Object.entries(values).reduce<Record<string, unknown>>((all, [name, value]) => {
        const { custom, ...rest } = inputOf(name, value) as { custom?: Values };
        return { ...all, ...rest, ...(custom ? { custom: { ...(all.custom as Values | undefined), ...custom } } : {}) };
      }, {});
      const made = await perform<AnyRecord>(`${resource.name}.create`, { data }, { idempotencyKey: key.current });
      key.current = newKey();
      void rereadLists(client, resource);
      tell(t("create.created", { name: titleOf(resource, made) }));
      if (!another) return onOpen(made);
      setValues(start);
      setRound(round + 1);
    } catch (error) {
      key.current = newKey();
      if (!(error instanceof ApiError)) return refuse(error);
      const atField = Object.fromEntries(
        error.faults.filter(({ pointer }) => pointer).map(({ pointer, message }) => [keyOf(pointer), message]),
      );
      setFaults(atField);
      if (typeof error.details.existing_id === "string") setDuplicate(error.details.existing_id);
      const isPlaced =
        Object.keys(atField).length > 0 && Object.keys(atField).every((name) => columns.some((column) => column.key === name));
      if (!isPlaced) setGeneral(sentenceOf(error));
    } finally {
      setRunning(false);
    }
  };
  return (
    <Sheet title={t("create.title", { one: one(resource) })} isOpen onClose={onClose} size={520}>
      <form
        className="form create-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <div className="form-fields" key={round}>
          {shown.map((column, index) => (
            <FormField
              key={column.key}
              column={column}
              value={values[column.key] ?? null}
              record={{ ...values, ...extra }}
              fault={faults[column.key]}
              isFirst={index === 0}
              onChange={(value, came) => {
                setValues((now) => ({ ...now, [column.key]: value }));
                if (came) setExtra((now) => ({ ...now, ...came }));
              }}
            />
          ))}
        </div>
        {general ? (
          <p className="input-error" role="alert">
            {general}
          </p>
        ) : null}
        {duplicate ? (
          <button type="button" className="link-button" onClick={() => onOpen({ id: duplicate })}>
            {t("create.duplicate", { one: one(resource) })}
          </button>
        ) : null}
        {withAll ? null : (
          <button type="button" className="text-button" onClick={() => setWithAll(true)}>
            {t("create.more")}
          </button>
        )}
        <DialogActions>
          <Checkbox
            className="dialog-option"
            label={t("create.another")}
            checked={another}
            onChange={(event) => setAnother(event.currentTarget.checked)}
          />
          <Button size="md" onClick={onClose}>
            {t("do.cancel")}
          </Button>
          <Button size="md" type="submit" variant="filled" loading={isRunning}>
            {t("do.create", { one: one(resource) })}
          </Button>
        </DialogActions>
      </form>
    </Sheet>
  );
}

type FieldProps = {
  readonly column: Column;
  readonly value: unknown;
  readonly record: Values;
  readonly fault: string | undefined;
  readonly isFirst: boolean;
  readonly onChange: (value: unknown, beside?: Values) => void;
};

/** One field of a form: its label above, its fault below. */
export function FormField({ column, value, record, fault, isFirst, onChange }: FieldProps) {
  const { label } = useWords();
  const id = useId();
  const { field } = column;
  const isWide = field.kind === "long_text" || field.kind === "address" || field.kind === "references" || field.kind === "json";
  return (
    <div className="form-field" data-wide={isWide || undefined} data-error={fault ? true : undefined}>
      <label className="field-label" htmlFor={id}>
        {label(field.label)}
        {field.required ? " *" : null}
      </label>
      <Input
        id={id}
        name={column.key}
        field={field}
        value={value ?? field.default ?? null}
        record={record}
        onChange={onChange}
        describedBy={fault ? `${id}-fault` : undefined}
        {...(isFirst && !["choice", "reference"].includes(field.kind) ? { isOpen: true } : {})}
      />
      {fault ? (
        <span className="input-error" id={`${id}-fault`}>
          {fault}
        </span>
      ) : null}
      {field.help ? <span className="field-help">{label(field.help)}</span> : null}
    </div>
  );
}

/** `/custom/shoe_size` → `custom.shoe_size`, the key of the column. */
const keyOf = (pointer: string): string => {
  const [, first = "", second] = pointer.split("/");
  return first === "custom" && second ? `custom.${second}` : first;
};
