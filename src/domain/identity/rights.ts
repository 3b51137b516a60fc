import { actions, type Grants, type Role, type Scope, scopes } from "../access/access.ts";

/** Whether a role allows anything that the other does not: nobody hands out more than they have. */
export function exceeds(role: Role, other: Role): boolean {
  const more = everyResource(role, other).some((name) => actions.some((action) => rank(role, name, action) > rank(other, name, action)));
  return more || rightsBeyond(role, other) || seesMore(role, other);
}

/** What both roles allow, under the key of the first. */
export function meet(role: Role, other: Role): Role {
  const grants = everyResource(role, other).map((name): [string, Grants] => [
    name,
    each((action) => scopes[Math.min(rank(role, name, action), rank(other, name, action))] ?? "none"),
  ]);
  return {
    key: role.key,
    grants: Object.fromEntries(grants),
    rights: role.rights.includes("*")
      ? other.rights
      : other.rights.includes("*")
        ? role.rights
        : role.rights.filter((right) => other.rights.includes(right)),
    denied: Object.fromEntries(
      [...new Set([...Object.keys(role.denied), ...Object.keys(other.denied)])].map((name) => [
        name,
        [...new Set([...(role.denied[name] ?? []), ...(other.denied[name] ?? [])])],
      ]),
    ),
  };
}

/** A key that acts for nobody has no records or team of its own: what its role may see of them, it sees of all. */
export function withoutMember(role: Role): Role {
  const grants = Object.entries(role.grants).map(([name, grant]): [string, Grants] => [
    name,
    grant.view === "none" ? grant : { ...grant, view: "all" },
  ]);
  return { ...role, grants: Object.fromEntries(grants) };
}

function rank(role: Role, name: string, action: keyof Grants): number {
  return scopes.indexOf(grantOf(role, name)?.[action] ?? "none");
}

const grantOf = (role: Role, name: string): Grants | undefined => (Object.hasOwn(role.grants, name) ? role.grants[name] : role.grants["*"]);

/** Every resource that either names; `*` is never named by both alike, so it stands for all the others. */
const everyResource = (role: Role, other: Role): string[] => [...new Set([...Object.keys(role.grants), ...Object.keys(other.grants), "*"])];

function rightsBeyond(role: Role, other: Role): boolean {
  return !other.rights.includes("*") && role.rights.some((right) => !other.rights.includes(right));
}

/** Whether a field hidden from the other is shown to the role. */
function seesMore(role: Role, other: Role): boolean {
  return Object.entries(other.denied).some(([name, fields]) => fields.some((field) => !role.denied[name]?.includes(field)));
}

const each = (scopeOf: (action: keyof Grants) => Scope): Grants => ({
  view: scopeOf("view"),
  create: scopeOf("create"),
  edit: scopeOf("edit"),
  delete: scopeOf("delete"),
  export: scopeOf("export"),
  assign: scopeOf("assign"),
});
