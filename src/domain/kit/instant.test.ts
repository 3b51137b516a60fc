import fc from "fast-check";
import { expect, test } from "vitest";
import {
  compareInstants,
  dateIn,
  instantOf,
  instantOfLocal,
  isInstant,
  isTimeZone,
  msOf,
  offsetAt,
  secondsOfTime,
  toUtc,
  zoned,
} from "./instant.ts";

const zones = [
  "America/New_York",
  "Europe/Berlin",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "America/Sao_Paulo",
  "UTC",
  "Africa/Monrovia",
];
const anyZone = fc.constantFrom(...zones);
const anyMs = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2100, 0, 1) });

test.each([
  ["2026-11-20T09:30:00Z", "2026-11-20T09:30:00Z"],
  ["2026-11-20t09:30:00z", "2026-11-20T09:30:00Z"],
  ["2026-11-20T09:30:00.250Z", "2026-11-20T09:30:00.25Z"],
  ["2026-11-20T09:30:00.000Z", "2026-11-20T09:30:00Z"],
  ["2026-11-20T09:30:00.123456999Z", "2026-11-20T09:30:00.123456Z"],
  ["2026-11-20T09:30:00+01:00", "2026-11-20T08:30:00Z"],
  ["2026-11-20T00:30:00+05:45", "2026-11-19T18:45:00Z"],
  ["2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00Z"],
  ["2026-11-20T09:30:00-00:00", "2026-11-20T09:30:00Z"],
  ["2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"],
  ["2016-12-31T18:59:60.5-05:00", "2017-01-01T00:00:00Z"],
  ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"],
])("%s is the moment %s", (text, utc) => {
  expect(isInstant(text)).toBe(true);
  expect(toUtc(text)).toBe(utc);
});

test.each([
  "",
  "2026-11-20",
  "2026-11-20T09:30Z",
  "2026-11-20T09:30:00",
  "2026-11-20 09:30:00Z",
  "2026-02-30T09:30:00Z",
  "2026-02-29T09:30:00Z",
  "2026-11-20T24:00:00Z",
  "2026-11-20T09:60:00Z",
  "2026-11-20T09:30:60Z",
  "2026-11-20T09:30:00.Z",
  "2026-11-20T09:30:00,5Z",
  "2026-11-20T09:30:00+0100",
  "2026-11-20T09:30:00+24:00",
  "0000-12-31T23:59:59Z",
  "0001-01-01T00:00:00+01:00",
  "9999-12-31T23:59:59-01:00",
  "9999-12-31T23:59:60Z",
  "+02026-11-20T09:30:00Z",
  "2026-11-20T09:30:00Z\n",
])("%j is no moment", (text) => {
  expect(isInstant(text)).toBe(false);
  expect(() => toUtc(text)).toThrow("Give a date and time with its offset");
});

test("a moment is the same in every spelling, and the spelling is stable", () => {
  fc.assert(
    fc.property(anyMs, fc.integer({ min: -1439, max: 1439 }), (ms, offset) => {
      const size = Math.abs(offset);
      const zone = `${offset < 0 ? "-" : "+"}${String(Math.floor(size / 60)).padStart(2, "0")}:${String(size % 60).padStart(2, "0")}`;
      const elsewhere = new Date(ms + offset * 60_000).toISOString().replace("Z", zone);
      expect(toUtc(elsewhere)).toBe(instantOf(ms));
      expect(toUtc(instantOf(ms))).toBe(instantOf(ms));
      expect(msOf(elsewhere)).toBe(ms);
      expect(compareInstants(elsewhere, instantOf(ms))).toBe(0);
    }),
  );
});

test("instants sort by time, whatever places they carry", () => {
  fc.assert(
    fc.property(anyMs, fc.integer({ min: -2000, max: 2000 }), (ms, gap) => {
      expect(compareInstants(instantOf(ms), instantOf(ms + gap))).toBe(Math.sign(-gap) + 0);
    }),
  );
  expect(compareInstants("2026-11-20T09:30:00Z", "2026-11-20T09:30:00.000001Z")).toBe(-1);
});

test("time zones are names, not offsets", () => {
  for (const name of [...zones, "Etc/GMT+5", "europe/berlin"]) expect(isTimeZone(name)).toBe(true);
  for (const name of ["", "+01:00", "UTC+1", "Mars/Olympus", "Europe/Berlin ", "../etc"]) expect(isTimeZone(name)).toBe(false);
});

test("the wall clock follows summer time", () => {
  expect(zoned(msOf("2026-03-29T00:59:59Z"), "Europe/Berlin")).toEqual({ date: "2026-03-29", time: "01:59:59" });
  expect(zoned(msOf("2026-03-29T01:00:00Z"), "Europe/Berlin")).toEqual({ date: "2026-03-29", time: "03:00:00" });
  expect(zoned(msOf("2026-11-01T05:30:00Z"), "America/New_York")).toEqual({ date: "2026-11-01", time: "01:30:00" });
  expect(zoned(msOf("2026-11-01T06:30:00.999Z"), "America/New_York")).toEqual({ date: "2026-11-01", time: "01:30:00" });
  expect(offsetAt(msOf("1930-01-01T00:00:00Z"), "Africa/Monrovia")).toBe(-(44 * 60 + 30) * 1000);
  expect(dateIn("Asia/Kolkata", msOf("2026-11-20T18:30:00Z"))).toBe("2026-11-21");
  expect(dateIn("America/New_York", msOf("2026-11-20T04:59:59Z"))).toBe("2026-11-19");
});

test.each([
  ["2026-11-20", "09:30", "America/New_York", "2026-11-20T14:30:00Z"],
  ["2026-07-20", "09:30:15", "America/New_York", "2026-07-20T13:30:15Z"],
  ["2026-11-20", "24:00", "America/New_York", "2026-11-21T05:00:00Z"],
  ["2026-11-01", "01:30", "America/New_York", "2026-11-01T05:30:00Z"],
  ["2026-11-01", "02:00", "America/New_York", "2026-11-01T07:00:00Z"],
  ["2026-03-08", "02:30", "America/New_York", "2026-03-08T07:00:00Z"],
  ["2026-03-08", "03:00", "America/New_York", "2026-03-08T07:00:00Z"],
  ["2026-03-08", "01:59", "America/New_York", "2026-03-08T06:59:00Z"],
  ["2011-12-30", "12:00", "Pacific/Apia", "2011-12-30T10:00:00Z"],
  ["2018-11-04", "00:00", "America/Sao_Paulo", "2018-11-04T03:00:00Z"],
])("%s %s in %s is %s", (date, time, zone, instant) => {
  expect(instantOf(instantOfLocal(date, time, zone))).toBe(instant);
});

test("the moment of a wall clock shows that clock again", () => {
  fc.assert(
    fc.property(anyMs, anyZone, (ms, zone) => {
      const wall = zoned(ms, zone);
      const found = instantOfLocal(wall.date, wall.time, zone);
      expect(zoned(found, zone)).toEqual(wall);
      expect(found).toBeLessThanOrEqual(ms);
      expect(ms - found).toBeLessThan(86_400_000 + 1000);
    }),
    { numRuns: 1000 },
  );
});

test("a later wall clock is never an earlier moment, on the days of a change too", () => {
  const days = fc.constantFrom(
    "2026-03-08",
    "2026-11-01",
    "2026-03-29",
    "2026-10-25",
    "2026-04-05",
    "2026-10-04",
    "2011-12-30",
    "2018-11-04",
  );
  const times = fc.integer({ min: 0, max: 1440 });
  const spelled = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  fc.assert(
    fc.property(days, anyZone, times, times, (date, zone, one, other) => {
      const early = instantOfLocal(date, spelled(Math.min(one, other)), zone);
      const late = instantOfLocal(date, spelled(Math.max(one, other)), zone);
      expect(early).toBeLessThanOrEqual(late);
    }),
    { numRuns: 1000 },
  );
});

test("a time of day is between 00:00 and 24:00", () => {
  expect(secondsOfTime("09:30")).toBe(34_200);
  expect(secondsOfTime("24:00")).toBe(86_400);
  for (const time of ["24:01", "9:30", "25:00", "09:60", "09:30:60", "", "09:30Z"])
    expect(() => secondsOfTime(time)).toThrow("time of day");
});
