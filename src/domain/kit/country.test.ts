import { expect, test } from "vitest";
import { countries, isCountry } from "./country.ts";

test("all 249 countries are there, once, and each has a name", () => {
  expect(countries.length).toBe(249);
  expect([...new Set(countries)].sort()).toEqual(countries);
  const named = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
  expect(countries.filter((code) => !named.of(code))).toEqual([]);
});

test("only upper-case assigned codes are countries", () => {
  for (const code of ["DE", "US", "GB", "ZW"]) expect(isCountry(code)).toBe(true);
  for (const code of ["de", "UK", "EU", "XK", "ZZ", "DEU", "", "constructor"]) expect(isCountry(code)).toBe(false);
});
