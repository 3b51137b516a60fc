import { keys } from "../../domain/identity/key.ts";
import { invalid } from "../../domain/kit/errors.ts";
import { instant, reference, text } from "../../domain/kit/fields.ts";
import { msOf } from "../../domain/kit/instant.ts";
import { usecase } from "../kit/usecase.ts";
import { demandRole } from "./invitations.ts";
import type { UsesMyIdentity } from "./ports.ts";

export const createKey = usecase({
  summary: "Make an API key",
  description:
    "The key is shown in this answer and never again. One that acts for a member may do what both its role and the member's allow; without a member it sees all that its role may see, and what it makes has no owner.",
  allow: { right: "keys.manage" },
  status: 201,
  input: { name: keys.fields.name, role: keys.fields.role, acts_for: reference("members"), expires_at: instant() },
  output: {
    value: {
      id: reference("keys", { required: true }),
      name: text({ required: true }),
      role: text({ required: true }),
      acts_for: reference("members"),
      expires_at: instant(),
      prefix: text({ required: true }),
      key: text({ max: 100, required: true }),
    },
  },
  refuses: ["ROLE_EXCEEDS_YOURS", "REFERENCE_NOT_FOUND"],
  run: async ({ actor, now, identity: { store, tokens } }: UsesMyIdentity, { name, role, acts_for, expires_at }) => {
    await demandRole(store, actor, role);
    if (expires_at && msOf(expires_at) <= msOf(now)) throw invalid("EXPIRES_IN_THE_PAST", "Choose a time in the future.", "/expires_at");
    const { token: key, hash } = tokens.make("key");
    const prefix = key.slice(0, 10);
    const { id } = await store.addKey({ actor, now, via: "api" }, { hash, prefix, name, role, acts_for, expires_at });
    return { id, name, role, acts_for, expires_at, prefix, key };
  },
});

export const revokeKey = usecase({
  summary: "Revoke an API key",
  description: "It stops working at once.",
  allow: { right: "keys.manage" },
  status: 204,
  input: { id: reference("keys", { required: true }) },
  output: "nothing",
  run: async ({ actor, now, identity: { store } }: UsesMyIdentity, { id }) => store.revokeKey({ actor, now, via: "api" }, id),
});
