import { randomInt } from "node:crypto";
import type { Actor } from "../../../domain/access/access.ts";
import { members } from "../../../domain/access/member.ts";
import { readyRoles } from "../../../domain/access/roles.ts";
import { keys } from "../../../domain/identity/key.ts";
import { signUpClosed } from "../../../domain/identity/refusals.ts";
import { emailKey } from "../../../domain/kit/email.ts";
import { conflict } from "../../../domain/kit/errors.ts";
import { fold } from "../../../domain/kit/fold.ts";
import type { Resource } from "../../../domain/kit/resource.ts";
import { workspaces } from "../../../domain/workspace/workspace.ts";
import type { Doing, Identity, NewKey, NewUser } from "../../../usecases/identity/ports.ts";
import type { Flights } from "../flights/flight.ts";
import type { Step } from "../flights/statement.ts";
import { uuid7 } from "../flights/uuid.ts";
import type { Call } from "../records/call.ts";
import { selectionOf } from "../records/fetched.ts";
import { prepareRow } from "../records/prepared-row.ts";
import { writeSteps } from "../records/record-steps.ts";
import { openSteps } from "./sessions.ts";
import { ask, brokenConstraint, callIn, step } from "./statements.ts";

type Given = Parameters<Identity["createWorkspace"]>[0];

/** Makes workspaces: everything one starts with is one transaction. */
export function workspacesIn(flights: Flights): Pick<Identity, "hasWorkspace" | "workspaceName" | "renameWorkspace" | "createWorkspace"> {
  return {
    async hasWorkspace() {
      return (await ask(flights, "read", "select 1 from tenants limit 1")).length > 0;
    },

    async workspaceName(tenantId) {
      const [found] = await flights.run(tenantId, [step("select name from workspaces where tenant_id = $1 and id = $1", tenantId)], "read");
      return found?.rows[0]?.[0] ?? "";
    },

    async renameWorkspace(tenantId, name) {
      try {
        await ask(flights, "write", "update tenants set name = $2, name_fold = $3 where id = $1", tenantId, name, fold(name));
      } catch (error) {
        throw refusalFor(brokenConstraint(error), "/name") ?? error;
      }
    },

    async createWorkspace(given) {
      for (let tries = 1; ; tries++) {
        const made = { tenant_id: uuid7(), user_id: uuid7(), member_id: uuid7(), key_id: given.key ? uuid7() : null, code: searchCode() };
        try {
          await flights.run(made.tenant_id, creation(given, made), "write");
          const { code: _, ...created } = made;
          return created;
        } catch (error) {
          const constraint = brokenConstraint(error);
          // Of 33 million codes this one is taken: another will do.
          if (constraint?.endsWith("tenants_code_key") && tries < 5) continue;
          throw refusalFor(constraint) ?? error;
        }
      }
    },
  };
}

type Made = {
  readonly tenant_id: string;
  readonly user_id: string;
  readonly member_id: string;
  readonly key_id: string | null;
  readonly code: string;
};

function creation(
  { workspace, user, onlyTheFirst, session, key, now, via }: Given,
  { tenant_id, user_id, member_id, key_id, code }: Made,
): Step[] {
  const actor: Actor = { tenant_id, member_id, user_id, key_id: null, role: readyRoles.admin as Actor["role"], team: [member_id] };
  const doing: Doing = { actor, now, via };
  const call = callIn(async () => [], doing, code);
  const { name, language, country = null, currency, time_zone } = workspace;
  return [
    step("insert into tenants (id, name, name_fold, code, created_at) values ($1, $2, $3, $4, $5)", tenant_id, name, fold(name), code, now),
    step(
      `insert into first_workspace (is_made, tenant_id) values (true, $1)${onlyTheFirst ? "" : " on conflict (is_made) do nothing"}`,
      tenant_id,
    ),
    step("insert into definitions (tenant_id, search_code) values ($1, $2)", tenant_id, code),
    step("insert into feed_heads (tenant_id) values ($1)", tenant_id),
    newUser(user_id, user, now),
    newMembership({ tenant_id, user_id, member_id }, now),
    ...newRecord(
      members,
      member_id,
      { name: user.name, email: user.email, user_id, role: "admin", teams: [], language: user.language, status: "active" },
      call,
    ),
    ...newRecord(
      workspaces,
      tenant_id,
      { name, language, country, currency: currency ?? "EUR", time_zone: time_zone ?? "UTC", fiscal_start_month: 1 },
      call,
    ),
    ...(session ? openSteps({ ...session, user_id, tenant_id, member_id }, now) : []),
    ...(key && key_id ? newKey(key_id, key, call) : []),
  ];
}

/** The statements that make a record whose id is known beforehand, with its event. */
export function newRecord(resource: unknown, id: string, values: Readonly<Record<string, unknown>>, call: Call): Step[] {
  const declared = resource as Resource; // a declaration of particular fields, read as one of any
  const row = prepareRow(declared, id, values, null, call.definitions);
  return writeSteps({ shown: selectionOf(declared), rows: [row], versions: [0], event: `${declared.one}.created`, kind: "insert" }, call);
}

/** The statements that make an API key: what settings show of it, and what a request is recognised by. */
export function newKey(id: string, { hash, prefix, name, role, acts_for, expires_at }: NewKey, call: Call): Step[] {
  return [
    ...newRecord(keys, id, { name, prefix, role, acts_for, expires_at }, call),
    step(
      "insert into tokens (hash, tenant_id, key_id, member_id, role, expires_at) values ($1, $2, $3, $4, $5, $6)",
      hash,
      call.tenant,
      id,
      acts_for,
      role,
      expires_at,
    ),
  ];
}

export const newUser = (id: string, { email, name, language, password_hash }: NewUser, now: string): Step =>
  step(
    "insert into users (id, email, email_key, name, language, password_hash, recovery_codes, created_at) values ($1, $2, $3, $4, $5, $6, '[]', $7)",
    id,
    email,
    emailKey(email),
    name,
    language,
    password_hash,
    now,
  );

export const newMembership = (
  { tenant_id, user_id, member_id }: { tenant_id: string; user_id: string; member_id: string },
  usedAt: string | null,
): Step =>
  step(
    "insert into memberships (tenant_id, user_id, member_id, is_active, last_used_at) values ($1, $2, $3, true, $4)",
    tenant_id,
    user_id,
    member_id,
    usedAt,
  );

function refusalFor(constraint: string | null, pointer = "/workspace") {
  if (constraint?.endsWith("first_workspace_pkey")) return signUpClosed();
  if (constraint?.endsWith("tenants_name_fold_key"))
    return conflict("WORKSPACE_EXISTS", "There is already a workspace of this name. Choose another name.", {}, [
      { pointer, code: "WORKSPACE_EXISTS", message: "Choose another name." },
    ]);
  if (constraint?.endsWith("users_email_unique"))
    return conflict("EMAIL_TAKEN", "There is already an account with this e-mail address. Sign in instead.", {}, [
      { pointer: "/email", code: "EMAIL_TAKEN", message: "Sign in instead." },
    ]);
  return null;
}

const searchCode = (): string => Array.from({ length: 5 }, () => "abcdefghijklmnopqrstuvwxyz234567"[randomInt(32)]).join("");
