import { fold, words } from "../kit/fold.ts";
import { digitsOf, parsePhone } from "../kit/phone.ts";

/** What somebody typed into a search box, read once for every resource. */
export type Question = {
  /** The whole of it, folded: a field that equals it is the best answer. */
  readonly whole: string;
  /** Its distinct folded words in their order. */
  readonly words: readonly string[];
  /** The digits it may mean as a telephone number, from the last one on; none where it does not look like one. */
  readonly phones: readonly string[];
};

/** Reads what was typed; a national number is understood with the plan of the workspace's country. */
export function readQuestion(typed: string, country: string | null): Question {
  const text = typed.slice(0, MOST_CHARACTERS);
  const distinct = [...new Set(words(text).map((word) => word.slice(0, LONGEST_WORD)))].slice(0, MOST_WORDS);
  return { whole: fold(text).replace(/\s+/g, " "), words: distinct, phones: phonesIn(text, country) };
}

/** How much of a word search keeps. */
export const LONGEST_WORD = 60;

const MOST_CHARACTERS = 200;
const MOST_WORDS = 8;
const FEWEST_DIGITS = 4;

/** A number with its country code, a national one, one after 00, or only its last digits: all end alike. */
function phonesIn(text: string, country: string | null): readonly string[] {
  const number = text.replace(/^\s*tel:/i, "");
  if (/\p{L}/u.test(number) || digitsOf(number).length < FEWEST_DIGITS) return [];
  const parsed = parsePhone(number, country);
  const meant = [parsed.ok ? digitsOf(parsed.value.e164) : "", digitsOf(number.replace("(0)", "")).replace(/^0+/, "")];
  return [...new Set(meant)].filter((digits) => digits.length >= FEWEST_DIGITS).map(reversed);
}

/** A number from its last digit on, as it is kept for finding. */
export const reversed = (digits: string): string => [...digits].reverse().join("");
