import { type Action, actions, type Grants, type Role, type Scope } from "../../../src/domain/access/access.ts";
import { resources } from "../../../src/domain/catalogue.ts";
import type { Resource } from "../../../src/domain/kit/resource.ts";

/** What of a role one can change. */
export type Draft = {
  readonly grants: Readonly<Record<string, Grants>>;
  readonly rights: readonly string[];
  readonly denied: Readonly<Record<string, readonly string[]>>;
};

/** The resources of which the matrix decides; those of settings go by single rights. */
export const governed: readonly Resource[] = resources.filter(({ place }) => place === "records");

/** The rows of the matrix; `*` stands for whatever has no row of its own. */
export const matrixRows: readonly string[] = [...governed.map(({ name }) => name), "*"];

const nothing: Grants = { view: "none", create: "none", edit: "none", delete: "none", export: "none", assign: "none" };

/** A role with a row for every resource, so that changing one does not change another. */
export function draftOf({ grants, rights, denied }: Pick<Role, "grants" | "rights" | "denied">): Draft {
  const rows = matrixRows.map((name): [string, Grants] => [name, grants[name] ?? grants["*"] ?? nothing]);
  return { grants: { ...grants, ...Object.fromEntries(rows) }, rights, denied };
}

export const scopeIn = ({ grants }: Draft, row: string, action: Action): Scope => grants[row]?.[action] ?? "none";

export function withScope(draft: Draft, row: string, action: Action, scope: Scope): Draft {
  return { ...draft, grants: { ...draft.grants, [row]: { ...(draft.grants[row] ?? nothing), [action]: scope } } };
}

export const withRight = (draft: Draft, right: string): Draft => ({ ...draft, rights: toggled(draft.rights, right) });

export function withDenied(draft: Draft, resource: string, field: string): Draft {
  const { [resource]: fields = [], ...others } = draft.denied;
  const next = toggled(fields, field);
  return { ...draft, denied: next.length ? { ...others, [resource]: next } : others };
}

/** How many cells, rights and hidden fields differ. */
export function changesBetween(before: Draft, after: Draft): number {
  const cells = matrixRows.flatMap((row) => actions.filter((action) => scopeIn(before, row, action) !== scopeIn(after, row, action)));
  const hidden = (draft: Draft) => Object.entries(draft.denied).flatMap(([name, fields]) => fields.map((field) => `${name}.${field}`));
  return cells.length + differing(before.rights, after.rights) + differing(hidden(before), hidden(after));
}

const toggled = (list: readonly string[], one: string) => (list.includes(one) ? list.filter((other) => other !== one) : [...list, one]);

const differing = (a: readonly string[], b: readonly string[]) =>
  a.filter((one) => !b.includes(one)).length + b.filter((one) => !a.includes(one)).length;
