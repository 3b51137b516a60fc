import { Button, PasswordInput, TextInput } from "@mantine/core";
import { IconFingerprint, IconKey } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { perform } from "../kit/api.ts";
import { ownWords } from "../kit/refusals.ts";
import { useWords, type Word } from "../kit/words.ts";
import { arrive, type Entry, isStranger } from "./arrive.ts";
import { Frame, Refusal } from "./frame.tsx";
import { EntranceLink, PathRedirect } from "./link.tsx";
import { optionsQuery } from "./options.ts";
import { hasPasskeys, signInWithPasskey } from "./passkey.ts";
import { useRevealWords } from "./reveal.ts";
import { useSubmission } from "./submission.ts";

type Way = { readonly name: "password" } | { readonly name: "code"; readonly token: string } | { readonly name: "provider" };

/** The way in: password, passkey or the workspace's provider, and a code where the account asks for one. */
export function SignIn() {
  const { data: options } = useQuery(optionsQuery);
  const [way, setWay] = useState<Way>({ name: "password" });
  const back = () => setWay({ name: "password" });
  if (options?.sign_up === "open" && isStranger()) return <PathRedirect to="/sign-up" />;
  if (way.name === "code") return <CodeStep token={way.token} onBack={back} />;
  if (way.name === "provider") return <ProviderStep onBack={back} />;
  return <PasswordStep onCode={(token) => setWay({ name: "code", token })} onProvider={() => setWay({ name: "provider" })} />;
}

function PasswordStep({ onCode, onProvider }: { readonly onCode: (token: string) => void; readonly onProvider: () => void }) {
  const { t } = useWords();
  const { data: options } = useQuery(optionsQuery);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const form = useSubmission(["email", "password"]);
  const passkey = useSubmission([]);
  const ofProvider = useProviderRefusal();
  const reveal = useRevealWords();
  const enter = async (entry: Entry | null) => {
    if (entry?.totp_token) onCode(entry.totp_token);
    else if (entry) await arrive();
  };
  return (
    <Frame
      title={t("enter.sign_in_title")}
      text={t("enter.sign_in_text")}
      foot={options?.sign_up === "open" ? <EntranceLink to="/sign-up">{t("enter.to_sign_up")}</EntranceLink> : t("enter.closed")}
    >
      <form
        className="entrance-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void form.submit(async () => enter(await perform<Entry>("auth.sign_in", { email, password })));
        }}
      >
        <Refusal sentence={form.sentence ?? passkey.sentence ?? ofProvider} />
        <TextInput
          label={t("enter.email")}
          type="email"
          name="email"
          autoComplete="username webauthn"
          autoFocus
          value={email}
          error={form.faultOf("email")}
          onChange={(event) => {
            form.correct("email");
            setEmail(event.currentTarget.value);
          }}
        />
        <div className="entrance-password">
          <PasswordInput
            label={t("enter.password")}
            name="password"
            autoComplete="current-password"
            visibilityToggleButtonProps={reveal}
            value={password}
            error={form.faultOf("password")}
            onChange={(event) => {
              form.correct("password");
              setPassword(event.currentTarget.value);
            }}
          />
          <EntranceLink to="/forgotten-password">{t("enter.forgotten")}</EntranceLink>
        </div>
        <Button type="submit" size="lg" variant="filled" fullWidth loading={form.isBusy}>
          {t("enter.sign_in")}
        </Button>
        <div className="entrance-or">{t("enter.or")}</div>
        <div className="entrance-ways">
          {hasPasskeys() ? (
            <Button
              size="lg"
              leftSection={<IconFingerprint size={16} stroke={1.75} />}
              loading={passkey.isBusy}
              onClick={() => void passkey.submit(async () => enter(await signInWithPasskey()))}
            >
              {t("enter.passkey")}
            </Button>
          ) : null}
          <Button size="lg" leftSection={<IconKey size={16} stroke={1.75} />} onClick={onProvider}>
            {t("enter.provider")}
          </Button>
        </div>
      </form>
    </Frame>
  );
}

/** Why the provider's way in failed: the server sends the browser here with a code. */
function useProviderRefusal(): string | null {
  const { t } = useWords();
  const code = new URLSearchParams(location.search).get("error");
  if (!code) return null;
  const word: Word = code === "IDENTITY_PROVIDER_UNAVAILABLE" ? "enter.provider_silent" : "enter.provider_refused";
  return ownWords(code, t(word));
}

function CodeStep({ token, onBack }: { readonly token: string; readonly onBack: () => void }) {
  const { t } = useWords();
  const [isRecovery, setRecovery] = useState(false);
  const [code, setCode] = useState("");
  const form = useSubmission(["code"]);
  return (
    <Frame
      title={t("enter.code_title")}
      text={t(isRecovery ? "enter.recovery_text" : "enter.code_text")}
      foot={
        <button
          type="button"
          className="entrance-link"
          onClick={() => {
            setRecovery(!isRecovery);
            setCode("");
          }}
        >
          {t(isRecovery ? "enter.use_code" : "enter.use_recovery")}
        </button>
      }
    >
      <form
        className="entrance-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void form.submit(async () => {
            await perform("auth.sign_in_totp", { totp_token: token, code });
            await arrive();
          });
        }}
      >
        <Refusal sentence={form.sentence} />
        <TextInput
          key={String(isRecovery)}
          label={t(isRecovery ? "enter.recovery_code" : "enter.code")}
          autoComplete="one-time-code"
          inputMode={isRecovery ? "text" : "numeric"}
          autoFocus
          maxLength={40}
          className="entrance-code"
          value={code}
          error={form.faultOf("code")}
          onChange={(event) => {
            form.correct("code");
            setCode(event.currentTarget.value);
          }}
        />
        <div className="entrance-actions">
          <Button size="lg" variant="subtle" onClick={onBack}>
            {t("do.back")}
          </Button>
          <Button type="submit" size="lg" variant="filled" loading={form.isBusy}>
            {t("enter.sign_in")}
          </Button>
        </div>
      </form>
    </Frame>
  );
}

function ProviderStep({ onBack }: { readonly onBack: () => void }) {
  const { t } = useWords();
  const [workspace, setWorkspace] = useState("");
  const form = useSubmission(["workspace"]);
  return (
    <Frame title={t("enter.provider_title")} text={t("enter.provider_text")}>
      <form
        className="entrance-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void form.submit(async () => {
            const { url } = await perform<{ url: string }>("auth.oidc_start", { workspace });
            location.assign(url);
          });
        }}
      >
        <Refusal sentence={form.sentence} />
        <TextInput
          label={t("enter.workspace")}
          placeholder="Halden Optics"
          autoFocus
          value={workspace}
          error={form.faultOf("workspace")}
          onChange={(event) => {
            form.correct("workspace");
            setWorkspace(event.currentTarget.value);
          }}
        />
        <div className="entrance-actions">
          <Button size="lg" variant="subtle" onClick={onBack}>
            {t("do.back")}
          </Button>
          <Button type="submit" size="lg" variant="filled" loading={form.isBusy}>
            {t("enter.go_provider")}
          </Button>
        </div>
      </form>
    </Frame>
  );
}
