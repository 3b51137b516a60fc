import { Button } from "@mantine/core";
import { IconDeviceLaptop, IconDeviceMobile } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { signOut } from "../identity/arrive.ts";
import { perform } from "../kit/api.ts";
import { ask } from "../kit/dialogs.tsx";
import { formatExact, formatInstant } from "../kit/format.ts";
import { useSession } from "../kit/session.ts";
import { refuse, tell } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";
import { deviceOf } from "./device.ts";
import { Group } from "./parts.tsx";

type Row = {
  readonly id: string;
  readonly is_current: boolean;
  readonly created_at: string;
  readonly last_seen_at: string;
  readonly user_agent: string | null;
  readonly address: string | null;
};
const key = ["auth", "sessions"];

/** Where I am signed in, and how to end it. */
export function Sessions() {
  const words = useWords();
  const { t } = words;
  const { is_bound } = useSession();
  const client = useQueryClient();
  const { data: sessions } = useQuery({
    queryKey: key,
    throwOnError: true,
    enabled: !is_bound,
    queryFn: async ({ signal }) => (await perform<{ data: readonly Row[] }>("auth.sessions", {}, { signal })).data,
  });
  const reread = () => client.invalidateQueries({ queryKey: key });
  const others = (sessions?.length ?? 1) - 1;
  const end = async (id: string) => {
    try {
      await perform("auth.revoke_session", { id });
      await reread();
      tell(t("sessions.ended", { n: 1 }));
    } catch (error) {
      refuse(error);
    }
  };
  const endOthers = () =>
    ask({
      title: t("sessions.end_others_ask", { n: others }),
      text: t("sessions.end_others_why"),
      verb: t("sessions.end_others"),
      run: async () => {
        await perform("auth.revoke_other_sessions");
        await reread();
        tell(t("sessions.ended", { n: others }));
      },
    });
  return (
    <div className="settings-narrow">
      <Group
        title={t("sessions.title")}
        text={t(is_bound ? "security.bound_text" : "sessions.text")}
        action={others > 0 ? <Button onClick={endOthers}>{t("sessions.end_others")}</Button> : null}
      >
        <ul className="set-rows">
          {sessions?.map(({ id, is_current, user_agent, address, created_at, last_seen_at }) => {
            const { name, isPhone } = deviceOf(user_agent, t);
            const Icon = isPhone ? IconDeviceMobile : IconDeviceLaptop;
            return (
              <li className="set-row" key={id}>
                <Icon size={16} stroke={1.75} aria-hidden />
                <span className="set-row-words">
                  <span className="set-row-name">
                    {name}
                    {is_current ? <span className="status">{t("sessions.this")}</span> : null}
                  </span>
                  <span className="set-row-text" title={formatExact(last_seen_at, words)}>
                    {[
                      address,
                      t("sessions.since", { when: formatInstant(created_at, words) }),
                      is_current ? null : t("sessions.seen", { when: formatInstant(last_seen_at, words) }),
                    ]
                      .filter(Boolean)
                      .join(", ")}
                  </span>
                </span>
                {is_current ? (
                  <Button onClick={() => void signOut().catch(refuse)}>{t("me.sign_out")}</Button>
                ) : (
                  <Button onClick={() => void end(id)}>{t("sessions.end")}</Button>
                )}
              </li>
            );
          })}
        </ul>
      </Group>
    </div>
  );
}
