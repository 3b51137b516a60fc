import { ActionIcon, Button, Menu, Select, TextInput } from "@mantine/core";
import { IconDots, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useSubmission } from "../identity/submission.ts";
import { perform } from "../kit/api.ts";
import { Avatar } from "../kit/avatar.tsx";
import { ask, DialogActions, Sheet } from "../kit/dialogs.tsx";
import { EmptyState } from "../kit/empty-state.tsx";
import { useSession } from "../kit/session.ts";
import { tell } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";
import { type Member, membersKey, type Team, teamsKey, useAllMembers, useAllTeams } from "./members-data.ts";
import { PageActions } from "./settings.tsx";
import { inTreeOrder, pathsOf, withinTeam } from "./team-tree.ts";

type Editing = { readonly team: Team | null; readonly parent: string | null };

/** The tree of teams; a right over a team reaches every team below it. */
export function Teams() {
  const { t } = useWords();
  const { role } = useSession();
  const mayManage = role.rights.includes("teams.manage");
  const { data: teams } = useAllTeams();
  const { data: members = [] } = useAllMembers();
  const [editing, setEditing] = useState<Editing | null>(null);
  const create = (parent: string | null = null) => setEditing({ team: null, parent });
  const inTeam = (id: string) =>
    members.filter((member) => ((member.teams ?? []) as readonly { id: string }[]).some((link) => link.id === id));
  const add = (
    <Button variant="filled" leftSection={<IconPlus size={14} stroke={2} />} onClick={() => create()}>
      {t("teams.new")}
    </Button>
  );
  return (
    <>
      {mayManage && teams?.length ? <PageActions>{add}</PageActions> : null}
      {teams?.length === 0 ? (
        <EmptyState title={t("teams.none")} text={t("teams.none_why")} actions={mayManage ? add : null} />
      ) : (
        <div className="settings-narrow">
          <p className="settings-intro">{t("teams.text")}</p>
          <ul className="set-rows">
            {inTreeOrder(teams ?? []).map(({ team, depth }) => (
              <li className="set-row team-row" key={team.id} style={{ paddingInlineStart: depth * 24 }} data-depth={depth || undefined}>
                <TeamWords team={team} depth={depth} members={inTeam(team.id)} />
                {mayManage ? (
                  <TeamMenu team={team} teams={teams ?? []} members={inTeam(team.id)} onEdit={setEditing} onAdd={create} />
                ) : null}
              </li>
            ))}
          </ul>
        </div>
      )}
      {editing ? (
        <TeamDialog key={editing.team?.id ?? "new"} editing={editing} teams={teams ?? []} onClose={() => setEditing(null)} />
      ) : null}
    </>
  );
}

function TeamWords({ team, depth, members }: { readonly team: Team; readonly depth: number; readonly members: readonly Member[] }) {
  const { t } = useWords();
  return (
    <>
      <span className="set-row-words">
        <span className="set-row-name">
          {depth ? <span className="sr-only">{t("teams.level", { n: depth + 1 })}</span> : null}
          {team.name}
        </span>
      </span>
      <span className="team-faces" aria-hidden>
        {members.slice(0, 5).map(({ id, name }) => (
          <Avatar key={id} id={id} name={name} size={24} />
        ))}
      </span>
      <span className="set-row-count">{t("members.count", { n: members.length })}</span>
    </>
  );
}

type MenuProps = {
  readonly team: Team;
  readonly teams: readonly Team[];
  readonly members: readonly Member[];
  readonly onEdit: (editing: Editing) => void;
  readonly onAdd: (parent: string) => void;
};

function TeamMenu({ team, teams, members, onEdit, onAdd }: MenuProps) {
  const { t } = useWords();
  const client = useQueryClient();
  const below = withinTeam(teams, team.id).size - 1;
  const remove = () =>
    ask({
      title: t("teams.delete_ask", { name: team.name }),
      text: [t("teams.delete_members", { n: members.length }), below ? t("teams.delete_below", { n: below }) : ""]
        .filter(Boolean)
        .join(" "),
      verb: t("teams.delete_do"),
      isDestructive: true,
      run: async () => {
        await perform("teams.delete", { id: team.id });
        await Promise.all([client.invalidateQueries({ queryKey: teamsKey }), client.invalidateQueries({ queryKey: membersKey })]);
        tell(t("teams.deleted", { name: team.name }));
      },
    });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={t("members.more", { name: team.name })}>
          <IconDots size={16} stroke={1.75} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPlus size={16} stroke={1.75} />} onClick={() => onAdd(team.id)}>
          {t("teams.new_below")}
        </Menu.Item>
        <Menu.Item leftSection={<IconPencil size={16} stroke={1.75} />} onClick={() => onEdit({ team, parent: team.parent_id })}>
          {t("teams.edit")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item color="red" leftSection={<IconTrash size={16} stroke={1.75} />} onClick={remove}>
          {t("teams.delete")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

type DialogProps = { readonly editing: Editing; readonly teams: readonly Team[]; readonly onClose: () => void };

/** Makes a team, or renames and moves one: never below itself. */
function TeamDialog({ editing: { team, parent }, teams, onClose }: DialogProps) {
  const { t } = useWords();
  const client = useQueryClient();
  const [name, setName] = useState(team?.name ?? "");
  const [above, setAbove] = useState(parent);
  const form = useSubmission(["name", "parent_id"]);
  const paths = pathsOf(teams);
  const within = team ? withinTeam(teams, team.id) : new Set<string>();
  const offered = inTreeOrder(teams).filter((one) => !within.has(one.team.id));
  const save = () =>
    form.submit(async () => {
      const data = { name, parent_id: above };
      if (team) await perform("teams.update", { id: team.id, data }, { ifMatch: team.version });
      else await perform("teams.create", { data });
      await Promise.all([client.invalidateQueries({ queryKey: teamsKey }), client.invalidateQueries({ queryKey: ["me"] })]);
      onClose();
      tell(t(team ? "teams.saved" : "teams.created", { name }));
    });
  return (
    <Sheet title={team ? t("teams.edit_title", { name: team.name }) : t("teams.new")} isOpen onClose={onClose}>
      <form
        className="dialog-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {form.sentence ? (
          <p className="settings-refusal" role="alert">
            {form.sentence}
          </p>
        ) : null}
        <TextInput
          label={t("members.name")}
          placeholder="Sales DACH"
          data-autofocus
          value={name}
          error={form.faultOf("name")}
          onChange={({ currentTarget: { value } }) => {
            form.correct("name");
            setName(value);
          }}
        />
        <Select
          label={t("teams.part_of")}
          placeholder={t("teams.top")}
          clearable
          clearButtonProps={{ "aria-label": t("do.clear") }}
          data={offered.map((one) => ({ value: one.team.id, label: paths.get(one.team.id) ?? one.team.name }))}
          value={above}
          error={form.faultOf("parent_id")}
          onChange={setAbove}
        />
        <DialogActions>
          <Button size="md" onClick={onClose}>
            {t("do.cancel")}
          </Button>
          <Button type="submit" size="md" variant="filled" loading={form.isBusy}>
            {t(team ? "teams.save" : "teams.create")}
          </Button>
        </DialogActions>
      </form>
    </Sheet>
  );
}
