import { createHash } from "node:crypto";
import type { CustomDefinition } from "../../../domain/kit/definitions.ts";
import { emailKey } from "../../../domain/kit/email.ts";
import { fold } from "../../../domain/kit/fold.ts";
import { toScaled } from "./columns.ts";

/** A row of `custom_values`: the value of one custom field of one record, typed for finding and sorting. */
export type CustomRow = {
  readonly record_id: string;
  readonly field_id: string;
  readonly item: number;
  readonly text_fold?: string;
  readonly int_value?: string;
  readonly date_value?: string;
  readonly instant_value?: string;
  readonly unique_key: string | null;
};

/** The rows by which a record is found through its custom values; long texts are read, not searched by value. */
export function customRows(
  recordId: string,
  custom: Readonly<Record<string, unknown>>,
  definitions: readonly CustomDefinition[],
): CustomRow[] {
  return definitions.flatMap((definition) => {
    const value = custom[definition.key];
    if (value === undefined || value === null || definition.type === "long_text") return [];
    const items = definition.type === "choices" ? (value as readonly unknown[]) : [value];
    return items.map((item, index) => ({
      record_id: recordId,
      field_id: definition.id,
      item: index,
      ...typed(item, definition),
      unique_key: definition.field.unique ? uniqueKey(item, definition) : null,
    }));
  });
}

// An index holds 2,704 bytes; only a web address can be longer, and is found by how it begins.
const INDEXED = 600;

/** The column of `custom_values` that a type of custom field fills. */
export const customColumns = {
  text: "text_fold",
  long_text: null,
  integer: "int_value",
  decimal: "int_value",
  money: "int_value",
  date: "date_value",
  instant: "instant_value",
  boolean: "int_value",
  choice: "text_fold",
  choices: "text_fold",
  url: "text_fold",
  email: "text_fold",
  phone: "text_fold",
  reference: "text_fold",
} as const satisfies Record<CustomDefinition["type"], string | null>;

function typed(value: unknown, { type, field }: CustomDefinition): Partial<CustomRow> {
  switch (type) {
    case "integer":
      return { int_value: String(value) };
    case "decimal":
      return { int_value: toScaled(String(value), field.scale ?? 6) };
    case "money":
      return { int_value: String((value as { amount_minor: number }).amount_minor) };
    case "boolean":
      return { int_value: value ? "1" : "0" };
    case "date":
      return { date_value: String(value) };
    case "instant":
      return { instant_value: String(value) };
    case "choice":
    case "choices":
    case "phone":
    case "reference":
      return { text_fold: String(value) };
    default:
      return { text_fold: fold(String(value)).slice(0, INDEXED) };
  }
}

/** What must differ between two records for a unique custom field; what is too long for an index stands there by its hash. */
export function uniqueKey(value: unknown, definition: CustomDefinition): string {
  const key = comparedKey(value, definition);
  return Buffer.byteLength(key) <= LONGEST_KEY ? key : `sha256 ${createHash("sha256").update(key).digest("base64url")}`;
}

const LONGEST_KEY = 1_000;

function comparedKey(value: unknown, { type }: CustomDefinition): string {
  if (type === "email") return emailKey(String(value));
  if (type === "text" || type === "url") return fold(String(value));
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
