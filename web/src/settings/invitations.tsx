import { Button, Tooltip } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { optionsQuery } from "../identity/options.ts";
import { perform } from "../kit/api.ts";
import { ask, DialogActions, Sheet } from "../kit/dialogs.tsx";
import { formatDate, formatExact } from "../kit/format.ts";
import { refuse, tell } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";
import type { Offer } from "./invite-form.tsx";
import { type Invitation, invitationsKey, useOpenInvitations } from "./members-data.ts";
import { Copyable, Group, Tool } from "./parts.tsx";
import { useRoleName } from "./role-names.ts";

/** Whoever is invited and has not come yet. */
export function Invitations() {
  const words = useWords();
  const { t, language } = words;
  const client = useQueryClient();
  const roleName = useRoleName();
  const { data: invitations = [] } = useOpenInvitations(true);
  const { data: options } = useQuery(optionsQuery);
  const [offer, setOffer] = useState<Offer | null>(null);
  const reread = () => client.invalidateQueries({ queryKey: invitationsKey });
  const renew = async ({ id, email }: Invitation) => {
    try {
      const made = await perform<Offer>("invitations.renew", { id, language });
      await reread();
      if (made.link) setOffer(made);
      else tell(t("members.mailed_to", { email }));
    } catch (error) {
      refuse(error);
    }
  };
  const revoke = ({ id, email }: Invitation) =>
    ask({
      title: t("members.revoke_ask", { email }),
      text: t("members.revoke_why"),
      verb: t("members.revoke"),
      isDestructive: true,
      run: async () => {
        await perform("invitations.revoke", { id });
        await reread();
        tell(t("members.revoked", { email }));
      },
    });
  if (invitations.length === 0) return null;
  return (
    <Group title={t("members.invitations", { n: invitations.length })} text={t("members.invitations_text")}>
      <ul className="set-rows">
        {invitations.map((invitation) => (
          <li className="set-row" key={invitation.id}>
            <span className="set-row-words">
              <span className="set-row-name">{invitation.email}</span>
              <Tooltip label={formatExact(invitation.expires_at, words)}>
                <span className="set-row-text">
                  {roleName(invitation.role)}, {expiryOf(invitation, words)}
                </span>
              </Tooltip>
            </span>
            <Button onClick={() => void renew(invitation)}>
              {t(options?.mail === "configured" ? "members.send_again" : "members.new_link")}
            </Button>
            <Tool label={t("members.revoke_named", { email: invitation.email })} onClick={() => revoke(invitation)}>
              <IconX size={16} stroke={1.75} />
            </Tool>
          </li>
        ))}
      </ul>
      <Sheet title={t("members.new_link")} isOpen={offer !== null} onClose={() => setOffer(null)} size={520}>
        <p className="dialog-text">{t("members.new_link_text", { email: offer?.email ?? "" })}</p>
        {offer?.link ? <Copyable value={offer.link} label={t("members.link_for", { email: offer.email })} /> : null}
        <DialogActions>
          <Button size="md" onClick={() => setOffer(null)}>
            {t("do.close")}
          </Button>
        </DialogActions>
      </Sheet>
    </Group>
  );
}

function expiryOf({ expires_at }: Invitation, words: ReturnType<typeof useWords>): string {
  const isOver = Date.parse(expires_at) < Date.now();
  return words.t(isOver ? "members.expired" : "members.expires", { when: formatDate(expires_at.slice(0, 10), words) });
}
