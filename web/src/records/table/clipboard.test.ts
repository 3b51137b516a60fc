import fc from "fast-check";
import { expect, test } from "vitest";
import { fromTsv, toTsv } from "./clipboard.ts";

test("what is copied comes back the same, whatever the cells hold", () => {
  const cell = fc.string().map((text) => text.replaceAll("\r", ""));
  const rows = fc
    .integer({ min: 1, max: 4 })
    .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 5 }));
  fc.assert(
    fc.property(
      // A last row of one blank cell is what a spreadsheet's closing line break looks like.
      rows.filter((table) => table.at(-1)?.join("") !== ""),
      (table) => {
        expect(fromTsv(toTsv(table))).toEqual(table);
      },
    ),
  );
});

test("the closing line break of a spreadsheet is no row", () => {
  expect(fromTsv("a\tb\r\nc\td\r\n")).toEqual([
    ["a", "b"],
    ["c", "d"],
  ]);
});
