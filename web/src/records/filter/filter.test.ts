import { expect, test } from "vitest";
import type { Criteria } from "../../../../src/domain/kit/criteria.ts";
import { operatorsOf as offeredBy } from "../../../../src/domain/kit/criteria-leaf.ts";
import { type Field, kindNames, text } from "../../../../src/domain/kit/fields.ts";
import { begin, isComplete, operatorsOf } from "./operators.ts";
import { criteriaOf, groupOf, without } from "./tree.ts";

test("the filter bar offers nothing that a field cannot be asked", () => {
  for (const kind of kindNames) {
    const field: Field = { ...text(), kind };
    expect(operatorsOf(field).length).toBeGreaterThan(1);
    expect(offeredBy({ field, from: "record" })).toEqual(expect.arrayContaining([...operatorsOf(field)]));
  }
});

test("a tree shown as chips is the same tree again, however deep it is", () => {
  const leaf = { field: "name", op: "contains", value: "a" } as const;
  const trees: readonly Criteria[] = [
    { all: [leaf, leaf] },
    { any: [leaf, { all: [leaf, leaf] }] },
    { all: [{ not: leaf }, { any: [leaf, { all: [leaf] }] }] },
  ];
  for (const tree of trees) expect(criteriaOf(groupOf(tree))).toEqual(tree);
});

test("a filter without conditions is no filter", () => {
  expect(criteriaOf(without(groupOf({ field: "name", op: "is_empty" }), 0))).toBeNull();
});

test("a condition that was just begun waits for its value", () => {
  expect(isComplete(begin("name", text()))).toBe(false);
});
