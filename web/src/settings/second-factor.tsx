import { Button, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useSubmission } from "../identity/submission.ts";
import { perform } from "../kit/api.ts";
import { DialogActions, Sheet } from "../kit/dialogs.tsx";
import { type Session, sessionQuery } from "../kit/session.ts";
import { tell } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";
import { Copyable, Group } from "./parts.tsx";
import { ProofDialog } from "./proof-dialog.tsx";
import { QrCode } from "./qr-code.tsx";
import { RecoveryCodes } from "./recovery-codes.tsx";

type Setup = { readonly token: string; readonly secret: string; readonly uri: string };
type Codes = { readonly recovery_codes: readonly string[] };
type Step =
  | { readonly at: "begin" | "disable" | "renew" }
  | { readonly at: "scan"; readonly setup: Setup }
  | { readonly at: "codes"; readonly codes: readonly string[] };

/** The code of an authenticator that is asked for after the password. */
export function SecondFactor({ user }: { readonly user: NonNullable<Session["user"]> }) {
  const { t } = useWords();
  const client = useQueryClient();
  const [step, setStep] = useState<Step | null>(null);
  const close = () => setStep(null);
  const reread = () => client.invalidateQueries({ queryKey: sessionQuery.queryKey });
  const showCodes = async ({ recovery_codes }: Codes) => {
    setStep({ at: "codes", codes: recovery_codes });
    await reread();
  };
  return (
    <Group
      title={t("security.totp")}
      text={user.has_totp ? t("security.totp_on", { n: user.recovery_codes_left }) : t("security.totp_off")}
      action={
        user.has_totp ? (
          <div className="set-group-actions">
            <Button onClick={() => setStep({ at: "renew" })}>{t("security.codes_new")}</Button>
            <Button onClick={() => setStep({ at: "disable" })}>{t("security.totp_disable")}</Button>
          </div>
        ) : user.has_password ? (
          <Button onClick={() => setStep({ at: "begin" })}>{t("security.totp_set_up")}</Button>
        ) : null
      }
    >
      {step?.at === "begin" ? (
        <ProofDialog
          title={t("security.totp_set_up")}
          text={t("security.totp_begin")}
          verb={t("security.go_on")}
          asks={["password"]}
          onClose={close}
          run={async ({ password }) => setStep({ at: "scan", setup: await perform<Setup>("auth.totp_start", { password }) })}
        />
      ) : null}
      {step?.at === "scan" ? <Scan setup={step.setup} onClose={close} onDone={showCodes} /> : null}
      {step?.at === "codes" ? <RecoveryCodes codes={step.codes} onClose={close} /> : null}
      {step?.at === "renew" ? (
        <ProofDialog
          title={t("security.codes_new_ask")}
          text={t("security.codes_new_why")}
          verb={t("security.codes_make")}
          asks={["password", "code"]}
          onClose={close}
          run={async ({ password, code }) => showCodes(await perform<Codes>("auth.recovery_codes", { password, code }))}
        />
      ) : null}
      {step?.at === "disable" ? (
        <ProofDialog
          title={t("security.totp_disable_ask")}
          text={t("security.totp_disable_why")}
          verb={t("security.totp_disable")}
          asks={["password", "code"]}
          isDestructive
          onClose={close}
          run={async ({ password, code }) => {
            await perform("auth.totp_disable", { password, code });
            close();
            await reread();
            tell(t("security.totp_gone"));
          }}
        />
      ) : null}
    </Group>
  );
}

type ScanProps = { readonly setup: Setup; readonly onClose: () => void; readonly onDone: (codes: Codes) => Promise<void> };

/** Shows the secret as a picture for the authenticator and asks for its first code. */
function Scan({ setup: { token, secret, uri }, onClose, onDone }: ScanProps) {
  const { t } = useWords();
  const [code, setCode] = useState("");
  const form = useSubmission(["code"]);
  return (
    <Sheet title={t("security.scan_title")} isOpen onClose={onClose}>
      <form
        className="dialog-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void form.submit(async () => onDone(await perform<Codes>("auth.totp_confirm", { token, code })));
        }}
      >
        <p className="dialog-text">{t("security.scan_text")}</p>
        <QrCode text={uri} label={t("security.qr")} />
        <div>
          <div className="set-line-text">{t("security.by_hand")}</div>
          <Copyable value={secret} label={t("security.secret")} />
          <a className="entrance-link" href={uri}>
            {t("security.open_app")}
          </a>
        </div>
        {form.sentence ? (
          <p className="settings-refusal" role="alert">
            {form.sentence}
          </p>
        ) : null}
        <TextInput
          label={t("security.code")}
          autoComplete="one-time-code"
          inputMode="numeric"
          data-autofocus
          maxLength={20}
          value={code}
          error={form.faultOf("code")}
          onChange={({ currentTarget: { value } }) => {
            form.correct("code");
            setCode(value);
          }}
        />
        <DialogActions>
          <Button size="md" onClick={onClose}>
            {t("do.cancel")}
          </Button>
          <Button type="submit" size="md" variant="filled" loading={form.isBusy}>
            {t("security.totp_confirm")}
          </Button>
        </DialogActions>
      </form>
    </Sheet>
  );
}
