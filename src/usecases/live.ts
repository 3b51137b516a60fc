import type { Actor } from "../domain/access/access.ts";
import { members } from "../domain/access/member.ts";
import { resourceNamed } from "../domain/catalogue.ts";
import type { Resource } from "../domain/kit/resource.ts";
import { type App, isRefusal, perform } from "./kit/perform.ts";

/** May this actor see that record now? Asked through the one door, so that the answer is the same as everywhere. */
export async function mayView(app: App, actor: Actor, resource: string, id: string): Promise<boolean> {
  const verb = `${resource}.get`;
  if (!resourceNamed(resource) || !Object.hasOwn(app.verbs, verb)) return false;
  try {
    await perform(app, actor, verb, { id, fields: "id" }, { via: "interface" });
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

/** What others call this actor; null for one who is no member. */
export async function nameOf({ scopes }: App, actor: Actor): Promise<string | null> {
  const { member_id } = actor;
  if (member_id === null) return null;
  const member = await scopes.open(
    actor,
    { via: "interface", writes: false, atomic: false, claim: null },
    ({ records }) => records(members as unknown as Resource).get(member_id), // a declaration of particular fields, read as one of any
  );
  return typeof member.name === "string" ? member.name : null;
}
