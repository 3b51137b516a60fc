import { Button, PasswordInput, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useRevealWords } from "../identity/reveal.ts";
import { useSubmission } from "../identity/submission.ts";
import { DialogActions, Sheet } from "../kit/dialogs.tsx";
import { useWords } from "../kit/words.ts";

type Proof = { readonly password: string; readonly code: string; readonly name: string };
type Props = {
  readonly title: string;
  readonly text: ReactNode;
  readonly verb: string;
  readonly asks: readonly (keyof Proof)[];
  readonly isDestructive?: boolean;
  /** What the name is to begin with. */
  readonly name?: string;
  readonly onClose: () => void;
  readonly run: (proof: Proof) => Promise<unknown>;
};

/** Asks once more who one is before something that outlasts the session. */
export function ProofDialog({ title, text, verb, asks, isDestructive = false, name = "", onClose, run }: Props) {
  const { t } = useWords();
  const [proof, setProof] = useState<Proof>({ password: "", code: "", name });
  const form = useSubmission(asks);
  const reveal = useRevealWords();
  const given = (key: keyof Proof) => ({
    value: proof[key],
    error: form.faultOf(key),
    "data-autofocus": asks[0] === key || undefined,
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) => {
      form.correct(key);
      setProof((before) => ({ ...before, [key]: value }));
    },
  });
  return (
    <Sheet title={title} isOpen onClose={onClose}>
      <form
        className="dialog-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void form.submit(() => run(proof));
        }}
      >
        <p className="dialog-text">{text}</p>
        {form.sentence ? (
          <p className="settings-refusal" role="alert">
            {form.sentence}
          </p>
        ) : null}
        {asks.includes("name") ? <TextInput label={t("security.passkey_name")} maxLength={200} {...given("name")} /> : null}
        {asks.includes("password") ? (
          <PasswordInput
            label={t("security.current_password")}
            autoComplete="current-password"
            visibilityToggleButtonProps={reveal}
            {...given("password")}
          />
        ) : null}
        {asks.includes("code") ? (
          <TextInput
            label={t("security.code")}
            description={t("security.code_text")}
            autoComplete="one-time-code"
            maxLength={40}
            {...given("code")}
          />
        ) : null}
        <DialogActions>
          <Button size="md" onClick={onClose}>
            {t("do.cancel")}
          </Button>
          <Button type="submit" size="md" variant="filled" color={isDestructive ? "red" : undefined} loading={form.isBusy}>
            {verb}
          </Button>
        </DialogActions>
      </form>
    </Sheet>
  );
}
