import { IconChevronRight } from "@tabler/icons-react";
import { useQueries } from "@tanstack/react-query";
import { PathLink } from "../identity/link.tsx";
import { perform } from "../kit/api.ts";
import { ResourceIcon } from "../kit/icons.tsx";
import { useWords } from "../kit/words.ts";
import { Group } from "./parts.tsx";
import { governed } from "./role-draft.ts";

/** Where what was deleted lies, resource by resource. */
export function Trash() {
  const { t, language } = useWords();
  const kept = governed.filter(({ trash }) => trash);
  const counts = useQueries({
    queries: kept.map(({ name }) => ({
      queryKey: ["settings", "trash", name],
      queryFn: () => perform<{ total: number | null }>(`${name}.list`, { trashed: "true", limit: 1, fields: "id", count: "exact" }),
    })),
  });
  return (
    <div className="settings-narrow">
      <Group title={t("trash.trash")} text={t("empty.trash_why")}>
        <ul className="set-rows">
          {kept.map((resource, index) => (
            <li key={resource.name}>
              <PathLink to={`/${resource.name}/trash`} className="set-row set-row-link">
                <ResourceIcon name={resource.icon} />
                <span className="set-row-words">{resource.label[language][1]}</span>
                <span className="set-row-count">{counts[index]?.data?.total ?? ""}</span>
                <IconChevronRight size={16} stroke={1.75} aria-hidden />
              </PathLink>
            </li>
          ))}
        </ul>
      </Group>
    </div>
  );
}
