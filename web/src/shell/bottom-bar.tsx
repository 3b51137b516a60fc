import { IconMenu2, IconSearch, IconSettings } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { ResourceIcon } from "../kit/icons.tsx";
import { useMay, useSession } from "../kit/session.ts";
import { useWords } from "../kit/words.ts";
import { recordResources } from "../records/columns.ts";
import { MeMenu } from "./me-menu.tsx";
import { openPalette } from "./palette-state.ts";

const settings: { readonly to: string } = { to: "/settings" };

/** The rail of a phone. */
export function BottomBar() {
  const { t, language } = useWords();
  const may = useMay();
  const { member } = useSession();
  const shown = recordResources.filter((resource) => may("view", resource, member?.id ?? "")).slice(0, 2);
  return (
    <nav className="bottom-bar" aria-label={t("nav.main")}>
      {shown.map((resource) => (
        <Link
          key={resource.name}
          className="bottom-item"
          to="/$resource"
          params={{ resource: resource.name }}
          activeOptions={{ includeSearch: false }}
        >
          <ResourceIcon name={resource.icon} size={24} />
          {resource.label[language][1]}
        </Link>
      ))}
      <button type="button" className="bottom-item" onClick={() => openPalette()}>
        <IconSearch size={24} stroke={1.5} aria-hidden />
        {t("nav.search_short")}
      </button>
      <Link className="bottom-item" {...settings}>
        <IconSettings size={24} stroke={1.5} aria-hidden />
        {t("nav.settings")}
      </Link>
      <MeMenu>
        <button type="button" className="bottom-item">
          <IconMenu2 size={24} stroke={1.5} aria-hidden />
          {t("nav.more")}
        </button>
      </MeMenu>
    </nav>
  );
}
