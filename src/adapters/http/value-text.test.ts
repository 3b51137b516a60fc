import fc from "fast-check";
import { expect, test } from "vitest";
import { integer, text } from "../../domain/kit/fields.ts";
import { free, listOf, objectOf } from "../../domain/kit/shape.ts";
import { writerOf } from "./value-text.ts";

const write = writerOf(
  {
    name: text({ required: true }),
    count: integer(),
    inside: objectOf({ key: text() }),
    many: listOf(objectOf({ key: text() })),
    rows: free({
      type: "array",
      items: { type: "object", required: ["id"], properties: { id: { type: "string" }, note: { type: "string" } } },
    }),
    anything: free({ type: "object" }),
  },
  ["count"],
);

test("what is declared leaves as it is", () => {
  const value = { name: 'a "b"', inside: { key: "x" }, many: [{ key: null }], rows: [{ id: "1", note: "n" }], anything: { a: [1] } };

  expect(JSON.parse(write(value))).toEqual(value);
});

test("what is not declared stays inside, at every depth", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (more) => {
      const secret = { ...more, password_hash: "secret" };
      const written = write({
        ...secret,
        name: "n",
        count: 7,
        inside: { ...secret, key: "k" },
        many: [secret],
        rows: [{ ...secret, id: "1" }],
        anything: {},
      });
      expect(JSON.parse(written)).not.toHaveProperty("count");
      expect(written).not.toContain("secret");
    }),
  );
});

test("what is missing is null where it is declared and left out where a schema leaves it open", () => {
  expect(JSON.parse(write({ rows: [{}] }))).toEqual({ name: null, inside: null, many: null, rows: [{ id: null }], anything: null });
});

test("a record that is JSON already goes as it is", () => {
  const record = { id: "1", json: () => '{"id":"1","name":"Halden"}' };

  expect(JSON.parse(write({ anything: record, rows: [record] }))).toMatchObject({
    anything: { name: "Halden" },
    rows: [{ name: "Halden" }],
  });
});
