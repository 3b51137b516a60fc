import { ActionIcon, Button, CopyButton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { type ReactNode, useId } from "react";
import { useWords } from "../kit/words.ts";
import { PageFoot } from "./settings.tsx";

type GroupProps = { readonly title: string; readonly text?: ReactNode; readonly action?: ReactNode; readonly children?: ReactNode };

/** One matter of a page: what it is, and what one can do about it. */
export function Group({ title, text, action, children }: GroupProps) {
  const id = useId();
  return (
    <section className="set-group" aria-labelledby={id}>
      <div className="set-group-head">
        <div>
          <h2 className="set-group-title" id={id}>
            {title}
          </h2>
          {text ? <p className="set-group-text">{text}</p> : null}
        </div>
        {action}
      </div>
      {children}
    </section>
  );
}

type LineProps = { readonly label: string; readonly text?: ReactNode; readonly htmlFor?: string; readonly children: ReactNode };

/** A setting: its name and what it does at the left, its value at the right. */
export function Line({ label, text, htmlFor, children }: LineProps) {
  const words = (
    <>
      <span className="set-line-label">{label}</span>
      {text ? <span className="set-line-text">{text}</span> : null}
    </>
  );
  return (
    <div className="set-line">
      {htmlFor ? (
        <label className="set-line-words" htmlFor={htmlFor}>
          {words}
        </label>
      ) : (
        <div className="set-line-words">{words}</div>
      )}
      <div className="set-line-value">{children}</div>
    </div>
  );
}

type SaveProps = {
  readonly text: string;
  readonly verb: string;
  readonly isBusy: boolean;
  readonly onDiscard: () => void;
  readonly onSave: () => void;
  readonly hint?: ReactNode;
};

/** Stands below a page as long as something on it is not saved. */
export function SaveBar({ text, verb, isBusy, onDiscard, onSave, hint }: SaveProps) {
  const { t } = useWords();
  return (
    <PageFoot>
      <div className="settings-foot-hint">{hint}</div>
      <span className="settings-foot-text" role="status">
        {text}
      </span>
      <Button size="md" variant="subtle" disabled={isBusy} onClick={onDiscard}>
        {t("settings.discard")}
      </Button>
      <Button size="md" variant="filled" loading={isBusy} onClick={onSave}>
        {verb}
      </Button>
    </PageFoot>
  );
}

/** A text to take along: shown whole, copied with one press. */
export function Copyable({ value, label }: { readonly value: string; readonly label: string }) {
  const { t } = useWords();
  return (
    <CopyButton value={value} timeout={2_000}>
      {({ copied, copy }) => (
        <div className="set-copyable">
          <input
            className="set-copyable-value"
            readOnly
            aria-label={label}
            value={value}
            onFocus={(event) => event.currentTarget.select()}
          />
          <Button size="md" leftSection={copied ? <IconCheck size={14} stroke={2} /> : <IconCopy size={14} stroke={2} />} onClick={copy}>
            {t(copied ? "do.copied_value" : "do.copy")}
          </Button>
        </div>
      )}
    </CopyButton>
  );
}

type ToolProps = { readonly label: string; readonly onClick: () => void; readonly isOff?: boolean; readonly children: ReactNode };

/** A button of one icon, named by its tooltip. */
export function Tool({ label, onClick, isOff = false, children }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} disabled={isOff} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

/** One sentence where a list has no rows. */
export const NoRows = ({ children }: { readonly children: ReactNode }) => <p className="set-no-rows">{children}</p>;
