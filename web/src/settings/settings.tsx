import { IconChevronLeft, IconChevronRight, IconSettings } from "@tabler/icons-react";
import { useParams } from "@tanstack/react-router";
import { createContext, type ReactNode, Suspense, use, useEffect, useState } from "react";
import { createPortal } from "react-dom";
import { PathLink } from "../identity/link.tsx";
import { EmptyState } from "../kit/empty-state.tsx";
import { useSession } from "../kit/session.ts";
import { useWords } from "../kit/words.ts";
import { Nav } from "./nav.tsx";
import { type Section, sections } from "./sections.ts";
import "./settings.css";

type Slots = { readonly actions: HTMLElement | null; readonly foot: HTMLElement | null };
const SlotsOfPage = createContext<Slots>({ actions: null, foot: null });

/** The settings: a searchable list at the left, the chosen page beside it. On a phone one or the other. */
export function Settings() {
  const { t } = useWords();
  const { section: key } = useParams({ strict: false }) as { section?: string };
  const { role } = useSession();
  const mine = sections.filter(({ right }) => !right || role.rights.includes(right));
  const section = mine.find((one) => one.key === (key ?? "profile")) ?? null;
  const [actions, setActions] = useState<HTMLElement | null>(null);
  const [foot, setFoot] = useState<HTMLElement | null>(null);
  useEffect(() => {
    document.title = `${section ? t(section.word) : t("nav.settings")} – ${t("app.name")}`;
  }, [section, t]);
  return (
    <main className="sheet main settings" id="content" data-list={key === undefined || undefined}>
      <header className="top-bar settings-top">
        <Breadcrumb section={section} isList={key === undefined} />
        <div className="settings-actions" ref={setActions} />
      </header>
      <Nav sections={mine} current={section} />
      <div className="settings-page">
        <div className="settings-scroll">
          {section ? (
            <SlotsOfPage value={{ actions, foot }}>
              <Suspense>
                <section.View key={section.key} />
              </Suspense>
            </SlotsOfPage>
          ) : (
            <EmptyState title={t("nav.not_found")} text={t("settings.not_yours")} />
          )}
        </div>
        <div className="settings-foot-slot" ref={setFoot} />
      </div>
    </main>
  );
}

/** On a phone the list of pages stands alone, and is what the heading names. */
function Breadcrumb({ section, isList }: { readonly section: Section | null; readonly isList: boolean }) {
  const { t } = useWords();
  return (
    <>
      <span className="top-icon settings-path-icon">
        <IconSettings size={16} stroke={1.75} aria-hidden />
      </span>
      {isList ? (
        <h1 className="crumb">{t("nav.settings")}</h1>
      ) : (
        <PathLink to="/settings" className="crumb settings-path-root">
          <IconChevronLeft className="settings-path-back" size={20} stroke={1.5} aria-hidden />
          {t("nav.settings")}
        </PathLink>
      )}
      {section ? (
        <>
          <IconChevronRight className="top-part" size={14} stroke={2} aria-hidden />
          {isList ? <span className="crumb-here">{t(section.word)}</span> : <h1 className="crumb-here">{t(section.word)}</h1>}
        </>
      ) : null}
      <span className="grow" />
    </>
  );
}

/** What a page puts into the top bar. */
export function PageActions({ children }: { readonly children: ReactNode }) {
  const { actions } = use(SlotsOfPage);
  return actions ? createPortal(children, actions) : null;
}

/** What a page puts below its content, where it stays while that scrolls. */
export function PageFoot({ children }: { readonly children: ReactNode }) {
  const { foot } = use(SlotsOfPage);
  return foot ? createPortal(<div className="settings-foot">{children}</div>, foot) : null;
}
