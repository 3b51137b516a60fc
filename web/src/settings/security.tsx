import { Button, PasswordInput } from "@mantine/core";
import { useState } from "react";
import { PathLink } from "../identity/link.tsx";
import { useRevealWords } from "../identity/reveal.ts";
import { useSubmission } from "../identity/submission.ts";
import { perform } from "../kit/api.ts";
import { useSession } from "../kit/session.ts";
import { tell } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";
import { Group } from "./parts.tsx";
import { Passkeys } from "./passkeys.tsx";
import { SecondFactor } from "./second-factor.tsx";

/** How I prove who I am. */
export function Security() {
  const { t } = useWords();
  const { user, is_bound } = useSession();
  if (is_bound || !user)
    return (
      <div className="settings-narrow">
        <Group title={t("security.bound")} text={t("security.bound_text")} />
      </div>
    );
  return (
    <div className="settings-narrow">
      {user.has_password ? (
        <Password email={user.email} />
      ) : (
        <Group title={t("security.password")} text={t("security.no_password")}>
          <PathLink to="/forgotten-password" className="entrance-link">
            {t("enter.forgotten_title")}
          </PathLink>
        </Group>
      )}
      <Passkeys hasPassword={user.has_password} />
      <SecondFactor user={user} />
    </div>
  );
}

function Password({ email }: { readonly email: string }) {
  const { t } = useWords();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const form = useSubmission(["current_password", "password"]);
  const reveal = useRevealWords();
  return (
    <Group title={t("security.password")} text={t("security.password_text")}>
      <form
        className="settings-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void form.submit(async () => {
            await perform("auth.change_password", { current_password: current, password: next });
            setCurrent("");
            setNext("");
            tell(t("security.password_changed"));
          });
        }}
      >
        {form.sentence ? (
          <p className="settings-refusal" role="alert">
            {form.sentence}
          </p>
        ) : null}
        <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
        <PasswordInput
          label={t("security.current_password")}
          autoComplete="current-password"
          visibilityToggleButtonProps={reveal}
          value={current}
          error={form.faultOf("current_password")}
          onChange={({ currentTarget: { value } }) => {
            form.correct("current_password");
            setCurrent(value);
          }}
        />
        <PasswordInput
          label={t("enter.new_password")}
          description={t("enter.password_rule")}
          autoComplete="new-password"
          visibilityToggleButtonProps={reveal}
          value={next}
          error={form.faultOf("password")}
          onChange={({ currentTarget: { value } }) => {
            form.correct("password");
            setNext(value);
          }}
        />
        <div>
          <Button type="submit" size="md" disabled={!current || !next} loading={form.isBusy}>
            {t("security.change_password")}
          </Button>
        </div>
      </form>
    </Group>
  );
}
