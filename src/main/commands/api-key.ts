import { tokens } from "../../adapters/secrets/tokens.ts";
import { readyRoles } from "../../domain/access/roles.ts";
import { type Command, command } from "../command.ts";
import { inOffice } from "../office.ts";
import { Refused } from "../refused.ts";
import { PREFIX } from "./setup.ts";

/** Makes an API key with a role for a workspace. */
export const createApiKey: Command = command({
  name: "api-key create",
  summary: "Make an API key for a workspace",
  options: {
    workspace: { takes: "NAME", required: true, help: "Which workspace" },
    role: { takes: "ROLE", required: true, help: `What it may do: ${Object.keys(readyRoles).join(", ")}, or a role of the workspace` },
    name: { takes: "NAME", required: true, help: "What the key is for" },
    "expires-in": { takes: "DAYS", help: "After how many days it stops working; without it, never" },
    json: { help: "Print the ids and the key as JSON" },
  },
  notes: ["The key is shown this once."],
  run: async ({ given, configuration, print, say }) => {
    const [workspace = "", role = "", name = ""] = ["workspace", "role", "name"].map((key) => given.option(key)?.trim());
    if (name === "" || name.length > 200) throw new Refused("Say what the key is for in at most 200 characters, with --name.", 2);
    const days = daysIn(given.option("expires-in"));
    const { token, hash } = tokens.make("key");
    const { tenant_id, id } = await inOffice(configuration(), say, async ({ identity, workspaceNamed, doing }) => {
      const tenant_id = await workspaceNamed(workspace);
      if (!(await identity.roleOf(tenant_id, role)))
        throw new Refused(`There is no role "${role}" in this workspace. Ready-made ones are ${Object.keys(readyRoles).join(", ")}.`);
      const expires_at = days === null ? null : new Date(Date.now() + days * 86_400_000).toISOString();
      const key = { hash, prefix: token.slice(0, PREFIX), name, role, acts_for: null, expires_at };
      return { tenant_id, ...(await identity.addKey(doing(tenant_id), key)) };
    });
    if (given.has("json")) print(JSON.stringify({ tenant_id, key_id: id, api_key: token, role, name }));
    else print(`API key, shown this once: ${token}`);
    return 0;
  },
});

function daysIn(text: string | null): number | null {
  if (text === null) return null;
  if (/^\d{1,5}$/.test(text) && Number(text) > 0) return Number(text);
  throw new Refused("Give --expires-in a whole number of days.", 2);
}
