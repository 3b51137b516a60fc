import type { Role } from "../../domain/access/access.ts";
import { roles } from "../../domain/access/member.ts";
import { roleFaults, roleOf } from "../../domain/identity/own-role.ts";
import { exceeds } from "../../domain/identity/rights.ts";
import { change } from "../../domain/kit/change.ts";
import { conflict, forbidden, invalidInput } from "../../domain/kit/errors.ts";
import { reference } from "../../domain/kit/fields.ts";
import { inputSchema, readChange, readNew } from "../../domain/kit/record-input.ts";
import type { Resource } from "../../domain/kit/resource.ts";
import { free } from "../../domain/kit/shape.ts";
import type { Uses } from "../kit/ports.ts";
import { usecase } from "../kit/usecase.ts";
import { contextOf, forWriting } from "../record-rights.ts";
import type { UsesMyIdentity } from "./ports.ts";

const resource = roles as unknown as Resource; // a declaration of particular fields, read as one of any
const id = reference("roles", { required: true });
const refuses = ["ROLE_EXCEEDS_YOURS", "UNKNOWN_RESOURCE", "UNKNOWN_ACTION", "DUPLICATE"];

/** These take the place of the generic verbs: nobody writes a role that allows more than their own, and a role in use stays. */
export const createRole = usecase({
  summary: "Create a role",
  allow: { right: "roles.manage" },
  status: 201,
  input: { data: free<unknown, true>(inputSchema(resource, "new"), { required: true }) },
  output: { one: resource },
  refuses,
  run: async (ports: UsesMyIdentity & Uses<"records" | "definitions">, { data }) => {
    const values = readNew(resource, data, contextOf(ports, resource));
    check(values, ports.actor.role);
    return ports.records(resource).add(values);
  },
});

export const updateRole = usecase({
  summary: "Change a role",
  description: "Counts at once for everybody who has it.",
  allow: { right: "roles.manage" },
  input: { id, data: free<unknown, true>(inputSchema(resource, "change"), { required: true }) },
  output: { one: resource },
  refuses: [...refuses, "VERSION_CONFLICT"],
  run: async (ports: UsesMyIdentity & Uses<"records" | "definitions" | "expected">, { id: role, data }) => {
    const record = await forWriting(resource, role, "edit", ports);
    const set = readChange(resource, data, record, contextOf(ports, resource));
    check(record, ports.actor.role, []);
    check({ ...record, ...set }, ports.actor.role);
    const changed = await ports.records(resource).apply(record, change("role.updated", set));
    await ports.identity.store.invalidate(ports.actor.tenant_id);
    return changed;
  },
});

export const deleteRole = usecase({
  summary: "Delete a role",
  description: "Members, keys and open invitations that have it need another one first.",
  allow: { right: "roles.manage" },
  status: 204,
  input: { id },
  output: "nothing",
  refuses: ["IN_USE", "ROLE_EXCEEDS_YOURS", "VERSION_CONFLICT"],
  run: async (ports: UsesMyIdentity & Uses<"records" | "expected">, input) => {
    const record = await forWriting(resource, input.id, "delete", ports);
    check(record, ports.actor.role, []);
    const count = await ports.identity.store.usesOfRole(ports.actor.tenant_id, String(record.key));
    if (count > 0)
      throw conflict("IN_USE", `${count} members, keys or invitations have this role. Give them another one first.`, { count });
    await ports.records(resource).remove(record);
    await ports.identity.store.invalidate(ports.actor.tenant_id);
  },
});

function check(values: Readonly<Record<string, unknown>>, mine: Role, faults = roleFaults(values)): void {
  if (faults.length) throw invalidInput(faults);
  if (exceeds(roleOf(values), mine)) throw forbidden("This role allows more than yours. Ask an administrator.", "ROLE_EXCEEDS_YOURS");
}
