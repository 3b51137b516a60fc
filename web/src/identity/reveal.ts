import { useWords } from "../kit/words.ts";

/** What the eye beside a password is called. */
export function useRevealWords(): { "aria-label": string } {
  const { t } = useWords();
  return { "aria-label": t("enter.reveal") };
}
