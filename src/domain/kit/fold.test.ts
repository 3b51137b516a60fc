import fc from "fast-check";
import { expect, test } from "vitest";
import { compareFolds, fold, words } from "./fold.ts";

const anyText = fc.string({ unit: "binary", maxLength: 40 });
const brokenText = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 }).map((units) => String.fromCharCode(...units));
const trickyText = fc
  .array(
    fc.constantFrom(
      "İ",
      "ı",
      "I",
      "ß",
      "ẞ",
      "ﬁ",
      "Σ",
      "ς",
      "σ",
      "\u0307",
      "\u0345",
      "\0",
      " ",
      "\u00a0",
      "¨",
      "Å",
      "A",
      "-",
      "한",
      "ΐ",
      "\ud83d",
      "\ude00",
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));
const texts = fc.oneof(anyText, brokenText, trickyText);

test.each([
  ["Ölberg", "olberg"],
  ["  Müller & Söhne GmbH ", "muller & sohne gmbh"],
  ["STRASSE", "strasse"],
  ["Straße", "strasse"],
  ["STRAẞE", "strasse"],
  ["İstanbul", "istanbul"],
  ["ISPARTA", "isparta"],
  ["ısparta", "isparta"],
  ["ﬁnance", "finance"],
  ["ＡＣＭＥ", "acme"],
  ["ΟΔΟΣ", "οδοσ"],
  ["οδος", "οδοσ"],
  ["Łódź", "łodz"],
  ["\u00a0\tAcme\u2003", "acme"],
  ["a\0b\0", "ab"],
  ["x\ud83d", "x\ufffd"],
  ["", ""],
])("%j folds to %j", (text, folded) => {
  expect(fold(text)).toBe(folded);
});

test("folding a fold changes nothing, for every character there is", () => {
  const changed: string[] = [];
  for (let point = 0; point <= 0x10ffff; point++) {
    const once = fold(`a${String.fromCodePoint(point)}`);
    if (fold(once) !== once) changed.push(point.toString(16));
  }
  expect(changed).toEqual([]);
});

test("folding a fold changes nothing, whatever the text", () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(fold(fold(text))).toBe(fold(text));
    }),
    { numRuns: 3000 },
  );
});

test("a fold is well formed and has no NUL, no mark and no blank around it", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const folded = fold(text);
      expect(folded.isWellFormed()).toBe(true);
      expect(folded).not.toMatch(/\0|\p{M}/u);
      expect(folded).toBe(folded.trim());
    }),
    { numRuns: 3000 },
  );
});

test("composed and decomposed spellings fold alike", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(fold(text.normalize("NFD"))).toBe(fold(text.normalize("NFC")));
    }),
  );
});

test("the short way for plain text answers as the long way does", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary-ascii" }), (text) => {
      expect(fold(text)).toBe(fold(`é${text}é`).slice(1, -1).trim());
    }),
  );
});

test("words are the folded runs of letters and digits", () => {
  expect(words("Müller-Lüdenscheidt, Straße 7b")).toEqual(["muller", "ludenscheidt", "strasse", "7b"]);
  expect(words("ACME_Corp. (EU) 2026")).toEqual(["acme", "corp", "eu", "2026"]);
  expect(words("株式会社 東芝")).toEqual(["株式会社", "東芝"]);
  expect(words(" -- ")).toEqual([]);
});

test("a word of a text is a word of its own", () => {
  fc.assert(
    fc.property(texts, (text) => {
      for (const word of words(text)) expect(words(word)).toEqual([word]);
    }),
  );
});

test("an emoji sorts after a private-use character, as its bytes do", () => {
  expect(compareFolds("\u{1f600}", "\uffff")).toBeGreaterThan(0);
  expect(compareFolds("\ue000", "\ud7ff")).toBeGreaterThan(0);
  expect("\u{1f600}" < "\uffff").toBe(true);
});

test("folds compare as their UTF-8 bytes do", () => {
  const near = fc.array(fc.constantFrom("a", "b", "z", "é", "\ud7ff", "\ue000", "\uffff", "\u{10000}", "\u{1f600}", "\u{10ffff}"), {
    maxLength: 4,
  });
  const wellFormed = fc.oneof(
    near.map((parts) => parts.join("")),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(wellFormed, wellFormed, (a, b) => {
      expect(Math.sign(compareFolds(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
    }),
    { numRuns: 3000 },
  );
});
