import { Checkbox } from "@mantine/core";
import { namedRights } from "../../../src/domain/access/access.ts";
import { useWords, type Word } from "../kit/words.ts";
import { Group } from "./parts.tsx";
import type { Draft } from "./role-draft.ts";

type Props = { readonly stored: Draft; readonly draft: Draft; readonly isFixed: boolean; readonly onToggle: (right: string) => void };

/** Rights beside the matrix: each for one thing of the workspace. */
export function SingleRights({ stored, draft, isFixed, onToggle }: Props) {
  const { t } = useWords();
  return (
    <Group title={t("role.rights")} text={t("role.rights_text")}>
      <div className="set-rights">
        {namedRights.map((right) => {
          const has = draft.rights.includes(right);
          return (
            <Checkbox
              key={right}
              className="set-right"
              label={t(`right.${right}` satisfies Word)}
              description={t(`right.${right}_text` satisfies Word)}
              disabled={isFixed}
              checked={has}
              data-changed={has !== stored.rights.includes(right) || undefined}
              onChange={() => onToggle(right)}
            />
          );
        })}
      </div>
    </Group>
  );
}
