import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import type { AnyRecord } from "../../../src/domain/kit/resource.ts";
import { useMay } from "../kit/session.ts";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { useWords } from "../kit/words.ts";
import { useOpenPage } from "./attributes.tsx";
import { useColumns } from "./columns.ts";
import { CreateForm } from "./create-form.tsx";
import type { Relation } from "./related.ts";
import { useRows } from "./rows.ts";
import { Grid } from "./table/grid.tsx";

/** The records that point here, as a table one can work in. */
export function RelatedList({ relation: { resource, key }, record }: { readonly relation: Relation; readonly record: AnyRecord }) {
  const { t, one, many, label, language } = useWords();
  const may = useMay();
  const openPage = useOpenPage();
  const [sort, setSort] = useState<string | null>(resource.sort.includes(resource.title) ? resource.title : null);
  const [isCreating, setCreating] = useState(false);
  const query = useMemo(() => ({ filter: { field: key, op: "eq" as const, value: record.id }, sort }), [key, record.id, sort]);
  const rows = useRows(resource, query);
  const all = useColumns(resource);
  const columns = useMemo(() => {
    const keys = [resource.title, ...resource.columns.filter((column) => column !== key && column !== resource.title)];
    return keys.flatMap((name) => all.find((column) => column.key === name) ?? []);
  }, [all, resource, key]);
  const field = resource.fields[key];
  const isParent = resource.parent === key;
  return (
    <section className="related">
      <div className="related-head">
        <h2>{isParent && field ? `${resource.label[language][1]} · ${label(field.label)}` : resource.label[language][1]}</h2>
        <span className="quiet tabular">{rows.total ?? ""}</span>
        <span className="grow" />
        {may("create", resource) ? (
          <Button size="xs" leftSection={<IconPlus size={14} stroke={2} />} onClick={() => setCreating(true)}>
            {t("do.new", { one: one(resource) })}
          </Button>
        ) : null}
      </div>
      {rows.isFirstLoad ? (
        <SkeletonRows rows={3} />
      ) : rows.count === 0 ? (
        <p className="quiet related-none">{t("empty.related", { many: many(resource) })}</p>
      ) : (
        <div className="related-table" style={{ blockSize: Math.min(rows.count, 12) * 40 + 36 }}>
          <Grid
            resource={resource}
            rows={rows}
            columns={columns}
            all={all}
            sort={sort}
            onSort={setSort}
            onOpen={(row, to) => openPage(to?.resource ?? resource.name, to?.id ?? row.id)}
            memoryKey={`${record.id} ${resource.name}.${key}`}
            mayEdit={(row) => may("edit", resource, resource.owner ? row[resource.owner] : null)}
            isEmbedded
          />
        </div>
      )}
      {isCreating ? (
        <CreateForm
          resource={resource}
          initial={{ [key]: record.id }}
          beside={{ [key.replace(/_id$/, "")]: record }}
          onClose={() => setCreating(false)}
          onOpen={(made) => openPage(resource.name, made.id)}
        />
      ) : null}
    </section>
  );
}
