import { ActionIcon, Button, Menu } from "@mantine/core";
import { useElementSize, useMediaQuery } from "@mantine/hooks";
import { IconDots, IconPlus, IconTrash } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useMemo } from "react";
import type { AnyRecord, Resource } from "../../../src/domain/kit/resource.ts";
import { EmptyState } from "../kit/empty-state.tsx";
import { ResourceIcon } from "../kit/icons.tsx";
import { useMay } from "../kit/session.ts";
import { useShortcuts } from "../kit/shortcuts.ts";
import { Key } from "../kit/signs.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { sentenceOf } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";
import { useSelected } from "../shell/selected.ts";
import { TopBar } from "../shell/top-bar.tsx";
import { useColumns } from "./columns.ts";
import { FilterChips } from "./filter/filter-chips.tsx";
import { criteriaOf, groupOf, sizeOf, without } from "./filter/tree.ts";
import { useListState } from "./list-state.ts";
import { useRows } from "./rows.ts";
import { Grid } from "./table/grid.tsx";
import { JumpTo } from "./table/jump.tsx";
import { ListTools } from "./table/list-tools.tsx";
import { useSelection } from "./table/selection.ts";
import { useListLive } from "./use-list-live.ts";
import { ViewTabs } from "./views/view-tabs.tsx";

const Peek = lazy(() => import("./peek.tsx").then((module) => ({ default: module.Peek })));
const BulkBar = lazy(() => import("./bulk/bulk-bar.tsx").then((module) => ({ default: module.BulkBar })));
const PhoneList = lazy(() => import("./phone-list.tsx").then((module) => ({ default: module.PhoneList })));
const CreateForm = lazy(() => import("./create-form.tsx").then((module) => ({ default: module.CreateForm })));

/** The list of a resource: views, filter, table, and the open record beside it. */
export function ListPage({ resource }: { readonly resource: Resource }) {
  const words = useWords();
  const { t, one, many } = words;
  const navigate = useNavigate();
  const may = useMay();
  const isPhone = useMediaQuery("(max-width: 760px)", false, { getInitialValueInEffect: false });
  const { ref, width } = useElementSize();
  const isNarrow = width > 0 && width < 860;
  const state = useListState(resource);
  const all = useColumns(resource);
  const columns = useMemo(() => {
    const keys = [resource.title, ...state.columns.filter((key) => key !== resource.title)];
    return keys.flatMap((key) => all.find((column) => column.key === key) ?? []);
  }, [all, state.columns, resource]);
  const query = useMemo(() => ({ filter: state.filter, sort: state.sort }), [state.filter, state.sort]);
  const rows = useRows(resource, query);
  const news = useListLive(resource);
  const selecting = useSelection();
  useSelected(resource, selecting, rows, query);

  const mayCreate = may("create", resource);
  const open = (record: AnyRecord, to?: { readonly resource: string; readonly id: string }, full = false) => {
    if (full || isPhone)
      void navigate({ to: "/$resource/$id", params: { resource: to?.resource ?? resource.name, id: to?.id ?? record.id } });
    else
      state.set(
        { open: to && to.resource !== resource.name ? `${to.resource}.${to.id}` : (to?.id ?? record.id) },
        { replace: state.openId !== null },
      );
  };
  const create = () => state.set({ new: true });
  const show = ({ id }: Pick<AnyRecord, "id">) =>
    isPhone ? void navigate({ to: "/$resource/$id", params: { resource: resource.name, id } }) : state.set({ new: undefined, open: id });
  useShortcuts([
    ...(mayCreate ? [{ keys: "c", what: t("do.new", { one: one(resource) }), group: "keys.table", run: create } as const] : []),
    { keys: "Enter", what: t("keys.edit"), group: "keys.table" },
    { keys: "↑ ↓ ← →", what: t("keys.move"), group: "keys.table" },
    { keys: "Space", what: t("keys.select"), group: "keys.table" },
    { keys: "Shift ↑", what: t("keys.extend"), group: "keys.table" },
    { keys: "Mod c", what: t("keys.copy"), group: "keys.table" },
    { keys: "Mod v", what: t("keys.paste"), group: "keys.table" },
    { keys: "Mod Enter", what: t("keys.open_full"), group: "keys.table" },
  ]);

  const newButton = mayCreate ? (
    <Button variant="filled" rightSection={<Key keys="C" tone="filled" />} onClick={create}>
      {t("do.new", { one: one(resource) })}
    </Button>
  ) : null;
  const trash = () => void navigate({ to: "/$resource/trash", params: { resource: resource.name } });
  const isNone = !rows.isFirstLoad && !rows.error && rows.total === 0;
  const hasFilter = sizeOf(state.filter) > 0;

  if (isPhone) {
    return (
      <>
        <Suspense fallback={<main className="phone" />}>
          <PhoneList resource={resource} state={state} rows={rows} columns={all} onOpen={open} onCreate={mayCreate ? create : undefined} />
        </Suspense>
        {state.isCreating ? (
          <Suspense>
            <CreateForm resource={resource} onClose={() => state.set({ new: undefined })} onOpen={show} />
          </Suspense>
        ) : null}
      </>
    );
  }
  return (
    <>
      <main className="sheet main" id="content" ref={ref}>
        <TopBar icon={<ResourceIcon name={resource.icon} />} crumbs={[{ text: resource.label[words.language][1] }]}>
          {resource.trash ? (
            <Menu position="bottom-end">
              <Menu.Target>
                <ActionIcon aria-label={t("do.more")}>
                  <IconDots size={16} stroke={1.75} />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item leftSection={<IconTrash size={16} stroke={1.75} />} onClick={trash}>
                  {t("trash.trash")}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          ) : null}
          {newButton}
        </TopBar>
        <ViewTabs resource={resource} state={state} />
        <div className="filter-bar">
          <div className="filter-chips">
            <FilterChips filter={state.filter} columns={all} onChange={(filter) => state.set({ filter })} />
          </div>
          <JumpTo columns={all} state={state} rows={rows} />
          <ListTools resource={resource} columns={all} state={state} isNarrow={isNarrow} />
        </div>
        <div className="list-body">
          {rows.error ? (
            <EmptyState
              title={t("empty.failed")}
              text={sentenceOf(rows.error)}
              actions={<Button onClick={rows.refetch}>{t("do.retry")}</Button>}
            />
          ) : rows.isFirstLoad ? (
            <SkeletonRows rows={20} />
          ) : isNone && hasFilter ? (
            <NoMatch resource={resource} state={state} columns={all} />
          ) : isNone ? (
            <EmptyState
              drawing="table"
              title={t("empty.none", { many: many(resource) })}
              text={t("empty.none_why")}
              actions={
                mayCreate ? (
                  <Button size="md" variant="filled" leftSection={<IconPlus size={16} stroke={1.75} />} onClick={create}>
                    {t("do.new", { one: one(resource) })}
                  </Button>
                ) : undefined
              }
            />
          ) : (
            <Grid
              key={resource.name}
              resource={resource}
              rows={rows}
              columns={columns}
              all={all}
              sort={state.sort}
              onSort={(sort) => state.set({ sort })}
              onHide={(key) => state.set({ columns: state.columns.filter((one) => one !== key).join(",") })}
              selecting={selecting}
              openId={state.openId}
              onOpen={open}
              news={news}
              memoryKey={`${resource.name} ${JSON.stringify(query)}`}
              mayEdit={(record) => may("edit", resource, resource.owner ? record[resource.owner] : null)}
              footer={(isEditing) => <Footer rows={rows} isEditing={isEditing} />}
            />
          )}
          {selecting.isAny && rows.total ? (
            <Suspense>
              <BulkBar resource={resource} rows={rows} query={query} columns={all} selecting={selecting} />
            </Suspense>
          ) : null}
        </div>
      </main>
      {state.openId ? (
        <Suspense fallback={<aside className="sheet peek" />}>
          <Peek resource={resource} state={state} rows={rows} />
        </Suspense>
      ) : null}
      {state.isCreating ? (
        <Suspense>
          <CreateForm resource={resource} onClose={() => state.set({ new: undefined })} onOpen={show} />
        </Suspense>
      ) : null}
    </>
  );
}

/** Totals over the whole filter, and while a cell is edited its keys. */
function Footer({ rows, isEditing }: { readonly rows: ReturnType<typeof useRows>; readonly isEditing: boolean }) {
  const { t, number } = useWords();
  const total = rows.total ?? 0;
  return (
    <>
      <span className="foot-first">
        <span className="foot-label">{t("list.footer_count")}</span>
        <span className="foot-figure">{rows.isEstimate ? t("list.about", { n: total }) : number(total)}</span>
      </span>
      {isEditing ? (
        <span className="foot-keys">
          <Key keys="Enter" /> {t("keys.save")}
          <Key keys="Tab" /> {t("keys.next")}
          <Key keys="Esc" /> {t("keys.cancel")}
        </span>
      ) : null}
    </>
  );
}

type NoMatchProps = {
  readonly resource: Resource;
  readonly state: ReturnType<typeof useListState>;
  readonly columns: ReturnType<typeof useColumns>;
};

function NoMatch({ resource, state, columns }: NoMatchProps) {
  const { t, one, label } = useWords();
  const group = groupOf(state.filter);
  const last = group.items.at(-1);
  const column = last && "leaf" in last ? columns.find(({ key }) => key === last.leaf.field) : undefined;
  const word = group.items.length === 1 ? "empty.no_match_one" : group.join === "all" ? "empty.no_match" : "empty.no_match_any";
  return (
    <EmptyState
      title={t(word, { one: one(resource) })}
      text={t("empty.no_match_why")}
      actions={
        <>
          <Button size="md" onClick={() => state.set({ filter: null })}>
            {t("filter.clear")}
          </Button>
          {column && group.items.length > 1 && last && "leaf" in last ? (
            <Button size="md" variant="subtle" onClick={() => state.set({ filter: criteriaOf(without(group, group.items.length - 1)) })}>
              {t("filter.remove_named", { text: `${label(column.field.label)} ${t(`op.${last.leaf.op}`)}` })}
            </Button>
          ) : null}
        </>
      }
    />
  );
}
