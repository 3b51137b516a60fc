import { members } from "../../domain/access/member.ts";
import { reference } from "../../domain/kit/fields.ts";
import { inputSchema, readChange } from "../../domain/kit/record-input.ts";
import type { AnyRecord, Resource } from "../../domain/kit/resource.ts";
import { free } from "../../domain/kit/shape.ts";
import type { Uses } from "../kit/ports.ts";
import { usecase } from "../kit/usecase.ts";
import { contextOf, forWriting } from "../record-rights.ts";
import { demandRole } from "./invitations.ts";
import type { UsesMyIdentity } from "./ports.ts";

const resource = members as unknown as Resource; // a declaration of particular fields, read as one of any
const id = reference("members", { required: true });

/** Takes the place of the generic verb: a role is handed out by those who have it, and one administrator stays. */
export const updateMember = usecase({
  summary: "Change a member",
  description: "Only what is named changes. Nobody gives a role that allows more than their own, or changes somebody who has one.",
  allow: { right: "members.manage" },
  input: { id, data: free<unknown, true>(inputSchema(resource, "change"), { required: true }) },
  output: { one: resource },
  refuses: ["VERSION_CONFLICT", "LAST_ADMIN", "ROLE_EXCEEDS_YOURS", "REFERENCE_NOT_FOUND"],
  run: async (ports: UsesMyIdentity & Uses<"records" | "definitions" | "expected">, { id: member, data }) => {
    const record = await forWriting(resource, member, "edit", ports);
    const set = readChange(resource, data, record, contextOf(ports, resource));
    await changeMember(ports, member, set);
    return ports.records(resource).read(member);
  },
});

export const suspendMember = usecase({
  summary: "Suspend a member",
  description: "They are signed out everywhere at once, their records stay, and the invitations they sent are revoked.",
  allow: { right: "members.manage" },
  input: { id },
  output: { one: resource },
  refuses: ["LAST_ADMIN", "ROLE_EXCEEDS_YOURS"],
  run: async (ports: UsesMyIdentity & Uses<"records">, input) => {
    await changeMember(ports, input.id, { status: "suspended" });
    return ports.records(resource).read(input.id);
  },
});

export const reactivateMember = usecase({
  summary: "Let a suspended member in again",
  allow: { right: "members.manage" },
  input: { id },
  output: { one: resource },
  refuses: ["ROLE_EXCEEDS_YOURS"],
  run: async (ports: UsesMyIdentity & Uses<"records">, input) => {
    await changeMember(ports, input.id, { status: "active" });
    return ports.records(resource).read(input.id);
  },
});

async function changeMember(
  { actor, now, identity: { store } }: UsesMyIdentity,
  member: string,
  set: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (Object.keys(set).length === 0) return;
  if (typeof set.role === "string") await demandRole(store, actor, set.role);
  const check = async (before: AnyRecord): Promise<void> => {
    if ("role" in set || "status" in set) await demandRole(store, actor, String(before.role));
  };
  await store.changeMember({ actor, now, via: "api" }, member, set, check);
}
