import { Menu, Tooltip } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconHelpCircle, IconSearch, IconSelector, IconSettings } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { perform } from "../kit/api.ts";
import { Avatar } from "../kit/avatar.tsx";
import { ResourceIcon } from "../kit/icons.tsx";
import { useMay, useSession } from "../kit/session.ts";
import { Key } from "../kit/signs.tsx";
import { refuse } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";
import { recordResources } from "../records/columns.ts";
import { MeMenu } from "./me-menu.tsx";
import { openPalette, showShortcuts } from "./palette-state.ts";

/** The way to everything: workspace, search, the resources of the catalogue, settings and oneself. */
export function Rail() {
  const { t, language } = useWords();
  const may = useMay();
  const { member } = useSession();
  const isNarrow = useMediaQuery("(max-width: 1100px)", false, { getInitialValueInEffect: false });
  return (
    <nav className="rail" aria-label={t("nav.main")} data-narrow={isNarrow || undefined}>
      <WorkspaceMenu />
      <button type="button" className="rail-search" aria-label={t("nav.search")} onClick={() => openPalette()}>
        <IconSearch size={16} stroke={1.75} aria-hidden />
        <span className="rail-word">{t("nav.search")}</span>
        <Key keys="/" />
      </button>
      <div className="rail-label">{t("nav.records")}</div>
      {recordResources
        .filter((resource) => may("view", resource, member?.id ?? ""))
        .map((resource) => (
          <RailItem
            key={resource.name}
            to={`/${resource.name}`}
            icon={<ResourceIcon name={resource.icon} />}
            text={resource.label[language][1]}
            isNarrow={isNarrow}
          />
        ))}
      <span className="grow" />
      <RailItem to="/settings" icon={<IconSettings size={16} stroke={1.75} aria-hidden />} text={t("nav.settings")} isNarrow={isNarrow} />
      <div className="rail-me">
        <MeMenu>
          <button type="button" className="rail-item rail-item-me" aria-label={member?.name ?? t("me.you")}>
            <Avatar id={member?.id ?? ""} name={member?.name ?? "?"} size={18} />
            <span className="rail-word">{member?.name ?? t("me.you")}</span>
          </button>
        </MeMenu>
        <Tooltip label={t("nav.shortcuts")}>
          <button type="button" className="icon-button rail-help" aria-label={t("nav.shortcuts")} onClick={() => showShortcuts()}>
            <IconHelpCircle size={16} stroke={1.75} />
          </button>
        </Tooltip>
      </div>
    </nav>
  );
}

type ItemProps = { readonly to: string; readonly icon: ReactNode; readonly text: string; readonly isNarrow: boolean };

function RailItem({ to, icon, text, isNarrow }: ItemProps) {
  return (
    <Tooltip label={text} position="right" disabled={!isNarrow}>
      <Link
        className="rail-item"
        to={to}
        activeOptions={{ exact: false, includeSearch: false }}
        preload="intent"
        aria-label={isNarrow ? text : undefined}
      >
        {icon}
        <span className="rail-word">{text}</span>
      </Link>
    </Tooltip>
  );
}

function WorkspaceMenu() {
  const { t } = useWords();
  const client = useQueryClient();
  const { workspace, workspaces } = useSession();
  const go = async (id: string) => {
    try {
      await perform("auth.switch_workspace", { workspace_id: id });
      client.clear();
      location.assign("/");
    } catch (error) {
      refuse(error);
    }
  };
  return (
    <Menu position="bottom-start" width={216}>
      <Menu.Target>
        <button type="button" className="rail-workspace" aria-label={`${workspace.name}: ${t("nav.workspaces")}`}>
          <img src="/rapport.svg" width={20} height={20} alt="" />
          <span className="rail-word">{workspace.name}</span>
          <IconSelector className="rail-selector" size={16} stroke={1.75} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("nav.workspaces")}</Menu.Label>
        {(workspaces.length ? workspaces : [{ ...workspace, is_current: true }]).map(({ id, name, is_current }) => (
          <Menu.Item
            key={id}
            leftSection={<Avatar id={id} name={name} isPerson={false} />}
            rightSection={is_current ? "✓" : null}
            onClick={() => (is_current ? undefined : void go(id))}
          >
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
