import { IconPencil, IconTag, IconTrash, IconUserPlus } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import type { Resource } from "../../../../src/domain/kit/resource.ts";
import { useMay } from "../../kit/session.ts";
import { Key } from "../../kit/signs.tsx";
import { useWords } from "../../kit/words.ts";
import { type BulkAction, useBulkRunner } from "../../shell/selected.ts";
import type { Column } from "../columns.ts";
import type { ListQuery, Rows } from "../rows.ts";
import type { Selecting } from "../table/selection.ts";
import { BulkDialog } from "./bulk-dialog.tsx";

type Props = {
  readonly resource: Resource;
  readonly rows: Rows;
  readonly query: ListQuery;
  readonly columns: readonly Column[];
  readonly selecting: Selecting;
};

/** What can be done with the selected rows. */
export function BulkBar({ resource, rows, query, columns, selecting }: Props) {
  const { t, number } = useWords();
  const may = useMay();
  const [action, setAction] = useState<BulkAction | null>(null);
  const total = rows.total ?? 0;
  const count = selecting.countOf(total);
  useBulkRunner(setAction);
  // What the role allows for nobody's records is refused row by row; what it never allows is not offered.
  const mayEdit = may("edit", resource, "") || resource.owner !== null;
  return (
    <div className="bulk-bar" role="toolbar" aria-label={t("bulk.bar")}>
      <span className="bulk-count">{t("list.selected", { n: count })}</span>
      {selecting.selection.all || count >= total ? null : (
        <button type="button" className="bulk-all" onClick={selecting.all}>
          {t("list.select_matching", { n: rows.isEstimate ? t("list.about", { n: total }) : number(total) })}
        </button>
      )}
      <span className="bulk-line" />
      {mayEdit ? <Action icon={<IconPencil size={16} stroke={1.75} />} text={t("bulk.edit")} onClick={() => setAction("edit")} /> : null}
      {resource.owner ? (
        <Action icon={<IconUserPlus size={16} stroke={1.75} />} text={t("bulk.assign")} onClick={() => setAction("assign")} />
      ) : null}
      {resource.tags ? <Action icon={<IconTag size={16} stroke={1.75} />} text={t("bulk.tag")} onClick={() => setAction("tag")} /> : null}
      <Action icon={<IconTrash size={16} stroke={1.75} />} text={t("bulk.delete")} onClick={() => setAction("delete")} />
      <span className="bulk-line" />
      <button type="button" className="bulk-action" aria-label={t("do.clear")} onClick={selecting.clear}>
        <Key keys="Esc" tone="invert" />
      </button>
      {action ? (
        <BulkDialog
          resource={resource}
          action={action}
          count={count}
          query={query}
          columns={columns}
          selecting={selecting}
          onClose={() => setAction(null)}
        />
      ) : null}
    </div>
  );
}

const Action = ({ icon, text, onClick }: { readonly icon: ReactNode; readonly text: string; readonly onClick: () => void }) => (
  <button type="button" className="bulk-action" onClick={onClick}>
    {icon}
    {text}
  </button>
);
