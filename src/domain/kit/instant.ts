import { dateOf, dateOfDay, dayNumber, isDate, type LocalDate } from "./calendar-date.ts";
import { invalid } from "./errors.ts";

/** A moment, RFC 3339 in UTC, in the one spelling that `toUtc` gives it: `2026-11-20T09:30:00.25Z`. */
export type Instant = string;

/** What a clock on the wall of a time zone shows: the day and `HH:MM:SS`. */
export type WallTime = { date: LocalDate; time: string };

/** Whether a text is a moment of RFC 3339 between the years 1 and 9999, whatever its offset. */
export const isInstant = (text: string): boolean => momentOf(text) !== null;

/**
 * A moment in its one spelling: UTC, `T` and `Z`, at most six decimal places (finer is cut off), no trailing zeros, as PostgreSQL
 * prints it; equal moments are equal texts.
 */
export function toUtc(text: string): Instant {
  const moment = momentOf(text);
  if (moment === null) throw invalid("INSTANT_INVALID", "Give a date and time with its offset, such as 2026-11-20T09:30:00Z.");
  const { date, seconds, fraction } = moment;
  return `${date}T${clockOf(seconds)}${fraction === "" ? "" : `.${fraction}`}Z`;
}

/** Orders instants from early to late, of any spelling that `isInstant` accepts. */
export function compareInstants(a: Instant, b: Instant): number {
  // Without its Z, a shorter text is a prefix of a longer one and sorts before it.
  const left = toUtc(a).slice(0, -1);
  const right = toUtc(b).slice(0, -1);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Milliseconds since 1970 of a moment; finer parts are cut off. */
export function msOf(text: Instant): number {
  const moment = momentOf(text);
  if (moment === null) throw invalid("INSTANT_INVALID", "Give a date and time with its offset, such as 2026-11-20T09:30:00Z.");
  return dayNumber(moment.date) * DAY_MS + moment.seconds * 1000 + Number(moment.fraction.padEnd(3, "0").slice(0, 3));
}

/** The one spelling of a moment given in milliseconds since 1970. */
export const instantOf = (ms: number): Instant => toUtc(new Date(ms).toISOString());

/** Whether a text names a time zone, such as Europe/Berlin; a bare offset is none, for it knows no summer time. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) return false;
  try {
    return offsetFormat(name) !== null;
  } catch {
    return false;
  }
}

/** What the wall clock of a time zone shows at a moment. */
export function zoned(instantMs: number, timeZone: string): WallTime {
  const seconds = Math.floor((instantMs + offsetAt(instantMs, timeZone)) / 1000);
  const day = Math.floor(seconds / 86_400);
  return { date: dateOfDay(day), time: clockOf(seconds - day * 86_400) };
}

/** The day it is in a time zone at a moment. */
export const dateIn = (timeZone: string, instantMs: number): LocalDate =>
  dateOfDay(Math.floor((instantMs + offsetAt(instantMs, timeZone)) / DAY_MS));

/**
 * The moment at which the wall clock of a time zone shows a date and time (`HH:MM`, `HH:MM:SS` or `24:00`). A time shown twice is its
 * first showing; one that is skipped is the moment of the skip. So a later time is never an earlier moment.
 */
export function instantOfLocal(date: LocalDate, time: string, timeZone: string): number {
  const local = dayNumber(date) * DAY_MS + secondsOfTime(time) * 1000;
  const before = offsetAt(local - DAY_MS, timeZone);
  const after = offsetAt(local + DAY_MS, timeZone);
  if (before === after) return local - before;
  const early = local - Math.max(before, after);
  if (offsetAt(early, timeZone) === local - early) return early;
  const late = local - Math.min(before, after);
  if (offsetAt(late, timeZone) === local - late) return late;
  return firstWithOffset(after, early, late, timeZone);
}

/** Seconds since midnight of a time of day, `HH:MM` or `HH:MM:SS`, up to 24:00. */
export function secondsOfTime(time: string): number {
  const [, hour, minute, second = "0"] = /^([01]\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?$/.exec(time) ?? [];
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  if (hour === undefined || seconds > 86_400) throw invalid("TIME_INVALID", "Give a time of day such as 09:30.");
  return seconds;
}

/** How far a time zone is ahead of UTC at a moment, in milliseconds. */
export function offsetAt(instantMs: number, timeZone: string): number {
  // Zero is spelled GMT+00:00 or, by other versions of ICU, GMT alone; before standard time offsets had seconds.
  const [, sign, hours = "0", minutes = "0", seconds = "0"] =
    /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(offsetFormat(timeZone).format(instantMs)) ?? [];
  const size = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  return sign === "-" ? -size : size;
}

const DAY_MS = 86_400_000;

const pattern = /^(\d{4}-\d\d-\d\d)[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

type Moment = { date: LocalDate; seconds: number; fraction: string };

function momentOf(text: string): Moment | null {
  const [, date, hour, minute, second, fraction = "", sign, offsetHour = "0", offsetMinute = "0"] = pattern.exec(text) ?? [];
  if (date === undefined || !isDate(date)) return null;
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * 60 * (sign === "-" ? -1 : 1);
  const local = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  const total = dayNumber(date) * 86_400 + local - offset;
  // A leap second stands at the end of a day in UTC only; it becomes the midnight after it, as in PostgreSQL.
  if (second === "60" && total % 86_400 !== 0) return null;
  const day = Math.floor(total / 86_400);
  if (day < FIRST_DAY || day > LAST_DAY) return null;
  return { date: dateOfDay(day), seconds: total - day * 86_400, fraction: second === "60" ? "" : fraction.slice(0, 6).replace(/0+$/, "") };
}

const FIRST_DAY = dayNumber(dateOf(1, 1, 1));
const LAST_DAY = dayNumber(dateOf(9999, 12, 31));

const clockOf = (seconds: number): string => `${twoDigits(seconds / 3600)}:${twoDigits((seconds / 60) % 60)}:${twoDigits(seconds % 60)}`;

const twoDigits = (value: number): string => String(Math.floor(value)).padStart(2, "0");

/** The moment of the change between two that lie around it. */
function firstWithOffset(offset: number, from: number, to: number, timeZone: string): number {
  let [before, at] = [from, to];
  while (at - before > 1) {
    const middle = Math.floor((before + at) / 2);
    if (offsetAt(middle, timeZone) === offset) at = middle;
    else before = middle;
  }
  return at;
}

const offsetFormats = new Map<string, Intl.DateTimeFormat>();

/** A formatter costs 50 µs to make and its answer 1 µs; names differ in case only, so the store is emptied before it can be filled up. */
function offsetFormat(timeZone: string): Intl.DateTimeFormat {
  const known = offsetFormats.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  if (offsetFormats.size >= 1000) offsetFormats.clear();
  offsetFormats.set(timeZone, made);
  return made;
}
