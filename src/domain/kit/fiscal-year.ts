import { addDays, addMonths, dateOf, daysBetween, type LocalDate, partsOf, weekday } from "./calendar-date.ts";
import { invalid } from "./errors.ts";

/**
 * How a tenant counts its years. With a week pattern quarters are thirteen weeks cut into "months" of so many weeks; such a year starts
 * on the Monday nearest to the first of its start month, and a 53rd week belongs to its last month.
 */
export type FiscalCalendar = {
  start_month: number;
  year_label: "end" | "start";
  week_pattern?: "445" | "454" | "544" | null;
};

/** A span of days, both included. */
export type DateRange = { from: LocalDate; to: LocalDate };

/** Where a day stands: its fiscal year (2025 for FY25), quarter 1–4 and month 1–12 of that year. */
export type FiscalPosition = { year: number; quarter: number; month: number };

/** The fiscal year, quarter and month of a day. */
export function fiscalPosition(date: LocalDate, calendar: FiscalCalendar): FiscalPosition {
  const year = fiscalYear(date, calendar);
  if (!calendar.week_pattern) {
    const month = (partsOf(date)[1] - calendar.start_month + 12) % 12;
    return { year, quarter: Math.floor(month / 3) + 1, month: month + 1 };
  }
  const month = monthStarts(year, calendar).findLastIndex((start) => start <= date);
  return { year, quarter: Math.floor(month / 3) + 1, month: month + 1 };
}

/** The year of a day, as labelled. */
export function fiscalYear(date: LocalDate, calendar: FiscalCalendar): number {
  const [calendarYear, month] = partsOf(date);
  if (!calendar.week_pattern) return calendarYear - (month < checkedStart(calendar) ? 1 : 0) + labelShift(calendar);
  const guess = calendarYear + labelShift(calendar);
  if (date >= yearStart(guess + 1, calendar)) return guess + 1;
  return date >= yearStart(guess, calendar) ? guess : guess - 1;
}

/** `FY25`: the last two digits of the fiscal year. */
export const fiscalYearLabel = (year: number): string => `FY${String(year % 100).padStart(2, "0")}`;

/** `FY25 Q4`: the label of a day's fiscal quarter. */
export function fiscalQuarterLabel(date: LocalDate, calendar: FiscalCalendar): string {
  const { year, quarter } = fiscalPosition(date, calendar);
  return `${fiscalYearLabel(year)} Q${quarter}`;
}

/** The days of a fiscal year. */
export const fiscalYearRange = (year: number, calendar: FiscalCalendar): DateRange => ({
  from: yearStart(year, calendar),
  to: addDays(yearStart(year + 1, calendar), -1),
});

/** The days of a fiscal quarter, 1–4. */
export function fiscalQuarterRange(year: number, quarter: number, calendar: FiscalCalendar): DateRange {
  return { from: fiscalMonthRange(year, quarter * 3 - 2, calendar).from, to: fiscalMonthRange(year, quarter * 3, calendar).to };
}

/** The days of a fiscal month, 1–12. */
export function fiscalMonthRange(year: number, month: number, calendar: FiscalCalendar): DateRange {
  const starts = monthStarts(year, calendar);
  const from = starts[month - 1];
  if (from === undefined) throw invalid("FISCAL_PERIOD_INVALID", "Give a quarter from 1 to 4 or a month from 1 to 12.");
  return { from, to: addDays(starts[month] ?? yearStart(year + 1, calendar), -1) };
}

const patterns: Readonly<Record<string, readonly number[]>> = { "445": [4, 4, 5], "454": [4, 5, 4], "544": [5, 4, 4] };

function checkedStart(calendar: FiscalCalendar): number {
  const { start_month: month } = calendar;
  if (Number.isInteger(month) && month >= 1 && month <= 12) return month;
  throw invalid("FISCAL_START_MONTH_INVALID", "Give the month the fiscal year starts in, from 1 to 12.", "/start_month");
}

// A year that starts in January has one name either way; any other is named for the calendar year it ends or starts in.
const labelShift = (calendar: FiscalCalendar): number => (calendar.year_label === "end" && checkedStart(calendar) > 1 ? 1 : 0);

function yearStart(year: number, calendar: FiscalCalendar): LocalDate {
  const first = dateOf(year - labelShift(calendar), checkedStart(calendar), 1);
  if (!calendar.week_pattern) return first;
  const past = weekday(first) - 1;
  return addDays(first, past <= 3 ? -past : 7 - past);
}

/** The first days of the twelve months of a fiscal year. */
function monthStarts(year: number, calendar: FiscalCalendar): LocalDate[] {
  const start = yearStart(year, calendar);
  if (!calendar.week_pattern) return Array.from({ length: 12 }, (_, month) => addMonths(start, month));
  const weeks = patterns[calendar.week_pattern];
  if (!weeks) throw invalid("FISCAL_WEEK_PATTERN_INVALID", "Give the week pattern 445, 454 or 544.", "/week_pattern");
  const starts = [start];
  for (let month = 1; month < 12; month++) starts.push(addDays(starts[month - 1] ?? start, 7 * (weeks[(month - 1) % 3] ?? 0)));
  return starts;
}

/** How many weeks a fiscal year of a week pattern has: 52 or 53. */
export const weeksOf = (year: number, calendar: FiscalCalendar): number =>
  daysBetween(yearStart(year, calendar), yearStart(year + 1, calendar)) / 7;
