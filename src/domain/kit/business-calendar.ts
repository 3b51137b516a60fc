import { addDays, type LocalDate, weekday } from "./calendar-date.ts";
import { invalid } from "./errors.ts";
import { dateIn, instantOfLocal, isTimeZone, secondsOfTime } from "./instant.ts";

/** A span of a working day, `HH:MM` to `HH:MM`; the end may be 24:00. */
export type BusinessWindow = { start: string; end: string };

/** The hours in which a tenant works; a day without windows is free, holidays are free, `is247` is always open. */
export type BusinessCalendar = {
  timezone: string;
  windows: Partial<Record<Weekday, readonly BusinessWindow[]>>;
  holidays: readonly LocalDate[];
  is247?: boolean;
};

export type Weekday = (typeof weekdays)[number];

/** The days of the week as calendars name them, Monday first. */
export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** The moment at which so many seconds of working time have passed. */
export function addBusiness(startMs: number, seconds: number, calendar: BusinessCalendar): number {
  if (!(seconds >= 0)) throw invalid("DURATION_NEGATIVE", "Give a duration of zero seconds or more.");
  if (calendar.is247 || seconds === 0) return startMs + seconds * 1000;

  let left = seconds * 1000;
  for (const [open, close] of openTimes(startMs, HORIZON_DAYS, calendar)) {
    const from = Math.max(open, startMs);
    if (close - from >= left) return from + left;
    left -= Math.max(0, close - from);
  }
  throw invalid("CALENDAR_HAS_NO_CAPACITY", "Give the business calendar more working hours: the time does not fit into the next 400 days.");
}

/** The seconds of working time between two moments; none when the second is not later. */
export function businessElapsed(fromMs: number, toMs: number, calendar: BusinessCalendar): number {
  if (toMs <= fromMs) return 0;
  if (calendar.is247) return (toMs - fromMs) / 1000;

  let elapsed = 0;
  for (const [open, close] of openTimes(fromMs, Number.POSITIVE_INFINITY, calendar)) {
    if (open >= toMs) break;
    elapsed += Math.max(0, Math.min(close, toMs) - Math.max(open, fromMs));
  }
  return elapsed / 1000;
}

/** Refuses a calendar that cannot be read: its zone, its times and windows that end before they start. */
export function checkBusinessCalendar(calendar: BusinessCalendar): void {
  if (!isTimeZone(calendar.timezone)) throw invalid("TIME_ZONE_UNKNOWN", "Name the time zone as in Europe/Berlin.", "/timezone");
  for (const [day, windows] of Object.entries(calendar.windows)) {
    for (const [index, { start, end }] of windows.entries()) {
      if (secondsOfTime(start) < secondsOfTime(end)) continue;
      throw invalid(
        "WINDOW_ENDS_BEFORE_START",
        "Let the working hours end after they start; split them at midnight.",
        `/windows/${day}/${index}`,
      );
    }
  }
}

const HORIZON_DAYS = 400;

/** Open times from the day of a moment on, in order and apart; local bounds become moments day by day, so clock changes count right. */
function* openTimes(fromMs: number, days: number, calendar: BusinessCalendar): Generator<readonly [open: number, close: number]> {
  const week = weekdays.map((day) => merged(calendar.windows[day] ?? []));
  if (week.every((windows) => windows.length === 0)) return;
  const holidays = new Set(calendar.holidays);
  let date = dateIn(calendar.timezone, fromMs);
  for (let day = 0; day < days; day++, date = addDays(date, 1)) {
    if (holidays.has(date)) continue;
    for (const { start, end } of week[weekday(date) - 1] ?? []) {
      yield [instantOfLocal(date, start, calendar.timezone), instantOfLocal(date, end, calendar.timezone)];
    }
  }
}

/** Windows in order, those that touch or overlap as one: nobody works a minute twice. */
function merged(windows: readonly BusinessWindow[]): BusinessWindow[] {
  const result: BusinessWindow[] = [];
  for (const window of windows.toSorted((a, b) => secondsOfTime(a.start) - secondsOfTime(b.start))) {
    if (secondsOfTime(window.end) <= secondsOfTime(window.start)) continue;
    const last = result.at(-1);
    if (!last || secondsOfTime(window.start) > secondsOfTime(last.end)) result.push({ ...window });
    else if (secondsOfTime(window.end) > secondsOfTime(last.end)) last.end = window.end;
  }
  return result;
}
