/** The one form in which text is compared, sorted and searched: without accents, case, surrounding blanks or compatibility forms. */
export function fold(text: string): string {
  if (plainAscii.test(text)) return text.toLowerCase().trim();
  return text
    .toWellFormed()
    .replaceAll("\0", "")
    .normalize("NFKD")
    .replace(marks, "")
    .toLowerCase()
    .replace(letterForms, sameLetter)
    .trim();
}

/** The folded words of a text, in their order, for search. */
export function words(text: string): string[] {
  const folded = fold(text);
  return folded.match(plainAscii.test(folded) ? asciiWord : anyWord) ?? [];
}

/** Orders folds as PostgreSQL's `collate "C"` does on UTF-8; JavaScript alone puts astral characters before U+E000. */
export function compareFolds(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return inUtf8Order(left) - inUtf8Order(right);
  }
  return a.length - b.length;
}

const plainAscii = /^[\x01-\x7f]*$/;
const asciiWord = /[a-z0-9]+/g;
const anyWord = /[\p{L}\p{N}]+/gu;
const marks = /\p{M}+/gu;
const letterForms = /[ßıς]/g;

// Lower-casing makes a final sigma of the last letter of a word only: one sigma, or a fold would depend on its neighbours.
const sameLetter = (letter: string): string => (letter === "ß" ? "ss" : letter === "ı" ? "i" : "σ");

// Surrogates stand for characters above U+FFFF, so they sort after U+E000–U+FFFF.
const inUtf8Order = (unit: number): number => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800);
