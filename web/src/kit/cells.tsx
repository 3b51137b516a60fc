import { type ReactNode, useEffect, useState } from "react";
import { resourceNamed } from "../../../src/domain/catalogue.ts";
import { type Address, formatAddress } from "../../../src/domain/kit/address.ts";
import type { Field, Kind, Link } from "../../../src/domain/kit/fields.ts";
import type { Tag } from "../../../src/domain/kit/resource.ts";
import { Avatar, isHue, isPeople } from "./avatar.tsx";
import { formatDate, formatExact, formatInstant, formatMoney } from "./format.ts";
import { useMembers } from "./session.ts";
import { Nothing, Status, Tags } from "./signs.tsx";
import { useWords, type Words } from "./words.ts";

export type Values = Readonly<Record<string, unknown>>;
export type CellProps = { readonly name: string; readonly field: Field; readonly value: unknown; readonly record: Values };

/** How a value of each kind is shown, in a cell as in an attribute. */
const cells = {
  text: TextCell,
  long_text: TextCell,
  email: QuietCell,
  url: QuietCell,
  phone: PhoneCell,
  integer: NumberCell,
  decimal: NumberCell,
  money: MoneyCell,
  date: DateCell,
  instant: InstantCell,
  boolean: BooleanCell,
  choice: ChoiceCell,
  choices: ChoicesCell,
  reference: ReferenceCell,
  references: ReferencesCell,
  address: AddressCell,
  json: JsonCell,
} satisfies Record<Kind, (props: CellProps) => ReactNode>;

/** A value of any field. */
export function Cell(props: CellProps) {
  const { field, value } = props;
  if (isEmpty(value)) return <Nothing />;
  if (field.many) return <ManyCell {...props} />;
  const View = cells[field.kind];
  return <View {...props} />;
}

export const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

/** Kinds whose values stand at the right, in tabular figures. */
export const isNumeric = ({ kind, many }: Field): boolean => !many && (kind === "integer" || kind === "decimal" || kind === "money");

/** A value as plain text: for the clipboard, tooltips and what is read aloud. */
export function textOf(
  value: unknown,
  field: Field,
  record: Values,
  words: Words,
  members: ReadonlyMap<string, { name: string }>,
  name: string,
): string {
  if (isEmpty(value)) return "";
  if (field.to === "tags") return (value as readonly Tag[]).map((tag) => tag.name).join(", ");
  if (Array.isArray(value) && field.kind !== "references")
    return value.map((item) => textOf(item, { ...field, many: false }, record, words, members, name)).join(", ");
  switch (field.kind) {
    case "money":
      return moneyText(value, field, record, words);
    case "date":
      return String(value);
    case "instant":
      return formatExact(String(value), words);
    case "boolean":
      return words.t(value ? "value.yes" : "value.no");
    case "choice":
    case "choices": {
      const option = field.options?.find((one) => one.value === value);
      return option ? words.label(option.label) : String(value);
    }
    case "reference":
      return referenceName(String(value), field, record, name, members) ?? String(value);
    case "references":
      return Array.isArray(value) ? String(value.length) : "";
    case "address":
      return formatAddress(value as Address);
    case "json":
      return JSON.stringify(value);
    default:
      return String(value);
  }
}

/** What a reference points to is called: a member of the directory, or a record that the answer brought along. */
export function referenceName(
  id: string,
  field: Field,
  record: Values,
  name: string,
  members: ReadonlyMap<string, { name: string }>,
): string | null {
  if (field.to === "members") return members.get(id)?.name ?? null;
  const beside = record[embeddedKey(name)] as Values | null | undefined;
  if (!beside || beside.id !== id) return null;
  const target = field.to ? resourceNamed(field.to) : undefined;
  return String(beside[target?.title ?? "name"] ?? "");
}

/** `company_id` → `company`, under which an answer brings the record along. */
export const embeddedKey = (name: string): string => name.replace(/_id$/, "");

function TextCell({ field, value }: CellProps) {
  const text = String(value);
  if (field.format === "colour" && isHue(text)) return <Tags tags={[{ name: text, colour: text }]} />;
  return <span className="cell-text">{text}</span>;
}

function QuietCell({ value }: CellProps) {
  return <span className="cell-text cell-quiet">{String(value)}</span>;
}

function PhoneCell({ value }: CellProps) {
  return <span className="cell-text cell-quiet tabular">{usePhone(String(value))}</span>;
}

/** A number in groups of digits; the plans of all countries arrive after the first paint. */
function usePhone(e164: string): string {
  const [text, setText] = useState(() => formatPhone?.(e164) ?? e164);
  useEffect(() => {
    if (formatPhone) return setText(formatPhone(e164));
    let isCurrent = true;
    void import("../../../src/domain/kit/phone.ts").then((phones) => {
      formatPhone = phones.formatPhone;
      if (isCurrent) setText(phones.formatPhone(e164));
    });
    return () => {
      isCurrent = false;
    };
  }, [e164]);
  return text;
}
let formatPhone: ((e164: string) => string) | null = null;

function NumberCell({ value }: CellProps) {
  const { number } = useWords();
  const text = typeof value === "number" ? number(value) : decimalText(String(value), number);
  return <span className="cell-text tabular">{text.replace("-", "−")}</span>;
}

/** A decimal keeps the digits it came with: they may be more than a number holds. */
function decimalText(text: string, number: (value: number) => string): string {
  const [whole = "0", fraction] = text.split(".");
  const point = number(0.5).charAt(1);
  return `${number(Number(whole))}${fraction ? point + fraction : ""}`;
}

function MoneyCell({ value, field, record }: CellProps) {
  return <span className="cell-text tabular">{moneyText(value, field, record, useWords())}</span>;
}

function moneyText(value: unknown, field: Field, record: Values, words: Words): string {
  if (typeof value === "object" && value !== null) {
    const { amount_minor, currency } = value as { amount_minor: number; currency: string };
    return formatMoney(amount_minor, currency, words);
  }
  return formatMoney(Number(value), String(record[field.currency ?? ""] ?? ""), words);
}

function DateCell({ value }: CellProps) {
  return <span className="cell-text tabular">{formatDate(String(value), useWords())}</span>;
}

function InstantCell({ value }: CellProps) {
  const words = useWords();
  return (
    <time className="cell-text cell-quiet tabular" dateTime={String(value)} title={formatExact(String(value), words)}>
      {formatInstant(String(value), words)}
    </time>
  );
}

function BooleanCell({ value, field }: CellProps) {
  const { label } = useWords();
  return <span className="check" role="img" data-checked={value === true} aria-label={`${label(field.label)}: ${value ? "✓" : "–"}`} />;
}

function ChoiceCell({ value, field }: CellProps) {
  const option = field.options?.find((one) => one.value === value) ?? { label: { en: String(value), de: String(value) } };
  return <Status option={option} />;
}

function ChoicesCell({ value, field }: CellProps) {
  const { label } = useWords();
  const chosen = (value as readonly string[]).map((one) => {
    const option = field.options?.find((other) => other.value === one);
    return { name: option ? label(option.label) : one, colour: option?.colour ?? "slate" };
  });
  return <Tags tags={chosen} />;
}

function ReferenceCell({ value, field, record, name }: CellProps) {
  const { t } = useWords();
  const members = useMembers();
  const id = String(value);
  const called = referenceName(id, field, record, name, members);
  const target = field.to ? resourceNamed(field.to) : undefined;
  return (
    <span className="cell-reference">
      <Avatar id={id} name={called ?? "?"} isPerson={field.to === "members" || (target ? isPeople(target) : false)} />
      <span className="cell-text">{called ?? t("value.unknown")}</span>
    </span>
  );
}

function ReferencesCell({ value, field }: CellProps) {
  const { number } = useWords();
  if (field.to === "tags") return <Tags tags={value as readonly Tag[]} />;
  return <span className="cell-text tabular">{number((value as readonly Link[]).length)}</span>;
}

function AddressCell({ value }: CellProps) {
  return <span className="cell-text">{formatAddress(value as Address)}</span>;
}

function JsonCell({ value }: CellProps) {
  return <span className="cell-text cell-quiet">{JSON.stringify(value)}</span>;
}

function ManyCell({ value, field, ...rest }: CellProps) {
  const words = useWords();
  const members = useMembers();
  const items = value as readonly unknown[];
  const texts = items.map((item) => textOf(item, { ...field, many: false }, rest.record, words, members, rest.name));
  return <span className="cell-text cell-quiet">{texts.join(", ")}</span>;
}
