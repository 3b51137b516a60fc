import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contacts } from "../contacts/contact.ts";
import { likeness } from "./likeness.ts";
import { readQuestion } from "./question.ts";
import { rankOf } from "./rank.ts";

const rank = (values: Readonly<Record<string, string | null>>, typed: string) =>
  rankOf(contacts as never, values, readQuestion(typed, "DE"));

describe("reading what was typed", () => {
  test("words are folded, each once, in their order", () => {
    expect(readQuestion(" Jörg  ÖZTÜRK, jorg ", null)).toMatchObject({ whole: "jorg ozturk, jorg", words: ["jorg", "ozturk"], phones: [] });
  });

  test("a number is a telephone number in any format, from its last digit on", () => {
    for (const typed of ["+49 30 901820", "0049 30 901820", "030 901820", "+49 (0)30 90-18-20", "tel:+4930901820"])
      expect(readQuestion(typed, "DE").phones).toContain("0281090394");
    expect(readQuestion("030/901820", null).phones).toEqual(["02810903"]);
    expect(readQuestion("1820", "DE").phones).toContain("0281");
  });

  test("what has letters or too few digits is no telephone number", () => {
    for (const typed of ["LEAD-20261120-0007", "3M", "007", "", "Halden 2026"]) expect(readQuestion(typed, "DE").phones).toEqual([]);
  });

  test("whatever is typed, at most eight words of letters and digits come of it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (typed) => {
        const { words, phones } = readQuestion(typed, "DE");
        expect(words.length).toBeLessThanOrEqual(8);
        for (const word of words) expect(word).toMatch(/^[\p{L}\p{N}]{1,60}$/u);
        for (const digits of phones) expect(digits).toMatch(/^\d{4,}$/);
      }),
    );
  });
});

describe("ranking", () => {
  test("a field that says exactly this comes before a whole word, that before a beginning, and the title before all else", () => {
    const ranks = [
      rank({ name: "Berg" }, "berg"),
      rank({ name: "Anna Berg" }, "berg"),
      rank({ name: "Anna Bergmann" }, "berg"),
      rank({ name: "Ina Roth", title: "Bergführer am Matterhorn" }, "berg"),
    ].map((one) => one.rank);
    expect(ranks).toEqual([...ranks].sort((a, b) => b - a));
    expect(new Set(ranks).size).toBe(4);
    expect(ranks[0]).toBe(1);
  });

  test("it says which fields answered", () => {
    const values = { name: "Anna Berg", email: "anna@halden.test", phone: "+4930901820", title: null };
    expect(rank(values, "anna halden").matched).toEqual(["name", "email"]);
    expect(rank(values, "030 901820")).toEqual({ rank: 1, matched: ["phone"] });
    expect(rank(values, "1820")).toEqual({ rank: 0.9, matched: ["phone"] });
    for (const q of ["tokio", "anna tokio"]) expect(rank(values, q)).toEqual({ rank: 0, matched: [] });
  });

  test("it lies between 0 and 1 and does not depend on the order of the words", () => {
    const word = fc.constantFrom("anna", "berg", "Bergmann", "halden", "an", "zz", "ANNA");
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), fc.array(word, { minLength: 1, maxLength: 3 }), (name, asked) => {
        const one = rank({ name: name.join(" ") }, asked.join(" "));
        expect(one.rank).toBeGreaterThanOrEqual(0);
        expect(one.rank).toBeLessThanOrEqual(1);
        const values = { name: "x", email: name.join(".") };
        expect(rank(values, [...asked].reverse().join(" ")).rank).toBeCloseTo(rank(values, asked.join(" ")).rank, 2);
      }),
    );
  });
});

test("one slip costs one letter, whichever it is, and resemblance is mutual", () => {
  for (const other of ["lovlace", "loveelace", "lovexace", "lovealce"]) expect(likeness("lovelace", other)).toBeGreaterThan(0.85);
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      expect(likeness(a, b)).toBe(likeness(b, a));
      expect(likeness(a, b) === 1).toBe(a === b);
    }),
  );
});
