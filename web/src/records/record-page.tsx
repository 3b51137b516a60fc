import { Button } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type KeyboardEvent, useEffect, useRef } from "react";
import type { AnyRecord, Resource } from "../../../src/domain/kit/resource.ts";
import { ApiError, perform } from "../kit/api.ts";
import { Avatar, isPeople } from "../kit/avatar.tsx";
import { EmptyState } from "../kit/empty-state.tsx";
import { formatExact, formatInstant } from "../kit/format.ts";
import { ResourceIcon } from "../kit/icons.tsx";
import { useLive } from "../kit/live.ts";
import { remember } from "../kit/preferences.ts";
import { useMembers } from "../kit/session.ts";
import { useShortcuts } from "../kit/shortcuts.ts";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { refuse, sentenceOf } from "../kit/toasts.tsx";
import { useWords, type Word } from "../kit/words.ts";
import { TopBar } from "../shell/top-bar.tsx";
import { Attributes, attributesOf, useOpenPage } from "./attributes.tsx";
import { knownRecord, rereadLists, rereadRecord } from "./cache.ts";
import { useColumns } from "./columns.ts";
import { RecordMenu } from "./record-menu.tsx";
import { RecordName, useSubtitle } from "./record-name.tsx";
import { relationsTo } from "./related.ts";
import { RelatedList } from "./related-list.tsx";
import { recordQuery } from "./rows.ts";
import { TimelineList } from "./timeline-list.tsx";
import { titleOf } from "./title.ts";

const tabs = ["overview", "timeline", "related"] as const;
type Tab = (typeof tabs)[number];

/** One record on a page of its own. */
export function RecordPage({ resource, id }: { readonly resource: Resource; readonly id: string }) {
  const { t, language } = useWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data: record, error } = useQuery({ ...recordQuery(resource, id), placeholderData: () => knownRecord(client, resource, id) });
  const reread = () => void rereadRecord(client, resource, id);
  useLive({ resource: resource.name, id }, reread, reread);
  const back = () => void navigate({ to: "/$resource", params: { resource: resource.name } });
  useShortcuts([{ keys: "Escape", what: t("keys.back"), group: "keys.peek", run: back }]);
  const title = String(record?.[resource.title] ?? "");
  useEffect(() => {
    if (!title) return;
    remember({ resource: resource.name, id, name: title });
    document.title = `${title} · Rapport`;
    return () => {
      document.title = "Rapport";
    };
  }, [resource, id, title]);
  const isTrashed = error instanceof ApiError && error.code === "DELETED";
  return (
    <main className="sheet main" id="content">
      <TopBar
        icon={<ResourceIcon name={resource.icon} />}
        crumbs={[{ text: resource.label[language][1], to: `/${resource.name}` }, { text: title || "…" }]}
      >
        {record ? <RecordMenu resource={resource} record={record} onGone={back} /> : null}
      </TopBar>
      {isTrashed ? (
        <Trashed resource={resource} id={id} />
      ) : error ? (
        <EmptyState title={t("empty.failed")} text={sentenceOf(error)} actions={<Button onClick={reread}>{t("do.retry")}</Button>} />
      ) : record ? (
        <Body key={record.id} resource={resource} record={record} />
      ) : (
        <SkeletonRows rows={10} />
      )}
    </main>
  );
}

function Body({ resource, record }: { readonly resource: Resource; readonly record: AnyRecord }) {
  const words = useWords();
  const { t } = words;
  const navigate = useNavigate();
  const openPage = useOpenPage();
  const columns = useColumns(resource);
  const subtitle = useSubtitle(resource, record);
  const relations = relationsTo(resource);
  const members = useMembers();
  const isWide = useMediaQuery("(min-width: 1000px)", true, { getInitialValueInEffect: false });
  const { tab: wanted } = useSearch({ strict: false }) as { tab?: string };
  const offered = tabs.filter((tab) => tab !== "related" || relations.length > 0);
  const tab: Tab = offered.find((one) => one === wanted) ?? "overview";
  const show = (next: Tab) =>
    void navigate({
      to: "/$resource/$id",
      params: { resource: resource.name, id: record.id },
      search: { tab: next === "overview" ? undefined : next } as never,
      replace: true,
    });
  const name = titleOf(resource, record);
  const by = (id: string | null) => (id ? members.get(id)?.name : null) ?? t("timeline.system");
  const side = (
    <div className="record-side">
      <h2 className="peek-title">{t("peek.details")}</h2>
      <Attributes
        resource={resource}
        record={record}
        columns={columns}
        shown={attributesOf(resource, record, columns, true)}
        onOpen={openPage}
      />
      <h2 className="peek-title">{t("record.system")}</h2>
      <dl className="attributes attributes-quiet">
        {(["created", "updated"] as const).map((word) => (
          <div className="attribute" key={word}>
            <dt>{words.label((resource.all[`${word}_at`] ?? resource.all.created_at)?.label ?? { en: word, de: word })}</dt>
            <dd title={formatExact(String(record[`${word}_at`]), words)}>
              <span className="attribute-text">
                {formatInstant(String(record[`${word}_at`]), words)}, {by(record[`${word}_by`] as string | null)}
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
  return (
    <>
      <div className="record-head">
        <Avatar id={record.id} name={name} size={40} isPerson={isPeople(resource)} />
        <div className="peek-names">
          <RecordName resource={resource} record={record} columns={columns} size="title" />
          {subtitle ? <div className="quiet-2">{subtitle}</div> : null}
        </div>
      </div>
      <RecordTabs tabs={offered} tab={tab} onShow={show} />
      <div className="record-body" data-tab={tab}>
        {isWide || tab === "overview" ? side : null}
        <div className="record-stream" role="tabpanel" id={`panel-${tab}`} aria-labelledby={`tab-${tab}`}>
          {tab === "timeline" || (tab === "overview" && (isWide || relations.length === 0)) ? (
            <TimelineList resource={resource} record={record} />
          ) : null}
          {tab === "related" || (tab === "overview" && !isWide)
            ? relations.map((relation) => (
                <RelatedList key={`${relation.resource.name}.${relation.key}`} relation={relation} record={record} />
              ))
            : null}
        </div>
      </div>
    </>
  );
}

function RecordTabs({
  tabs: offered,
  tab,
  onShow,
}: {
  readonly tabs: readonly Tab[];
  readonly tab: Tab;
  readonly onShow: (tab: Tab) => void;
}) {
  const { t } = useWords();
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = (offered.indexOf(tab) + step + offered.length) % offered.length;
    onShow(offered[next] ?? tab);
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[next]?.focus();
  };
  return (
    <div className="record-tabs" role="tablist" ref={list} onKeyDown={onKeyDown}>
      {offered.map((one) => (
        <button
          key={one}
          type="button"
          role="tab"
          id={`tab-${one}`}
          aria-controls={`panel-${one}`}
          aria-selected={one === tab}
          tabIndex={one === tab ? 0 : -1}
          className="record-tab"
          onClick={() => onShow(one)}
        >
          {t(`record.${one}` satisfies Word)}
        </button>
      ))}
    </div>
  );
}

function Trashed({ resource, id }: { readonly resource: Resource; readonly id: string }) {
  const { t, one } = useWords();
  const client = useQueryClient();
  const restore = async () => {
    try {
      await perform(`${resource.name}.restore`, { id });
      await Promise.all([rereadRecord(client, resource, id), rereadLists(client, resource)]);
    } catch (error) {
      refuse(error);
    }
  };
  return (
    <EmptyState
      title={t("trash.here", { one: one(resource) })}
      text={t("empty.trash_why")}
      actions={
        <Button size="md" variant="filled" onClick={() => void restore()}>
          {t("do.restore")}
        </Button>
      }
    />
  );
}
