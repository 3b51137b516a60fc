import { ActionIcon } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconX } from "@tabler/icons-react";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { ApiError, OfflineError } from "./api.ts";
import { ownWords } from "./refusals.ts";
import { useWords, words } from "./words.ts";

type Toast = {
  readonly id: number;
  readonly text: string;
  readonly detail?: string;
  readonly isRefusal: boolean;
  readonly action?: { readonly word: string; readonly run: () => void };
};

const SHOWN_MS = 6_000;
const listeners = new Set<() => void>();
let toasts: readonly Toast[] = [];
let last = 0;

/** Says what happened, with a way back where there is one. */
export function tell(text: string, undo?: () => void): void {
  show({ text, isRefusal: false, ...(undo ? { action: { word: words().t("do.undo"), run: undo } } : {}) });
}

/** Says the server's own sentence, and stays until it is dealt with. */
export function refuse(error: unknown, options: { retry?: () => void; detail?: string } = {}): void {
  show({
    text: sentenceOf(error),
    isRefusal: true,
    ...(options.detail ? { detail: options.detail } : {}),
    ...(options.retry ? { action: { word: words().t("do.retry"), run: options.retry } } : {}),
  });
}

/** A refusal in words a person can act on. */
export function sentenceOf(error: unknown): string {
  if (error instanceof OfflineError) return words().t("error.offline");
  if (error instanceof ApiError && error.status < 500) {
    const { code, message } = (error.faults.length === 1 ? error.faults[0] : undefined) ?? error;
    return ownWords(code, message, error.details);
  }
  if (error instanceof ApiError && error.status === 503) return error.message;
  return words().t("error.unknown");
}

function show(toast: Omit<Toast, "id">): void {
  last += 1;
  set([...toasts.filter(({ text }) => text !== toast.text), { ...toast, id: last }].slice(-3));
}

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

const dismiss = (id: number) => set(toasts.filter((toast) => toast.id !== id));

/** The toasts of the moment, in the lower corner of the main sheet. */
export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <div className="toasts">
      {shown.map((toast) => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function ToastCard({ toast: { id, text, detail, isRefusal, action } }: { toast: Toast }) {
  const { t } = useWords();
  const [isHeld, setHeld] = useState(false);
  const left = useRef(SHOWN_MS);
  useEffect(() => {
    if (isRefusal || isHeld) return;
    const since = Date.now();
    const timer = setTimeout(() => dismiss(id), left.current);
    return () => {
      left.current = Math.max(1_000, left.current - (Date.now() - since));
      clearTimeout(timer);
    };
  }, [id, isRefusal, isHeld]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hovering only holds the message; nothing is done by it.
    <div
      className="toast"
      role={isRefusal ? "alert" : "status"}
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {isRefusal ? (
        <IconAlertTriangle className="toast-bad" size={16} stroke={1.75} aria-hidden />
      ) : (
        <IconCheck className="toast-good" size={16} stroke={1.75} aria-hidden />
      )}
      <div className="toast-text">
        {text}
        {detail ? <div className="quiet">{detail}</div> : null}
      </div>
      {action ? (
        <button
          type="button"
          className="link-button"
          onClick={() => {
            dismiss(id);
            action.run();
          }}
        >
          {action.word}
        </button>
      ) : null}
      {isRefusal ? (
        <ActionIcon size="xs" aria-label={t("do.close")} onClick={() => dismiss(id)}>
          <IconX size={14} stroke={2} />
        </ActionIcon>
      ) : null}
    </div>
  );
}
