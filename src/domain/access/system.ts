import type { Actor } from "./access.ts";
import { readyRoles } from "./roles.ts";

/** The product itself, acting in a workspace on nobody's behalf: what the clock or another event asks for. */
export const systemIn = (tenant_id: string): Actor => ({
  tenant_id,
  member_id: null,
  user_id: null,
  key_id: null,
  role: { key: "system", grants: readyRoles.admin?.grants ?? {}, rights: ["*"], denied: {} },
  team: [],
});
