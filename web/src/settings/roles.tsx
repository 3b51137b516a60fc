import { ActionIcon, Button, Menu } from "@mantine/core";
import { IconCopy, IconDots, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { type KeyboardEvent, useRef, useState } from "react";
import { perform } from "../kit/api.ts";
import { ask } from "../kit/dialogs.tsx";
import { useSession } from "../kit/session.ts";
import { Key } from "../kit/signs.tsx";
import { refuse, tell } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";
import { HiddenFields } from "./hidden-fields.tsx";
import { Matrix } from "./matrix.tsx";
import { useAllMembers } from "./members-data.ts";
import { SaveBar } from "./parts.tsx";
import { RoleDialog } from "./role-dialog.tsx";
import { changesBetween, type Draft, draftOf, withDenied, withRight, withScope } from "./role-draft.ts";
import { type RoleChoice, rolesKey, useRoles } from "./role-names.ts";
import { PageActions, PageFoot } from "./settings.tsx";
import { SingleRights } from "./single-rights.tsx";

type Naming = { readonly role: RoleChoice | null; readonly from: RoleChoice };

/** The roles of the workspace: the ready-made ones to look at and copy, its own to change. */
export function Roles() {
  const { t } = useWords();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { item } = useParams({ strict: false }) as { item?: string };
  const mine = useSession().role;
  const mayManage = mine.rights.includes("roles.manage");
  const roles = useRoles();
  const { data: members = [] } = useAllMembers();
  const [drafts, setDrafts] = useState<Readonly<Record<string, Draft>>>({});
  const [naming, setNaming] = useState<Naming | null>(null);
  const [isBusy, setBusy] = useState(false);
  const role = roles.find(({ key }) => key === item) ?? roles.find(({ key }) => key === "rep") ?? roles[0];
  if (!role) return null;
  const stored = draftOf(role.role);
  const draft = drafts[role.key] ?? stored;
  const changes = changesBetween(stored, draft);
  const isFixed = role.own === null || !mayManage;
  const having = (key: string) => members.filter((member) => member.role === key).length;
  const set = (next: Draft) => setDrafts((before) => ({ ...before, [role.key]: next }));
  const forget = () => setDrafts(({ [role.key]: _, ...others }) => others);
  const choose = (key: string) => void navigate({ to: `/settings/roles/${key}` as string });
  const save = async () => {
    if (!role.own) return;
    setBusy(true);
    try {
      const { grants, rights, denied } = draft;
      await perform("roles.update", { id: role.own.id, data: { grants, rights, denied } }, { ifMatch: role.own.version });
      await Promise.all([client.invalidateQueries({ queryKey: rolesKey }), client.invalidateQueries({ queryKey: ["me"] })]);
      forget();
      tell(t("role.saved", { role: role.name }));
    } catch (error) {
      refuse(error);
    } finally {
      setBusy(false);
    }
  };
  const remove = ({ own, name, key }: RoleChoice) =>
    ask({
      title: t("role.delete_ask", { role: name }),
      text: t(having(key) ? "role.delete_in_use" : "role.delete_why", { n: having(key) }),
      verb: t("role.delete_do"),
      isDestructive: true,
      run: async () => {
        await perform("roles.delete", { id: own?.id }, own ? { ifMatch: own.version } : {});
        await client.invalidateQueries({ queryKey: rolesKey });
        choose("rep");
        tell(t("role.deleted", { role: name }));
      },
    });
  return (
    <>
      {mayManage ? (
        <PageActions>
          {role.own ? (
            <Menu position="bottom-end">
              <Menu.Target>
                <ActionIcon aria-label={t("members.more", { name: role.name })}>
                  <IconDots size={16} stroke={1.75} />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item leftSection={<IconPencil size={16} stroke={1.75} />} onClick={() => setNaming({ role, from: role })}>
                  {t("role.rename")}
                </Menu.Item>
                <Menu.Divider />
                <Menu.Item color="red" leftSection={<IconTrash size={16} stroke={1.75} />} onClick={() => remove(role)}>
                  {t("role.delete")}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          ) : null}
          <Button leftSection={<IconCopy size={14} stroke={2} />} onClick={() => setNaming({ role: null, from: role })}>
            {t("role.copy", { role: role.name })}
          </Button>
          <Button
            leftSection={<IconPlus size={14} stroke={2} />}
            onClick={() => setNaming({ role: null, from: roles.find(({ key }) => key === "read_only") ?? role })}
          >
            {t("role.new")}
          </Button>
        </PageActions>
      ) : null}
      <RoleCards roles={roles} chosen={role.key} having={having} onChoose={choose} />
      <Matrix
        key={role.key}
        role={role.name}
        stored={stored}
        draft={draft}
        isFixed={isFixed}
        onSet={(row, action, scope) => set(withScope(draft, row, action, scope))}
      />
      <SingleRights stored={stored} draft={draft} isFixed={isFixed} onToggle={(right) => set(withRight(draft, right))} />
      <HiddenFields
        stored={stored}
        draft={draft}
        isFixed={isFixed}
        onToggle={(resource, field) => set(withDenied(draft, resource, field))}
      />
      {changes ? (
        <SaveBar
          hint={<KeysOfMatrix />}
          text={`${t("settings.changes", { n: changes })}, ${t("role.affects", { n: having(role.key) })}`}
          verb={t("role.save")}
          isBusy={isBusy}
          onDiscard={forget}
          onSave={() => void save()}
        />
      ) : (
        <PageFoot>
          <div className="settings-foot-hint">{isFixed ? t(role.own ? "role.not_yours" : "role.fixed") : <KeysOfMatrix />}</div>
        </PageFoot>
      )}
      {naming ? <RoleDialog role={naming.role} from={naming.from} roles={roles} onClose={() => setNaming(null)} onMade={choose} /> : null}
    </>
  );
}

function KeysOfMatrix() {
  const { t } = useWords();
  return (
    <span className="matrix-keys">
      <Key keys="0" /> {t("scope.none").toLowerCase()}
      <Key keys="1" /> {t("scope.own").toLowerCase()}
      <Key keys="2" /> {t("scope.team").toLowerCase()}
      <Key keys="3" /> {t("scope.all").toLowerCase()}
    </span>
  );
}

type CardsProps = {
  readonly roles: readonly RoleChoice[];
  readonly chosen: string;
  readonly having: (key: string) => number;
  readonly onChoose: (key: string) => void;
};

function RoleCards({ roles, chosen, having, onChoose }: CardsProps) {
  const { t } = useWords();
  const group = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = roles.findIndex(({ key }) => key === chosen);
    const next = roles[(at + step + roles.length) % roles.length];
    if (!next) return;
    onChoose(next.key);
    group.current?.querySelector<HTMLElement>(`[data-key="${next.key}"]`)?.focus();
  };
  return (
    <div className="role-cards" role="radiogroup" aria-label={t("settings.roles")} ref={group} onKeyDown={onKeyDown}>
      {roles.map(({ key, name, own }) => (
        // biome-ignore lint/a11y/useSemanticElements: a whole card is chosen, not a dot beside a word.
        <button
          type="button"
          role="radio"
          key={key}
          data-key={key}
          className="role-card"
          aria-checked={key === chosen}
          tabIndex={key === chosen ? 0 : -1}
          onClick={() => onChoose(key)}
        >
          <span className="role-card-name">{name}</span>
          <span className="role-card-count">
            {t("members.count", { n: having(key) })}
            {own ? `, ${t("role.own")}` : ""}
          </span>
        </button>
      ))}
    </div>
  );
}
