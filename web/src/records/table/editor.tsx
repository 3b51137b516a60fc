import { Popover } from "@mantine/core";
import { type KeyboardEvent, useRef, useState } from "react";
import type { AnyRecord, Resource } from "../../../../src/domain/kit/resource.ts";
import { textOf, type Values } from "../../kit/cells.tsx";
import { Input, isPicked } from "../../kit/inputs.tsx";
import { useMembers } from "../../kit/session.ts";
import { useWords } from "../../kit/words.ts";
import { CollisionNotice } from "../collision.tsx";
import { type Column, valueIn } from "../columns.ts";
import { type Edit, same } from "../save.ts";

/** Where the focus goes when an edit ends. */
export type Move = "stay" | "next" | "previous" | "down";

type Props = {
  readonly resource: Resource;
  readonly record: AnyRecord;
  readonly column: Column;
  readonly columns: readonly Column[];
  readonly seed?: string | undefined;
  /** What was typed before somebody else's change came between. */
  readonly draft?: { readonly value: unknown; readonly base: AnyRecord } | undefined;
  readonly onSave: (edit: Edit) => void;
  readonly onEnd: (move: Move) => void;
};

/** Kinds whose editor is larger than a cell. */
const isLarge = ({ field }: Column): boolean =>
  !field.many && ["long_text", "address", "references", "json"].includes(field.kind) && field.to !== "tags";

/** Edits one field in place: Enter saves, Tab saves and moves on, Escape leaves it as it was. */
export function FieldEditor(props: Props) {
  const { column, columns, record, onSave, onEnd } = props;
  if (column.parts.length) return <PartsEditor {...props} parts={columns.filter(({ key }) => column.parts.includes(key))} />;
  if (isLarge(column)) return <LargeEditor {...props} />;
  if (column.field.kind === "boolean" && !column.field.many) {
    return (
      <Input
        name={column.key}
        field={column.field}
        value={valueIn(record, column.key)}
        record={record as Values}
        onChange={() => undefined}
        isOpen
        onCommit={(value) => (onSave({ record, column, value }), onEnd("stay"))}
      />
    );
  }
  return <CellEditor {...props} />;
}

function CellEditor({ record, column, seed, draft, onSave, onEnd }: Props) {
  const [base, setBase] = useState(draft?.base ?? record);
  const value = useRef<unknown>(draft ? draft.value : valueIn(record, column.key));
  // What is chosen from a list is shown at once and saved when the list is left.
  const [chosen, setChosen] = useState(value.current);
  const beside = useRef<Values | undefined>(undefined);
  const isDone = useRef(false);
  const picks = isPicked(column.field) || column.field.to === "tags";

  const finish = (move: Move, save: boolean) => {
    if (isDone.current) return;
    isDone.current = true;
    if (save) onSave({ record: base, column, value: value.current, beside: beside.current });
    onEnd(move);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") finish("stay", false);
    else if (event.key === "Enter" && !picks) finish(event.shiftKey ? "stay" : "down", true);
    else if (event.key === "Tab") finish(event.shiftKey ? "previous" : "next", true);
    else return event.stopPropagation();
    event.preventDefault();
    event.stopPropagation();
  };
  const isTouched = !same(valueIn(record, column.key), valueIn(base, column.key));
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it listens for the keys of the input inside.
    <div
      className="cell-editor"
      data-picks={picks || undefined}
      onKeyDown={onKeyDown}
      onBlur={(event) => {
        if (!picks && !event.currentTarget.contains(event.relatedTarget) && !isTouched) finish("stay", true);
      }}
    >
      <Input
        name={column.key}
        field={column.field}
        value={picks ? chosen : value.current}
        record={record as Values}
        seed={seed}
        isOpen
        onChange={(next, extra) => {
          value.current = next;
          beside.current = extra;
          if (picks) setChosen(next);
        }}
        {...(picks
          ? {
              onCommit: (next: unknown, extra?: Values) => {
                value.current = next;
                beside.current = extra;
                finish("stay", true);
              },
              onCancel: () => finish("stay", false),
            }
          : {})}
      />
      {isTouched ? (
        <CollisionNotice
          theirs={record}
          column={column}
          onMine={() => {
            setBase(record);
          }}
          onTheirs={() => finish("stay", false)}
        />
      ) : null}
    </div>
  );
}

/** A composed value is edited through its parts, such as a name through first and last name. */
function PartsEditor({ record, parts, seed, onSave, onEnd }: Props & { readonly parts: readonly Column[] }) {
  const { label } = useWords();
  const values = useRef<Record<string, unknown>>(Object.fromEntries(parts.map(({ key }) => [key, valueIn(record, key)])));
  const isDone = useRef(false);
  const finish = (move: Move, save: boolean) => {
    if (isDone.current) return;
    isDone.current = true;
    if (save) for (const column of parts) onSave({ record, column, value: values.current[column.key] });
    onEnd(move);
  };
  return (
    <Popover opened onChange={(open) => !open && finish("stay", true)} position="bottom-start" offset={-33} trapFocus withinPortal>
      <Popover.Target>
        <span className="cell-anchor" />
      </Popover.Target>
      <Popover.Dropdown
        onKeyDown={(event) => {
          if (event.key === "Escape") finish("stay", false);
          else if (event.key === "Enter") finish("down", true);
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      >
        <div className="parts-editor">
          {parts.map((part, index) => (
            // biome-ignore lint/a11y/noLabelWithoutControl: the input of any kind stands inside.
            <label key={part.key}>
              <span className="field-label">{label(part.field.label)}</span>
              <Input
                name={part.key}
                field={part.field}
                value={values.current[part.key]}
                record={record as Values}
                isOpen={index === 0}
                seed={index === 0 ? seed : undefined}
                onChange={(value) => {
                  values.current[part.key] = value;
                }}
              />
            </label>
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

function LargeEditor({ record, column, onSave, onEnd }: Props) {
  const { t } = useWords();
  const value = useRef<unknown>(valueIn(record, column.key));
  const isDone = useRef(false);
  const finish = (save: boolean) => {
    if (isDone.current) return;
    isDone.current = true;
    if (save) onSave({ record, column, value: value.current });
    onEnd("stay");
  };
  return (
    <Popover opened onChange={(open) => !open && finish(true)} position="bottom-start" trapFocus withinPortal>
      <Popover.Target>
        <span className="cell-anchor" />
      </Popover.Target>
      <Popover.Dropdown
        onKeyDown={(event) => {
          if (event.key === "Escape") finish(false);
          else if (event.key === "Enter" && (event.metaKey || event.ctrlKey || column.field.kind === "address")) finish(true);
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      >
        <div className="large-editor">
          <Input
            name={column.key}
            field={column.field}
            value={value.current}
            record={record as Values}
            isOpen
            onChange={(next) => {
              value.current = next;
            }}
          />
          <div className="large-editor-actions">
            <button type="button" className="link-button" onClick={() => finish(true)}>
              {t("do.save")}
            </button>
          </div>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

/** A value in words, for those who use it in a sentence. */
export function useTextOf(): (record: AnyRecord, column: Column, value?: unknown) => string {
  const words = useWords();
  const members = useMembers();
  return (record, column, value = valueIn(record, column.key)) => textOf(value, column.field, record as Values, words, members, column.key);
}
