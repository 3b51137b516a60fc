import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, IconLink, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import type { AnyRecord, Resource } from "../../../src/domain/kit/resource.ts";
import { useMay } from "../kit/session.ts";
import { refuse, tell } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";
import { trashRecord } from "./save.ts";

type Props = { readonly resource: Resource; readonly record: AnyRecord; readonly onGone: () => void };

/** What else can be done with a record. */
export function RecordMenu({ resource, record, onGone }: Props) {
  const { t } = useWords();
  const client = useQueryClient();
  const may = useMay();
  const copyLink = () => {
    void navigator.clipboard.writeText(new URL(`/${resource.name}/${record.id}`, location.href).href);
    tell(t("do.copied_value"));
  };
  const drop = async () => {
    try {
      await trashRecord(client, resource, record);
      onGone();
    } catch (error) {
      refuse(error, { retry: () => void drop() });
    }
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={t("do.more")}>
          <IconDots size={16} stroke={1.75} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconLink size={16} stroke={1.75} />} onClick={copyLink}>
          {t("do.copy_link")}
        </Menu.Item>
        {may("delete", resource, resource.owner ? record[resource.owner] : null) ? (
          <>
            <Menu.Divider />
            <Menu.Item color="red" leftSection={<IconTrash size={16} stroke={1.75} />} onClick={() => void drop()}>
              {t("do.delete")}
            </Menu.Item>
          </>
        ) : null}
      </Menu.Dropdown>
    </Menu>
  );
}
