import {
  IconApi,
  IconBuilding,
  IconDeviceLaptop,
  IconForms,
  IconKey,
  IconLock,
  IconShield,
  IconTag,
  IconTrash,
  IconUser,
  IconUsers,
  IconUsersGroup,
  type TablerIcon,
} from "@tabler/icons-react";
import { type ComponentType, lazy } from "react";
import type { NamedRight } from "../../../src/domain/access/access.ts";
import type { Word } from "../kit/words.ts";

export type Section = {
  readonly key: string;
  readonly word: Word;
  /** What one may type to find it, parted by commas. */
  readonly finds: Word;
  readonly group: Group;
  readonly Icon: TablerIcon;
  /** The right without which it is not there at all. */
  readonly right?: NamedRight;
  readonly View: ComponentType;
};

export const groups = ["settings.you", "settings.workspace", "settings.data", "settings.developers"] as const satisfies readonly Word[];
type Group = (typeof groups)[number];

/** Every page of the settings, in the order of the list beside them. */
export const sections: readonly Section[] = [
  {
    key: "profile",
    word: "settings.profile",
    finds: "settings.profile_finds",
    group: "settings.you",
    Icon: IconUser,
    View: page(() => import("./profile.tsx").then((module) => module.Profile)),
  },
  {
    key: "security",
    word: "settings.security",
    finds: "settings.security_finds",
    group: "settings.you",
    Icon: IconLock,
    View: page(() => import("./security.tsx").then((module) => module.Security)),
  },
  {
    key: "sessions",
    word: "settings.sessions",
    finds: "settings.sessions_finds",
    group: "settings.you",
    Icon: IconDeviceLaptop,
    View: page(() => import("./sessions.tsx").then((module) => module.Sessions)),
  },
  {
    key: "workspace",
    word: "settings.general",
    finds: "settings.general_finds",
    group: "settings.workspace",
    Icon: IconBuilding,
    right: "workspace.manage",
    View: page(() => import("./workspace.tsx").then((module) => module.WorkspaceSettings)),
  },
  {
    key: "members",
    word: "settings.members",
    finds: "settings.members_finds",
    group: "settings.workspace",
    Icon: IconUsers,
    View: page(() => import("./members.tsx").then((module) => module.Members)),
  },
  {
    key: "teams",
    word: "settings.teams",
    finds: "settings.teams_finds",
    group: "settings.workspace",
    Icon: IconUsersGroup,
    View: page(() => import("./teams.tsx").then((module) => module.Teams)),
  },
  {
    key: "roles",
    word: "settings.roles",
    finds: "settings.roles_finds",
    group: "settings.workspace",
    Icon: IconShield,
    View: page(() => import("./roles.tsx").then((module) => module.Roles)),
  },
  {
    key: "single-sign-on",
    word: "settings.sign_on",
    finds: "settings.sign_on_finds",
    group: "settings.workspace",
    Icon: IconKey,
    right: "workspace.manage",
    View: page(() => import("./single-sign-on.tsx").then((module) => module.SingleSignOn)),
  },
  {
    key: "fields",
    word: "settings.fields",
    finds: "settings.fields_finds",
    group: "settings.data",
    Icon: IconForms,
    right: "fields.manage",
    View: page(() => import("./fields.tsx").then((module) => module.Fields)),
  },
  {
    key: "tags",
    word: "settings.tags",
    finds: "settings.tags_finds",
    group: "settings.data",
    Icon: IconTag,
    View: page(() => import("./tags.tsx").then((module) => module.Tags)),
  },
  {
    key: "trash",
    word: "settings.trash",
    finds: "settings.trash_finds",
    group: "settings.data",
    Icon: IconTrash,
    View: page(() => import("./trash.tsx").then((module) => module.Trash)),
  },
  {
    key: "keys",
    word: "settings.keys",
    finds: "settings.keys_finds",
    group: "settings.developers",
    Icon: IconApi,
    right: "keys.manage",
    View: page(() => import("./keys.tsx").then((module) => module.Keys)),
  },
];

/** A page that is fetched when it is first looked at. */
function page(load: () => Promise<ComponentType>): ComponentType {
  return lazy(async () => ({ default: await load() }));
}
