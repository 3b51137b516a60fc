import type { Address } from "./address.ts";
import { checkNumbering, type Numbering } from "./numbering.ts";

/** The kinds of value a field can hold. Every layer answers each of them once and exhaustively. */
export const kindNames = [
  "text",
  "long_text",
  "email",
  "phone",
  "url",
  "integer",
  "decimal",
  "money",
  "date",
  "instant",
  "boolean",
  "choice",
  "choices",
  "reference",
  "references",
  "address",
  "json",
] as const;
export type Kind = (typeof kindNames)[number];

/** Who writes a field: anyone with the right, only whoever creates the record, verbs alone, or the kernel itself. */
export type Writer = "anyone" | "creation" | "verbs" | "kernel";

/** A word of the interface in the languages the product speaks. */
export type Label = { readonly en: string; readonly de: string };

/** Texts with a grammar of their own, checked and normalised wherever they are read. */
export type TextFormat = "domain" | "currency" | "colour" | "key" | "time_zone" | "country";

export type Tone = "neutral" | "good" | "warn" | "bad";
export type Option = { readonly value: string; readonly label: Label; readonly colour?: string; readonly tone?: Tone };

/** One link to another record and what it is there. */
export type Link = { readonly id: string; readonly role: string | null };

export type Field<Value = unknown, Required extends boolean = boolean> = {
  readonly kind: Kind;
  readonly label: Label;
  readonly help?: Label;
  readonly required: Required;
  readonly writer: Writer;
  readonly unique: boolean;
  /** A list of such values, kept in order. */
  readonly many: boolean;
  readonly format?: TextFormat;
  readonly min?: number;
  readonly max?: number;
  /** Digits after the point of a decimal. */
  readonly scale?: number;
  readonly options?: readonly Option[];
  /** The resource a reference points to. */
  readonly to?: string;
  /** The field beside a money value that names its currency. */
  readonly currency?: string;
  readonly default?: Value;
  readonly example?: unknown;
  /** How new records are numbered in this field. */
  readonly numbering?: Numbering;
  /** A value the kernel makes from the rest of the record with every write. */
  readonly compose?: (record: Readonly<Record<string, unknown>>) => Value | null;
  /** The type of the value; never present at run time. */
  readonly type?: Value;
};

export type Fields = Readonly<Record<string, Field>>;
export type ValueOf<F> = F extends Field<infer V, infer R> ? (R extends true ? V : V | null) : never;

type Options = {
  en?: string;
  de?: string;
  help?: Label;
  required?: boolean;
  unique?: boolean;
  default?: unknown;
  example?: unknown;
};
type RequiredOf<O> = O extends { required: true } ? true : false;
type Limits = { min?: number; max?: number };

function field<V, O extends Options>(kind: Kind, options: O | undefined, more: Partial<Field> = {}): Field<V, RequiredOf<O>> {
  const { en = "", de = "", required = false, unique = false, ...rest } = options ?? ({} as O);
  return { kind, label: { en, de: de || en }, required, unique, many: false, writer: "anyone", ...rest, ...more } as unknown as Field<
    V,
    RequiredOf<O>
  >;
}

export const text = <O extends Options & Limits & { format?: TextFormat }>(options?: O) => field<string, O>("text", options);
export const longText = <O extends Options & Limits>(options?: O) => field<string, O>("long_text", options);
export const email = <O extends Options>(options?: O) => field<string, O>("email", options);
export const phone = <O extends Options>(options?: O) => field<string, O>("phone", options);
export const url = <O extends Options>(options?: O) => field<string, O>("url", options);
export const integer = <O extends Options & Limits>(options?: O) => field<number, O>("integer", options);
export const decimal = <O extends Options & { scale?: number }>(options?: O) => field<string, O>("decimal", options);
export const date = <O extends Options>(options?: O) => field<string, O>("date", options);
export const instant = <O extends Options>(options?: O) => field<string, O>("instant", options);
export const boolean = <O extends Options>(options?: O) => field<boolean, O>("boolean", options);
export const address = <O extends Options>(options?: O) => field<Address, O>("address", options);
export const json = <O extends Options>(options?: O) => field<unknown, O>("json", options);

/** Minor units in the currency that the named field beside it holds. */
export const money = <O extends Options & Limits>(currency: string, options?: O) => field<number, O>("money", options, { currency });

/** The ISO 4217 code that stands beside money. */
export const currency = <O extends Options>(options?: O) => field<string, O>("text", options, { format: "currency" });

export const reference = <O extends Options>(to: string, options?: O) => field<string, O>("reference", options, { to });

/** Links to several records of one resource, each with a role in words. */
export const references = <O extends Options>(to: string, options?: O) => field<readonly Link[], O>("references", options, { to });

type ChoiceList = readonly (string | Option)[];
type ValuesOf<C extends ChoiceList> = C[number] extends infer I ? (I extends string ? I : I extends { value: infer V } ? V : never) : never;

export const choice = <const C extends ChoiceList, O extends Options>(values: C, options?: O) =>
  field<ValuesOf<C>, O>("choice", options, { options: values.map(toOption) });
export const choices = <const C extends ChoiceList, O extends Options>(values: C, options?: O) =>
  field<readonly ValuesOf<C>[], O>("choices", options, { options: values.map(toOption) });

/** One choice with its words; the English one is made from the value where none is given. */
export const option = <const V extends string>(
  value: V,
  de: string,
  more: { en?: string; tone?: Tone } = {},
): Option & { readonly value: V } => ({
  value,
  label: { en: more.en ?? words(value), de },
  ...(more.tone ? { tone: more.tone } : {}),
});

/** Several such values in one field. */
export const list = <V, R extends boolean>(of: Field<V, R>): Field<readonly V[], R> =>
  ({ ...of, many: true }) as unknown as Field<readonly V[], R>;

/** Given when the record is made; afterwards only a verb changes it. */
export const fixed = <V, R extends boolean>(of: Field<V, R>): Field<V, R> => ({ ...of, writer: "creation" });

/** Written by verbs alone. */
export const managed = <V, R extends boolean>(of: Field<V, R>): Field<V, R> => ({ ...of, writer: "verbs" });

/** Counted by the kernel: every new record gets the next number of the pattern, which nobody changes afterwards. */
export function numbered<V extends string, R extends boolean>(of: Field<V, R>, numbering: Numbering): Field<V, R> {
  checkNumbering(numbering);
  return { ...managed(of), numbering };
}

/** Made by the kernel from the rest of the record with every write. */
export const composed = <V, R extends boolean>(
  of: Field<V, R>,
  compose: (record: Readonly<Record<string, unknown>>) => V | null,
): Field<V, false> => ({
  ...of,
  required: false,
  writer: "kernel",
  compose,
});

/** `next_step_date` → `Next step date`: the English word of a field that gives none. */
export function words(key: string): string {
  const spaced = key.replace(/_(id|minor)$/, "").replaceAll("_", " ");
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

const toOption = (value: string | Option): Option =>
  typeof value === "string" ? { value, label: { en: words(value), de: words(value) } } : value;
