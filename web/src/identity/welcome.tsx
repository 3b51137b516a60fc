import { Button } from "@mantine/core";
import { IconCheck, IconFlask2, IconSquareDashed, type TablerIcon } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useRef, useState } from "react";
import { perform } from "../kit/api.ts";
import { type Session, sessionQuery } from "../kit/session.ts";
import { useWords, type Word, type Words } from "../kit/words.ts";
import { InviteForm } from "../settings/invite-form.tsx";
import { Frame, Refusal } from "./frame.tsx";
import { PathRedirect } from "./link.tsx";
import { useSubmission } from "./submission.ts";

/** The second and third screen of a new workspace: what it begins with, and who comes along. */
export function Welcome() {
  const { data: session, error } = useQuery(sessionQuery);
  const [at, setAt] = useState<"start" | "invite">("start");
  if (error) return <PathRedirect to="/sign-in" />;
  if (!session) return null;
  return at === "start" ? (
    <Start session={session} onNext={() => setAt("invite")} />
  ) : (
    <Invite session={session} onBack={() => setAt("start")} />
  );
}

type Choice = "sample" | "empty";
const choices: readonly {
  readonly value: Choice;
  readonly title: Word;
  readonly text: Word;
  readonly button: Word;
  readonly Icon: TablerIcon;
}[] = [
  { value: "sample", title: "first.sample", text: "first.sample_text", button: "first.sample_do", Icon: IconFlask2 },
  { value: "empty", title: "first.empty", text: "first.empty_text", button: "first.empty_do", Icon: IconSquareDashed },
];

function Start({ session, onNext }: { readonly session: Session; readonly onNext: () => void }) {
  const words = useWords();
  const { t } = words;
  const { data: samples } = useQuery({ queryKey: ["sample-data"], queryFn: () => perform<{ is_present: boolean }>("sample_data.get") });
  const [choice, setChoice] = useState<Choice>("sample");
  const form = useSubmission([]);
  const group = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    const next = choice === "sample" ? "empty" : "sample";
    setChoice(next);
    group.current?.querySelector<HTMLElement>(`[data-value=${next}]`)?.focus();
  };
  const go = () =>
    form.submit(async () => {
      if (choice === "sample" && !samples?.is_present) await perform("sample_data.add");
      onNext();
    });
  return (
    <Frame step={{ at: 2, of: 3 }} title={t("first.start_title")} text={t("first.start_text")} foot={placeOf(session, words)}>
      <Refusal sentence={form.sentence} />
      <div className="choices" role="radiogroup" aria-label={t("first.start_title")} ref={group} onKeyDown={onKeyDown}>
        {choices.map(({ value, title, text, Icon }) => (
          // biome-ignore lint/a11y/useSemanticElements: a whole card is chosen, not a dot beside a word.
          <button
            type="button"
            role="radio"
            key={value}
            data-value={value}
            className="choice"
            aria-checked={choice === value}
            tabIndex={choice === value ? 0 : -1}
            onClick={() => setChoice(value)}
          >
            <span className="choice-icon">
              <Icon size={20} stroke={1.5} aria-hidden />
            </span>
            <span className="choice-words">
              <span className="choice-title">{t(title)}</span>
              <span className="choice-text">{t(text)}</span>
            </span>
            <span className="choice-mark" aria-hidden>
              <IconCheck size={12} stroke={2} />
            </span>
          </button>
        ))}
      </div>
      <div className="entrance-actions">
        <Button size="lg" variant="filled" loading={form.isBusy} onClick={() => void go()}>
          {t(choices.find(({ value }) => value === choice)?.button ?? "do.next")}
        </Button>
      </div>
    </Frame>
  );
}

function Invite({ session, onBack }: { readonly session: Session; readonly onBack: () => void }) {
  const words = useWords();
  const { t } = words;
  const [sent, setSent] = useState(0);
  return (
    <Frame step={{ at: 3, of: 3 }} title={t("first.invite_title")} text={t("first.invite_text")} foot={placeOf(session, words)}>
      <InviteForm size="lg" onInvited={() => setSent((before) => before + 1)} />
      <div className="entrance-actions">
        <Button size="lg" variant="subtle" onClick={onBack}>
          {t("do.back")}
        </Button>
        <Button size="lg" variant={sent ? "filled" : "default"} onClick={() => location.assign("/")}>
          {t(sent ? "first.open" : "first.later")}
        </Button>
      </div>
    </Frame>
  );
}

/** What was decided on the first screen: "Halden Optics, euro, Europe/Berlin". */
function placeOf({ workspace }: Session, { locale }: Words): string {
  const { name, currency, time_zone } = workspace;
  const money = currency ? new Intl.DisplayNames(locale, { type: "currency" }).of(currency) : null;
  return [name, money, time_zone?.replaceAll("_", " ")].filter(Boolean).join(", ");
}
