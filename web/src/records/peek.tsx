import { ActionIcon, Tooltip } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconMaximize, IconX } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { resourceNamed } from "../../../src/domain/catalogue.ts";
import type { AnyRecord, Resource } from "../../../src/domain/kit/resource.ts";
import { Avatar, isPeople } from "../kit/avatar.tsx";
import { EmptyState } from "../kit/empty-state.tsx";
import { formatInstant } from "../kit/format.ts";
import { remember } from "../kit/preferences.ts";
import { useShortcuts } from "../kit/shortcuts.ts";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { sentenceOf } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";
import { Attributes, attributesOf, useOpenPage } from "./attributes.tsx";
import { knownRecord } from "./cache.ts";
import { useColumns } from "./columns.ts";
import type { ListState } from "./list-state.ts";
import { RecordMenu } from "./record-menu.tsx";
import { RecordName, useSubtitle } from "./record-name.tsx";
import { type Rows, recordQuery } from "./rows.ts";
import { timelineQuery } from "./timeline.ts";
import { useSentence } from "./timeline-list.tsx";
import { titleOf } from "./title.ts";

type Props = { readonly resource: Resource; readonly state: ListState; readonly rows: Rows };

/** The open record beside its list, which stays live. */
export function Peek({ resource: listed, state, rows }: Props) {
  const { t, number } = useWords();
  const openPage = useOpenPage();
  const client = useQueryClient();
  const [name, id = ""] = state.openId?.includes(".") ? state.openId.split(".") : [listed.name, state.openId ?? ""];
  const resource = resourceNamed(name ?? "") ?? listed;
  const { data: record, error } = useQuery({ ...recordQuery(resource, id), placeholderData: () => knownRecord(client, resource, id) });
  const at = resource === listed ? placeOf(rows, id) : null;

  const step = (by: number) => {
    const next = at === null ? undefined : rows.rowAt(at + by);
    if (next) state.set({ open: next.id }, { replace: true });
  };
  const close = () => {
    state.set({ open: undefined });
    requestAnimationFrame(() => document.querySelector<HTMLElement>('[role="grid"] [tabindex="0"]')?.focus());
  };
  const full = () => openPage(resource.name, id);
  useShortcuts([
    { keys: "j", what: t("keys.next_record"), group: "keys.peek", run: () => step(1) },
    { keys: "k", what: t("keys.next_record"), group: "keys.peek", run: () => step(-1) },
    { keys: "Mod Enter", what: t("keys.open_full"), group: "keys.peek", run: full },
    { keys: "Escape", what: t("keys.back"), group: "keys.peek", run: close },
  ]);
  const title = String(record?.[resource.title] ?? "");
  useEffect(() => {
    if (title) remember({ resource: resource.name, id, name: title });
  }, [resource, id, title]);

  return (
    <aside className="sheet peek" aria-label={t("peek.panel", { name: title })}>
      <div className="peek-bar">
        <ActionIcon aria-label={t("do.previous")} disabled={at === null || at === 0} onClick={() => step(-1)}>
          <IconArrowUp size={16} stroke={1.75} />
        </ActionIcon>
        <ActionIcon aria-label={t("do.next")} disabled={at === null || at >= rows.count - 1} onClick={() => step(1)}>
          <IconArrowDown size={16} stroke={1.75} />
        </ActionIcon>
        {at === null ? null : <span className="peek-place tabular">{t("peek.place", { i: at + 1, n: number(rows.total ?? 0) })}</span>}
        <span className="grow" />
        {record ? <RecordMenu resource={resource} record={record} onGone={close} /> : null}
        <Tooltip label={t("do.open_page")}>
          <ActionIcon aria-label={t("do.open_page")} onClick={full}>
            <IconMaximize size={16} stroke={1.75} />
          </ActionIcon>
        </Tooltip>
        <ActionIcon aria-label={t("do.close")} onClick={close}>
          <IconX size={16} stroke={1.75} />
        </ActionIcon>
      </div>
      {error ? (
        <EmptyState title={t("empty.failed")} text={sentenceOf(error)} />
      ) : record ? (
        <PeekBody
          key={record.id}
          resource={resource}
          record={record}
          onOpen={(to, other) => state.set({ open: to === listed.name ? other : `${to}.${other}` })}
        />
      ) : (
        <SkeletonRows rows={8} />
      )}
    </aside>
  );
}

function PeekBody({
  resource,
  record,
  onOpen,
}: {
  readonly resource: Resource;
  readonly record: AnyRecord;
  readonly onOpen: (resource: string, id: string) => void;
}) {
  const words = useWords();
  const { t } = words;
  const columns = useColumns(resource);
  const [withEmpty, setWithEmpty] = useState(false);
  const { data: timeline } = useQuery(timelineQuery(resource, record.id));
  const sentence = useSentence();
  const subtitle = useSubtitle(resource, record);
  const name = titleOf(resource, record);
  return (
    <div className="peek-body">
      <div className="peek-head">
        <Avatar id={record.id} name={name} size={44} isPerson={isPeople(resource)} />
        <div className="peek-names">
          <RecordName resource={resource} record={record} columns={columns} size="section" />
          {subtitle ? <div className="quiet-2">{subtitle}</div> : null}
        </div>
      </div>
      <h3 className="peek-title">{t("peek.details")}</h3>
      <Attributes
        resource={resource}
        record={record}
        columns={columns}
        shown={attributesOf(resource, record, columns, withEmpty)}
        onOpen={onOpen}
      />
      <button type="button" className="text-button" onClick={() => setWithEmpty(!withEmpty)}>
        {t(withEmpty ? "peek.fewer_fields" : "peek.more_fields")}
      </button>
      {timeline?.data.length ? (
        <>
          <hr />
          <h3 className="peek-title">{t("peek.recent")}</h3>
          <ul className="peek-recent">
            {timeline.data.slice(0, 5).map((entry) => (
              <li key={entry.id}>
                <span className="cell-text">{sentence([entry], resourceNamed(entry.resource) ?? resource, columns, record)}</span>
                <time className="quiet tabular" dateTime={entry.at}>
                  {formatInstant(entry.at, words)}
                </time>
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </div>
  );
}

function placeOf(rows: Rows, id: string): number | null {
  for (let index = 0; index < Math.min(rows.count, 20_000); index += 1) if (rows.rowAt(index)?.id === id) return index;
  return null;
}
