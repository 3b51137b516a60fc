import { ActionIcon, Button, Menu, Select, TextInput } from "@mantine/core";
import { IconDots, IconPlus, IconSearch, IconUserCheck, IconUserOff } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { fold } from "../../../src/domain/kit/fold.ts";
import { perform } from "../kit/api.ts";
import { Avatar } from "../kit/avatar.tsx";
import { ask, Sheet } from "../kit/dialogs.tsx";
import { useSession } from "../kit/session.ts";
import { refuse, tell } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";
import { Invitations } from "./invitations.tsx";
import { InviteForm } from "./invite-form.tsx";
import { type Member, membersKey, useAllMembers } from "./members-data.ts";
import { NoRows } from "./parts.tsx";
import { useRoles } from "./role-names.ts";
import { PageActions } from "./settings.tsx";
import { TeamPicker } from "./team-picker.tsx";

const FIRST = 100;

/** Who belongs to the workspace, with which role, in which teams. */
export function Members() {
  const { t } = useWords();
  const { role } = useSession();
  const mayManage = role.rights.includes("members.manage");
  const { data: members = [] } = useAllMembers();
  const [text, setText] = useState("");
  const [most, setMost] = useState(FIRST);
  const [isInviting, setInviting] = useState(false);
  const wanted = fold(text.trim());
  const found = members.filter(({ name, email }) => fold(`${name} ${email}`).includes(wanted));
  return (
    <>
      {mayManage ? (
        <PageActions>
          <Button variant="filled" leftSection={<IconPlus size={14} stroke={2} />} onClick={() => setInviting(true)}>
            {t("members.invite")}
          </Button>
        </PageActions>
      ) : null}
      <div className="settings-tools">
        <TextInput
          type="search"
          size="xs"
          placeholder={t("members.search")}
          aria-label={t("members.search")}
          leftSection={<IconSearch size={14} stroke={2} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <span className="quiet">{t("members.count", { n: found.length })}</span>
      </div>
      <table className="set-list members" aria-label={t("settings.members")}>
        <thead>
          <tr>
            <th>{t("members.name")}</th>
            <th>{t("members.role")}</th>
            <th>{t("members.teams")}</th>
            <th>{t("members.status")}</th>
            <th>
              <span className="sr-only">{t("do.more")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {found.slice(0, most).map((member) => (
            <MemberRow key={member.id} member={member} mayManage={mayManage} />
          ))}
        </tbody>
      </table>
      {found.length === 0 && wanted ? <NoRows>{t("members.none_found", { text })}</NoRows> : null}
      {found.length > most ? (
        <div className="set-list-more">
          <Button variant="subtle" onClick={() => setMost(most + FIRST)}>
            {t("do.load_more")}
          </Button>
        </div>
      ) : null}
      {mayManage ? <Invitations /> : null}
      <Sheet title={t("members.invite_title")} isOpen={isInviting} onClose={() => setInviting(false)} size={520}>
        <p className="dialog-text">{t("members.invite_text")}</p>
        <InviteForm />
      </Sheet>
    </>
  );
}

function MemberRow({ member, mayManage }: { readonly member: Member; readonly mayManage: boolean }) {
  const { t } = useWords();
  const client = useQueryClient();
  const roles = useRoles();
  const me = useSession().member?.id === member.id;
  const [isBusy, setBusy] = useState(false);
  const isActive = member.status === "active";
  const roleName = roles.find(({ key }) => key === member.role)?.name ?? member.role;
  const write = async (run: () => Promise<unknown>, done: string) => {
    setBusy(true);
    try {
      await run();
      await Promise.all([client.invalidateQueries({ queryKey: membersKey }), client.invalidateQueries({ queryKey: ["me"] })]);
      tell(done);
    } catch (error) {
      refuse(error);
    } finally {
      setBusy(false);
    }
  };
  const change = (data: Readonly<Record<string, unknown>>, done: string) =>
    write(() => perform("members.update", { id: member.id, data }, { ifMatch: member.version }), done);
  const suspend = () =>
    ask({
      title: t("members.suspend_ask", { name: member.name }),
      text: t("members.suspend_why"),
      verb: t("members.suspend_do", { name: member.name }),
      isDestructive: true,
      run: async () => {
        await perform("members.suspend", { id: member.id });
        await client.invalidateQueries({ queryKey: membersKey });
        tell(t("members.suspended", { name: member.name }));
      },
    });
  return (
    <tr data-off={!isActive || undefined}>
      <td className="set-first">
        <span className="member-name">
          <Avatar id={member.id} name={member.name} size={24} />
          <span className="set-row-words">
            <span className="set-row-name">
              {member.name}
              {me ? <span className="set-row-you">{t("me.you")}</span> : null}
            </span>
            <span className="set-row-text">{member.email}</span>
          </span>
        </span>
      </td>
      <td data-label={t("members.role")}>
        {mayManage ? (
          <Select
            size="xs"
            aria-label={t("members.role_of", { name: member.name })}
            allowDeselect={false}
            disabled={isBusy}
            data={roles.map(({ key, name }) => ({ value: key, label: name }))}
            value={member.role}
            onChange={(role) => {
              const to = roles.find(({ key }) => key === role);
              if (to && role !== member.role) void change({ role }, t("members.role_changed", { name: member.name, role: to.name }));
            }}
          />
        ) : (
          roleName
        )}
      </td>
      <td data-label={t("members.teams")}>
        <TeamPicker
          member={member}
          isOff={!mayManage || isBusy}
          onChange={(teams) => void change({ teams }, t("members.teams_changed", { name: member.name }))}
        />
      </td>
      <td data-label={t("members.status")}>
        <span className="status" data-tone={isActive ? "neutral" : "warn"}>
          {t(isActive ? "members.active" : "members.is_suspended")}
        </span>
      </td>
      <td className="set-list-end">
        {mayManage ? (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon aria-label={t("members.more", { name: member.name })}>
                <IconDots size={16} stroke={1.75} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {isActive ? (
                <Menu.Item color="red" leftSection={<IconUserOff size={16} stroke={1.75} />} onClick={suspend}>
                  {t("members.suspend")}
                </Menu.Item>
              ) : (
                <Menu.Item
                  leftSection={<IconUserCheck size={16} stroke={1.75} />}
                  onClick={() =>
                    void write(() => perform("members.reactivate", { id: member.id }), t("members.reactivated", { name: member.name }))
                  }
                >
                  {t("members.reactivate")}
                </Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
        ) : null}
      </td>
    </tr>
  );
}
