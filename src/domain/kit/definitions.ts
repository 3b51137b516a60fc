import type { Field, Kind, Option } from "./fields.ts";
import type { Parsed } from "./parsed.ts";

/** The types a field of a workspace's own can have. */
export const customTypes = [
  "text",
  "long_text",
  "integer",
  "decimal",
  "money",
  "date",
  "instant",
  "boolean",
  "choice",
  "choices",
  "url",
  "email",
  "phone",
  "reference",
] as const;
export type CustomType = (typeof customTypes)[number];

/** A custom field as the kernel reads it: its id, and the field it stands for. */
export type CustomDefinition = { readonly id: string; readonly key: string; readonly type: CustomType; readonly field: Field };

/** What a workspace decided about reading and writing its records, under a version. */
export type Definitions = {
  readonly version: number;
  readonly search_code: string;
  readonly country: string | null;
  readonly currency: string;
  readonly time_zone: string;
  readonly language: string;
  readonly fiscal_start_month: number;
  readonly custom: Readonly<Record<string, readonly CustomDefinition[]>>;
};

type Stored = {
  readonly id: string;
  readonly key: string;
  readonly label: string;
  readonly type: CustomType;
  readonly to: string | null;
  readonly options: readonly unknown[] | null;
  readonly required: boolean;
  readonly unique: boolean;
  readonly default: unknown;
};

/** The field that a stored definition stands for. */
export function definitionOf(stored: Stored): CustomDefinition {
  const { id, key, type, label, required, unique } = stored;
  const field: Field = {
    kind: type satisfies Kind,
    label: { en: label, de: label },
    required,
    unique,
    many: false,
    writer: "anyone",
    ...(stored.to ? { to: stored.to } : {}),
    ...(stored.options ? { options: stored.options.map(toOption) } : {}),
    ...(stored.default === null || stored.default === undefined ? {} : { default: stored.default }),
  };
  return { id, key, type, field };
}

function toOption(raw: unknown): Option {
  const { value, label, colour } = (typeof raw === "object" && raw !== null ? raw : { value: raw }) as {
    value: unknown;
    label?: unknown;
    colour?: unknown;
  };
  const words = typeof label === "string" ? label : String(value);
  return { value: String(value), label: { en: words, de: words }, ...(typeof colour === "string" ? { colour } : {}) };
}

/** Money in a custom field carries its currency with it. */
export type CustomMoney = { readonly amount_minor: number; readonly currency: string };

/** A custom money value as a number beside its currency. */
export function readCustomMoney(
  raw: unknown,
  readAmount: (raw: unknown) => Parsed<unknown>,
  readCurrency: (raw: unknown) => Parsed<unknown>,
): Parsed<CustomMoney> {
  const { amount_minor, currency, ...more } = (typeof raw === "object" && raw !== null ? raw : {}) as Record<string, unknown>;
  if (Object.keys(more).length || amount_minor === undefined || currency === undefined) {
    return { ok: false, code: "TYPE", message: "Send { amount_minor, currency }." };
  }
  const amount = readAmount(amount_minor);
  if (!amount.ok) return amount;
  const code = readCurrency(currency);
  if (!code.ok) return code;
  return { ok: true, value: { amount_minor: amount.value as number, currency: code.value as string } };
}
