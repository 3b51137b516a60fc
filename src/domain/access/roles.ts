import { type Grants, namedRights, type Role, type Scope } from "./access.ts";

const grants = (view: Scope, create: Scope, edit: Scope, remove: Scope, exporting: Scope, assign: Scope): Grants => ({
  view,
  create,
  edit,
  delete: remove,
  export: exporting,
  assign,
});

/** The roles every workspace starts with; own ones are data. */
export const readyRoles: Readonly<Record<string, Role>> = {
  admin: { key: "admin", grants: { "*": grants("all", "all", "all", "all", "all", "all") }, rights: [...namedRights], denied: {} },
  manager: {
    key: "manager",
    grants: { "*": grants("all", "all", "team", "team", "team", "team") },
    rights: ["tags.create", "tags.manage", "views.share"],
    denied: {},
  },
  rep: {
    key: "rep",
    grants: {
      contacts: grants("all", "all", "team", "own", "own", "team"),
      companies: grants("all", "all", "team", "none", "own", "own"),
      "*": grants("team", "all", "own", "own", "own", "own"),
    },
    rights: ["tags.create"],
    denied: {},
  },
  read_only: { key: "read_only", grants: { "*": grants("team", "none", "none", "none", "none", "none") }, rights: [], denied: {} },
};
