import { ActionIcon } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { useState } from "react";
import { perform } from "../kit/api.ts";
import { useSession } from "../kit/session.ts";
import { useWords, type Word } from "../kit/words.ts";
import { PathLink } from "./link.tsx";
import "./identity.css";

type Step = { readonly word: Word; readonly to: string; readonly isDone: boolean };

const keyOf = (workspace: string, member: string) => `rapport.checklist.${workspace}.${member}`;

/**
 * What a new workspace still needs. Which steps are done is read from the workspace itself, so it is the same on every device;
 * only that somebody put the card away is kept by this browser.
 */
export function Checklist() {
  const { t } = useWords();
  const { member, user, workspace, role } = useSession();
  const key = keyOf(workspace.id, member?.id ?? "");
  const [isAway, setAway] = useState(() => localStorage.getItem(key) !== null);
  const { pathname, search } = useLocation();
  // It stands on lists alone, and makes way for what opens at their side.
  const isRoom = /^\/[a-z]+$/.test(pathname) && pathname !== "/settings" && !("open" in search) && !("new" in search);
  const isAdmin = role.rights.includes("members.manage") && !isAway && isRoom;
  const { data: steps } = useQuery({ queryKey: ["checklist"], enabled: isAdmin, staleTime: 30_000, queryFn: readSteps });
  if (!isAdmin || !steps) return null;
  const all: readonly Step[] = [
    { word: "check.workspace", to: "/settings/workspace", isDone: true },
    { word: "check.contact", to: "/contacts", isDone: steps.hasContact },
    { word: "check.invite", to: "/settings/members", isDone: steps.hasColleague },
    { word: "check.protect", to: "/settings/security", isDone: user !== null && (user.has_totp || user.passkeys > 0) },
  ];
  const done = all.filter(({ isDone }) => isDone).length;
  if (done === all.length) return null;
  const putAway = () => {
    localStorage.setItem(key, "away");
    setAway(true);
  };
  return (
    <aside className="checklist" aria-label={t("check.title")}>
      <div className="checklist-head">
        <strong>{t("check.title")}</strong>
        <span className="checklist-count">{t("enter.step", { at: done, of: all.length })}</span>
        <ActionIcon size="sm" aria-label={t("check.away")} onClick={putAway}>
          <IconX size={14} stroke={2} />
        </ActionIcon>
      </div>
      <div className="checklist-bar" aria-hidden>
        <span style={{ inlineSize: `${(done / all.length) * 100}%` }} />
      </div>
      <ul>
        {all.map(({ word, to, isDone }) => (
          <li key={word}>
            <PathLink to={to} className="checklist-step">
              <span className="checklist-mark" data-done={isDone || undefined} aria-hidden>
                {isDone ? <IconCheck size={12} stroke={2} /> : null}
              </span>
              <span data-done={isDone || undefined}>{t(word)}</span>
              {isDone ? <span className="sr-only">{t("check.done")}</span> : null}
            </PathLink>
          </li>
        ))}
      </ul>
    </aside>
  );
}

type Page = { readonly data: readonly { readonly id: string }[] };

async function readSteps({ signal }: { signal: AbortSignal }): Promise<{ hasContact: boolean; hasColleague: boolean }> {
  const page = (verb: string, limit: number) => perform<Page>(verb, { limit, fields: "id" }, { signal });
  const [contacts, members, invitations] = await Promise.all([
    page("contacts.list", 1),
    page("members.list", 2),
    page("invitations.list", 1),
  ]);
  return { hasContact: contacts.data.length > 0, hasColleague: members.data.length > 1 || invitations.data.length > 0 };
}
