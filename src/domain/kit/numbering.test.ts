import fc from "fast-check";
import { expect, test } from "vitest";
import { dateOfDay, dayNumber } from "./calendar-date.ts";
import { checkNumbering, counterKey, formatNumber, type Numbering } from "./numbering.ts";

const leads: Numbering = { pattern: "LEAD-{YYYYMMDD}-{SEQ4}", reset_per: "day" };

test("a number carries its day and its place in it", () => {
  expect(formatNumber(leads, "2026-11-20", 7)).toBe("LEAD-20261120-0007");
  expect(formatNumber({ pattern: "QUO-{YY}/{MM}.{DD}#{SEQ2}", reset_per: "day" }, "2026-01-02", 30)).toBe("QUO-26/01.02#30");
});

test("a number grows wider past its width", () => {
  expect(formatNumber(leads, "2026-11-20", 9999)).toBe("LEAD-20261120-9999");
  expect(formatNumber(leads, "2026-11-20", 10_000)).toBe("LEAD-20261120-10000");
});

test("counting starts anew every day, every year or never", () => {
  expect(counterKey(leads, "2026-11-20")).toBe("2026-11-20");
  expect(counterKey({ ...leads, reset_per: "year" }, "2026-11-20")).toBe("2026");
  expect(counterKey({ ...leads, reset_per: "never" }, "2026-11-20")).toBe("all");
});

test.each([
  ["LEAD-{YYYYMMDD}-{SEQ4}", "day"],
  ["{YY}{MM}{DD}{SEQ1}", "day"],
  ["{SEQ9}", "never"],
  ["ORD-{YYYY}-{SEQ6}", "year"],
] as const)("%s counted per %s is a numbering", (pattern, reset_per) => {
  expect(() => checkNumbering({ pattern, reset_per })).not.toThrow();
});

test.each([
  "",
  "LEAD",
  "LEAD-{YYYYMMDD}",
  "{SEQ}",
  "{SEQ0}",
  "{SEQ10}",
  "{SEQ4}{SEQ4}",
  "{seq4}",
  "{YEAR}-{SEQ4}",
  "{{SEQ4}}",
  "A\0{SEQ4}",
  `${"A".repeat(60)}{SEQ4}`,
])("%j is no pattern", (pattern) => {
  expect(() => checkNumbering({ pattern, reset_per: "never" })).toThrow("Write a pattern");
});

test.each([
  ["LEAD-{SEQ4}", "day"],
  ["LEAD-{YYYYMM}-{SEQ4}", "day"],
  ["LEAD-{MM}{DD}-{SEQ4}", "day"],
  ["LEAD-{MM}-{SEQ4}", "year"],
] as const)("%s counted per %s would give a number twice", (pattern, reset_per) => {
  expect(() => checkNumbering({ pattern, reset_per })).toThrow("numbers would repeat");
});

test("two records never get one number", () => {
  const dates = fc.integer({ min: dayNumber("2020-01-01"), max: dayNumber("2030-12-31") }).map(dateOfDay);
  const numberings = fc.constantFrom<Numbering>(
    leads,
    { pattern: "{SEQ1}{YYMMDD}", reset_per: "day" },
    { pattern: "{MM}{SEQ1}{YYYY}", reset_per: "year" },
    { pattern: "{SEQ1}-{DD}", reset_per: "never" },
  );
  const places = fc.integer({ min: 1, max: 20_000 });
  fc.assert(
    fc.property(numberings, dates, places, dates, places, (numbering, date, n, otherDate, otherN) => {
      expect(() => checkNumbering(numbering)).not.toThrow();
      const samePlace = n === otherN && counterKey(numbering, date) === counterKey(numbering, otherDate);
      if (!samePlace) expect(formatNumber(numbering, date, n)).not.toBe(formatNumber(numbering, otherDate, otherN));
    }),
    { numRuns: 2000 },
  );
});
