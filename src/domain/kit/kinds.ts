import { formatAddress, parseAddress } from "./address.ts";
import { isDate } from "./calendar-date.ts";
import { isCountry } from "./country.ts";
import type { Operator } from "./criteria.ts";
import { parseDomain } from "./domain-name.ts";
import { parseEmail } from "./email.ts";
import type { Field, Kind, TextFormat } from "./fields.ts";
import { isInstant, isTimeZone, toUtc } from "./instant.ts";
import { formatMinor, isCurrency } from "./money.ts";
import type { Parsed } from "./parsed.ts";
import { formatPhone, parsePhone } from "./phone.ts";

export type JsonSchema = { readonly [key: string]: unknown };

/** What reading a value may depend on. */
export type ReadContext = { readonly country: string | null };

/** What a kind of field answers to every layer that needs no outside world. */
type Answers = {
  readonly schema: (field: Field) => JsonSchema;
  readonly operators: readonly Operator[];
  /** Checks and normalises one value as JSON brings it. */
  readonly read: (value: unknown, field: Field, context: ReadContext) => Parsed<unknown>;
  /** The JSON value meant by a text of a CSV cell or a query parameter. */
  readonly fromText: (text: string, field: Field) => unknown;
  /** The text of an exported cell. */
  readonly toText: (value: unknown, field: Field, record: Readonly<Record<string, unknown>>) => string;
};

const good = <T>(value: T): Parsed<T> => ({ ok: true, value });
const bad = (code: string, message: string): Parsed<never> => ({ ok: false, code, message });

const textOperators = [
  "eq",
  "neq",
  "in",
  "not_in",
  "contains",
  "not_contains",
  "starts_with",
  "ends_with",
  "is_empty",
  "is_not_empty",
] as const;
const orderOperators = ["eq", "neq", "in", "not_in", "gt", "gte", "lt", "lte", "between", "is_empty", "is_not_empty"] as const;
const timeOperators = [...orderOperators, "before", "after", "in_last", "in_next"] as const;
const setOperators = ["eq", "neq", "in", "not_in", "is_empty", "is_not_empty"] as const;

const asIs = (text: string) => text;
const plain = (value: unknown) => String(value);
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text is an id of ours. */
export const isId = (value: unknown): value is string => typeof value === "string" && uuid.test(value);

export const kinds: Readonly<Record<Kind, Answers>> = {
  text: {
    schema: (field) => ({ type: "string", maxLength: longest(field), ...(field.format ? formats[field.format].schema : {}) }),
    operators: textOperators,
    read: (value, field) => {
      const text = readText(value, longest(field));
      return text.ok && field.format ? formats[field.format].read(text.value) : text;
    },
    fromText: asIs,
    toText: plain,
  },
  long_text: {
    schema: (field) => ({ type: "string", maxLength: longest(field) }),
    operators: ["contains", "not_contains", "is_empty", "is_not_empty"],
    read: (value, field) => readText(value, longest(field)),
    fromText: asIs,
    toText: plain,
  },
  email: {
    schema: () => ({ type: "string", format: "idn-email", maxLength: 254 }),
    operators: textOperators,
    read: (value) => through(readText(value, 320), parseEmail),
    fromText: asIs,
    toText: plain,
  },
  phone: {
    schema: () => ({ type: "string", maxLength: 50, description: "Any way of writing a phone number; stored as E.164." }),
    operators: textOperators,
    read: (value, _, { country }) => through(readText(value, 50), (typed) => through(parsePhone(typed, country), ({ e164 }) => good(e164))),
    fromText: asIs,
    toText: (value) => formatPhone(String(value)),
  },
  url: {
    schema: () => ({ type: "string", format: "uri", maxLength: 2_000 }),
    operators: textOperators,
    read: (value) => through(readText(value, 2_000), readUrl),
    fromText: asIs,
    toText: plain,
  },
  integer: {
    schema: (field) => ({ type: "integer", minimum: field.min ?? -Number.MAX_SAFE_INTEGER, maximum: field.max ?? Number.MAX_SAFE_INTEGER }),
    operators: orderOperators,
    read: readInteger,
    fromText: numberFrom,
    toText: plain,
  },
  decimal: {
    schema: (field) => ({ type: "string", pattern: `^-?\\d{1,12}(\\.\\d{1,${field.scale ?? 6}})?$` }),
    operators: orderOperators,
    read: readDecimal,
    fromText: asIs,
    toText: plain,
  },
  money: {
    schema: (field) => ({
      type: "integer",
      minimum: field.min ?? -Number.MAX_SAFE_INTEGER,
      maximum: field.max ?? Number.MAX_SAFE_INTEGER,
      description: "Minor units of the currency beside it.",
    }),
    operators: orderOperators,
    read: readInteger,
    fromText: numberFrom,
    toText: (value, field, record) => formatMinor(Number(value), String(record[field.currency ?? ""] ?? "EUR")),
  },
  date: {
    schema: () => ({ type: "string", format: "date" }),
    operators: timeOperators,
    read: (value) =>
      typeof value === "string" && isDate(value.trim()) ? good(value.trim()) : bad("DATE_INVALID", "Write the date as YYYY-MM-DD."),
    fromText: asIs,
    toText: plain,
  },
  instant: {
    schema: () => ({ type: "string", format: "date-time" }),
    operators: timeOperators,
    read: readInstant,
    fromText: asIs,
    toText: plain,
  },
  boolean: {
    schema: () => ({ type: "boolean" }),
    operators: ["eq", "neq", "is_empty", "is_not_empty"],
    read: (value) => (typeof value === "boolean" ? good(value) : bad("TYPE", "Send true or false.")),
    fromText: (text) => booleanWords[text.trim().toLowerCase()] ?? text,
    toText: plain,
  },
  choice: {
    schema: (field) => ({ type: "string", enum: values(field) }),
    operators: setOperators,
    read: readChoice,
    fromText: asIs,
    toText: plain,
  },
  choices: {
    schema: (field) => ({ type: "array", items: { type: "string", enum: values(field) }, uniqueItems: true, maxItems: 100 }),
    operators: setOperators,
    read: readChoices,
    fromText: (text) =>
      text
        .split(/[;,]/)
        .map((part) => part.trim())
        .filter(Boolean),
    toText: (value) => (value as readonly string[]).join("; "),
  },
  reference: {
    schema: () => ({ type: "string", format: "uuid" }),
    operators: setOperators,
    read: (value) => (isId(lower(value)) ? good(lower(value)) : bad("REFERENCE_NOT_FOUND", "Give the id of an existing record.")),
    fromText: asIs,
    toText: plain,
  },
  references: {
    schema: () => ({
      type: "array",
      maxItems: 100,
      items: {
        type: "object",
        required: ["id"],
        additionalProperties: false,
        properties: { id: { type: "string", format: "uuid" }, role: { type: ["string", "null"], maxLength: 255 } },
      },
    }),
    operators: setOperators,
    read: readLinks,
    fromText: (text) =>
      text
        .split(/[;,]/)
        .map((part) => ({ id: part.trim() }))
        .filter(({ id }) => id),
    toText: (value) => (value as readonly { id: string }[]).map(({ id }) => id).join("; "),
  },
  address: {
    schema: () => ({
      type: "object",
      additionalProperties: false,
      properties: Object.fromEntries(
        ["street", "city", "region", "postal_code", "country"].map((part) => [part, { type: ["string", "null"], maxLength: 255 }]),
      ),
    }),
    operators: ["contains", "not_contains", "is_empty", "is_not_empty"],
    read: parseAddress,
    fromText: (text) => ({ street: text }),
    toText: (value) => formatAddress(value as Parameters<typeof formatAddress>[0]),
  },
  json: {
    schema: () => ({ description: "Any JSON value up to 10,000 characters and 20 levels." }),
    operators: ["is_empty", "is_not_empty"],
    read: readJson,
    fromText: (text) => parseOr(text),
    toText: (value) => JSON.stringify(value),
  },
};

/** What the kind of a field, or of each item of its list, makes of a JSON value; blank counts as nothing. */
export function readValue(value: unknown, field: Field, context: ReadContext): Parsed<unknown> {
  if (value === null || (typeof value === "string" && value.trim() === "" && !field.many)) return good(null);
  const { read } = kinds[field.kind];
  if (!field.many) return read(value, field, context);
  if (!Array.isArray(value)) return bad("TYPE", "Send a list.");
  if (value.length > 100) return bad("TOO_LONG", "At most 100 entries.");
  const items: unknown[] = [];
  for (const item of value) {
    const parsed = read(item, field, context);
    if (!parsed.ok) return parsed;
    if (!items.includes(parsed.value)) items.push(parsed.value);
  }
  return good(items);
}

/** The JSON Schema of a field's value, null included where it may be empty. */
export function schemaOf(field: Field): JsonSchema {
  const one = kinds[field.kind].schema(field);
  const value: JsonSchema = field.many ? { type: "array", items: one, maxItems: 100 } : one;
  const described = { ...value, title: field.label.en, ...(field.example === undefined ? {} : { examples: [field.example] }) };
  if (field.required) return described;
  const { enum: values, ...rest } = described as unknown as JsonSchema & { enum?: unknown[]; type?: string };
  if (!rest.type) return described;
  return { ...rest, type: [rest.type, "null"], ...(values ? { enum: [...values, null] } : {}) };
}

const formats: Readonly<Record<TextFormat, { schema: JsonSchema; read: (text: string) => Parsed<string> }>> = {
  domain: { schema: { format: "hostname", description: "Also read from a web address." }, read: parseDomain },
  currency: {
    schema: { pattern: "^[A-Z]{3}$", description: "ISO 4217" },
    read: (text) =>
      isCurrency(text.toUpperCase()) ? good(text.toUpperCase()) : bad("CURRENCY_INVALID", "Give an ISO 4217 currency code such as EUR."),
  },
  colour: {
    schema: { enum: ["slate", "rose", "clay", "olive", "moss", "teal", "sky", "iris", "plum"] },
    read: (text) => (hues.has(text) ? good(text) : bad("COLOUR_UNKNOWN", `Choose one of ${[...hues].join(", ")}.`)),
  },
  key: {
    schema: { pattern: "^[a-z][a-z0-9_]{0,49}$" },
    read: (text) =>
      /^[a-z][a-z0-9_]{0,49}$/.test(text)
        ? good(text)
        : bad("KEY_INVALID", "Use lower-case letters, digits and underscores, beginning with a letter, at most 50."),
  },
  time_zone: {
    schema: {},
    read: (text) => (isTimeZone(text) ? good(text) : bad("TIME_ZONE_UNKNOWN", "Give an IANA time zone such as Europe/Berlin.")),
  },
  country: {
    schema: { pattern: "^[A-Z]{2}$", description: "ISO 3166-1" },
    read: (text) =>
      isCountry(text.toUpperCase()) ? good(text.toUpperCase()) : bad("COUNTRY_UNKNOWN", "Give an ISO 3166 country code such as DE."),
  },
};
const hues = new Set(["slate", "rose", "clay", "olive", "moss", "teal", "sky", "iris", "plum"]);
const booleanWords: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  ja: true,
  "1": true,
  false: false,
  no: false,
  nein: false,
  "0": false,
};

/** One-line texts hold 255 characters and long ones 100,000 unless the field says otherwise. */
const longest = (field: Field): number => field.max ?? (field.kind === "long_text" ? 100_000 : 255);
const values = (field: Field): string[] => (field.options ?? []).map(({ value }) => value);
const lower = (value: unknown): unknown => (typeof value === "string" ? value.trim().toLowerCase() : value);

function through<A, B>(parsed: Parsed<A>, next: (value: A) => Parsed<B>): Parsed<B> {
  return parsed.ok ? next(parsed.value) : parsed;
}

function readText(value: unknown, max: number): Parsed<string> {
  if (typeof value !== "string") return bad("TYPE", "Send a text.");
  const text = value.trim();
  if (text.includes("\0")) return bad("NUL", "Take out the NUL character.");
  if (text.length > max && [...text].length > max) return bad("TOO_LONG", `At most ${max} characters.`);
  return good(text.isWellFormed() ? text : text.toWellFormed());
}

function readUrl(text: string): Parsed<string> {
  const address = /^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`;
  const known = URL.canParse(address) ? new URL(address) : null;
  return known && /^https?:$/.test(known.protocol) && known.hostname.includes(".")
    ? good(address)
    : bad("URL_INVALID", "Give a web address that begins with https:// or http://.");
}

function readInteger(value: unknown, { min = -Number.MAX_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER }: Field): Parsed<number> {
  if (typeof value !== "number" || !Number.isInteger(value)) return bad("TYPE", "Send a whole number.");
  if (value < min || value > max) return bad("OUT_OF_RANGE", `Send a whole number from ${min} to ${max}.`);
  return good(value === 0 ? 0 : value);
}

function readDecimal(value: unknown, { scale = 6 }: Field): Parsed<string> {
  const text = typeof value === "number" ? String(value) : typeof value === "string" ? value.trim() : "";
  const parts = /^(-?)0*(\d{1,12})(?:\.(\d+?)0*)?$/.exec(text);
  if (!parts || (parts[3]?.length ?? 0) > scale)
    return bad("DECIMAL_INVALID", `Send a decimal with at most 12 digits before and ${scale} after the point.`);
  const fraction = parts[3] && parts[3] !== "0" ? `.${parts[3]}` : "";
  const digits = `${parts[2]}${fraction}`;
  return good(digits === "0" ? "0" : `${parts[1]}${digits}`);
}

function readInstant(value: unknown): Parsed<string> {
  return typeof value === "string" && isInstant(value.trim())
    ? good(toUtc(value.trim()))
    : bad("INSTANT_INVALID", "Write the time as RFC 3339, such as 2026-11-24T14:00:00Z.");
}

function readChoice(value: unknown, field: Field): Parsed<string> {
  const known = typeof value === "string" && values(field).includes(value.trim());
  return known ? good((value as string).trim()) : bad("NOT_A_CHOICE", `Choose one of ${values(field).join(", ")}.`);
}

function readChoices(value: unknown, field: Field): Parsed<readonly string[]> {
  if (!Array.isArray(value)) return bad("TYPE", "Send a list.");
  const chosen = new Set<string>();
  for (const item of value) {
    const one = readChoice(item, field);
    if (!one.ok) return one;
    chosen.add(one.value);
  }
  return good([...chosen]);
}

function readLinks(value: unknown): Parsed<readonly { id: string; role: string | null }[]> {
  if (!Array.isArray(value)) return bad("TYPE", "Send a list of { id, role }.");
  if (value.length > 100) return bad("TOO_LONG", "At most 100 entries.");
  const links = new Map<string, { id: string; role: string | null }>();
  for (const item of value) {
    const { id, role = null, ...more } = (typeof item === "string" ? { id: item } : (item ?? {})) as { id?: unknown; role?: unknown };
    if (!isId(lower(id)) || Object.keys(more).length)
      return bad("REFERENCE_NOT_FOUND", "Give a list of { id, role }, each with the id of an existing record.");
    const words = role === null ? good(null) : readText(role, 255);
    if (!words.ok) return words;
    const key = lower(id) as string;
    links.set(key, { id: key, role: words.value || null });
  }
  return good([...links.values()]);
}

function readJson(value: unknown): Parsed<unknown> {
  const text = JSON.stringify(value);
  if (text.length > 10_000) return bad("TOO_LONG", "At most 10,000 characters of JSON.");
  if (text.includes("\\u0000")) return bad("NUL", "Take out the NUL character.");
  if (depthOf(value) > 20) return bad("TOO_DEEP", "At most 20 levels of JSON.");
  return good(JSON.parse(text.toWellFormed()));
}

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

function numberFrom(text: string): unknown {
  const trimmed = text.trim();
  return /^-?\d{1,16}$/.test(trimmed) ? Number(trimmed) : text;
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
