import { addDays, addMonths, type LocalDate } from "./calendar-date.ts";
import { type Instant, instantOf, msOf } from "./instant.ts";

export const units = ["hour", "day", "week", "month", "quarter", "fy"] as const;
export type Unit = (typeof units)[number];

/** A stretch of time that moves along with the clock. */
export type Roll = { readonly n: number; readonly unit: Unit };

/** One end of a range. */
export type Bound<V> = { readonly value: V; readonly included: boolean };
export type Range<V> = { readonly low: Bound<V> | null; readonly high: Bound<V> | null };

/**
 * The dates or instants of a stretch that ends or begins at `base`, which is inside: in_last is `base − n units < v ≤ base`, in_next
 * `base ≤ v < base + n units`, so the last or next one day of a date is today alone. Hours, days and weeks have a fixed length; a month,
 * a quarter (three of them) and a fiscal year (twelve) lead to the same day of another month or to its last one, whatever month the
 * fiscal year begins with.
 */
export function rollingBounds<V extends LocalDate | Instant>(base: V, op: "in_last" | "in_next", { n, unit }: Roll): Range<string> {
  const here = { value: base, included: true };
  const there = { value: moved(base, op === "in_last" ? -n : n, unit), included: false };
  return op === "in_last" ? { low: there, high: here } : { low: here, high: there };
}

function moved(base: string, n: number, unit: Unit): string {
  const date = base.slice(0, 10);
  if (unit in months) return addMonths(date, n * months[unit as keyof typeof months]) + base.slice(10);
  if (base.length === 10) return addDays(date, n * (unit === "week" ? 7 : 1));
  return instantOf(msOf(base) + n * milliseconds[unit as keyof typeof milliseconds]);
}

const months = { month: 1, quarter: 3, fy: 12 } as const;
const milliseconds = { hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const;
