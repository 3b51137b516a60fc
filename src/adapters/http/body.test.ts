import fc from "fast-check";
import { expect, test } from "vitest";
import { deepestBody, isTooDeep, parseBody } from "./body.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

test("every JSON value reads as itself", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(parseBody(bytesOf(text))).toEqual(JSON.parse(text));
    }),
  );
});

test("depth is counted as the brackets open, whatever texts hold", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 130 }), fc.string(), (depth, text) => {
      const nested = Array.from({ length: depth - 1 }).reduce((inside) => [inside], [`${text}[[[{{{"\\`] as unknown);
      expect(isTooDeep(bytesOf(JSON.stringify(nested)))).toBe(depth > deepestBody);
    }),
  );
});

test("nothing reads as nothing", () => {
  expect(parseBody(new Uint8Array())).toBeUndefined();
});
