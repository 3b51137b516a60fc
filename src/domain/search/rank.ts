import { fold, words } from "../kit/fold.ts";
import { digitsOf } from "../kit/phone.ts";
import type { Resource } from "../kit/resource.ts";
import { type Question, reversed } from "./question.ts";

/** For each word of a question that was corrected: the words it may mean, with how much they resemble it (0 to 1). */
export type Corrections = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** How well a record answers a question, and by which of its fields: from 0, where it lacks one of the words, to 1. */
export type Answer = { readonly rank: number; readonly matched: readonly string[] };

type Values = Readonly<Record<string, string | null>>;

/** Ranks a record: a field that says exactly what was asked, then whole words, then beginnings, then corrected words; its title before all else. */
export function rankOf({ search, title, fields }: Resource, values: Values, question: Question, corrections: Corrections = none): Answer {
  const best: number[] = question.words.map(() => 0);
  const matched: string[] = [];
  let whole = 0;
  let coverage = 0;
  for (const key of search.includes(title) ? search : [title, ...search]) {
    const value = values[key];
    if (value === null || value === undefined) continue;
    const hit = fields[key]?.kind === "phone" ? phoneHit(value, question) : null;
    if (hit !== null) {
      whole = Math.max(whole, hit);
      if (hit > 0) matched.push(key);
      continue;
    }
    const found = words(value);
    const hits = question.words.map((word) => bestHit(found, word, corrections.get(word)));
    const answered = hits.filter((one) => one > 0).length;
    if (answered === 0) continue;
    matched.push(key);
    if (answered === hits.length && fold(value) === question.whole) whole = 1;
    if (key === title) coverage = Math.min(1, answered / found.length);
    hits.forEach((one, index) => {
      best[index] = Math.max(best[index] ?? 0, key === title ? one : one * BESIDE_TITLE);
    });
  }
  if (whole === 0 && best.some((one) => one === 0)) return noAnswer;
  const mean = best.reduce((sum, one) => sum + one, 0) / Math.max(1, best.length);
  return { rank: Math.round(Math.max(whole, 0.9 * mean + 0.05 * coverage) * 1_000) / 1_000, matched };
}

const none: Corrections = new Map();
const noAnswer: Answer = { rank: 0, matched: [] };
const BESIDE_TITLE = 0.8;

function bestHit(found: readonly string[], word: string, meant: ReadonlyMap<string, number> | undefined): number {
  let best = 0;
  for (const one of found) best = Math.max(best, wordHit(one, word, meant));
  return best;
}

function wordHit(found: string, word: string, meant: ReadonlyMap<string, number> | undefined): number {
  if (found === word) return 1;
  if (found.startsWith(word)) return 0.5 + (0.3 * word.length) / found.length;
  return 0.5 * (meant?.get(found) ?? 0);
}

function phoneHit(value: string, { phones }: Question): number {
  const stored = reversed(digitsOf(value));
  return Math.max(0, ...phones.map((digits) => (stored === digits ? 1 : stored.startsWith(digits) ? 0.9 : 0)));
}
