import { exponentOf } from "./currency.ts";
import { invalid } from "./errors.ts";

export { currencies, exponentOf, isCurrency } from "./currency.ts";

/** One hundred per cent in parts per million. */
export const WHOLE_PPM = 1_000_000n;

/** A share of an amount: exact, then rounded once, half away from zero. */
export const mulPpm = (amount: bigint, ppm: number | bigint): bigint => divideRounded(amount * BigInt(ppm), WHOLE_PPM);

/** Splits a total by weights so that the parts always sum to it (largest remainder; ties go to the first). */
export function allocate(total: bigint, weights: readonly (number | bigint)[]): bigint[] {
  const exact = weights.map(BigInt);
  if (exact.some((weight) => weight < 0n)) throw invalid("ALLOCATION_NEGATIVE_WEIGHT", "Give no part a negative weight.");
  const sum = exact.reduce((left, right) => left + right, 0n);
  if (sum === 0n) throw invalid("ALLOCATION_ZERO_WEIGHT", "Give at least one part a weight above zero.");

  const size = magnitude(total);
  const parts = exact.map((weight, index) => ({ index, share: (size * weight) / sum, remainder: (size * weight) % sum }));
  const left = size - parts.reduce((given, part) => given + part.share, 0n);
  const byRemainder = parts.toSorted((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1));
  for (const part of byRemainder.slice(0, Number(left))) part.share += 1n;
  return parts.map((part) => (total < 0n ? -part.share : part.share));
}

/** Splits a total by ppm that may stay below the whole; the last part is what nobody got. */
export function allocatePartial(total: bigint, ppm: readonly (number | bigint)[]): bigint[] {
  const rest = ppm.reduce((left: bigint, share) => left - BigInt(share), WHOLE_PPM);
  if (rest < 0n) throw invalid("ALLOCATION_OVER_WHOLE", "Lower the shares: together they may not exceed 100 %.");
  return allocate(total, [...ppm, rest]);
}

/** The entries of a cumulative schedule: each is what its total adds to the one before, so they sum to the last whatever the rounding. */
export function telescope(roundedAt: (cumulative: bigint) => bigint, cumulatives: readonly bigint[]): bigint[] {
  const totals = cumulatives.map(roundedAt);
  return totals.map((total, index) => total - (totals[index - 1] ?? 0n));
}

/** An amount in another currency at a rate of whole units (a decimal of up to ten places), exact and rounded once. */
export function convert(amountMinor: bigint, from: string, to: string, rate: string): bigint {
  const [, whole, fraction = ""] = ratePattern.exec(rate) ?? [];
  const scaled = whole === undefined ? 0n : BigInt(whole + fraction);
  if (scaled === 0n)
    throw invalid("FX_RATE_INVALID", "Give the rate as a decimal above zero with at most ten decimal places, such as 0.9234.");
  return divideRounded(amountMinor * scaled * power(exponentOf(to)), power(exponentOf(from) + fraction.length));
}

/** An amount as a plain decimal, such as 1840.00: no grouping, a point, all places of the currency. */
export function formatMinor(amount: bigint | number, currency: string): string {
  const exponent = exponentOf(currency);
  const minor = BigInt(amount);
  const digits = magnitude(minor)
    .toString()
    .padStart(exponent + 1, "0");
  const sign = minor < 0n ? "-" : "";
  return exponent === 0 ? sign + digits : `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/** The minor units of a plain decimal; null when it is none or is finer than the currency. */
export function parseMinor(text: string, currency: string): bigint | null {
  const exponent = exponentOf(currency);
  const [, sign, whole, fraction = ""] = decimalPattern.exec(text.trim()) ?? [];
  if (whole === undefined || /[1-9]/.test(fraction.slice(exponent))) return null;
  const minor = BigInt(whole + fraction.slice(0, exponent).padEnd(exponent, "0"));
  return sign === "-" ? -minor : minor;
}

const ratePattern = /^(\d{1,18})(?:\.(\d{1,10}))?$/;
const decimalPattern = /^([+-]?)(\d{1,30})(?:\.(\d{1,30}))?$/;

const power = (exponent: number): bigint => 10n ** BigInt(exponent);

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

/** Half away from zero; the divisor is positive. */
function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const rounded = (2n * magnitude(dividend) + divisor) / (2n * divisor);
  return dividend < 0n ? -rounded : rounded;
}
