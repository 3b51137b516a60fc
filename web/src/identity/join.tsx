import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { perform } from "../kit/api.ts";
import { sessionQuery } from "../kit/session.ts";
import { sentenceOf } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";
import { useRoleName } from "../settings/role-names.ts";
import { arrive, type Entry, tokenOfLink } from "./arrive.ts";
import { Frame, Refusal } from "./frame.tsx";
import { EntranceLink } from "./link.tsx";
import { useRevealWords } from "./reveal.ts";
import { useSubmission } from "./submission.ts";

type Offer = { readonly workspace: string; readonly email: string; readonly role: string; readonly has_account: boolean };

/** The page behind an invitation's link. */
export function Join() {
  const { t } = useWords();
  const [token] = useState(tokenOfLink);
  const { data: offer, error } = useQuery({
    queryKey: ["invitation", token],
    queryFn: () => perform<Offer>("invitations.look", { token }),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (error)
    return (
      <Frame
        title={t("enter.join_gone")}
        text={sentenceOf(error)}
        foot={<EntranceLink to="/sign-in">{t("enter.to_sign_in")}</EntranceLink>}
      />
    );
  return offer ? <Accept token={token} offer={offer} /> : null;
}

function Accept({ token, offer }: { readonly token: string; readonly offer: Offer }) {
  const { t, language } = useWords();
  const roleName = useRoleName();
  const { data: me } = useQuery(sessionQuery);
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [challenge, setChallenge] = useState<string | null>(null);
  const [code, setCode] = useState("");
  const form = useSubmission(["name", "password", "code"]);
  const reveal = useRevealWords();
  const isMe = me?.user?.email.toLowerCase() === offer.email.toLowerCase() && !me.is_bound;
  const asksName = !offer.has_account;
  const asksPassword = !isMe;
  const accept = () =>
    form.submit(async () => {
      if (challenge) await perform("auth.sign_in_totp", { totp_token: challenge, code });
      else {
        const given = { ...(asksName ? { name, language } : {}), ...(asksPassword ? { password } : {}) };
        const entry = await perform<Entry>("invitations.accept", { token, ...given });
        if (entry.totp_token) return setChallenge(entry.totp_token);
      }
      await arrive("/");
    });
  const text = isMe ? "enter.join_me" : offer.has_account ? "enter.join_account" : "enter.join_new";
  return (
    <Frame
      title={t("enter.join_title", { workspace: offer.workspace })}
      text={t(challenge ? "enter.code_text" : text, { email: offer.email, role: roleName(offer.role) })}
    >
      <form
        className="entrance-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void accept();
        }}
      >
        <Refusal sentence={form.sentence} />
        <input type="hidden" name="username" autoComplete="username" value={offer.email} readOnly />
        {challenge ? (
          <TextInput
            label={t("enter.code")}
            autoComplete="one-time-code"
            autoFocus
            value={code}
            error={form.faultOf("code")}
            onChange={(event) => {
              form.correct("code");
              setCode(event.currentTarget.value);
            }}
          />
        ) : null}
        {asksName && !challenge ? (
          <TextInput
            label={t("enter.name")}
            autoComplete="name"
            autoFocus
            value={name}
            error={form.faultOf("name")}
            onChange={(event) => {
              form.correct("name");
              setName(event.currentTarget.value);
            }}
          />
        ) : null}
        {asksPassword && !challenge ? (
          <PasswordInput
            label={t(offer.has_account ? "enter.password" : "enter.new_password")}
            description={offer.has_account ? null : t("enter.password_rule")}
            autoComplete={offer.has_account ? "current-password" : "new-password"}
            autoFocus={offer.has_account}
            visibilityToggleButtonProps={reveal}
            value={password}
            error={form.faultOf("password")}
            onChange={(event) => {
              form.correct("password");
              setPassword(event.currentTarget.value);
            }}
          />
        ) : null}
        <Button type="submit" size="lg" variant="filled" fullWidth loading={form.isBusy}>
          {t("enter.join", { workspace: offer.workspace })}
        </Button>
      </form>
    </Frame>
  );
}
