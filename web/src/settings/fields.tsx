import { ActionIcon, Button, Menu, SegmentedControl } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconDots, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { type CustomField, customFields } from "../../../src/domain/custom-fields/custom-field.ts";
import { perform } from "../kit/api.ts";
import { ask } from "../kit/dialogs.tsx";
import { EmptyState } from "../kit/empty-state.tsx";
import { refuse, tell } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";
import { FieldDialog } from "./field-dialog.tsx";
import { fieldsKey, fieldsQuery } from "./fields-data.ts";
import { Tool } from "./parts.tsx";
import { governed } from "./role-draft.ts";
import { PageActions } from "./settings.tsx";

const open = governed.filter(({ custom }) => custom);

/** The fields a workspace adds to its records, in the order in which forms show them. */
export function Fields() {
  const { t, label, language, noun } = useWords();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { item } = useParams({ strict: false }) as { item?: string };
  const resource = open.find(({ name }) => name === item) ?? open[0];
  const { data: fields } = useQuery({ ...fieldsQuery(resource?.name ?? ""), enabled: resource !== undefined });
  const [editing, setEditing] = useState<{ readonly field: CustomField | null } | null>(null);
  const [isMoving, setMoving] = useState(false);
  if (!resource) return null;
  const reread = () =>
    Promise.all([client.invalidateQueries({ queryKey: fieldsKey(resource.name) }), client.invalidateQueries({ queryKey: ["fields"] })]);
  const move = async (from: number, to: number) => {
    const order = [...(fields ?? [])];
    order.splice(to, 0, ...order.splice(from, 1));
    setMoving(true);
    try {
      const moved = order.flatMap((field, index) => (field.position === index + 1 ? [] : [{ field, position: index + 1 }]));
      for (const { field, position } of moved)
        await perform("fields.update", { id: field.id, data: { position } }, { ifMatch: field.version });
    } catch (error) {
      refuse(error);
    } finally {
      await reread();
      setMoving(false);
    }
  };
  const remove = async (field: CustomField) => {
    const n = await filledIn(resource.name, field.key);
    ask({
      title: t("field.delete_ask", { name: field.label }),
      text: n === null ? t("field.delete_why") : t("field.delete_count", { n, noun: noun(resource, n) }),
      verb: t("field.delete_do"),
      isDestructive: true,
      run: async () => {
        await perform("fields.delete", { id: field.id }, { ifMatch: field.version });
        await reread();
        tell(t("field.deleted", { name: field.label }));
      },
    });
  };
  const add = (
    <Button variant="filled" leftSection={<IconPlus size={14} stroke={2} />} onClick={() => setEditing({ field: null })}>
      {t("field.new")}
    </Button>
  );
  const typeOf = (type: string) => {
    const option = customFields.fields.type.options?.find(({ value }) => value === type);
    return option ? label(option.label) : type;
  };
  const last = (fields?.length ?? 0) - 1;
  return (
    <>
      {fields?.length ? <PageActions>{add}</PageActions> : null}
      <div className="settings-tools">
        <SegmentedControl
          aria-label={t("field.of")}
          value={resource.name}
          onChange={(name) => void navigate({ to: `/settings/fields/${name}` as string })}
          data={open.map((one) => ({ value: one.name, label: one.label[language][1] }))}
        />
      </div>
      {fields?.length === 0 ? (
        <EmptyState title={t("field.none")} text={t("field.none_why", { many: resource.label[language][1] })} actions={add} />
      ) : (
        <ul className="set-rows settings-narrow">
          {fields?.map((field, index) => (
            <li className="set-row" key={field.id}>
              <span className="set-row-words">
                <span className="set-row-name">{field.label}</span>
                <span className="set-row-text">
                  <span className="mono">{field.key}</span>
                  {", "}
                  {[typeOf(field.type), field.required ? t("field.required") : "", field.unique ? t("field.unique") : ""]
                    .filter(Boolean)
                    .join(", ")}
                </span>
              </span>
              <Tool
                label={t("list.column_up", { name: field.label })}
                isOff={index === 0 || isMoving}
                onClick={() => void move(index, index - 1)}
              >
                <IconArrowUp size={16} stroke={1.75} />
              </Tool>
              <Tool
                label={t("list.column_down", { name: field.label })}
                isOff={index === last || isMoving}
                onClick={() => void move(index, index + 1)}
              >
                <IconArrowDown size={16} stroke={1.75} />
              </Tool>
              <Menu position="bottom-end">
                <Menu.Target>
                  <ActionIcon aria-label={t("members.more", { name: field.label })}>
                    <IconDots size={16} stroke={1.75} />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item leftSection={<IconPencil size={16} stroke={1.75} />} onClick={() => setEditing({ field })}>
                    {t("field.edit")}
                  </Menu.Item>
                  <Menu.Divider />
                  <Menu.Item color="red" leftSection={<IconTrash size={16} stroke={1.75} />} onClick={() => void remove(field)}>
                    {t("field.delete")}
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            </li>
          ))}
        </ul>
      )}
      {editing ? (
        <FieldDialog
          resource={resource}
          field={editing.field}
          taken={(fields ?? []).map(({ key }) => key)}
          last={fields?.length ?? 0}
          onClose={() => setEditing(null)}
          onSaved={reread}
        />
      ) : null}
    </>
  );
}

/** How many records have a value in a field; null where that cannot be asked. */
async function filledIn(resource: string, key: string): Promise<number | null> {
  const filter = JSON.stringify({ field: `custom.${key}`, op: "is_not_empty" });
  const page = await perform<{ total: number | null }>(`${resource}.list`, { filter, limit: 1, fields: "id", count: "exact" }).catch(
    () => null,
  );
  return page?.total ?? null;
}
