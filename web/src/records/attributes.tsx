import { ActionIcon, Popover, Tooltip } from "@mantine/core";
import { IconCopy, IconExternalLink, IconHistory } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { resourceNamed } from "../../../src/domain/catalogue.ts";
import type { AnyRecord, Resource } from "../../../src/domain/kit/resource.ts";
import { Cell, isEmpty, type Values } from "../kit/cells.tsx";
import { formatInstant } from "../kit/format.ts";
import { useMay, useMembers } from "../kit/session.ts";
import { tell } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";
import { type Column, valueIn } from "./columns.ts";
import { type Edit, useSave } from "./save.ts";
import { FieldEditor, useTextOf } from "./table/editor.tsx";
import { timelineQuery } from "./timeline.ts";

type Props = {
  readonly resource: Resource;
  readonly record: AnyRecord;
  readonly columns: readonly Column[];
  readonly shown: readonly Column[];
  /** Opens what a relation points to. */
  readonly onOpen: (resource: string, id: string) => void;
};

/** The fields of a record, each edited where it stands. */
export function Attributes({ resource, record, columns, shown, onOpen }: Props) {
  const may = useMay();
  const mayEdit = record.deleted_at === null && may("edit", resource, resource.owner ? record[resource.owner] : null);
  return (
    <dl className="attributes">
      {shown.map((column) => (
        <Attribute
          key={column.key}
          resource={resource}
          record={record}
          columns={columns}
          column={column}
          mayEdit={mayEdit}
          onOpen={onOpen}
        />
      ))}
    </dl>
  );
}

type OneProps = Omit<Props, "shown"> & { readonly column: Column; readonly mayEdit: boolean };

function Attribute({ resource, record, columns, column, mayEdit, onOpen }: OneProps) {
  const { t, label } = useWords();
  const save = useSave(resource);
  const text = useTextOf();
  const [editing, setEditing] = useState<{ readonly draft?: { readonly value: unknown; readonly base: AnyRecord } } | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const value = valueIn(record, column.key);
  const name = label(column.field.label);
  const isEditable = mayEdit && (column.isWritable || column.parts.length > 0);
  const target = column.field.kind === "reference" && column.field.to ? resourceNamed(column.field.to) : undefined;
  const onSave = async (edit: Edit) => {
    const collision = await save(edit);
    if (collision) setEditing({ draft: { value: edit.value, base: edit.record } });
  };
  const copy = () => {
    void navigator.clipboard.writeText(text(record, column));
    tell(t("do.copied_value"));
  };
  return (
    <div className="attribute" data-editing={editing !== null || undefined}>
      <dt>{name}</dt>
      <dd>
        {editing ? (
          <FieldEditor
            resource={resource}
            record={record}
            column={column}
            columns={columns}
            draft={editing.draft}
            onSave={(edit) => void onSave(edit)}
            onEnd={() => {
              setEditing(null);
              requestAnimationFrame(() => button.current?.focus());
            }}
          />
        ) : (
          <>
            <button
              ref={button}
              type="button"
              className="attribute-value"
              aria-label={`${name}: ${text(record, column) || t("value.add")}`}
              disabled={!isEditable}
              onClick={() => setEditing({})}
            >
              {isEmpty(value) ? (
                <span className="attribute-empty">{isEditable ? t("value.add") : "–"}</span>
              ) : (
                <Cell name={column.key} field={column.field} value={value} record={record as Values} />
              )}
            </button>
            <span className="attribute-tools">
              {target?.place === "records" && !isEmpty(value) ? (
                <Tooltip label={t("do.open")}>
                  <ActionIcon
                    size="sm"
                    aria-label={`${t("do.open")} ${text(record, column)}`}
                    onClick={() => onOpen(target.name, String(value))}
                  >
                    <IconExternalLink size={14} stroke={2} />
                  </ActionIcon>
                </Tooltip>
              ) : null}
              {isEmpty(value) ? null : (
                <Tooltip label={t("do.copy")}>
                  <ActionIcon size="sm" aria-label={`${t("do.copy")} ${name}`} onClick={copy}>
                    <IconCopy size={14} stroke={2} />
                  </ActionIcon>
                </Tooltip>
              )}
              <History resource={resource} record={record} column={column} />
            </span>
          </>
        )}
      </dd>
    </div>
  );
}

/** Who changed a field, when, and what it was before. */
function History({ resource, record, column }: { readonly resource: Resource; readonly record: AnyRecord; readonly column: Column }) {
  const words = useWords();
  const { t, label } = words;
  const members = useMembers();
  const text = useTextOf();
  const [isOpen, setOpen] = useState(false);
  const { data } = useQuery({ ...timelineQuery(resource, record.id), enabled: isOpen });
  const changes = (data?.data ?? [])
    .filter((entry) => entry.record_id === record.id)
    .flatMap((entry) => entry.changes.filter(({ field }) => field === column.key).map((change) => ({ ...change, entry })));
  const name = label(column.field.label);
  const shown = (value: unknown) => (isEmpty(value) ? "–" : text(record, column, value));
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Tooltip label={t("record.who")}>
          <ActionIcon size="sm" aria-label={`${name}: ${t("record.who")}`} onClick={() => setOpen(!isOpen)}>
            <IconHistory size={14} stroke={2} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <div className="history">
          <div className="history-title">{t("record.history", { field: name })}</div>
          {changes.map(({ before, after, entry }) => (
            <div className="history-item" key={entry.id}>
              <div>
                <b>{(entry.actor_id && members.get(entry.actor_id)?.name) ?? t("timeline.system")}</b>{" "}
                <span className="quiet">{formatInstant(entry.at, words)}</span>
              </div>
              <div>
                {isEmpty(before) ? null : <s className="quiet">{shown(before)}</s>} {isEmpty(before) ? null : "→ "}
                {shown(after)}
              </div>
            </div>
          ))}
          {data && changes.length === 0 ? <div className="quiet">{t("record.history_none")}</div> : null}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Opens a record of any resource on its own page. */
export function useOpenPage(): (resource: string, id: string) => void {
  const navigate = useNavigate();
  return (resource, id) => void navigate({ to: "/$resource/$id", params: { resource, id } });
}

/** The fields a panel shows: those with a value and the first ones, everything where that is asked for. */
export function attributesOf(resource: Resource, record: AnyRecord, columns: readonly Column[], withEmpty: boolean): readonly Column[] {
  const skipped = new Set([resource.title, "created_at", "created_by", "updated_at", "updated_by"]);
  const inTitle = new Set(columns.find(({ key }) => key === resource.title)?.parts ?? []);
  // Those of the table come first, in its order; the others as they are declared.
  const place = (key: string) => (resource.columns.includes(key) ? resource.columns.indexOf(key) : resource.columns.length);
  return columns
    .filter(
      ({ key }) =>
        !skipped.has(key) && !inTitle.has(key) && (withEmpty || !isEmpty(valueIn(record, key)) || resource.columns.includes(key)),
    )
    .toSorted((a, b) => place(a.key) - place(b.key));
}
