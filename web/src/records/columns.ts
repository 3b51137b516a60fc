import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { resources } from "../../../src/domain/catalogue.ts";
import { definitionOf } from "../../../src/domain/kit/definitions.ts";
import { type Field, references } from "../../../src/domain/kit/fields.ts";
import type { AnyRecord, Resource } from "../../../src/domain/kit/resource.ts";
import { perform } from "../kit/api.ts";
import { isNumeric } from "../kit/cells.tsx";
import { useDenied } from "../kit/session.ts";

/** A field of a record as tables, panels, forms and filters use it: declared, of the workspace's own, or the tags. */
export type Column = {
  readonly key: string;
  readonly field: Field;
  readonly isSortable: boolean;
  /** Anyone with the right may write it; a composed one is written through its parts. */
  readonly isWritable: boolean;
  /** The fields that a composed one is made from. */
  readonly parts: readonly string[];
  readonly isCustom: boolean;
};

/** The resources one works with all day, in the order of the catalogue. */
export const recordResources: readonly Resource[] = resources.filter(({ place }) => place === "records");

/** Every column of a resource, as far as it exists for me. */
export function useColumns(resource: Resource): readonly Column[] {
  const denied = useDenied(resource);
  const { data: custom } = useQuery({
    queryKey: ["fields", resource.name],
    enabled: resource.custom,
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      const { data } = await perform<{ data: readonly Parameters<typeof definitionOf>[0][] }>(
        "fields.list",
        { resource: resource.name, limit: 100, sort: "position" },
        { signal },
      );
      return data.map(definitionOf);
    },
  });
  return useMemo(() => {
    const system = ["created_at", "created_by", "updated_at", "updated_by"].map((key) => [key, resource.all[key]] as const);
    const declared = [...Object.entries(resource.fields), ...system].flatMap(([key, field]) =>
      field ? [declaredColumn(resource, key, field)] : [],
    );
    const own = (custom ?? []).map(
      ({ key, field }): Column => ({ key: `custom.${key}`, field, isSortable: false, isWritable: true, parts: [], isCustom: true }),
    );
    return [...declared, ...(resource.tags ? [tagsColumn] : []), ...own].filter(({ key }) => !denied.includes(key));
  }, [resource, custom, denied]);
}

/** The value of a column in a record. */
export const valueIn = (record: AnyRecord, key: string): unknown =>
  key.startsWith("custom.") ? record.custom?.[key.slice(7)] : record[key];

/** A new value of a column as the API takes it. */
export function inputOf(key: string, value: unknown): Record<string, unknown> {
  if (key === "tags") return { tags: (value as readonly { id: string }[]).map(({ id }) => id) };
  return key.startsWith("custom.") ? { custom: { [key.slice(7)]: value } } : { [key]: value };
}

/** A record as it looks with new values, before the server has said so. */
export function withValue(record: AnyRecord, key: string, value: unknown): AnyRecord {
  return key.startsWith("custom.") ? { ...record, custom: { ...record.custom, [key.slice(7)]: value } } : { ...record, [key]: value };
}

/** The width a column begins with, by the kind of its values. */
export function firstWidth({ key, field }: Column, isTitle: boolean): number {
  if (isTitle) return 184;
  if (key === "tags" || field.kind === "choices") return 218;
  if (isNumeric(field) || ["choice", "boolean", "date", "instant"].includes(field.kind)) return 110;
  if (["email", "url", "address", "long_text"].includes(field.kind)) return 196;
  if (field.to === "members") return 130;
  if (field.kind === "phone") return 134;
  return 186;
}

const tagsColumn: Column = {
  key: "tags",
  field: { ...references("tags"), label: { en: "Tags", de: "Schlagwörter" } },
  isSortable: false,
  isWritable: true,
  parts: [],
  isCustom: false,
};

function declaredColumn(resource: Resource, key: string, field: Field): Column {
  return {
    key,
    field,
    isSortable: resource.sort.includes(key),
    isWritable: field.writer === "anyone",
    parts: field.compose ? partsOf(resource, field) : [],
    isCustom: false,
  };
}

/** Asks the rule itself which fields it composes: those whose marks come out again. */
function partsOf({ fields }: Resource, { compose }: Field): readonly string[] {
  const marks = Object.fromEntries(Object.keys(fields).map((key) => [key, `‹${key}›`]));
  const made = String(compose?.(marks) ?? "");
  return Object.keys(fields).filter((key) => made.includes(`‹${key}›`));
}
