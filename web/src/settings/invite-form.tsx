import { Button, Select, TextInput } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { optionsQuery } from "../identity/options.ts";
import { useSubmission } from "../identity/submission.ts";
import { perform } from "../kit/api.ts";
import { useWords } from "../kit/words.ts";
import { invitationsKey } from "./members-data.ts";
import { Copyable } from "./parts.tsx";
import { useRoles } from "./role-names.ts";

/** What an invitation answers: mailed, or with the link to give to the person oneself. */
export type Offer = {
  readonly id: string;
  readonly email: string;
  readonly role: string;
  readonly is_mailed: boolean;
  readonly link: string | null;
};

/** Invites one person after the other; each link is shown this once where no mail leaves the server. */
export function InviteForm({ size = "md", onInvited }: { readonly size?: "md" | "lg"; readonly onInvited?: (offer: Offer) => void }) {
  const { t, language } = useWords();
  const client = useQueryClient();
  const roles = useRoles();
  const { data: options } = useQuery(optionsQuery);
  const [email, setEmail] = useState("");
  const [role, setRole] = useState("rep");
  const [offers, setOffers] = useState<readonly Offer[]>([]);
  const form = useSubmission(["email", "role"]);
  const invite = () =>
    form.submit(async () => {
      const offer = await perform<Offer>("invitations.create", { email, role, language });
      setOffers((before) => [offer, ...before.filter((one) => one.email !== offer.email)]);
      setEmail("");
      await client.invalidateQueries({ queryKey: invitationsKey });
      onInvited?.(offer);
    });
  return (
    <div className="invite">
      <form
        className="invite-form"
        data-size={size}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void invite();
        }}
      >
        <TextInput
          label={t("enter.email")}
          placeholder="ben@halden.example"
          type="email"
          autoComplete="off"
          data-autofocus
          value={email}
          error={form.faultOf("email")}
          onChange={({ currentTarget: { value } }) => {
            form.correct("email");
            setEmail(value);
          }}
        />
        <Select
          label={t("members.role")}
          allowDeselect={false}
          data={roles.map(({ key, name }) => ({ value: key, label: name }))}
          value={role}
          error={form.faultOf("role")}
          onChange={(value) => value && setRole(value)}
        />
        <Button type="submit" size={size} variant={offers.length ? "default" : "filled"} loading={form.isBusy}>
          {t("members.invite_do")}
        </Button>
      </form>
      {form.sentence ? (
        <p className="settings-refusal" role="alert">
          {form.sentence}
        </p>
      ) : null}
      {options?.mail === "missing" && offers.length === 0 ? <p className="invite-text">{t("members.no_mail")}</p> : null}
      <ul className="invite-offers" aria-live="polite">
        {offers.map(({ id, email: to, link }) => (
          <li key={id}>
            <span className="invite-done">
              <IconCheck size={14} stroke={2} aria-hidden />
              {t(link ? "members.link_for" : "members.mailed_to", { email: to })}
            </span>
            {link ? <Copyable value={link} label={t("members.link_for", { email: to })} /> : null}
          </li>
        ))}
      </ul>
    </div>
  );
}
