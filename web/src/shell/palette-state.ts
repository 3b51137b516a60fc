import { useSyncExternalStore } from "react";

type State = { readonly isOpen: boolean; readonly text: string; readonly isSheetOpen: boolean };
let state: State = { isOpen: false, text: "", isSheetOpen: false };
const listeners = new Set<() => void>();

export const openPalette = (text = ""): void => set({ ...state, isOpen: true, text });
export const closePalette = (): void => set({ ...state, isOpen: false });
export const showShortcuts = (isSheetOpen = true): void => set({ ...state, isSheetOpen });

export const usePaletteState = (): State =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => state,
  );

function set(next: State): void {
  state = next;
  for (const listener of listeners) listener();
}
