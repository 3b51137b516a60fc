import type { Resource } from "../kit/resource.ts";
import { type Actor, may, scopeOf } from "./access.ts";

/** The deciding fields of a record at one moment; null where it was not there. */
type Side = Readonly<Record<string, string | null>> | null;

/** May this actor follow the changes of a resource at all? */
export function mayFollow(actor: Actor, resource: Resource): boolean {
  return isForEverybody(resource) || resource.sharing !== null || scopeOf(actor, "view", resource) !== "none";
}

/** May this actor learn that a record changed? Whoever could see it before hears that it left, whoever can see it now that it came. */
export function mayHear(actor: Actor, resource: Resource, sides: readonly Side[]): boolean {
  const { owner, sharing } = resource;
  if (!mayFollow(actor, resource)) return false;
  return sides.some((side) => {
    if (side === null) return false;
    const whose = owner === null ? null : (side[owner] ?? null);
    if (sharing) {
      const shared = side[sharing];
      return (
        (whose !== null && whose === actor.member_id) ||
        shared === "all" ||
        (shared === "team" && whose !== null && actor.team.includes(whose))
      );
    }
    return isForEverybody(resource) || owner === null || may(actor, "view", resource, whose);
  });
}

const isForEverybody = ({ place, sharing }: Resource): boolean => place === "workspace" && sharing === null;
