import fc from "fast-check";
import { expect, test } from "vitest";
import { formatAddress, parseAddress } from "./address.ts";

const empty = { street: null, city: null, region: null, postal_code: null, country: null };
const faultsOf = (value: unknown) => {
  const parsed = parseAddress(value);
  return parsed.ok ? [] : (parsed.faults ?? []).map(({ pointer, code }) => `${pointer} ${code}`);
};

test("an address is trimmed and complete, its country in upper case", () => {
  expect(parseAddress({ street: " Unter den Linden 1 ", city: "Berlin", postal_code: "10117", country: " de " })).toEqual({
    ok: true,
    value: { street: "Unter den Linden 1", city: "Berlin", region: null, postal_code: "10117", country: "DE" },
  });
});

test("half a character is replaced, so that the address can be stored", () => {
  expect(parseAddress({ city: "Bonn\ud800" })).toEqual({ ok: true, value: { ...empty, city: "Bonn\ufffd" } });
});

test("blank parts are null, and an address of nothing but blanks is null", () => {
  expect(parseAddress({ street: "  ", city: "Bonn", region: null, country: "" })).toEqual({ ok: true, value: { ...empty, city: "Bonn" } });
  expect(parseAddress({})).toEqual({ ok: true, value: null });
  expect(parseAddress({ city: " ", country: null })).toEqual({ ok: true, value: null });
});

test("every fault is named at its place", () => {
  expect(
    faultsOf({ street: 7, city: "a\0b", region: ["Berlin"], postal_code: "1".repeat(256), country: "Germany", "zip/code~": "1" }),
  ).toEqual([
    "/street TYPE",
    "/city NUL",
    "/region TYPE",
    "/postal_code TOO_LONG",
    "/country COUNTRY_UNKNOWN",
    "/zip~1code~0 UNKNOWN_FIELD",
  ]);
  expect(faultsOf({ street: "😀".repeat(256) })).toEqual(["/street TOO_LONG"]);
  expect(faultsOf({ street: "😀".repeat(255) })).toEqual([]);
  expect(faultsOf(JSON.parse('{"__proto__": {"city": "x"}, "constructor": "y"}'))).toEqual([
    "/__proto__ UNKNOWN_FIELD",
    "/constructor UNKNOWN_FIELD",
  ]);
});

test.each([null, undefined, "Berlin", 7, ["Berlin"], true])("%j is no address", (value) => {
  expect(faultsOf(value)).toEqual([" TYPE"]);
});

test("no value makes the reader fail, and reading an address again changes nothing", () => {
  const fields = fc.record(
    {
      street: fc.string({ unit: "binary" }),
      city: fc.anything(),
      region: fc.string(),
      postal_code: fc.string(),
      country: fc.constantFrom("de", "US", " gb", ""),
    },
    { requiredKeys: [] },
  );
  let accepted = 0;
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fields), (value) => {
      const parsed = parseAddress(value);
      if (!parsed.ok) return void expect(parsed.faults?.[0]).toMatchObject({ code: parsed.code, message: parsed.message });
      if (parsed.value === null) return;
      accepted++;
      expect(Object.keys(parsed.value)).toEqual(Object.keys(empty));
      expect(parseAddress(parsed.value)).toEqual(parsed);
    }),
    { numRuns: 1000 },
  );
  expect(accepted).toBeGreaterThan(50);
});

test("an address is written in one line, without gaps", () => {
  expect(formatAddress({ street: "Unter den Linden 1", postal_code: "10117", city: "Berlin", country: "DE" })).toBe(
    "Unter den Linden 1, 10117 Berlin, DE",
  );
  expect(formatAddress({ ...empty, city: "Austin", region: "TX" })).toBe("Austin, TX");
  expect(formatAddress(empty)).toBe("");
});
