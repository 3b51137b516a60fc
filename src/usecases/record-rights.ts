import { type Action, demand, deniedFields, hasRight } from "../domain/access/access.ts";
import { conflict, forbidden } from "../domain/kit/errors.ts";
import type { RecordContext } from "../domain/kit/record-input.ts";
import type { AnyRecord, Resource } from "../domain/kit/resource.ts";
import type { Uses } from "./kit/ports.ts";
import type { Allow } from "./kit/usecase.ts";

/** Who may do this with a resource at all: the matrix of roles decides, or the named right that guards it. */
export function allowed(resource: Resource, action: Action): Allow {
  if (!resource.guard) return resource.sharing ? "member" : { resource, action };
  return action === "view" && !resource.isGuardedWhole ? "member" : { right: resource.guard };
}

/** What reading an input of this resource depends on. */
export function contextOf({ actor, definitions }: Uses<"actor" | "definitions">, resource: Resource): RecordContext {
  const denied = deniedFields(actor, resource);
  const custom = definitions.custom[resource.name] ?? [];
  // Who may see no custom field may not see any of them.
  const each = denied.includes("custom") ? custom.map(({ key }) => `custom.${key}`) : [];
  return { country: definitions.country, custom, denied: each.length ? [...denied, ...each] : denied };
}

/** The word for one record of a resource, as sentences use it. */
export const one = ({ label }: Resource) => label.en[0].toLowerCase();

/** The word for several. */
export const many = ({ label }: Resource) => label.en[1].toLowerCase();

/** The record, once it is certain that the actor may do this with it and meant this version. */
export async function forWriting(
  resource: Resource,
  id: string,
  action: Action,
  ports: Uses<"records" | "actor" | "expected">,
  options?: { trashed: boolean },
): Promise<AnyRecord> {
  const record = await ports.records(resource).get(id, options);
  checkRight(resource, record, action, ports);
  checkVersion(record, ports.expected);
  return record;
}

export function checkRight(resource: Resource, record: AnyRecord, action: Action, { actor }: Uses<"actor">): void {
  if (resource.sharing) {
    const isMine = resource.owner !== null && record[resource.owner] === actor.member_id;
    if (!isMine && !hasRight(actor, "views.share"))
      throw forbidden(`This ${one(resource)} belongs to somebody else. Make one of your own instead.`);
  } else if (!resource.guard) demand(actor, action, resource, resource.owner ? record[resource.owner] : actor.member_id);
}

/** Who gives a record to somebody else needs the right to assign it. */
export function checkAssignment(
  resource: Resource,
  record: AnyRecord,
  set: Readonly<Record<string, unknown>>,
  { actor }: Uses<"actor">,
): void {
  if (resource.owner && resource.owner in set) demand(actor, "assign", resource, record[resource.owner]);
}

function checkVersion(record: AnyRecord, expected: number | null): void {
  if (expected !== null && record.version !== expected) {
    throw conflict("VERSION_CONFLICT", "Somebody changed this record since you read it. Read it again and decide what to keep.", {
      current_version: record.version,
    });
  }
}
