import { useState } from "react";
import { ApiError } from "../kit/api.ts";
import { ownWords } from "../kit/refusals.ts";
import { sentenceOf } from "../kit/toasts.tsx";

/** A form on its way to the server: what it refused, field by field, and whether it is under way. */
export type Submission = {
  /** The sentence below a field. */
  readonly faultOf: (field: string) => string | null;
  /** What is wrong with no field in particular. */
  readonly sentence: string | null;
  readonly isBusy: boolean;
  readonly submit: (run: () => Promise<unknown>) => Promise<void>;
  /** Takes back what was said of a field that is being corrected. */
  readonly correct: (field: string) => void;
};

type Refused = { readonly faults: Readonly<Record<string, string>>; readonly sentence: string | null };
const nothing: Refused = { faults: {}, sentence: null };

/** Sends a form; refusals of the fields named stand below them, all others are one sentence. */
export function useSubmission(fields: readonly string[]): Submission {
  const [refused, setRefused] = useState<Refused>(nothing);
  const [isBusy, setBusy] = useState(false);
  return {
    faultOf: (field) => refused.faults[field] ?? null,
    sentence: refused.sentence,
    isBusy,
    correct: (field) => setRefused(({ faults: { [field]: _, ...faults } }) => ({ faults, sentence: null })),
    submit: async (run) => {
      setBusy(true);
      setRefused(nothing);
      try {
        await run();
      } catch (error) {
        setRefused(refusedOf(error, fields));
      } finally {
        setBusy(false);
      }
    },
  };
}

function refusedOf(error: unknown, fields: readonly string[]): Refused {
  if (!(error instanceof ApiError) || error.faults.length === 0) return { faults: {}, sentence: sentenceOf(error) };
  const faults: Record<string, string> = {};
  const others: string[] = [];
  for (const { pointer, code, message } of error.faults) {
    const field = pointer.split("/")[1] ?? "";
    if (fields.includes(field)) faults[field] ??= ownWords(code, message, error.details);
    else others.push(ownWords(code, message, error.details));
  }
  return { faults, sentence: others.length ? others.join(" ") : null };
}
