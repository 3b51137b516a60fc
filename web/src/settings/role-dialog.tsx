import { Button, Select, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { fold } from "../../../src/domain/kit/fold.ts";
import { useSubmission } from "../identity/submission.ts";
import { perform } from "../kit/api.ts";
import { DialogActions, Sheet } from "../kit/dialogs.tsx";
import { tell } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";
import { draftOf } from "./role-draft.ts";
import { type RoleChoice, rolesKey } from "./role-names.ts";

type Props = {
  /** The role to rename; none to make a new one. */
  readonly role: RoleChoice | null;
  readonly from: RoleChoice;
  readonly roles: readonly RoleChoice[];
  readonly onClose: () => void;
  readonly onMade: (key: string) => void;
};

/** Names a role; a new one begins with what another may do. */
export function RoleDialog({ role, from, roles, onClose, onMade }: Props) {
  const { t } = useWords();
  const client = useQueryClient();
  const [name, setName] = useState(role?.name ?? "");
  const [source, setSource] = useState(from.key);
  const form = useSubmission(["name", "key"]);
  const save = () =>
    form.submit(async () => {
      if (role?.own) await perform("roles.update", { id: role.own.id, data: { name } }, { ifMatch: role.own.version });
      else {
        const key = keyFor(
          name,
          roles.map((one) => one.key),
        );
        const base = draftOf((roles.find((one) => one.key === source) ?? from).role);
        await perform("roles.create", { data: { ...base, key, name } });
        await client.invalidateQueries({ queryKey: rolesKey });
        onMade(key);
      }
      await client.invalidateQueries({ queryKey: rolesKey });
      onClose();
      tell(t(role ? "role.saved" : "role.created", { role: name }));
    });
  return (
    <Sheet title={role ? t("role.rename_title", { role: role.name }) : t("role.new")} isOpen onClose={onClose}>
      <form
        className="dialog-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {form.sentence ? (
          <p className="settings-refusal" role="alert">
            {form.sentence}
          </p>
        ) : null}
        <TextInput
          label={t("members.name")}
          placeholder={t("role.example")}
          data-autofocus
          maxLength={200}
          value={name}
          error={form.faultOf("name") ?? form.faultOf("key")}
          onChange={({ currentTarget: { value } }) => {
            form.correct("name");
            form.correct("key");
            setName(value);
          }}
        />
        {role ? null : (
          <Select
            label={t("role.begins_with")}
            allowDeselect={false}
            data={roles.map((one) => ({ value: one.key, label: one.name }))}
            value={source}
            onChange={(value) => value && setSource(value)}
          />
        )}
        <DialogActions>
          <Button size="md" onClick={onClose}>
            {t("do.cancel")}
          </Button>
          <Button type="submit" size="md" variant="filled" loading={form.isBusy}>
            {t(role ? "role.rename_do" : "role.create")}
          </Button>
        </DialogActions>
      </form>
    </Sheet>
  );
}

/** A key made of a name that nothing else has yet. */
export function keyFor(name: string, taken: readonly string[]): string {
  const plain =
    fold(name)
      .replace(/[^a-z0-9]+/g, "_")
      .replace(/^[^a-z]+|_+$/g, "")
      .slice(0, 40) || "field";
  const free = [plain, ...Array.from({ length: taken.length + 1 }, (_, index) => `${plain}_${index + 2}`)];
  return free.find((key) => !taken.includes(key)) ?? plain;
}
