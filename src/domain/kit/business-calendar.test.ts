import fc from "fast-check";
import { expect, test } from "vitest";
import { addBusiness, type BusinessCalendar, businessElapsed, checkBusinessCalendar, weekdays } from "./business-calendar.ts";
import { instantOf, instantOfLocal, msOf } from "./instant.ts";

const nineToFive = [{ start: "09:00", end: "17:00" }];
const newYork: BusinessCalendar = {
  timezone: "America/New_York",
  windows: { mon: nineToFive, tue: nineToFive, wed: nineToFive, thu: nineToFive, fri: nineToFive },
  holidays: [],
};
const hour = 3600;
const at = (local: string, calendar: BusinessCalendar = newYork) => instantOfLocal(local.slice(0, 10), local.slice(11), calendar.timezone);

test.each([
  ["G0.9", newYork, "2026-11-20 16:30", 1, "2026-11-23 09:30"],
  ["G0.10", newYork, "2026-11-21 15:00", 4, "2026-11-23 13:00"],
  ["G0.11", { ...newYork, holidays: ["2026-11-26"] }, "2026-11-25 16:00", 2, "2026-11-27 10:00"],
  ["G0.12", newYork, "2026-11-17 07:00", 14, "2026-11-18 15:00"],
  [
    "G0.13",
    {
      ...newYork,
      windows: {
        tue: [
          { start: "13:00", end: "17:00" },
          { start: "09:00", end: "12:00" },
        ],
      },
    },
    "2026-11-17 11:30",
    1,
    "2026-11-17 13:30",
  ],
])("%s", (_, calendar, start, hours, end) => {
  expect(instantOf(addBusiness(at(start), hours * hour, calendar))).toBe(instantOf(at(end)));
  expect(businessElapsed(at(start), at(end), calendar)).toBe(hours * hour);
});

test("G0.14: around the clock, a day is 24 hours whatever the clocks do", () => {
  const always = { ...newYork, is247: true };
  const start = msOf("2026-10-31T12:00:00-04:00");
  expect(instantOf(addBusiness(start, 24 * hour, always))).toBe(instantOf(msOf("2026-11-01T11:00:00-05:00")));
  expect(businessElapsed(start, msOf("2026-11-01T11:00:00-05:00"), always)).toBe(24 * hour);
});

test("a night shift is an hour longer in autumn and an hour shorter in spring", () => {
  const night: BusinessCalendar = { ...newYork, windows: { sun: [{ start: "00:00", end: "08:00" }] } };
  expect(businessElapsed(at("2026-11-01 00:00"), at("2026-11-02 00:00"), night)).toBe(9 * hour);
  expect(businessElapsed(at("2026-03-08 00:00"), at("2026-03-09 00:00"), night)).toBe(7 * hour);
  expect(instantOf(addBusiness(at("2026-03-08 01:00"), 2 * hour, night))).toBe(instantOf(at("2026-03-08 04:00")));
});

test("a window that the clocks skip has no time in it", () => {
  const skipped: BusinessCalendar = { ...newYork, windows: { sun: [{ start: "02:00", end: "03:00" }] } };
  expect(businessElapsed(at("2026-03-08 00:00"), at("2026-03-09 00:00"), skipped)).toBe(0);
  expect(businessElapsed(at("2026-03-01 00:00"), at("2026-03-02 00:00"), skipped)).toBe(hour);
});

test("a calendar without working time says so instead of searching for ever", () => {
  for (const calendar of [
    { ...newYork, windows: {} },
    { ...newYork, windows: { mon: [{ start: "09:00", end: "09:00" }] } },
  ]) {
    expect(() => addBusiness(at("2026-11-20 16:30"), 1, calendar)).toThrow("400 days");
    expect(businessElapsed(at("2026-11-20 16:30"), at("2027-11-20 16:30"), calendar)).toBe(0);
  }
  expect(() => addBusiness(at("2026-11-20 16:30"), 400 * 8 * hour, newYork)).toThrow("400 days");
  expect(() => addBusiness(at("2026-11-20 16:30"), -1, newYork)).toThrow("zero seconds or more");
  expect(() => addBusiness(at("2026-11-20 16:30"), Number.NaN, newYork)).toThrow("zero seconds or more");
});

test("overlapping windows count once", () => {
  const doubled: BusinessCalendar = {
    ...newYork,
    windows: { tue: [...nineToFive, { start: "10:00", end: "18:00" }, { start: "18:00", end: "24:00" }] },
  };
  expect(businessElapsed(at("2026-11-17 00:00"), at("2026-11-18 00:00"), doubled)).toBe(15 * hour);
});

test("a calendar that cannot be read is refused", () => {
  expect(() => checkBusinessCalendar(newYork)).not.toThrow();
  expect(() => checkBusinessCalendar({ ...newYork, timezone: "+01:00" })).toThrow("time zone");
  expect(() => checkBusinessCalendar({ ...newYork, windows: { mon: [{ start: "9", end: "17:00" }] } })).toThrow("time of day");
  expect(() => checkBusinessCalendar({ ...newYork, windows: { mon: [{ start: "22:00", end: "06:00" }] } })).toThrow("midnight");
});

const spelled = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
const window = fc.tuple(fc.integer({ min: 0, max: 1380 }), fc.integer({ min: 60, max: 600 })).map(([start, length]) => ({
  start: spelled(start),
  end: spelled(Math.min(1440, start + length)),
}));
const calendars: fc.Arbitrary<BusinessCalendar> = fc.record({
  timezone: fc.constantFrom("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo"),
  windows: fc
    .array(fc.array(window, { maxLength: 3 }), { minLength: 7, maxLength: 7 })
    .map((week) => Object.fromEntries(weekdays.map((day, index) => [day, week[index] ?? []])))
    .filter((week) => Object.values(week).some((windows) => windows.length > 0)),
  holidays: fc.subarray(["2026-03-08", "2026-03-09", "2026-03-30", "2026-10-26", "2026-11-02"]),
});
const moments = fc.oneof(
  fc.integer({ min: msOf("2026-03-01T00:00:00Z"), max: msOf("2026-04-10T00:00:00Z") }),
  fc.integer({ min: msOf("2026-10-01T00:00:00Z"), max: msOf("2026-11-10T00:00:00Z") }),
);

test("the time that was added is the time that has passed", () => {
  fc.assert(
    fc.property(calendars, moments, fc.integer({ min: 0, max: 40 * hour }), (calendar, start, seconds) => {
      const end = addBusiness(start, seconds, calendar);
      expect(end).toBeGreaterThanOrEqual(start);
      expect(businessElapsed(start, end, calendar)).toBe(seconds);
      if (seconds > 0) expect(businessElapsed(start, end - 1000, calendar)).toBe(seconds - 1);
    }),
    { numRuns: 200 },
  );
});

test("the time that has passed adds up over any stop on the way", () => {
  fc.assert(
    fc.property(calendars, fc.tuple(moments, moments, moments), (calendar, three) => {
      const [a = 0, b = 0, c = 0] = three.toSorted((left, right) => left - right);
      const sum = businessElapsed(a, b, calendar) + businessElapsed(b, c, calendar);
      expect(businessElapsed(a, c, calendar)).toBeCloseTo(sum, 6);
    }),
    { numRuns: 50 },
  );
});
