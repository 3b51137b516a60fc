import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { perform } from "../kit/api.ts";
import { useWords } from "../kit/words.ts";
import { tokenOfLink } from "./arrive.ts";
import { Frame, Refusal } from "./frame.tsx";
import { EntranceLink } from "./link.tsx";
import { optionsQuery } from "./options.ts";
import { useRevealWords } from "./reveal.ts";
import { useSubmission } from "./submission.ts";

/** Asks for a letter with a link; says the same whether or not there is such an account. */
export function ForgottenPassword() {
  const { t } = useWords();
  const { data: options } = useQuery(optionsQuery);
  const [email, setEmail] = useState("");
  const [isSent, setSent] = useState(false);
  const form = useSubmission(["email"]);
  const back = <EntranceLink to="/sign-in">{t("enter.to_sign_in")}</EntranceLink>;
  if (options?.mail === "missing") return <Frame title={t("enter.forgotten_title")} text={t("enter.forgotten_no_mail")} foot={back} />;
  if (isSent) return <Frame title={t("enter.letter_title")} text={t("enter.letter_text", { email })} foot={back} />;
  return (
    <Frame title={t("enter.forgotten_title")} text={t("enter.forgotten_text")} foot={back}>
      <form
        className="entrance-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void form.submit(async () => {
            await perform("auth.request_password_reset", { email });
            setSent(true);
          });
        }}
      >
        <Refusal sentence={form.sentence} />
        <TextInput
          label={t("enter.email")}
          type="email"
          autoComplete="username"
          autoFocus
          value={email}
          error={form.faultOf("email")}
          onChange={(event) => {
            form.correct("email");
            setEmail(event.currentTarget.value);
          }}
        />
        <Button type="submit" size="lg" variant="filled" fullWidth loading={form.isBusy}>
          {t("enter.send_letter")}
        </Button>
      </form>
    </Frame>
  );
}

/** Chooses a new password with the link of a letter. */
export function ResetPassword() {
  const { t } = useWords();
  const [token] = useState(tokenOfLink);
  const [password, setPassword] = useState("");
  const [isDone, setDone] = useState(false);
  const form = useSubmission(["password"]);
  const reveal = useRevealWords();
  const again = <EntranceLink to="/forgotten-password">{t("enter.ask_again")}</EntranceLink>;
  if (isDone)
    return (
      <Frame title={t("enter.reset_done")} text={t("enter.reset_done_text")}>
        <Button component="a" href="/sign-in" size="lg" variant="filled">
          {t("enter.sign_in")}
        </Button>
      </Frame>
    );
  return (
    <Frame title={t("enter.reset_title")} text={t("enter.reset_text")} foot={again}>
      <form
        className="entrance-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void form.submit(async () => {
            await perform("auth.reset_password", { token, password });
            setDone(true);
          });
        }}
      >
        <Refusal sentence={form.sentence} />
        <PasswordInput
          label={t("enter.new_password")}
          description={t("enter.password_rule")}
          autoComplete="new-password"
          autoFocus
          visibilityToggleButtonProps={reveal}
          value={password}
          error={form.faultOf("password")}
          onChange={(event) => {
            form.correct("password");
            setPassword(event.currentTarget.value);
          }}
        />
        <Button type="submit" size="lg" variant="filled" fullWidth loading={form.isBusy}>
          {t("enter.set_password")}
        </Button>
      </form>
    </Frame>
  );
}
