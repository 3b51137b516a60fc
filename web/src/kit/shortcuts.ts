import { useEffect, useRef, useSyncExternalStore } from "react";
import type { Word } from "./words.ts";

/** A shortcut of the moment: how it is typed (`Mod k`, `g c`, `?`), what it does, and under which heading it is listed. */
export type Shortcut = {
  readonly keys: string;
  readonly what: string;
  readonly group: Word;
  readonly run?: () => void;
  /** Works while somebody types, too. */
  readonly always?: boolean;
};

const active = new Set<{ current: readonly Shortcut[] }>();
const listeners = new Set<() => void>();
let shown: readonly Shortcut[] = [];
let prefix = "";
let prefixTimer: ReturnType<typeof setTimeout> | undefined;

/** These shortcuts work, and are listed under `?`, while the component is shown. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    active.add(latest);
    changed();
    return () => {
      active.delete(latest);
      changed();
    };
  }, []);
  // Another language, another list under `?`.
  const listed = shortcuts.map(({ keys, what }) => keys + what).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: told again when what is listed changes.
  useEffect(changed, [listed]);
}

/** Every shortcut of this screen. */
export const useActiveShortcuts = (): readonly Shortcut[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => shown,
  );

function changed(): void {
  shown = [...active].flatMap(({ current }) => current);
  for (const listener of listeners) listener();
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
  !target.matches("[type=checkbox]");

export function nameOfKey(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const parts = [event.metaKey || event.ctrlKey ? "Mod" : "", event.shiftKey && event.key.length > 1 ? "Shift" : "", key];
  return parts.filter(Boolean).join(" ");
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  const typing = isTyping(event.target);
  const inDialog = document.querySelector("[role=dialog][aria-modal=true]") !== null;
  const typed = nameOfKey(event);
  const wanted = prefix ? `${prefix} ${typed}` : typed;
  const all = [...active].flatMap(({ current }) => current).reverse();
  const found = all.find(({ keys, run, always }) => run && keys === wanted && (always || (!typing && !inDialog)));
  prefix = "";
  if (found) {
    event.preventDefault();
    found.run?.();
  } else if (!typing && !inDialog && all.some(({ keys }) => keys.startsWith(`${typed} `))) {
    prefix = typed;
    clearTimeout(prefixTimer);
    prefixTimer = setTimeout(() => {
      prefix = "";
    }, 1_200);
  }
}

document.addEventListener("keydown", onKey);
