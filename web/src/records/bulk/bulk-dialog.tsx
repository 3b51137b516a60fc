import { Progress as Bar, Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { AnyRecord, Resource, Tag } from "../../../../src/domain/kit/resource.ts";
import { DialogActions, Sheet } from "../../kit/dialogs.tsx";
import { Input } from "../../kit/inputs.tsx";
import { refuse, tell } from "../../kit/toasts.tsx";
import { undoable } from "../../kit/undo.ts";
import { useWords } from "../../kit/words.ts";
import type { BulkAction } from "../../shell/selected.ts";
import { type Column, inputOf, valueIn } from "../columns.ts";
import type { ListQuery } from "../rows.ts";
import { same } from "../save.ts";
import type { Selecting } from "../table/selection.ts";
import { titleOf } from "../title.ts";
import { chosenRecords, type Operation, type Progress, type Result, runBulkOperations } from "./run.ts";

type Props = {
  readonly resource: Resource;
  readonly action: BulkAction;
  readonly count: number;
  readonly query: ListQuery;
  readonly columns: readonly Column[];
  readonly selecting: Selecting;
  readonly onClose: () => void;
};

/** One action on many records: what will change is counted first, then written with its progress, then reported row by row. */
export function BulkDialog({ resource, action, count, query, columns, selecting, onClose }: Props) {
  const words = useWords();
  const { t, label, noun } = words;
  const client = useQueryClient();
  const offered = columns.filter((column) => column.isWritable && column.key !== "tags" && !column.field.unique);
  const [key, setKey] = useState(action === "assign" ? (resource.owner ?? "") : action === "tag" ? "tags" : (offered[0]?.key ?? ""));
  const column = columns.find((one) => one.key === key);
  const [value, setValue] = useState<unknown>(action === "tag" ? [] : null);
  const [records, setRecords] = useState<readonly AnyRecord[] | null>(null);
  const [progress, setProgress] = useState<Progress | null>(null);
  const [failed, setFailed] = useState<readonly Result[]>([]);
  const isStopped = useRef(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the selection cannot change while the dialog is open.
  useEffect(() => {
    let isCurrent = true;
    chosenRecords(client, resource, query, selecting.selection, () => isCurrent)
      .then((found) => isCurrent && setRecords(found))
      .catch((error: unknown) => {
        refuse(error);
        onClose();
      });
    return () => {
      isCurrent = false;
    };
  }, []);

  const operationOf = (record: AnyRecord): Operation | null => {
    if (action === "delete") return { op: "delete", id: record.id };
    if (!column) return null;
    const next = action === "tag" ? mergedTags(record.tags, value as readonly Tag[]) : value;
    return same(valueIn(record, key), next) ? null : { op: "update", id: record.id, data: inputOf(key, next) };
  };
  const operations = records?.flatMap((record) => operationOf(record) ?? []) ?? [];
  const n = operations.length;

  const run = async () => {
    isStopped.current = false;
    setProgress({ done: 0, total: n });
    try {
      const results = await runBulkOperations(client, resource, operations, (next) => {
        setProgress(next);
        return !isStopped.current;
      });
      const bad = results.filter(({ outcome }) => outcome === "failed");
      const good = results.length - bad.length;
      const what = t(action === "delete" ? "bulk.deleted" : "bulk.done", { n: good, noun: noun(resource, good) });
      const before = new Map((records ?? []).map((record) => [record.id, record]));
      const undone = results.filter(({ outcome }) => outcome === "updated").flatMap(({ id }) => before.get(id) ?? []);
      const undo =
        action !== "delete" && undone.length
          ? undoable(what, () =>
              runBulkOperations(
                client,
                resource,
                undone.map((record) => ({ op: "update", id: record.id, data: inputOf(key, valueIn(record, key)) })),
                () => true,
              ),
            )
          : undefined;
      selecting.clear();
      tell(isStopped.current ? t("bulk.stopped", { done: results.length, n }) : what, undo);
      if (bad.length) setFailed(bad);
      else onClose();
    } catch (error) {
      refuse(error);
      onClose();
    } finally {
      setProgress(null);
    }
  };

  if (failed.length) return <Report resource={resource} failed={failed} records={records ?? []} onClose={onClose} />;
  const titles = { edit: "bulk.edit_ask", assign: "bulk.assign_ask", tag: "bulk.tag_ask", delete: "bulk.delete_ask" } as const;
  const title = t(titles[action], { n: count, noun: noun(resource, count), field: column ? label(column.field.label) : "" });
  const sample = (records ?? []).slice(0, 3).map((record) => titleOf(resource, record));
  return (
    <Sheet title={title} isOpen onClose={onClose}>
      <div className="form">
        {action === "edit" ? (
          <label>
            <span className="field-label">{t("bulk.field")}</span>
            <select
              className="input"
              value={key}
              onChange={(event) => {
                setKey(event.currentTarget.value);
                setValue(null);
              }}
            >
              {offered.map((one) => (
                <option key={one.key} value={one.key}>
                  {label(one.field.label)}
                </option>
              ))}
            </select>
          </label>
        ) : null}
        {column && action !== "delete" ? (
          <div>
            <div className="field-label">
              {action === "tag" ? t("bulk.add_tags") : action === "assign" ? label(column.field.label) : t("bulk.new_value")}
            </div>
            <Input key={key} name={key} field={column.field} value={value} record={{}} onChange={setValue} />
          </div>
        ) : null}
        <p className="dialog-text">
          {sample.length
            ? count > sample.length
              ? t("bulk.sample", { names: sample.join(", "), n: count - sample.length })
              : sample.join(", ")
            : null}
          {sample.length ? ". " : null}
          {action === "delete"
            ? t("bulk.delete_why")
            : records
              ? t("bulk.preview", { changed: n, same: records.length - n })
              : t("bulk.preview_counting")}
        </p>
        {progress ? (
          <div className="bulk-progress" role="status">
            <Bar value={(100 * progress.done) / Math.max(1, progress.total)} />
            <span className="quiet tabular">{t("bulk.progress", { done: progress.done, n: progress.total })}</span>
          </div>
        ) : null}
        <DialogActions>
          <Button
            size="md"
            onClick={() => {
              if (progress) isStopped.current = true;
              else onClose();
            }}
          >
            {progress ? t("bulk.stop") : t("do.cancel")}
          </Button>
          <Button
            size="md"
            variant="filled"
            color={action === "delete" ? "red" : undefined}
            data-autofocus
            loading={progress !== null}
            disabled={records === null || n === 0}
            onClick={() => void run()}
          >
            {action === "delete" ? t("do.delete_many", { n, many: noun(resource, n) }) : t("bulk.run", { n, noun: noun(resource, n) })}
          </Button>
        </DialogActions>
      </div>
    </Sheet>
  );
}

type ReportProps = {
  readonly resource: Resource;
  readonly failed: readonly Result[];
  readonly records: readonly AnyRecord[];
  readonly onClose: () => void;
};

function Report({ resource, failed, records, onClose }: ReportProps) {
  const { t } = useWords();
  const names = new Map(records.map((record) => [record.id, titleOf(resource, record)]));
  return (
    <Sheet title={t("bulk.failed", { n: failed.length })} isOpen onClose={onClose} size={560}>
      <ul className="bulk-report" aria-label={t("bulk.report")}>
        {failed.map(({ id, message }) => (
          <li key={id}>
            <b>{names.get(id) ?? id}</b> <span className="quiet">{message}</span>
          </li>
        ))}
      </ul>
      <DialogActions>
        <Button size="md" variant="filled" onClick={onClose}>
          {t("do.close")}
        </Button>
      </DialogActions>
    </Sheet>
  );
}

const mergedTags = (now: readonly Tag[], more: readonly Tag[]): readonly Tag[] => [
  ...now,
  ...more.filter(({ id }) => !now.some((tag) => tag.id === id)),
];
