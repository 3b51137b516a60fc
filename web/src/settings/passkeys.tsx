import { Button } from "@mantine/core";
import { IconFingerprint, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { addPasskey, hasPasskeys } from "../identity/passkey.ts";
import { perform } from "../kit/api.ts";
import { ask } from "../kit/dialogs.tsx";
import { formatInstant } from "../kit/format.ts";
import { sessionQuery } from "../kit/session.ts";
import { tell } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";
import { deviceOf } from "./device.ts";
import { Group, NoRows, Tool } from "./parts.tsx";
import { ProofDialog } from "./proof-dialog.tsx";

type Passkey = { readonly id: string; readonly name: string; readonly created_at: string; readonly last_used_at: string | null };
const key = ["auth", "passkeys"];

/** The passkeys of my account. */
export function Passkeys({ hasPassword }: { readonly hasPassword: boolean }) {
  const words = useWords();
  const { t } = words;
  const client = useQueryClient();
  const [isAdding, setAdding] = useState(false);
  const { data: passkeys } = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => (await perform<{ data: readonly Passkey[] }>("auth.passkeys", {}, { signal })).data,
  });
  const reread = () =>
    Promise.all([client.invalidateQueries({ queryKey: key }), client.invalidateQueries({ queryKey: sessionQuery.queryKey })]);
  const remove = ({ id, name }: Passkey) =>
    ask({
      title: t("security.passkey_remove_ask", { name }),
      text: t("security.passkey_remove_why"),
      verb: t("security.passkey_remove"),
      isDestructive: true,
      run: async () => {
        await perform("auth.passkey_remove", { id });
        await reread();
        tell(t("security.passkey_removed", { name }));
      },
    });
  return (
    <Group
      title={t("security.passkeys")}
      text={t(hasPasskeys() ? "security.passkeys_text" : "security.passkeys_none_here")}
      action={hasPasskeys() && hasPassword ? <Button onClick={() => setAdding(true)}>{t("security.passkey_add")}</Button> : null}
    >
      {passkeys?.length ? (
        <ul className="set-rows">
          {passkeys.map((passkey) => (
            <li className="set-row" key={passkey.id}>
              <IconFingerprint size={16} stroke={1.75} aria-hidden />
              <span className="set-row-words">
                <span className="set-row-name">{passkey.name}</span>
                <span className="set-row-text">
                  {t("security.passkey_since", { when: formatInstant(passkey.created_at, words) })}
                  {", "}
                  {passkey.last_used_at
                    ? t("settings.used", { when: formatInstant(passkey.last_used_at, words) })
                    : t("settings.never_used")}
                </span>
              </span>
              <Tool label={t("security.passkey_remove_named", { name: passkey.name })} onClick={() => remove(passkey)}>
                <IconTrash size={16} stroke={1.75} />
              </Tool>
            </li>
          ))}
        </ul>
      ) : passkeys ? (
        <NoRows>{t("security.passkeys_none")}</NoRows>
      ) : null}
      {isAdding ? (
        <ProofDialog
          title={t("security.passkey_add")}
          text={t("security.passkey_add_text")}
          verb={t("security.passkey_go_on")}
          asks={["name", "password"]}
          name={deviceOf(navigator.userAgent, t).name}
          onClose={() => setAdding(false)}
          run={async ({ name, password }) => {
            if (!(await addPasskey(name, password))) return;
            setAdding(false);
            await reread();
            tell(t("security.passkey_added", { name }));
          }}
        />
      ) : null}
    </Group>
  );
}
