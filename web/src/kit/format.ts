import { exponentOf, isCurrency } from "../../../src/domain/kit/currency.ts";
import type { Words } from "./words.ts";

const formats = new Map<string, Intl.DateTimeFormat>();

function dateFormat(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, options);
  formats.set(key, known);
  return known;
}

const thisYear = () => new Date().getFullYear();

/** A calendar date, `Tue 24 Nov`, with the year only if it is another; it passes through no zone. */
export function formatDate(date: string, { locale }: Words): string {
  const [year = 0, month = 1, day = 1] = date.split("-").map(Number);
  const other = year !== thisYear();
  const format = dateFormat(locale, {
    timeZone: "UTC",
    day: "numeric",
    month: "short",
    ...(other ? { year: "numeric" } : { weekday: "short" }),
  });
  return format.format(Date.UTC(year, month - 1, day)).replaceAll(",", "");
}

/** A moment in words: near ones by their distance, others by their day. */
export function formatInstant(instant: string, words: Words, now = Date.now()): string {
  const at = Date.parse(instant);
  const seconds = Math.round((now - at) / 1000);
  if (seconds >= 0 && seconds < 5) return words.t("time.now");
  if (seconds >= 0 && seconds < 60) return words.t("time.seconds", { n: seconds });
  if (seconds >= 0 && seconds < 3600) return words.t("time.minutes", { n: Math.floor(seconds / 60) });
  if (seconds >= 0 && seconds < 86_400) return words.t("time.hours", { n: Math.floor(seconds / 3600) });
  return formatDate(localDay(at), words);
}

/** Day and time of a moment where the reader is. */
export const formatExact = (instant: string, { locale }: Words): string =>
  dateFormat(locale, { dateStyle: "full", timeStyle: "medium" }).format(Date.parse(instant));

export const formatMonth = (instant: string, { locale }: Words): string =>
  dateFormat(locale, { month: "long", year: "numeric" }).format(Date.parse(instant));

/** Minor units as people read them: the symbol where the locale puts it, cents only where they are asked for. */
export function formatMoney(minor: number, currency: string, { language, locale }: Words, cents = false): string {
  if (!isCurrency(currency)) return String(minor);
  const digits = exponentOf(currency);
  const whole = minor % 10 ** digits === 0;
  return new Intl.NumberFormat(language === "en" ? "en-US" : locale, {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: whole && !cents ? 0 : digits,
    maximumFractionDigits: digits,
  })
    .format(minor / 10 ** digits)
    .replace("-", "−");
}

function localDay(ms: number): string {
  const date = new Date(ms);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** A record number or an amount typed the way this locale writes it, as a plain decimal. */
export function plainNumber(text: string, { language }: Words): string {
  const bare = text.replace(/[\s\u00a0\u202f’']/g, "").replace("−", "-");
  return language === "de" ? bare.replaceAll(".", "").replace(",", ".") : bare.replaceAll(",", "");
}
