import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addDays,
  addMonths,
  compareDates,
  dateOfDay,
  dayNumber,
  daysBetween,
  isDate,
  startOfMonth,
  startOfQuarter,
  startOfWeek,
  weekday,
} from "./calendar-date.ts";

const first = dayNumber("0001-01-01");
const last = dayNumber("9999-12-31");
const dates = fc.integer({ min: first, max: last }).map(dateOfDay);
const middleDates = fc.integer({ min: first + 40_000, max: last - 40_000 }).map(dateOfDay);

test("only days that exist are dates", () => {
  for (const date of ["2026-11-20", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"]) expect(isDate(date)).toBe(true);
  for (const text of [
    "2026-02-29",
    "1900-02-29",
    "2026-04-31",
    "2026-13-01",
    "2026-00-10",
    "2026-01-00",
    "0000-01-01",
    "2026-1-1",
    "20261120",
  ])
    expect(isDate(text)).toBe(false);
  for (const text of ["2026-11-20T00:00:00Z", " 2026-11-20", "2026-11-20\n", "+2026-11-20", "٢٠٢٦-١١-٢٠", ""])
    expect(isDate(text)).toBe(false);
});

test("every day of the calendar agrees with an independent one", () => {
  for (let number = first; number <= last; number += 13) {
    const date = dateOfDay(number);
    const reference = new Date(number * 86_400_000);
    expect(date).toBe(reference.toISOString().slice(0, 10));
    expect(dayNumber(date)).toBe(number);
    expect(weekday(date)).toBe(reference.getUTCDay() || 7);
  }
});

test("a month later is the same day or the last one", () => {
  expect(addMonths("2026-01-31", 1)).toBe("2026-02-28");
  expect(addMonths("2024-01-31", 1)).toBe("2024-02-29");
  expect(addMonths("2026-03-31", -1)).toBe("2026-02-28");
  expect(addMonths("2026-12-15", 1)).toBe("2027-01-15");
  expect(addMonths("2026-01-15", -13)).toBe("2024-12-15");
  expect(addMonths("2024-02-29", 12)).toBe("2025-02-28");
});

test("adding days and counting them are inverse", () => {
  fc.assert(
    fc.property(middleDates, fc.integer({ min: -40_000, max: 40_000 }), (date, days) => {
      const later = addDays(date, days);
      expect(isDate(later)).toBe(true);
      expect(daysBetween(date, later)).toBe(days);
      expect(Math.sign(compareDates(later, date))).toBe(Math.sign(days));
      expect(compareDates(date, later)).toBe(0 - compareDates(later, date));
    }),
  );
});

test("a month later never leaves the next month", () => {
  fc.assert(
    fc.property(middleDates, fc.integer({ min: -500, max: 500 }), (date, months) => {
      const later = addMonths(date, months);
      expect(isDate(later)).toBe(true);
      const count = (text: string) => Number(text.slice(0, 4)) * 12 + Number(text.slice(5, 7));
      expect(count(later) - count(date)).toBe(months);
    }),
  );
});

test("weeks start on Monday, months and quarters on their first day", () => {
  expect(startOfWeek("2026-11-22")).toBe("2026-11-16");
  expect(startOfWeek("2026-11-16")).toBe("2026-11-16");
  expect(startOfMonth("2026-11-22")).toBe("2026-11-01");
  expect(startOfQuarter("2026-11-22")).toBe("2026-10-01");
  expect(startOfQuarter("2026-03-31")).toBe("2026-01-01");
  fc.assert(
    fc.property(
      dates.filter((date) => date > "0001-01-07"),
      (date) => {
        expect(weekday(startOfWeek(date))).toBe(1);
        expect(daysBetween(startOfWeek(date), date)).toBe(weekday(date) - 1);
        expect(startOfMonth(startOfQuarter(date))).toBe(startOfQuarter(date));
      },
    ),
  );
});

test("a date outside the calendar is refused", () => {
  expect(() => addDays("9999-12-31", 1)).toThrow("between the years 1 and 9999");
  expect(() => addMonths("0001-01-01", -1)).toThrow("between the years 1 and 9999");
});
