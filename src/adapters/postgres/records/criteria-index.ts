import { type Criteria, type Leaf, subjectOf } from "../../../domain/kit/criteria.ts";
import { isFolded, isSeveral } from "../../../domain/kit/criteria-question.ts";
import type { CustomDefinition } from "../../../domain/kit/definitions.ts";
import type { Field } from "../../../domain/kit/fields.ts";
import type { Resource } from "../../../domain/kit/resource.ts";
import { foldColumn, uniqueColumn } from "./columns.ts";
import { customColumns } from "./custom-rows.ts";

/** The fields of the outermost conjunction by which an index finds the rows; none means that a list would have to read them all. */
export function indexedConjuncts(criteria: Criteria, resource: Resource, custom: readonly CustomDefinition[]): string[] {
  const served = conjunctsOf(criteria).filter((leaf) => isServed(leaf, resource, custom));
  return [...new Set(served.map(({ field }) => field))];
}

function conjunctsOf(criteria: Criteria): readonly Leaf[] {
  if ("all" in criteria) return criteria.all.flatMap(conjunctsOf);
  return "field" in criteria ? [criteria] : [];
}

const narrowing: ReadonlySet<string> = new Set([
  "eq",
  "in",
  "gt",
  "gte",
  "lt",
  "lte",
  "between",
  "before",
  "after",
  "in_last",
  "in_next",
  "starts_with",
  "has_tag",
  "has_any_tag",
]);

function isServed({ field: path, op }: Leaf, resource: Resource, custom: readonly CustomDefinition[]): boolean {
  const subject = subjectOf(path, resource, custom);
  if (!subject || !narrowing.has(op)) return false;
  if (subject.from === "tags") return true;
  if (subject.from === "custom") return customColumns[subject.definition.type] !== null;
  return !isSeveral(subject.field) && isIndexed(subject.key, subject.field, resource);
}

function isIndexed(key: string, field: Field, { sort, filter }: Resource): boolean {
  if (key === "id" || sort.includes(key) || filter.includes(key)) return true;
  // An address is unique by its key, which keeps the marks that a comparison ignores.
  return field.unique && uniqueColumn(key, field) === (isFolded(field.kind) ? foldColumn(key) : key);
}
