import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import type { AnyRecord, Resource } from "../../../src/domain/kit/resource.ts";
import { perform } from "../kit/api.ts";
import { Avatar, isPeople } from "../kit/avatar.tsx";
import { ask } from "../kit/dialogs.tsx";
import { EmptyState } from "../kit/empty-state.tsx";
import { formatInstant } from "../kit/format.ts";
import { ResourceIcon } from "../kit/icons.tsx";
import { useMay } from "../kit/session.ts";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { refuse, sentenceOf, tell } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";
import { TopBar } from "../shell/top-bar.tsx";
import { rereadLists } from "./cache.ts";
import { useRows } from "./rows.ts";
import { titleOf } from "./title.ts";

const KEPT_DAYS = 30;

/** What was deleted of a resource, and the way back. */
export function TrashPage({ resource }: { readonly resource: Resource }) {
  const { t, language } = useWords();
  const query = useMemo(
    () => ({ filter: null, sort: resource.sort.includes("updated_at") ? "-updated_at" : null, trashed: true }),
    [resource],
  );
  const rows = useRows(resource, query);
  const shown = Array.from({ length: Math.min(rows.count, 100) }, (_, index) => rows.rowAt(index)).filter((row) => row !== undefined);
  return (
    <main className="sheet main" id="content">
      <TopBar
        isHeading
        icon={<ResourceIcon name={resource.icon} />}
        crumbs={[{ text: resource.label[language][1], to: `/${resource.name}` }, { text: t("trash.trash") }]}
      />
      <div className="list-body trash">
        {rows.error ? (
          <EmptyState title={t("empty.failed")} text={sentenceOf(rows.error)} />
        ) : rows.isFirstLoad ? (
          <SkeletonRows />
        ) : shown.length === 0 ? (
          <EmptyState title={t("empty.trash")} text={t("empty.trash_why")} />
        ) : (
          <ul className="trash-list">
            {shown.map((record) => (
              <TrashRow key={record.id} resource={resource} record={record} />
            ))}
          </ul>
        )}
      </div>
    </main>
  );
}

function TrashRow({ resource, record }: { readonly resource: Resource; readonly record: AnyRecord }) {
  const words = useWords();
  const { t } = words;
  const client = useQueryClient();
  const may = useMay();
  const name = titleOf(resource, record);
  const deleted = record.deleted_at ?? record.updated_at;
  const left = Math.max(0, KEPT_DAYS - Math.floor((Date.now() - Date.parse(deleted)) / 86_400_000));
  const mayDelete = may("delete", resource, resource.owner ? record[resource.owner] : null);
  const restore = async () => {
    try {
      await perform(`${resource.name}.restore`, { id: record.id });
      await rereadLists(client, resource);
      tell(t("trash.restored", { name }));
    } catch (error) {
      refuse(error, { detail: name });
    }
  };
  const purge = () =>
    ask({
      title: t("trash.purge_ask", { name }),
      text: t("trash.purge_why"),
      verb: t("do.purge"),
      isDestructive: true,
      run: async () => {
        await perform(`${resource.name}.purge`, { id: record.id });
        await rereadLists(client, resource);
        tell(t("trash.purged", { name }));
      },
    });
  return (
    <li className="trash-row">
      <Avatar id={record.id} name={name} size={20} isPerson={isPeople(resource)} />
      <b className="cell-text">{name}</b>
      <span className="quiet tabular">{formatInstant(deleted, words)}</span>
      <span className="quiet tabular">{t("trash.days", { n: left })}</span>
      <span className="grow" />
      {mayDelete ? (
        <>
          <Button size="xs" variant="subtle" onClick={purge}>
            {t("do.purge")}
          </Button>
          <Button size="xs" onClick={() => void restore()}>
            {t("do.restore")}
          </Button>
        </>
      ) : null}
    </li>
  );
}
