import { Button } from "@mantine/core";
import type { AnyRecord } from "../../../src/domain/kit/resource.ts";
import { Avatar } from "../kit/avatar.tsx";
import { isEmpty, textOf, type Values } from "../kit/cells.tsx";
import { formatInstant } from "../kit/format.ts";
import { useMembers } from "../kit/session.ts";
import { useWords } from "../kit/words.ts";
import { type Column, valueIn } from "./columns.ts";

type Props = { readonly theirs: AnyRecord; readonly column: Column; readonly onMine: () => void; readonly onTheirs: () => void };

/** Somebody else set the field that is being edited: who, to what and when; what was typed stays untouched. */
export function CollisionNotice({ theirs, column, onMine, onTheirs }: Props) {
  const words = useWords();
  const { t } = words;
  const members = useMembers();
  const who = theirs.updated_by ? members.get(theirs.updated_by)?.name : null;
  const value = valueIn(theirs, column.key);
  const when = formatInstant(theirs.updated_at, words);
  const what = isEmpty(value)
    ? t("collision.cleared", { when })
    : t("collision.set", { value: textOf(value, column.field, theirs as Values, words, members, column.key), when });
  return (
    <div className="collision" role="alert">
      <Avatar id={theirs.updated_by ?? ""} name={who ?? "?"} size={18} />
      <span>
        <b>{who ?? t("timeline.somebody")}</b> {what}
      </span>
      <span className="collision-actions">
        <Button size="xs" variant="subtle" onMouseDown={(event) => event.preventDefault()} onClick={onMine}>
          {t("collision.mine")}
        </Button>
        <Button size="xs" onMouseDown={(event) => event.preventDefault()} onClick={onTheirs}>
          {t("collision.theirs")}
        </Button>
      </span>
    </div>
  );
}
