import { forbidden } from "../kit/errors.ts";
import { asTyped, type Resource } from "../kit/resource.ts";

/** What one can do with a record. */
export const actions = ["view", "create", "edit", "delete", "export", "assign"] as const;
export type Action = (typeof actions)[number];

/** How far a right reaches: no record, mine, my team's and below, every one. */
export const scopes = ["none", "own", "team", "all"] as const;
export type Scope = (typeof scopes)[number];

/** Rights beside the matrix, each for one thing of the workspace. */
export const namedRights = [
  "members.manage",
  "teams.manage",
  "roles.manage",
  "keys.manage",
  "fields.manage",
  "tags.create",
  "tags.manage",
  "workspace.manage",
  "views.share",
] as const;
export type NamedRight = (typeof namedRights)[number];

export type Grants = Readonly<Record<Action, Scope>>;

/** A role: a matrix of resource, action and scope, named rights, and fields that do not exist for it. */
export type Role = {
  readonly key: string;
  /** Grants by resource; `*` stands for every resource not named. */
  readonly grants: Readonly<Record<string, Grants>>;
  readonly rights: readonly string[];
  readonly denied: Readonly<Record<string, readonly string[]>>;
};

/** Who acts, in which workspace, with which rights. */
export type Actor = {
  readonly tenant_id: string;
  /** The member who acts; an API key may act for nobody. */
  readonly member_id: string | null;
  readonly user_id: string | null;
  readonly key_id: string | null;
  readonly role: Role;
  /** The members of my teams and of all teams below them, me among them. */
  readonly team: readonly string[];
};

/** How far the actor's right to do this with that resource reaches. */
export function scopeOf({ role }: Actor, action: Action, { name }: Pick<Resource, "name">): Scope {
  return (role.grants[name] ?? role.grants["*"])?.[action] ?? "none";
}

/** Whose records a scope reaches: everybody's, or those of the members listed. */
export function ownersWithin(actor: Actor, scope: Scope): "all" | readonly string[] {
  if (scope === "all") return "all";
  if (scope === "team") return actor.team;
  return scope === "own" && actor.member_id ? [actor.member_id] : [];
}

/** The one decision every path asks: may this actor do that with a record of this owner? */
export function may(actor: Actor, action: Action, resource: Pick<Resource, "name">, ownerId: unknown): boolean {
  const owners = ownersWithin(actor, scopeOf(actor, action, resource));
  return owners === "all" || (typeof ownerId === "string" && owners.includes(ownerId));
}

/** Refuses in plain words what `may` denies. */
export function demand(actor: Actor, action: Action, resource: Resource, ownerId: unknown): void {
  if (!may(actor, action, resource, ownerId)) throw denied(action, resource, scopeOf(actor, action, resource));
}

export function hasRight({ role }: Actor, right: string): boolean {
  return role.rights.includes("*") || role.rights.includes(right);
}

export function denied(action: Action, { name, label }: Resource, scope: Scope) {
  const [, many] = label.en;
  const reach =
    scope === "none"
      ? `Your role may not ${action} ${many.toLowerCase()}.`
      : `Your role may ${action} ${many.toLowerCase()} only ${reaches[scope]}.`;
  return forbidden(`${reach} Ask an administrator if you need to.`, "FORBIDDEN", { action, resource: name, scope });
}

const reaches = { own: "when they are yours", team: "when they are your team's", all: "" } as const;

/** The fields of a resource that do not exist for this actor; with a phone goes what was typed for it. */
export function deniedFields({ role }: Actor, { name, all }: Pick<Resource, "name" | "all">): readonly string[] {
  const denied = role.denied[name];
  if (!denied) return [];
  const typed = denied.map(asTyped).filter((key) => key in all);
  return typed.length ? [...denied, ...typed] : denied;
}
