import { type ReactNode, useEffect } from "react";
import { useWords } from "../kit/words.ts";
import "./identity.css";
import { Preview } from "./preview.tsx";

type Props = {
  readonly title: string;
  readonly text?: ReactNode;
  /** Which of how many screens this is. */
  readonly step?: { readonly at: number; readonly of: number };
  readonly foot?: ReactNode;
  readonly children?: ReactNode;
};

/** The screens before the product: the question on a sheet at the left, at the right what it leads to. */
export function Frame({ title, text, step, foot, children }: Props) {
  const { t } = useWords();
  useEffect(() => {
    document.title = `${title} – ${t("app.name")}`;
  }, [title, t]);
  return (
    <div className="entrance">
      <main className="entrance-sheet">
        <div className="entrance-brand">
          <img src="/rapport.svg" alt="" width={24} height={24} />
          {t("app.name")}
        </div>
        <div className="entrance-body">
          {step ? <Steps {...step} /> : null}
          <h1 className="entrance-title">{title}</h1>
          {text ? <p className="entrance-text">{text}</p> : null}
          {children}
        </div>
        <div className="entrance-foot">{foot}</div>
      </main>
      <aside className="entrance-side" aria-hidden>
        <Preview />
      </aside>
    </div>
  );
}

function Steps({ at, of }: { readonly at: number; readonly of: number }) {
  const { t } = useWords();
  return (
    <div className="entrance-steps">
      {Array.from({ length: of }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the bars have no identity.
        <span key={index} className="entrance-step" data-done={index < at || undefined} aria-hidden />
      ))}
      <span className="entrance-count">{t("enter.step", { at, of })}</span>
    </div>
  );
}

/** What was refused as a whole: it concerns no field. */
export function Refusal({ sentence }: { readonly sentence: string | null }) {
  return sentence ? (
    <p className="entrance-refusal" role="alert">
      {sentence}
    </p>
  ) : null;
}
