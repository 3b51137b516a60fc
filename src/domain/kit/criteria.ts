import type { CustomDefinition } from "./definitions.ts";
import { type Field, references } from "./fields.ts";
import type { ReadContext } from "./kinds.ts";
import type { Resource } from "./resource.ts";

/** What a leaf of a criteria tree may ask of a field. */
export const operators = [
  "eq",
  "neq",
  "in",
  "not_in",
  "gt",
  "gte",
  "lt",
  "lte",
  "between",
  "contains",
  "not_contains",
  "starts_with",
  "ends_with",
  "matches",
  "is_empty",
  "is_not_empty",
  "before",
  "after",
  "in_last",
  "in_next",
  "has_tag",
  "has_any_tag",
] as const;
export type Operator = (typeof operators)[number];

/** Operators of the shared grammar whose ground does not exist yet; a tree that uses one is refused when it is saved. */
export const laterOperators = ["within_territory", "in_segment", "changed", "changed_to", "changed_from"] as const;

export type Leaf = { readonly field: string; readonly op: Operator; readonly value?: unknown; readonly ci?: false };

/** A condition on a record: shared by filters, segments, routing, approvals and saved views. */
export type Criteria = { readonly all: readonly Criteria[] } | { readonly any: readonly Criteria[] } | { readonly not: Criteria } | Leaf;

/** What reading a tree depends on. */
export type CriteriaContext = ReadContext & {
  readonly custom: readonly CustomDefinition[];
  /** Fields that do not exist for whoever asks. */
  readonly denied: readonly string[];
  /** The tree will be compiled to SQL, which cannot do everything that memory can. */
  readonly forList?: boolean;
  /** Where the tree stands in the input. */
  readonly pointer?: string;
};

/** What a leaf speaks of: a declared field, a custom one or the tags. */
export type Subject =
  | { readonly key: string; readonly field: Field; readonly from: "record" | "tags" }
  | { readonly key: string; readonly field: Field; readonly from: "custom"; readonly definition: CustomDefinition };

/** The pseudo values for whoever asks and for their team, wherever an id of a member may stand. */
export const ME = "$me";
export const MY_TEAM = "$my_team";

export const criteriaLimits = { depth: 8, nodes: 200, list: 5_000 } as const;

/** What a path of a leaf means for a resource; nothing where there is no such field. */
export function subjectOf(path: string, resource: Resource, custom: readonly CustomDefinition[]): Subject | null {
  if (path === "tags") return resource.tags ? { key: path, field: tagLinks, from: "tags" } : null;
  if (path.startsWith(CUSTOM)) {
    const key = path.slice(CUSTOM.length);
    const definition = custom.find((one) => one.key === key);
    return definition ? { key, field: definition.field, from: "custom", definition } : null;
  }
  const field = Object.hasOwn(resource.all, path) ? resource.all[path] : undefined;
  return field && isAsked(path, field) ? { key: path, field, from: "record" } : null;
}

/** Every leaf of a tree, from left to right. */
export function leavesOf(criteria: Criteria): readonly Leaf[] {
  if ("all" in criteria) return criteria.all.flatMap(leavesOf);
  if ("any" in criteria) return criteria.any.flatMap(leavesOf);
  return "not" in criteria ? leavesOf(criteria.not) : [criteria];
}

/** The paths a tree may name, for whoever may see them. */
export function pathsOf({ all, tags }: Resource, { custom, denied }: Pick<CriteriaContext, "custom" | "denied">): readonly string[] {
  const own = Object.entries(all).filter(([key, field]) => isAsked(key, field));
  const paths = [...own.map(([key]) => key), ...(tags ? ["tags"] : []), ...custom.map(({ key }) => `${CUSTOM}${key}`)];
  return paths.filter((path) => !denied.includes(path));
}

/** The trash is not a criterion, nor is a text that is only shown beside what was made of it, such as a phone as it was typed. */
const isAsked = (key: string, { kind, writer, compose }: Field): boolean =>
  key !== "deleted_at" && !(kind === "text" && writer === "kernel" && !compose);

const CUSTOM = "custom.";
const tagLinks: Field = references("tags", { en: "Tags", de: "Tags" });
