import { fold, words } from "../kit/fold.ts";
import { digitsOf } from "../kit/phone.ts";
import type { Resource } from "../kit/resource.ts";
import { type Question, reversed } from "./question.ts";

/** For each word of a question that was corrected: the words it may mean, with how much they resemble it (0 to 1). */
export type Corrections = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** How well a record answers a question (0 to 1), and by which of its fields. */
export type Answer = { readonly rank: number; readonly matched: readonly string[] };

type Values = Readonly<Record<string, string | null>>;

/** Ranks a record: a field that says exactly what was asked, then whole words, then beginnings, then corrected words; its title before all else. */
export function rankOf({ search, title, fields }: Resource, values: Values, question: Question, corrections: Corrections = none): Answer {
  const matched = new Set<string>();
  const best = question.words.map(() => 0);
  let whole = 0;
  let titleWords = 0;
  let titleHits = 0;
  for (const key of new Set([title, ...search])) {
    const value = values[key];
    if (value === null || value === undefined) continue;
    if (fields[key]?.kind === "phone") {
      const hit = phoneHit(value, question.phones);
      if (hit) matched.add(key);
      whole = Math.max(whole, hit);
      continue;
    }
    if (question.whole !== "" && fold(value) === question.whole) whole = 1;
    const inField = words(value);
    const weight = key === title ? 1 : BESIDE_TITLE;
    question.words.forEach((word, index) => {
      const hit = Math.max(0, ...inField.map((one) => wordHit(one, word, corrections.get(word))));
      if (hit === 0) return;
      matched.add(key);
      if (key === title) titleHits++;
      best[index] = Math.max(best[index] ?? 0, hit * weight);
    });
    if (key === title) titleWords = inField.length;
  }
  const mean = best.length ? best.reduce((sum, one) => sum + one, 0) / best.length : 0;
  const coverage = titleWords ? Math.min(1, titleHits / titleWords) : 0;
  return { rank: Math.round(Math.max(whole, 0.9 * mean + 0.05 * coverage) * 1_000) / 1_000, matched: [...matched] };
}

const none: Corrections = new Map();
const BESIDE_TITLE = 0.8;

function wordHit(found: string, word: string, corrected: ReadonlyMap<string, number> | undefined): number {
  if (found === word) return 1;
  if (found.startsWith(word)) return 0.5 + (0.3 * word.length) / found.length;
  return 0.5 * (corrected?.get(found) ?? 0);
}

function phoneHit(value: string, asked: readonly string[]): number {
  const stored = reversed(digitsOf(value));
  return Math.max(0, ...asked.map((digits) => (stored === digits ? 1 : stored.startsWith(digits) ? 0.9 : 0)));
}
