import { useMediaQuery } from "@mantine/hooks";
import { Outlet, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { Asking } from "../kit/dialogs.tsx";
import { useIsOnline } from "../kit/live.ts";
import { useShortcuts } from "../kit/shortcuts.ts";
import { Toasts } from "../kit/toasts.tsx";
import { undoLast } from "../kit/undo.ts";
import { useWords } from "../kit/words.ts";
import { recordResources } from "../records/columns.ts";
import { BottomBar } from "./bottom-bar.tsx";
import { openPalette, showShortcuts, usePaletteState } from "./palette-state.ts";
import { Rail } from "./rail.tsx";

const Palette = lazy(() => import("./palette.tsx").then((module) => ({ default: module.Palette })));
const Checklist = lazy(() =>
  Promise.all([import("../identity/checklist.tsx"), import("../kit/words/identity.ts")]).then(([module]) => ({
    default: module.Checklist,
  })),
);
const ShortcutSheet = lazy(() => import("./shortcut-sheet.tsx").then((module) => ({ default: module.ShortcutSheet })));

/** The frame around every screen: the rail on the table, sheets beside it. */
export function Shell() {
  const { t, language } = useWords();
  const navigate = useNavigate();
  const isPhone = useMediaQuery("(max-width: 760px)", false, { getInitialValueInEffect: false });
  const isOnline = useIsOnline();
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  // The palette answers within a frame, so its code is there before it is asked for.
  useEffect(() => void import("./palette.tsx"), []);
  const everywhere = "keys.everywhere" as const;
  useShortcuts([
    { keys: "Mod k", what: t("keys.palette"), group: everywhere, run: () => openPalette(), always: true },
    { keys: "/", what: t("keys.search"), group: everywhere, run: () => openPalette() },
    { keys: "?", what: t("keys.help"), group: everywhere, run: () => showShortcuts() },
    { keys: "Mod z", what: t("keys.undo"), group: everywhere, run: undoLast },
    ...lettersOf(language).map(([letter, resource]) => ({
      keys: `g ${letter}`,
      what: t("keys.go", { name: resource.label[language][1] }),
      group: everywhere,
      run: () => void navigate({ to: "/$resource", params: { resource: resource.name } }),
    })),
    { keys: "g s", what: t("keys.go", { name: t("nav.settings") }), group: everywhere, run: () => void navigate({ href: "/settings" }) },
  ]);
  return (
    <div className="shell" data-phone={isPhone || undefined}>
      <a className="skip" href="#content">
        {t("nav.skip")}
      </a>
      {isPhone ? null : <Rail />}
      <div className="sheets">
        <Outlet />
        <Toasts />
        {isPhone ? null : (
          <Suspense>
            <Checklist />
          </Suspense>
        )}
        {isOnline ? null : (
          <div className="offline" role="status">
            {t("live.offline")}
          </div>
        )}
      </div>
      {isPhone ? <BottomBar /> : null}
      <Asking />
      <Overlays />
    </div>
  );
}

/** What opens above the screen; the screen itself does not render again for it. */
function Overlays() {
  const { isOpen, isSheetOpen } = usePaletteState();
  return (
    <>
      {isOpen ? (
        <Suspense>
          <Palette />
        </Suspense>
      ) : null}
      {isSheetOpen ? (
        <Suspense>
          <ShortcutSheet />
        </Suspense>
      ) : null}
    </>
  );
}

/** The letter after `G` for each resource: the first of its name that no other has. */
export function lettersOf(language: "en" | "de"): readonly (readonly [string, (typeof recordResources)[number]])[] {
  const taken = new Set(["s"]);
  return recordResources.flatMap((resource) => {
    const name = resource.label[language][1].toLowerCase();
    const letter = [...name].find((one) => /[a-z]/.test(one) && !taken.has(one));
    if (!letter) return [];
    taken.add(letter);
    return [[letter, resource] as const];
  });
}
