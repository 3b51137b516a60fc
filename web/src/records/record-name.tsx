import { useState } from "react";
import { resourceNamed } from "../../../src/domain/catalogue.ts";
import type { AnyRecord, Resource } from "../../../src/domain/kit/resource.ts";
import { embeddedKey, type Values } from "../kit/cells.tsx";
import { useMay } from "../kit/session.ts";
import { useWords } from "../kit/words.ts";
import type { Column } from "./columns.ts";
import { useSave } from "./save.ts";
import { FieldEditor } from "./table/editor.tsx";
import { titleOf } from "./title.ts";

type Props = {
  readonly resource: Resource;
  readonly record: AnyRecord;
  readonly columns: readonly Column[];
  readonly size: "section" | "title";
};

/** The name of a record, edited where it stands. */
export function RecordName({ resource, record, columns, size }: Props) {
  const { t } = useWords();
  const save = useSave(resource);
  const may = useMay();
  const [isEditing, setEditing] = useState(false);
  const column = columns.find(({ key }) => key === resource.title);
  const name = titleOf(resource, record);
  const isEditable =
    column &&
    (column.isWritable || column.parts.length > 0) &&
    record.deleted_at === null &&
    may("edit", resource, resource.owner ? record[resource.owner] : null);
  if (isEditing && column) {
    return (
      <div className={`record-name record-name-${size}`}>
        {column.parts.length ? <span className="cell-text">{name}</span> : null}
        <FieldEditor
          resource={resource}
          record={record}
          column={column}
          columns={columns}
          onSave={(edit) => void save(edit)}
          onEnd={() => setEditing(false)}
        />
      </div>
    );
  }
  const Heading = size === "title" ? "h1" : "h2";
  return (
    <Heading className={`record-name record-name-${size}`}>
      <button
        type="button"
        disabled={!isEditable}
        aria-label={isEditable ? t("record.rename", { name }) : undefined}
        onClick={() => setEditing(true)}
      >
        {name || "–"}
      </button>
    </Heading>
  );
}

/** What stands below a name: the first words the declaration offers, and the first record it hangs on. */
export function useSubtitle(resource: Resource, record: AnyRecord): string {
  const { label } = useWords();
  const text = ["title", "industry", "description"].map((key) => record[key]).find((value) => typeof value === "string" && value) as
    | string
    | undefined;
  const reference = Object.entries(resource.fields).find(
    ([key, { kind, to }]) => kind === "reference" && to !== "members" && key !== resource.parent,
  );
  const beside = reference ? (record[embeddedKey(reference[0])] as Values | null | undefined) : null;
  const target = reference?.[1].to ? resourceNamed(reference[1].to) : undefined;
  const other = beside ? String(beside[target?.title ?? "name"] ?? "") : "";
  const choice = Object.entries(resource.fields).find(([key, { kind }]) => kind === "choice" && record[key]);
  const option = choice?.[1].options?.find(({ value }) => value === record[choice[0]]);
  return [text, other].filter(Boolean).join(", ") || (option ? label(option.label) : "");
}
