import fc from "fast-check";
import { expect, test } from "vitest";
import { DomainError } from "./errors.ts";
import {
  allocate,
  allocatePartial,
  convert,
  currencies,
  exponentOf,
  formatMinor,
  isCurrency,
  mulPpm,
  parseMinor,
  telescope,
} from "./money.ts";

const sum = (parts: readonly bigint[]): bigint => parts.reduce((left, right) => left + right, 0n);
const refusal = (refused: () => unknown): string => {
  try {
    refused();
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
  return "not refused";
};

const amounts = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n });
const weights = fc
  .array(fc.oneof(fc.bigInt({ min: 0n, max: 5n }), fc.bigInt({ min: 0n, max: 10n ** 12n })), { minLength: 1, maxLength: 12 })
  .filter((list) => list.some((weight) => weight > 0n));
const anyCurrency = fc.constantFrom(...currencies);

test("G0.1 to G0.5: the parts are the golden ones", () => {
  expect(allocate(10000n, [1n, 1n, 1n])).toEqual([3334n, 3333n, 3333n]);
  expect(allocate(10001n, [600000n, 300000n, 100000n])).toEqual([6001n, 3000n, 1000n]);
  expect(allocate(-10001n, [600000n, 300000n, 100000n])).toEqual([-6001n, -3000n, -1000n]);
  expect(allocate(5n, [1n, 1n])).toEqual([3n, 2n]);
  expect(allocate(1n, [1n, 1n, 1n, 1n])).toEqual([1n, 0n, 0n, 0n]);
  expect(allocate(100n, [0n, 1n, 0n])).toEqual([0n, 100n, 0n]);
  expect(allocate(1_000_000n, [1n, 1n, 1n])).toEqual([333334n, 333333n, 333333n]);
  expect(allocate(99999999999n, [333334n, 333333n, 333333n])).toEqual([33333399999n, 33333300000n, 33333300000n]);
});

test("G0.6 and G0.7: amounts convert across exponents", () => {
  expect(convert(1234567n, "USD", "EUR", "0.92340")).toBe(1139999n);
  expect(convert(123456n, "USD", "JPY", "151.237")).toBe(186711n);
});

test("a share is rounded half away from zero", () => {
  expect(mulPpm(5n, 500_000)).toBe(3n);
  expect(mulPpm(-5n, 500_000)).toBe(-3n);
  expect(mulPpm(5n, 499_999)).toBe(2n);
  expect(mulPpm(184_000n, 88_750)).toBe(16_330n);
  expect(mulPpm(10n ** 20n + 1n, 1_000_000)).toBe(10n ** 20n + 1n);
});

test("a share mirrors its sign and never strays half a unit from the truth", () => {
  fc.assert(
    fc.property(amounts, fc.bigInt({ min: 0n, max: 3_000_000n }), (amount, ppm) => {
      const share = mulPpm(amount, ppm);
      expect(mulPpm(-amount, ppm)).toBe(-share);
      const error = 2n * (share * 1_000_000n - amount * ppm);
      expect(error <= 1_000_000n && error >= -1_000_000n).toBe(true);
    }),
  );
});

test("the parts sum to the whole, follow its sign and stray less than one unit from their share", () => {
  fc.assert(
    fc.property(amounts, weights, (total, list) => {
      const parts = allocate(total, list);
      expect(sum(parts)).toBe(total);
      expect(allocate(-total, list)).toEqual(parts.map((part) => -part));
      const whole = sum(list);
      for (const [index, weight] of list.entries()) {
        const error = (parts[index] ?? 0n) * whole - total * weight;
        expect(error < whole && error > -whole).toBe(true);
        if (weight === 0n) expect(parts[index]).toBe(0n);
      }
    }),
  );
});

test("scaling every weight changes nothing", () => {
  fc.assert(
    fc.property(amounts, weights, fc.bigInt({ min: 1n, max: 10n ** 9n }), (total, list, factor) => {
      expect(
        allocate(
          total,
          list.map((weight) => weight * factor),
        ),
      ).toEqual(allocate(total, list));
    }),
  );
});

test("weights that give nobody anything, and negative ones, are refused", () => {
  expect(refusal(() => allocate(100n, [0n, 0n]))).toBe("ALLOCATION_ZERO_WEIGHT");
  expect(refusal(() => allocate(100n, []))).toBe("ALLOCATION_ZERO_WEIGHT");
  expect(refusal(() => allocate(100n, [2n, -1n]))).toBe("ALLOCATION_NEGATIVE_WEIGHT");
  expect(refusal(() => allocatePartial(100n, [600_000, 400_001]))).toBe("ALLOCATION_OVER_WHOLE");
});

test("what nobody got is the last part", () => {
  expect(allocatePartial(10_000n, [500_000, 250_000])).toEqual([5000n, 2500n, 2500n]);
  expect(allocatePartial(10_000n, [1_000_000])).toEqual([10_000n, 0n]);
  expect(allocatePartial(99n, [])).toEqual([99n]);
});

test("the entries of a schedule sum to its last total, however it was cut", () => {
  expect(telescope((cumulative) => mulPpm(cumulative, 333_333), [1n, 2n, 3n, 5n])).toEqual([0n, 1n, 0n, 1n]);
  fc.assert(
    fc.property(fc.array(amounts, { minLength: 1 }), fc.nat(2_000_000), (cumulatives, ppm) => {
      const entries = telescope((cumulative) => mulPpm(cumulative, ppm), cumulatives);
      expect(sum(entries)).toBe(mulPpm(cumulatives.at(-1) ?? 0n, ppm));
    }),
  );
});

test("converting to three places, from none, and into itself is exact", () => {
  expect(convert(1500n, "JPY", "KWD", "0.0020345678")).toBe(3052n);
  expect(convert(-1n, "KWD", "JPY", "500")).toBe(-1n);
  expect(convert(12345n, "EUR", "EUR", "1")).toBe(12345n);
  expect(convert(10n ** 18n, "EUR", "USD", "1.0000000001")).toBe(10n ** 18n + 10n ** 8n);
});

test.each(["0", "0.000", "-1", "1e3", "1.", ".5", "1,5", "", "1.12345678901", "NaN"])("%j is no rate", (rate) => {
  expect(refusal(() => convert(1n, "EUR", "USD", rate))).toBe("FX_RATE_INVALID");
});

test("amounts are written as plain decimals with the places of their currency", () => {
  expect(formatMinor(184000n, "EUR")).toBe("1840.00");
  expect(formatMinor(-5, "USD")).toBe("-0.05");
  expect(formatMinor(0, "KWD")).toBe("0.000");
  expect(formatMinor(-186711n, "JPY")).toBe("-186711");
});

test("a plain decimal is read back, one that is finer than the currency is not", () => {
  expect(parseMinor("1840", "EUR")).toBe(184000n);
  expect(parseMinor(" 1840.5 ", "EUR")).toBe(184050n);
  expect(parseMinor("+1.2300", "EUR")).toBe(123n);
  expect(parseMinor("1.230", "EUR")).toBe(123n);
  expect(parseMinor("7.0", "JPY")).toBe(7n);
  for (const text of ["1.234", "1,5", "1 000", "", "-", ".5", "5.", "0x10", "1e3", "٣"]) expect(parseMinor(text, "EUR")).toBe(null);
  expect(parseMinor("7.5", "JPY")).toBe(null);
});

test("whatever is written is read back", () => {
  fc.assert(
    fc.property(amounts, anyCurrency, (amount, currency) => {
      expect(parseMinor(formatMinor(amount, currency), currency)).toBe(amount);
    }),
  );
});

test("currencies are known by their upper-case code and have 0, 2 or 3 places", () => {
  expect([exponentOf("USD"), exponentOf("JPY"), exponentOf("KWD")]).toEqual([2, 0, 3]);
  for (const code of ["eur", "XXX", "XAU", "CLF", "EURO", "", "constructor"]) expect(isCurrency(code)).toBe(false);
  expect(refusal(() => exponentOf("XXX"))).toBe("CURRENCY_UNKNOWN");
  expect(new Set(currencies).size).toBe(currencies.length);
  expect(currencies.length).toBeGreaterThan(150);
  const named = new Intl.DisplayNames("en", { type: "currency", fallback: "none" });
  expect(currencies.filter((code) => !named.of(code) && code !== "XCG" && code !== "ZWG")).toEqual([]);
});
