import { ActionIcon, Button, Menu, SegmentedControl, TextInput, Tooltip } from "@mantine/core";
import { IconDots, IconPlus, IconTrash } from "@tabler/icons-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { hasRight } from "../../../../src/domain/access/access.ts";
import type { Resource } from "../../../../src/domain/kit/resource.ts";
import { views as declaration, type View } from "../../../../src/domain/views/view.ts";
import { ask, DialogActions, Sheet } from "../../kit/dialogs.tsx";
import { useSession } from "../../kit/session.ts";
import { refuse, tell } from "../../kit/toasts.tsx";
import { useWords } from "../../kit/words.ts";
import { type ListState, useViewWrites } from "../list-state.ts";

type Props = { readonly resource: Resource; readonly state: ListState };

/** The views of a list as tabs, and at their end what to do with a changed one. */
export function ViewTabs({ resource, state }: Props) {
  const { t, many } = useWords();
  const [isNaming, setNaming] = useState(false);
  const tabs: readonly (View | null)[] = [null, ...state.views];
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = tabs.findIndex((view) => view?.id === state.view?.id);
    const next = (at + step + tabs.length) % tabs.length;
    state.show(tabs[next] ?? null);
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[next]?.focus();
  };
  return (
    <div className="view-bar">
      <div className="view-tabs" role="tablist" aria-label={t("view.views")} ref={list} onKeyDown={onKeyDown}>
        {tabs.map((view) => {
          const isActive = view?.id === state.view?.id;
          return (
            <button
              key={view?.id ?? "all"}
              type="button"
              role="tab"
              aria-selected={isActive}
              tabIndex={isActive ? 0 : -1}
              className="view-tab"
              onClick={() => state.show(view)}
            >
              {view?.name ?? t("list.all", { many: many(resource) })}
              {isActive && state.isChanged ? <span className="view-dot" role="img" aria-label={t("view.unsaved")} /> : null}
            </button>
          );
        })}
      </div>
      <Tooltip label={t("view.new")}>
        <ActionIcon aria-label={t("view.new")} onClick={() => setNaming(true)}>
          <IconPlus size={16} stroke={1.75} />
        </ActionIcon>
      </Tooltip>
      <span className="grow" />
      {state.isChanged ? (
        <Changed resource={resource} state={state} onSaveNew={() => setNaming(true)} />
      ) : state.view ? (
        <ViewMenu resource={resource} state={state} view={state.view} />
      ) : null}
      {isNaming ? <NewView resource={resource} state={state} onClose={() => setNaming(false)} /> : null}
    </div>
  );
}

function useMayWrite(): (view: View) => boolean {
  const { member, role, team, workspace } = useSession();
  const actor = { tenant_id: workspace.id, member_id: member?.id ?? null, user_id: null, key_id: null, role, team };
  return (view) => view.owner_id === member?.id || hasRight(actor, "views.share");
}

function Changed({ resource, state, onSaveNew }: Props & { readonly onSaveNew: () => void }) {
  const { t } = useWords();
  const { update } = useViewWrites(resource);
  const mayWrite = useMayWrite();
  const { view } = state;
  const save = async () => {
    if (!view) return;
    try {
      await update(view, { filter: state.filter, sort: state.sort, columns: state.columns });
      state.show(view);
      tell(t("view.saved", { name: view.name }));
    } catch (error) {
      refuse(error);
    }
  };
  const word = { private: "view.save", team: "view.save_team", all: "view.save_all" } as const;
  return (
    <div className="view-changed">
      <span className="view-changed-text">{t("view.changed")}</span>
      <Button variant="subtle" onClick={state.reset}>
        {t("view.reset")}
      </Button>
      <Button variant={view ? "subtle" : "default"} size={view ? "sm" : "xs"} onClick={onSaveNew}>
        {t("view.save_new")}
      </Button>
      {view && mayWrite(view) ? (
        <Button size="xs" onClick={() => void save()}>
          {t(word[view.visibility])}
        </Button>
      ) : null}
    </div>
  );
}

function ViewMenu({ resource, state, view }: Props & { readonly view: View }) {
  const { t, many } = useWords();
  const { remove } = useViewWrites(resource);
  const mayWrite = useMayWrite();
  if (!mayWrite(view)) return null;
  const drop = () =>
    ask({
      title: t("view.delete_ask", { name: view.name }),
      text: t("view.delete_why", { many: many(resource) }),
      verb: t("view.delete"),
      isDestructive: true,
      run: async () => {
        state.show(null);
        await remove(view);
        tell(t("view.deleted", { name: view.name }));
      },
    });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={t("do.more")}>
          <IconDots size={16} stroke={1.75} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item color="red" leftSection={<IconTrash size={16} stroke={1.75} />} onClick={drop}>
          {t("view.delete")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function NewView({ resource, state, onClose }: Props & { readonly onClose: () => void }) {
  const { t, label } = useWords();
  const { create } = useViewWrites(resource);
  const [name, setName] = useState("");
  const [visibility, setVisibility] = useState<View["visibility"]>("private");
  const [isRunning, setRunning] = useState(false);
  const save = async () => {
    setRunning(true);
    try {
      const view = await create({ name: name.trim(), filter: state.filter, sort: state.sort, columns: state.columns, visibility });
      onClose();
      state.show(view);
      tell(t("view.saved", { name: view.name }));
    } catch (error) {
      refuse(error);
    } finally {
      setRunning(false);
    }
  };
  return (
    <Sheet title={t("view.new")} isOpen onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextInput
          label={t("view.name")}
          placeholder={t("view.name_example")}
          data-autofocus
          required
          withAsterisk={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <div>
          <div className="field-label">{t("view.for")}</div>
          <SegmentedControl
            aria-label={t("view.for")}
            value={visibility}
            onChange={(value) => setVisibility(value as View["visibility"])}
            data={(declaration.fields.visibility.options ?? []).map((option) => ({ value: option.value, label: label(option.label) }))}
          />
        </div>
        <DialogActions>
          <Button size="md" onClick={onClose}>
            {t("do.cancel")}
          </Button>
          <Button size="md" type="submit" variant="filled" loading={isRunning} disabled={!name.trim()}>
            {t("do.save")}
          </Button>
        </DialogActions>
      </form>
    </Sheet>
  );
}
