import { refuse, tell } from "./toasts.tsx";
import { words } from "./words.ts";

type Step = { readonly what: string; readonly at: number; readonly undo: () => Promise<unknown> };

const TEN_MINUTES = 600_000;
const steps: Step[] = [];

/** Remembers how the last change is taken back; answers a function that does it. */
export function undoable(what: string, undo: () => Promise<unknown>): () => void {
  const step: Step = { what, at: Date.now(), undo };
  steps.push(step);
  if (steps.length > 50) steps.shift();
  return () => void takeBack(step);
}

/** Takes back the last change, if it is not older than ten minutes. */
export function undoLast(): void {
  const step = steps.at(-1);
  if (!step) tell(words().t("undo.nothing"));
  else if (Date.now() - step.at > TEN_MINUTES) tell(words().t("undo.late"));
  else void takeBack(step);
}

async function takeBack(step: Step): Promise<void> {
  const place = steps.indexOf(step);
  if (place < 0) return;
  steps.splice(place, 1);
  try {
    await step.undo();
    tell(words().t("undo.done", { what: step.what }));
  } catch (error) {
    refuse(error);
  }
}
