import { Button, Select, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Key as ApiKey } from "../../../src/domain/identity/key.ts";
import { useSubmission } from "../identity/submission.ts";
import { perform } from "../kit/api.ts";
import { ask, DialogActions, Sheet } from "../kit/dialogs.tsx";
import { EmptyState } from "../kit/empty-state.tsx";
import { formatDate, formatInstant } from "../kit/format.ts";
import { tell } from "../kit/toasts.tsx";
import { useWords, type Words } from "../kit/words.ts";
import { useAllMembers } from "./members-data.ts";
import { Copyable } from "./parts.tsx";
import { readAll } from "./read-all.ts";
import { useRoleName, useRoles } from "./role-names.ts";
import { PageActions } from "./settings.tsx";

const key = ["settings", "keys"];

/** The keys with which programs work in the workspace. */
export function Keys() {
  const words = useWords();
  const { t } = words;
  const client = useQueryClient();
  const roleName = useRoleName();
  const { data: members = [] } = useAllMembers();
  const { data: keys } = useQuery({
    queryKey: key,
    throwOnError: true,
    queryFn: ({ signal }) => readAll<ApiKey>("keys.list", { sort: "-created_at" }, signal),
  });
  const [isMaking, setMaking] = useState(false);
  const nameOf = (id: string | null) => members.find((member) => member.id === id)?.name ?? null;
  const revoke = ({ id, name }: ApiKey) =>
    ask({
      title: t("apikey.revoke_ask", { name }),
      text: t("apikey.revoke_why"),
      verb: t("apikey.revoke"),
      isDestructive: true,
      run: async () => {
        await perform("keys.revoke", { id });
        await client.invalidateQueries({ queryKey: key });
        tell(t("apikey.revoked", { name }));
      },
    });
  const make = (
    <Button variant="filled" leftSection={<IconPlus size={14} stroke={2} />} onClick={() => setMaking(true)}>
      {t("apikey.new")}
    </Button>
  );
  const isGood = ({ revoked_at, expires_at }: ApiKey) => !revoked_at && !(expires_at && Date.parse(expires_at) < Date.now());
  const shown = [...(keys ?? [])].sort((a, b) => Number(isGood(b)) - Number(isGood(a)));
  return (
    <>
      {keys?.length ? <PageActions>{make}</PageActions> : null}
      {keys?.length === 0 ? <EmptyState title={t("apikey.none")} text={t("apikey.none_why")} actions={make} /> : null}
      {shown.length ? (
        <table className="set-list keys" aria-label={t("settings.keys")}>
          <thead>
            <tr>
              {(["members.name", "members.role", "apikey.acts_for", "apikey.last_used", "apikey.expires"] as const).map((word) => (
                <th key={word}>{t(word)}</th>
              ))}
              <th>
                <span className="sr-only">{t("do.more")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((one) => (
              <tr key={one.id} data-off={!isGood(one) || undefined}>
                <td className="set-first">
                  <span className="set-row-name">{one.name}</span>
                  <span className="set-row-text mono">{one.prefix}…</span>
                </td>
                <td data-label={t("members.role")}>{roleName(one.role)}</td>
                <td data-label={t("apikey.acts_for")}>{nameOf(one.acts_for) ?? t("apikey.nobody")}</td>
                <td data-label={t("apikey.last_used")}>{one.last_used_at ? formatInstant(one.last_used_at, words) : t("apikey.never")}</td>
                <td data-label={t("apikey.expires")}>{endOf(one, words)}</td>
                <td className="set-list-end">
                  {isGood(one) ? (
                    <Button aria-label={t("apikey.revoke_named", { name: one.name })} onClick={() => revoke(one)}>
                      {t("apikey.revoke")}
                    </Button>
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
      {isMaking ? <KeyDialog onClose={() => setMaking(false)} /> : null}
    </>
  );
}

function endOf({ revoked_at, expires_at }: ApiKey, words: Words): string {
  const { t } = words;
  if (revoked_at) return t("apikey.was_revoked", { when: formatInstant(revoked_at, words) });
  if (!expires_at) return t("apikey.never");
  return formatDate(expires_at.slice(0, 10), words);
}

type Made = { readonly key: string; readonly name: string };

/** Makes a key and shows it this once. */
function KeyDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useWords();
  const client = useQueryClient();
  const roles = useRoles();
  const { data: members = [] } = useAllMembers();
  const [name, setName] = useState("");
  const [role, setRole] = useState("read_only");
  const [actsFor, setActsFor] = useState<string | null>(null);
  const [until, setUntil] = useState("");
  const [made, setMade] = useState<Made | null>(null);
  const form = useSubmission(["name", "role", "acts_for", "expires_at"]);
  const make = () =>
    form.submit(async () => {
      const expires_at = until ? new Date(`${until}T23:59:59`).toISOString() : null;
      setMade(await perform<Made>("keys.create", { name, role, acts_for: actsFor, expires_at }));
      await client.invalidateQueries({ queryKey: key });
    });
  if (made)
    return (
      <Sheet title={t("apikey.made", { name: made.name })} isOpen onClose={onClose} size={520}>
        <p className="dialog-text">{t("apikey.made_text")}</p>
        <Copyable value={made.key} label={t("apikey.key")} />
        <DialogActions>
          <Button size="md" variant="filled" onClick={onClose}>
            {t("apikey.kept")}
          </Button>
        </DialogActions>
      </Sheet>
    );
  return (
    <Sheet title={t("apikey.new")} isOpen onClose={onClose}>
      <form
        className="dialog-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        {form.sentence ? (
          <p className="settings-refusal" role="alert">
            {form.sentence}
          </p>
        ) : null}
        <TextInput
          label={t("members.name")}
          placeholder={t("apikey.example")}
          data-autofocus
          value={name}
          error={form.faultOf("name")}
          onChange={({ currentTarget: { value } }) => {
            form.correct("name");
            setName(value);
          }}
        />
        <Select
          label={t("members.role")}
          allowDeselect={false}
          data={roles.map((one) => ({ value: one.key, label: one.name }))}
          value={role}
          error={form.faultOf("role")}
          onChange={(value) => value && setRole(value)}
        />
        <Select
          label={t("apikey.acts_for")}
          description={t("apikey.acts_for_text")}
          placeholder={t("apikey.nobody")}
          searchable
          clearable
          clearButtonProps={{ "aria-label": t("do.clear") }}
          data={members.filter(({ status }) => status === "active").map((member) => ({ value: member.id, label: member.name }))}
          value={actsFor}
          error={form.faultOf("acts_for")}
          onChange={setActsFor}
        />
        <TextInput
          type="date"
          label={t("apikey.expires")}
          description={t("apikey.expires_text")}
          value={until}
          error={form.faultOf("expires_at")}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
        <DialogActions>
          <Button size="md" onClick={onClose}>
            {t("do.cancel")}
          </Button>
          <Button type="submit" size="md" variant="filled" loading={form.isBusy}>
            {t("apikey.make")}
          </Button>
        </DialogActions>
      </form>
    </Sheet>
  );
}
