import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { passwordFault } from "../../../src/domain/identity/password.ts";
import { perform } from "../kit/api.ts";
import { ownWords } from "../kit/refusals.ts";
import { useWords } from "../kit/words.ts";
import { keepKnown } from "./arrive.ts";
import { Frame, Refusal } from "./frame.tsx";
import { EntranceLink } from "./link.tsx";
import { optionsQuery } from "./options.ts";
import { CountrySelect, CurrencySelect, ZoneSelect } from "./places.tsx";
import { useRevealWords } from "./reveal.ts";
import { useSubmission } from "./submission.ts";
import { currencyOf, type Where, whereIsBrowser } from "./where.ts";

const fields = ["name", "email", "password", "workspace", "country", "currency", "time_zone"] as const;
type Text = "name" | "email" | "password" | "workspace";

/** The first of three screens: who one is, and the workspace, where the browser knows most of it already. */
export function SignUp() {
  const { t, language } = useWords();
  const { data: options } = useQuery(optionsQuery);
  const [texts, setTexts] = useState<Readonly<Record<Text, string>>>({ name: "", email: "", password: "", workspace: "" });
  const [where, setWhere] = useState<Where>(whereIsBrowser);
  const form = useSubmission(fields);
  const [isTried, setTried] = useState(false);
  const reveal = useRevealWords();
  const signIn = (
    <EntranceLink to="/sign-in" onClick={keepKnown}>
      {t("enter.to_sign_in_instead")}
    </EntranceLink>
  );
  if (options?.sign_up === "closed") return <Frame title={t("enter.closed_title")} text={t("enter.closed_text")} foot={signIn} />;
  const text = (name: Text) => ({
    name,
    value: texts[name],
    error: form.faultOf(name),
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) => {
      form.correct(name);
      setTexts((before) => ({ ...before, [name]: value }));
    },
  });
  const place = (name: keyof Where) => ({
    value: where[name],
    error: form.faultOf(name),
    onChange: (value: string | null) => {
      form.correct(name);
      setWhere((before) => ({
        ...before,
        [name]: value,
        ...(name === "country" ? { currency: currencyOf(value) ?? before.currency } : {}),
      }));
    },
  });
  return (
    <Frame step={{ at: 1, of: 3 }} title={t("enter.sign_up_title")} text={t("enter.sign_up_text")} foot={signIn}>
      <form
        className="entrance-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          void form.submit(async () => {
            await perform("auth.sign_up", { ...texts, ...where, language });
            keepKnown();
            location.assign("/welcome");
          });
        }}
      >
        <Refusal sentence={form.sentence} />
        <div className="entrance-pair">
          <TextInput label={t("enter.name")} placeholder="Anna Berger" autoComplete="name" autoFocus {...text("name")} />
          <TextInput label={t("enter.email")} placeholder="anna@halden.example" type="email" autoComplete="username" {...text("email")} />
        </div>
        <PasswordInput
          label={t("enter.new_password")}
          description={t("enter.password_rule")}
          autoComplete="new-password"
          visibilityToggleButtonProps={reveal}
          {...text("password")}
          error={form.faultOf("password") ?? (isTried ? weakness(texts) : null)}
        />
        <hr className="entrance-line" />
        <TextInput label={t("enter.workspace")} placeholder="Halden Optics" autoComplete="organization" {...text("workspace")} />
        <div className="entrance-pair">
          <CountrySelect label={t("settings.country")} clearable {...place("country")} />
          <CurrencySelect label={t("settings.currency")} allowDeselect={false} {...place("currency")} />
        </div>
        <ZoneSelect label={t("settings.time_zone")} allowDeselect={false} {...place("time_zone")} />
        <div className="entrance-actions">
          <Button type="submit" size="lg" variant="filled" loading={form.isBusy}>
            {t("enter.create_workspace")}
          </Button>
        </div>
      </form>
    </Frame>
  );
}

/** What is wrong with a password that was not even looked at, because more important things were missing. */
function weakness({ password, email }: Readonly<Record<Text, string>>): string | null {
  const fault = passwordFault(password, email);
  return fault && ownWords(fault.code, fault.message);
}
