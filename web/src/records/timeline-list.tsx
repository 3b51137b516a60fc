import { Button, SegmentedControl } from "@mantine/core";
import { IconPencil, IconPlus, IconPoint, IconRestore, IconTag, IconTrash } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Fragment, useState } from "react";
import { resourceNamed } from "../../../src/domain/catalogue.ts";
import type { AnyRecord, Resource, Tag } from "../../../src/domain/kit/resource.ts";
import { perform } from "../kit/api.ts";
import { isEmpty, textOf, type Values } from "../kit/cells.tsx";
import { EmptyState } from "../kit/empty-state.tsx";
import { formatExact, formatInstant, formatMonth } from "../kit/format.ts";
import { useMembers } from "../kit/session.ts";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { useWords } from "../kit/words.ts";
import { type Column, useColumns } from "./columns.ts";
import { type Entry, isChange, runsOf, type Timeline } from "./timeline.ts";

type Props = { readonly resource: Resource; readonly record: AnyRecord };

/** What happened to a record, newest first, by month; runs of changes are one line until they are asked for. */
export function TimelineList({ resource, record }: Props) {
  const words = useWords();
  const { t } = words;
  const [types, setTypes] = useState<"all" | "changes">("all");
  const query = useInfiniteQuery({
    queryKey: ["timeline", resource.name, record.id, types],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      perform<Timeline>(
        `${resource.name}.timeline`,
        {
          id: record.id,
          limit: 50,
          cursor: pageParam,
          ...(types === "changes" ? { types: `${resource.one}.updated,${resource.one}.tagged,${resource.one}.untagged` } : {}),
        },
        { signal },
      ),
    getNextPageParam: (page) => page.next_cursor,
  });
  const runs = runsOf(query.data?.pages.flatMap(({ data }) => data) ?? []);
  let month = "";
  return (
    <div className="timeline">
      <div className="timeline-bar">
        <SegmentedControl
          aria-label={t("timeline.filter")}
          value={types}
          onChange={(value) => setTypes(value as "all" | "changes")}
          data={[
            { value: "all", label: t("timeline.everything") },
            { value: "changes", label: t("timeline.changes") },
          ]}
        />
      </div>
      {query.isPending ? <SkeletonRows rows={6} height={40} /> : null}
      {query.data && runs.length === 0 ? <EmptyState title={t("empty.timeline")} /> : null}
      <ol className="timeline-list">
        {runs.map((run) => {
          const first = run[0];
          if (!first) return null;
          const now = formatMonth(first.at, words);
          const mark = now === month ? null : now;
          month = now;
          return (
            <Fragment key={first.id}>
              {mark ? <li className="timeline-month">{mark}</li> : null}
              <Run run={run} resource={resource} record={record} />
            </Fragment>
          );
        })}
      </ol>
      {query.hasNextPage ? (
        <Button variant="subtle" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t("do.load_more")}
        </Button>
      ) : null}
    </div>
  );
}

const icons = {
  created: IconPlus,
  updated: IconPencil,
  deleted: IconTrash,
  restored: IconRestore,
  tagged: IconTag,
  untagged: IconTag,
} as const;

function Run({ run, record, resource }: Props & { readonly run: readonly Entry[] }) {
  const words = useWords();
  const { t } = words;
  const first = run[0];
  const changes = run.flatMap((entry) => entry.changes.map((change) => ({ ...change, entry })));
  const [isOpen, setOpen] = useState(false);
  const about = resourceNamed(first?.resource ?? "") ?? resource;
  const columns = useColumns(about);
  const sentence = useSentence();
  if (!first) return null;
  const verb = first.type.split(".").at(-1) ?? "";
  const Icon = icons[verb as keyof typeof icons] ?? IconPoint;
  const isSingle = changes.length === 1;
  const hasDetails = isChange(first) && changes.length > 0;
  return (
    <li className="timeline-item">
      <span className="timeline-icon" aria-hidden>
        <Icon size={14} stroke={2} />
      </span>
      <div className="timeline-body">
        <div className="timeline-line">
          <span className="timeline-text">{sentence(run, about, columns, record)}</span>
          {hasDetails && !isSingle ? (
            <button type="button" className="link-button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
              {t(isOpen ? "do.hide" : "do.show")}
            </button>
          ) : null}
          <time className="timeline-time tabular" dateTime={first.at} title={formatExact(first.at, words)}>
            {formatInstant(first.at, words)}
          </time>
        </div>
        {hasDetails && (isOpen || isSingle) ? (
          <ul className="timeline-changes">
            {changes.map((change) => (
              <Change key={`${change.entry.id} ${change.field}`} change={change} columns={columns} record={record} withName={!isSingle} />
            ))}
          </ul>
        ) : null}
      </div>
    </li>
  );
}

type ChangeProps = {
  readonly change: { readonly field: string; readonly before: unknown; readonly after: unknown };
  readonly columns: readonly Column[];
  readonly record: AnyRecord;
  readonly withName: boolean;
};

function Change({ change: { field, before, after }, columns, record, withName }: ChangeProps) {
  const words = useWords();
  const members = useMembers();
  const column = columns.find(({ key }) => key === field);
  const shown = (value: unknown) => {
    if (isEmpty(value)) return "–";
    if (!column) return typeof value === "string" ? value : JSON.stringify(value);
    const names =
      Array.isArray(value) && column.key === "tags"
        ? (value as readonly (Tag | string)[]).map((tag) => (typeof tag === "string" ? tag : tag.name)).join(", ")
        : null;
    return names ?? textOf(value, column.field, record as Values, words, members, field);
  };
  return (
    <li>
      {withName ? <span className="quiet">{column ? words.label(column.field.label) : field} </span> : null}
      <s className="quiet">{shown(before)}</s> → {shown(after)}
    </li>
  );
}

/** One sentence for a run of events. */
export function useSentence(): (run: readonly Entry[], about: Resource, columns: readonly Column[], record: AnyRecord) => string {
  const { t, one, label } = useWords();
  const members = useMembers();
  return (run, about, columns, record) => {
    const first = run[0];
    if (!first) return "";
    const who = first.actor_id ? (members.get(first.actor_id)?.name ?? t("timeline.somebody")) : t("timeline.system");
    const fields = new Set(run.flatMap(({ changes }) => changes.map(({ field }) => field)));
    const verb = first.type.split(".").at(-1);
    if (verb === "updated" && fields.size === 1) {
      const column = columns.find(({ key }) => fields.has(key));
      return t("timeline.updated_one", { who, field: column ? label(column.field.label) : String([...fields][0]) });
    }
    if (verb === "updated") return t("timeline.updated_many", { who, n: fields.size });
    if (verb === "created")
      return t(first.record_id === record.id ? "timeline.created" : "timeline.created_other", { who, one: one(about) });
    if (verb === "deleted") return t("timeline.deleted", { who });
    if (verb === "restored") return t("timeline.restored", { who });
    if (verb === "tagged" || verb === "untagged") {
      const { before, after } = first.changes.find(({ field }) => field === "tags") ?? {};
      const [less, more] = verb === "tagged" ? [before, after] : [after, before];
      return t(`timeline.${verb}`, { who, value: difference(less, more) });
    }
    return t("timeline.other", { who, type: first.type });
  };
}

function difference(less: unknown, more: unknown): string {
  const nameOf = (tag: unknown) => (typeof tag === "object" && tag !== null ? String((tag as Tag).name) : String(tag));
  const there = new Set((Array.isArray(less) ? less : []).map(nameOf));
  return (Array.isArray(more) ? more : [])
    .map(nameOf)
    .filter((name) => !there.has(name))
    .join(", ");
}
