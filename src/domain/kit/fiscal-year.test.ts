import fc from "fast-check";
import { expect, test } from "vitest";
import { addDays, dateOfDay, dayNumber, daysBetween, weekday } from "./calendar-date.ts";
import {
  type FiscalCalendar,
  fiscalMonthRange,
  fiscalPosition,
  fiscalQuarterLabel,
  fiscalQuarterRange,
  fiscalYear,
  fiscalYearLabel,
  fiscalYearRange,
  weeksOf,
} from "./fiscal-year.ts";

const october: FiscalCalendar = { start_month: 10, year_label: "end" };
const january: FiscalCalendar = { start_month: 1, year_label: "end" };
const april: FiscalCalendar = { start_month: 4, year_label: "end" };
const retail: FiscalCalendar = { start_month: 2, year_label: "start", week_pattern: "445" };

const dates = fc.integer({ min: dayNumber("1950-01-01"), max: dayNumber("2150-12-31") }).map(dateOfDay);
const calendars = fc.record({
  start_month: fc.integer({ min: 1, max: 12 }),
  year_label: fc.constantFrom("end" as const, "start" as const),
  week_pattern: fc.constantFrom(null, "445" as const, "454" as const, "544" as const),
});

test.each([
  [october, "2024-10-01", "FY25 Q1"],
  [october, "2025-09-30", "FY25 Q4"],
  [october, "2025-10-01", "FY26 Q1"],
  [january, "2025-10-01", "FY25 Q4"],
  [april, "2026-03-31", "FY26 Q4"],
] as const)("G0.8: with %j the day %s is in %s", (calendar, date, label) => {
  expect(fiscalQuarterLabel(date, calendar)).toBe(label);
});

test("a year may be named for the calendar year it starts in", () => {
  expect(fiscalQuarterLabel("2026-03-31", { ...april, year_label: "start" })).toBe("FY25 Q4");
  expect(fiscalQuarterLabel("2026-04-01", { ...april, year_label: "start" })).toBe("FY26 Q1");
  expect(fiscalQuarterLabel("2026-01-01", { ...january, year_label: "start" })).toBe("FY26 Q1");
  expect(fiscalYearLabel(2005)).toBe("FY05");
});

test("years, quarters and months have their days", () => {
  expect(fiscalYearRange(2026, october)).toEqual({ from: "2025-10-01", to: "2026-09-30" });
  expect(fiscalQuarterRange(2026, 2, october)).toEqual({ from: "2026-01-01", to: "2026-03-31" });
  expect(fiscalMonthRange(2026, 5, october)).toEqual({ from: "2026-02-01", to: "2026-02-28" });
  expect(() => fiscalQuarterRange(2026, 5, october)).toThrow("quarter from 1 to 4");
  expect(() => fiscalYear("2026-01-01", { ...october, start_month: 13 })).toThrow("from 1 to 12");
});

test("weeks make a year of 52 or 53 of them, from the Monday nearest to the first", () => {
  expect(fiscalYearRange(2026, retail)).toEqual({ from: "2026-02-02", to: "2027-01-31" });
  expect(fiscalMonthRange(2026, 1, retail)).toEqual({ from: "2026-02-02", to: "2026-03-01" });
  expect(fiscalMonthRange(2026, 3, retail)).toEqual({ from: "2026-03-30", to: "2026-05-03" });
  const long = Array.from({ length: 60 }, (_, index) => 2000 + index).filter((year) => weeksOf(year, retail) === 53);
  expect(long.length).toBeGreaterThan(8);
  for (const year of long) expect(fiscalMonthRange(year, 12, retail).to).toBe(addDays(fiscalMonthRange(year, 12, retail).from, 6 * 7 - 1));
});

test("every day lies in the year, quarter and month it is said to be in, and nowhere else", () => {
  fc.assert(
    fc.property(dates, calendars, (date, calendar) => {
      const { year, quarter, month } = fiscalPosition(date, calendar);
      expect(fiscalYear(date, calendar)).toBe(year);
      for (const range of [
        fiscalYearRange(year, calendar),
        fiscalQuarterRange(year, quarter, calendar),
        fiscalMonthRange(year, month, calendar),
      ]) {
        expect(range.from <= date && date <= range.to).toBe(true);
      }
      expect(Math.ceil(month / 3)).toBe(quarter);
    }),
    { numRuns: 1000 },
  );
});

test("the months of a year follow one another without gap, and so do the years", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1950, max: 2150 }), calendars, (year, calendar) => {
      let next = fiscalYearRange(year, calendar).from;
      const nominal = fiscalYearRange(year, { ...calendar, week_pattern: null }).from;
      if (calendar.week_pattern) expect(weekday(next)).toBe(1);
      expect(Math.abs(daysBetween(nominal, next))).toBeLessThanOrEqual(calendar.week_pattern ? 3 : 0);
      for (let month = 1; month <= 12; month++) {
        const range = fiscalMonthRange(year, month, calendar);
        expect(range.from).toBe(next);
        next = addDays(range.to, 1);
      }
      expect(fiscalYearRange(year + 1, calendar).from).toBe(next);
    }),
  );
});
