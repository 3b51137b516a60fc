import { Button, PasswordInput, Select, TagsInput, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useRevealWords } from "../identity/reveal.ts";
import { useSubmission } from "../identity/submission.ts";
import { perform } from "../kit/api.ts";
import { ask } from "../kit/dialogs.tsx";
import { tell } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";
import { Copyable, Group, Line } from "./parts.tsx";
import { useRoles } from "./role-names.ts";

type SignOn = {
  readonly issuer: string | null;
  readonly client_id: string | null;
  readonly allowed_domains: readonly string[];
  readonly default_role: string | null;
  readonly has_secret: boolean;
  readonly redirect_uri: string;
};
const key = ["settings", "single-sign-on"];

/** How the workspace signs in through its identity provider. */
export function SingleSignOn() {
  const { data: signOn } = useQuery({
    queryKey: key,
    throwOnError: true,
    queryFn: ({ signal }) => perform<SignOn>("single_sign_on.get", {}, { signal }),
  });
  return signOn ? <Provider key={JSON.stringify(signOn)} signOn={signOn} /> : null;
}

function Provider({ signOn }: { readonly signOn: SignOn }) {
  const { t } = useWords();
  const client = useQueryClient();
  const roles = useRoles();
  const reveal = useRevealWords();
  const [draft, setDraft] = useState({
    issuer: signOn.issuer ?? "",
    client_id: signOn.client_id ?? "",
    client_secret: "",
    allowed_domains: [...signOn.allowed_domains],
    default_role: signOn.default_role ?? "rep",
  });
  const form = useSubmission(Object.keys(draft));
  const isOn = signOn.issuer !== null;
  const set = <K extends keyof typeof draft>(name: K, value: (typeof draft)[K]) => {
    form.correct(name);
    setDraft((before) => ({ ...before, [name]: value }));
  };
  const save = () =>
    form.submit(async () => {
      const { client_secret, ...given } = draft;
      await perform("single_sign_on.set", client_secret ? draft : given);
      await client.invalidateQueries({ queryKey: key });
      tell(t("sso.saved"));
    });
  const remove = () =>
    ask({
      title: t("sso.remove_ask"),
      text: t("sso.remove_why"),
      verb: t("sso.remove"),
      isDestructive: true,
      run: async () => {
        await perform("single_sign_on.remove");
        await client.invalidateQueries({ queryKey: key });
        tell(t("sso.removed"));
      },
    });
  return (
    <form
      className="settings-narrow"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Group title={t("sso.title")} text={t("sso.text")}>
        {form.sentence ? (
          <p className="settings-refusal" role="alert">
            {form.sentence}
          </p>
        ) : null}
        <Line label={t("sso.redirect")} text={t("sso.redirect_text")}>
          <Copyable value={signOn.redirect_uri} label={t("sso.redirect")} />
        </Line>
        <Line label={t("sso.issuer")} text={t("sso.issuer_text")} htmlFor="sso-issuer">
          <TextInput
            id="sso-issuer"
            placeholder="https://login.example.com"
            type="url"
            value={draft.issuer}
            error={form.faultOf("issuer")}
            onChange={(event) => set("issuer", event.currentTarget.value)}
          />
        </Line>
        <Line label={t("sso.client_id")} htmlFor="sso-client">
          <TextInput
            id="sso-client"
            autoComplete="off"
            value={draft.client_id}
            error={form.faultOf("client_id")}
            onChange={(event) => set("client_id", event.currentTarget.value)}
          />
        </Line>
        <Line label={t("sso.secret")} text={t(signOn.has_secret ? "sso.secret_kept" : "sso.secret_text")} htmlFor="sso-secret">
          <PasswordInput
            id="sso-secret"
            autoComplete="off"
            visibilityToggleButtonProps={reveal}
            placeholder={signOn.has_secret ? "••••••••" : ""}
            value={draft.client_secret}
            error={form.faultOf("client_secret")}
            onChange={(event) => set("client_secret", event.currentTarget.value)}
          />
        </Line>
        <Line label={t("sso.domains")} text={t("sso.domains_text")} htmlFor="sso-domains">
          <TagsInput
            id="sso-domains"
            placeholder={draft.allowed_domains.length ? "" : "halden.example"}
            splitChars={[",", " ", ";"]}
            acceptValueOnBlur
            value={draft.allowed_domains}
            error={form.faultOf("allowed_domains")}
            onChange={(value) => set("allowed_domains", value)}
          />
        </Line>
        <Line label={t("sso.role")} text={t("sso.role_text")} htmlFor="sso-role">
          <Select
            id="sso-role"
            allowDeselect={false}
            data={roles.map((role) => ({ value: role.key, label: role.name }))}
            value={draft.default_role}
            error={form.faultOf("default_role")}
            onChange={(value) => value && set("default_role", value)}
          />
        </Line>
        <div className="settings-buttons">
          {isOn ? (
            <Button size="md" onClick={remove}>
              {t("sso.remove")}
            </Button>
          ) : null}
          <Button type="submit" size="md" variant="filled" loading={form.isBusy}>
            {t(isOn ? "sso.save" : "sso.turn_on")}
          </Button>
        </div>
      </Group>
    </form>
  );
}
