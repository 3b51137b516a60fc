import { useSyncExternalStore } from "react";

export type Language = "en" | "de";
export type Density = "compact" | "comfortable";

/** What a person chose on this device. */
export type Preferences = {
  readonly language: Language;
  readonly density: Density;
  readonly recents: readonly Recent[];
  /** Widths of columns by resource and column. */
  readonly widths: Readonly<Record<string, number>>;
};

/** A record opened lately, for the palette. */
export type Recent = { readonly resource: string; readonly id: string; readonly name: string };

const KEY = "rapport.preferences";
const listeners = new Set<() => void>();
let current: Preferences = load();

export const preferences = (): Preferences => current;

/** Changes some of them, here and in the other tabs of this device. */
export function prefer(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // A browser that stores nothing keeps them for this visit.
  }
  for (const listener of listeners) listener();
}

export const usePreferences = (): Preferences => useSyncExternalStore(listen, preferences);

export function remember(recent: Recent): void {
  const others = current.recents.filter(({ id }) => id !== recent.id);
  prefer({ recents: [recent, ...others].slice(0, 8) });
}

function listen(listener: () => void): () => void {
  const onStorage = (event: StorageEvent) => {
    if (event.key !== KEY) return;
    current = load();
    listener();
  };
  listeners.add(listener);
  window.addEventListener("storage", onStorage);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", onStorage);
  };
}

function load(): Preferences {
  const initial: Preferences = {
    language: navigator.language.startsWith("de") ? "de" : "en",
    density: "compact",
    recents: [],
    widths: {},
  };
  try {
    return { ...initial, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>) };
  } catch {
    return initial;
  }
}
