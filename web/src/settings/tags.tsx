import { ActionIcon, Button, Menu, TextInput } from "@mantine/core";
import { IconArrowMerge, IconDots, IconPencil, IconPlus, IconSearch, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { fold } from "../../../src/domain/kit/fold.ts";
import type { TagRecord } from "../../../src/domain/tags/tag.ts";
import { perform } from "../kit/api.ts";
import { ask } from "../kit/dialogs.tsx";
import { EmptyState } from "../kit/empty-state.tsx";
import { useSession } from "../kit/session.ts";
import { Tag } from "../kit/signs.tsx";
import { refuse, tell } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";
import { NoRows } from "./parts.tsx";
import { readAll } from "./read-all.ts";
import { governed } from "./role-draft.ts";
import { PageActions } from "./settings.tsx";
import { MergeDialog, TagDialog } from "./tag-dialogs.tsx";

const tagsKey = ["settings", "tags"] as const;
type Doing = { readonly what: "edit"; readonly tag: TagRecord | null } | { readonly what: "merge"; readonly tag: TagRecord };

/** The words records are marked with: named, coloured, merged and deleted for everybody. */
export function Tags() {
  const { t } = useWords();
  const { role } = useSession();
  const client = useQueryClient();
  const mayManage = role.rights.includes("tags.manage");
  const { data: tags } = useQuery({
    queryKey: tagsKey,
    throwOnError: true,
    queryFn: ({ signal }) => readAll<TagRecord>("tags.list", { sort: "name" }, signal),
  });
  const [text, setText] = useState("");
  const [doing, setDoing] = useState<Doing | null>(null);
  const wanted = fold(text.trim());
  const found = tags?.filter(({ name }) => fold(name).includes(wanted)) ?? [];
  const reread = () => client.invalidateQueries();
  const remove = async (tag: TagRecord) => {
    const n = await countOf(tag).catch((error) => refuse(error));
    if (n === undefined) return;
    ask({
      title: t("tag.delete_ask", { name: tag.name }),
      text: n ? t("tag.delete_why", { n }) : t("tag.delete_unused"),
      verb: n ? t("tag.delete_do", { n }) : t("tag.delete"),
      isDestructive: true,
      run: async () => {
        await perform("tags.delete", { id: tag.id, confirm: "true" });
        await reread();
        tell(t("tag.deleted", { name: tag.name }));
      },
    });
  };
  const add = (
    <Button variant="filled" leftSection={<IconPlus size={14} stroke={2} />} onClick={() => setDoing({ what: "edit", tag: null })}>
      {t("tag.new")}
    </Button>
  );
  if (tags?.length === 0)
    return (
      <>
        <EmptyState title={t("tag.none")} text={t("tag.none_why")} actions={mayManage ? add : null} />
        {doing?.what === "edit" ? <TagDialog tag={null} onClose={() => setDoing(null)} /> : null}
      </>
    );
  return (
    <>
      {mayManage && tags ? <PageActions>{add}</PageActions> : null}
      <div className="settings-tools">
        <TextInput
          type="search"
          size="xs"
          placeholder={t("tag.search")}
          aria-label={t("tag.search")}
          leftSection={<IconSearch size={14} stroke={2} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {tags ? <span className="quiet">{t("tag.count", { n: found.length })}</span> : null}
      </div>
      <ul className="set-rows settings-narrow">
        {found.map((tag) => (
          <li className="set-row" key={tag.id}>
            <span className="set-row-words">
              <Tag name={tag.name} colour={tag.colour} />
            </span>
            {mayManage ? (
              <Menu position="bottom-end">
                <Menu.Target>
                  <ActionIcon aria-label={t("members.more", { name: tag.name })}>
                    <IconDots size={16} stroke={1.75} />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item leftSection={<IconPencil size={16} stroke={1.75} />} onClick={() => setDoing({ what: "edit", tag })}>
                    {t("tag.edit")}
                  </Menu.Item>
                  <Menu.Item leftSection={<IconArrowMerge size={16} stroke={1.75} />} onClick={() => setDoing({ what: "merge", tag })}>
                    {t("tag.merge")}
                  </Menu.Item>
                  <Menu.Divider />
                  <Menu.Item color="red" leftSection={<IconTrash size={16} stroke={1.75} />} onClick={() => void remove(tag)}>
                    {t("tag.delete")}
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            ) : null}
          </li>
        ))}
      </ul>
      {found.length === 0 && wanted ? <NoRows>{t("settings.none_found", { text })}</NoRows> : null}
      {doing?.what === "edit" ? <TagDialog tag={doing.tag} onClose={() => setDoing(null)} /> : null}
      {doing?.what === "merge" ? <MergeDialog tag={doing.tag} tags={tags ?? []} onClose={() => setDoing(null)} /> : null}
    </>
  );
}

/** How many records of mine to see carry a tag. */
export async function countOf({ id }: TagRecord): Promise<number> {
  const filter = JSON.stringify({ field: "tags", op: "has_tag", value: id });
  const totals = await Promise.all(
    governed
      .filter(({ tags }) => tags)
      .map(({ name }) => perform<{ total: number | null }>(`${name}.list`, { filter, limit: 1, fields: "id", count: "exact" })),
  );
  return totals.reduce((sum, { total }) => sum + (total ?? 0), 0);
}
