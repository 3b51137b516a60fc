import { invalid } from "./errors.ts";

/** A day of the calendar, `YYYY-MM-DD`, years 0001 to 9999: it has no zone and never passes through a clock. */
export type LocalDate = string;

/** Whether a text is a day that exists. */
export function isDate(text: string): text is LocalDate {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const [year, month, day] = partsOf(text);
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

/** The day of a year, a month from 1 to 12 and a day that exists in it. */
export function dateOf(year: number, month: number, day: number): LocalDate {
  if (year < 1 || year > 9999) throw invalid("DATE_OUT_OF_RANGE", "Give a date between the years 1 and 9999.");
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

/** Year, month and day of a date that is known to be one. */
export function partsOf(date: LocalDate): [year: number, month: number, day: number] {
  return [Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8, 10))];
}

export const addDays = (date: LocalDate, days: number): LocalDate => dateOfDay(dayNumber(date) + days);

/** The same day of a later (or earlier) month, or its last one where that month is shorter. */
export function addMonths(date: LocalDate, months: number): LocalDate {
  const [year, month, day] = partsOf(date);
  const count = year * 12 + (month - 1) + months;
  const newYear = Math.floor(count / 12);
  const newMonth = count - newYear * 12 + 1;
  return dateOf(newYear, newMonth, Math.min(day, daysInMonth(newYear, newMonth)));
}

/** How many days lie from one date to another; negative when the second is earlier. */
export const daysBetween = (from: LocalDate, to: LocalDate): number => dayNumber(to) - dayNumber(from);

/** Monday is 1, Sunday is 7 (ISO 8601). */
export const weekday = (date: LocalDate): number => ((((dayNumber(date) + 3) % 7) + 7) % 7) + 1;

/** The Monday on or before a date. */
export const startOfWeek = (date: LocalDate): LocalDate => addDays(date, 1 - weekday(date));

export function startOfMonth(date: LocalDate): LocalDate {
  const [year, month] = partsOf(date);
  return dateOf(year, month, 1);
}

/** The first day of the calendar quarter; fiscal quarters are in `fiscal-year.ts`. */
export function startOfQuarter(date: LocalDate): LocalDate {
  const [year, month] = partsOf(date);
  return dateOf(year, month - ((month - 1) % 3), 1);
}

/** Orders dates from early to late. */
export const compareDates = (a: LocalDate, b: LocalDate): number => (a < b ? -1 : a > b ? 1 : 0);

export const daysInMonth = (year: number, month: number): number =>
  month === 2 ? (isLeapYear(year) ? 29 : 28) : 30 + ((month + (month >> 3)) & 1);

const isLeapYear = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** Days since 1970-01-01 of a date, for arithmetic. */
export function dayNumber(date: LocalDate): number {
  const [year, month, day] = partsOf(date);
  // Years are counted from March, so that the leap day is the last of its year (H. Hinnant, "chrono-compatible low-level date algorithms").
  const shifted = month > 2 ? year : year - 1;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

/** The date that lies a number of days after 1970-01-01. */
export function dateOfDay(number: number): LocalDate {
  const shifted = number + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  return dateOf(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day);
}
