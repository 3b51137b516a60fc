import { type Criteria, type Leaf, leavesOf } from "../../../../src/domain/kit/criteria.ts";

export type Join = "all" | "any";
/** A run of conditions under one word, as the bar shows it; what is deeper is shown as one piece and kept as it is. */
export type Group = { readonly join: Join; readonly items: readonly Item[] };
export type Item = { readonly leaf: Leaf } | { readonly group: Group } | { readonly tree: Criteria };

/** A criteria tree as groups and chips. */
export function groupOf(criteria: Criteria | null, depth = 0): Group {
  if (criteria === null) return { join: "all", items: [] };
  const list = "all" in criteria ? criteria.all : "any" in criteria ? criteria.any : null;
  if (!list) return { join: "all", items: [itemOf(criteria, depth)] };
  return { join: "any" in criteria ? "any" : "all", items: list.map((one) => itemOf(one, depth)) };
}

function itemOf(criteria: Criteria, depth: number): Item {
  if ("field" in criteria) return { leaf: criteria };
  const isPlain = !("not" in criteria) && depth === 0 && ("all" in criteria ? criteria.all : criteria.any).every((one) => "field" in one);
  return isPlain ? { group: groupOf(criteria, depth + 1) } : { tree: criteria };
}

/** The criteria that groups and chips stand for; nothing where there is no condition. */
export function criteriaOf({ join, items }: Group): Criteria | null {
  const list = items.flatMap((item): readonly Criteria[] => {
    if ("leaf" in item) return [item.leaf];
    const inner = "tree" in item ? item.tree : criteriaOf(item.group);
    return inner ? [inner] : [];
  });
  if (list.length === 0) return null;
  return join === "all" ? { all: list } : { any: list };
}

/** How many conditions a filter has. */
export const sizeOf = (criteria: Criteria | null): number => (criteria ? leavesOf(criteria).length : 0);

export const without = (group: Group, index: number): Group => ({ ...group, items: group.items.filter((_, at) => at !== index) });
export const replaced = (group: Group, index: number, item: Item): Group => ({
  ...group,
  items: group.items.map((one, at) => (at === index ? item : one)),
});
