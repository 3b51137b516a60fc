import { Button, Modal } from "@mantine/core";
import { type ReactNode, useState, useSyncExternalStore } from "react";
import { refuse } from "./toasts.tsx";
import { useWords } from "./words.ts";

type Question = {
  readonly title: string;
  readonly text: string;
  readonly verb: string;
  readonly isDestructive?: boolean;
  readonly run: () => Promise<unknown>;
};

const listeners = new Set<() => void>();
let question: Question | null = null;

/** Asks before something that cannot simply be taken back. */
export function ask(next: Question | null): void {
  question = next;
  for (const listener of listeners) listener();
}

/** The dialog that asks. */
export function Asking() {
  const { t } = useWords();
  const asked = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => question,
  );
  const [isRunning, setRunning] = useState(false);
  const run = async () => {
    setRunning(true);
    try {
      await asked?.run();
      ask(null);
    } catch (error) {
      refuse(error);
    } finally {
      setRunning(false);
    }
  };
  return (
    <Sheet title={asked?.title ?? ""} isOpen={asked !== null} onClose={() => ask(null)}>
      <p className="dialog-text">{asked?.text}</p>
      <DialogActions>
        <Button size="md" onClick={() => ask(null)}>
          {t("do.cancel")}
        </Button>
        <Button
          size="md"
          variant="filled"
          color={asked?.isDestructive ? "red" : undefined}
          loading={isRunning}
          data-autofocus
          onClick={run}
        >
          {asked?.verb}
        </Button>
      </DialogActions>
    </Sheet>
  );
}

type SheetProps = {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly size?: number;
  readonly children: ReactNode;
};

/** A dialog of our measure: 440 px wide, the title above, what it does at its foot. */
export function Sheet({ title, isOpen, onClose, size = 440, children }: SheetProps) {
  const { t } = useWords();
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={title}
      size={size}
      centered
      padding={20}
      closeButtonProps={{ "aria-label": t("do.close") }}
      classNames={{ header: "dialog-header", body: "dialog-body" }}
    >
      {children}
    </Modal>
  );
}

export const DialogActions = ({ children }: { readonly children: ReactNode }) => <div className="dialog-actions">{children}</div>;
