import type { Actor, Role } from "../../../domain/access/access.ts";
import { readyRoles } from "../../../domain/access/roles.ts";
import { isStale, sessionEnd } from "../../../domain/identity/lifetimes.ts";
import { roleOf } from "../../../domain/identity/own-role.ts";
import { meet, withoutMember } from "../../../domain/identity/rights.ts";
import type { Flights } from "../flights/flight.ts";
import type { Row } from "../flights/statement.ts";
import { instant } from "../records/columns.ts";
import { ask, moment, step } from "./statements.ts";

/** Who a session's token stands for, or nobody; a use is written down every ten minutes at most. */
export async function actorOfSession(flights: Flights, hash: string, now: string): Promise<Actor | null> {
  const text = "select user_id, tenant_id, member_id, created_at, last_seen_at, is_bound from sessions where hash = $1 and expires_at > $2";
  const [row] = await ask(flights, "read", text, hash, now);
  const [user_id, tenant_id, member_id, created, seen, bound] = row ?? [];
  if (!user_id || !tenant_id || !member_id || !created || !seen) return null;
  const member = await memberIn(flights, tenant_id, member_id);
  if (!member) return null;
  if (isStale(instant(seen), now)) {
    const use = [
      step("update sessions set last_seen_at = $2, expires_at = $3 where hash = $1", hash, now, sessionEnd(instant(created), now)),
      ...(bound === "t"
        ? []
        : [step("update memberships set last_used_at = $3 where tenant_id = $1 and user_id = $2", tenant_id, user_id, now)]),
    ];
    await flights.run(null, use, "write");
  }
  return { tenant_id, member_id, user_id, key_id: null, ...member };
}

/** Who an API key stands for, or nobody: a key that acts for a member may do what both the key and the member may. */
export async function actorOfKey(flights: Flights, hash: string, now: string): Promise<Actor | null> {
  const text =
    "select tenant_id, key_id, member_id, role, last_used_at from tokens where hash = $1 and (expires_at is null or expires_at > $2)";
  const [row] = await ask(flights, "read", text, hash, now);
  const [tenant_id, key_id, member_id = null, roleKey, used] = row ?? [];
  if (!tenant_id || !key_id || !roleKey) return null;
  const [role, member] = await Promise.all([
    roleIn(flights, tenant_id, roleKey),
    member_id ? memberIn(flights, tenant_id, member_id) : null,
  ]);
  if (!role || (member_id && !member)) return null;
  if (isStale(moment(used), now)) {
    const use = [
      step("update tokens set last_used_at = $2 where hash = $1", hash, now),
      step("update keys set last_used_at = $3 where tenant_id = $1 and id = $2", tenant_id, key_id, now), // no event: nobody changed the key
    ];
    await flights.run(tenant_id, use, "write");
  }
  const shared = { tenant_id, member_id, user_id: null, key_id };
  return member ? { ...shared, role: meet(role, member.role), team: member.team } : { ...shared, role: withoutMember(role), team: [] };
}

/** The role and the team of an active member, or nothing. */
async function memberIn(flights: Flights, tenantId: string, memberId: string): Promise<Pick<Actor, "role" | "team"> | null> {
  const [member, own, team] = await flights.run(
    tenantId,
    [step(memberSql, tenantId, memberId), step(ownRoleSql, tenantId, memberId), step(teamSql, tenantId, memberId)],
    "read",
  );
  const [key] = member?.rows[0] ?? [];
  if (!key) return null;
  const role = roleNamed(key, own?.rows[0]);
  return role && { role, team: [...new Set([memberId, ...(team?.rows ?? []).map(([id]) => id ?? "")])] };
}

async function roleIn(flights: Flights, tenantId: string, key: string): Promise<Role | null> {
  const [own] = await flights.run(
    tenantId,
    [step("select key, grants, rights, denied from roles where tenant_id = $1 and key_fold = $2 and deleted_at is null", tenantId, key)],
    "read",
  );
  return roleNamed(key, own?.rows[0]);
}

const roleNamed = (key: string, own: Row | undefined): Role | null =>
  Object.hasOwn(readyRoles, key) ? (readyRoles[key] ?? null) : own ? roleFrom(own) : null;

/** A role of the workspace's own as its columns tell it. */
export const roleFrom = ([key, grants, rights, denied]: Row): Role =>
  roleOf({ key, grants: parsed(grants), rights: parsed(rights), denied: parsed(denied) });

const parsed = (text: string | null | undefined): unknown => (text ? JSON.parse(text) : null);

const memberSql = "select role from members where tenant_id = $1 and id = $2 and status = 'active' and deleted_at is null";

const ownRoleSql = `select r.key, r.grants, r.rights, r.denied from members m join roles r on r.tenant_id = $1 and r.key_fold = m.role_fold and r.deleted_at is null
 where m.tenant_id = $1 and m.id = $2`;

// The teams of a member, every team below them, and everybody in those.
const teamSql = `with recursive tree as (
  select t.id from members m cross join lateral jsonb_array_elements(m.teams) l join teams t on t.tenant_id = $1 and t.id = (l ->> 'id')::uuid and t.deleted_at is null
   where m.tenant_id = $1 and m.id = $2 and jsonb_typeof(m.teams) = 'array'
  union
  select c.id from teams c join tree p on c.parent_id = p.id where c.tenant_id = $1 and c.deleted_at is null
)
select m.id from members m where m.tenant_id = $1 and m.deleted_at is null and jsonb_typeof(m.teams) = 'array'
   and exists (select 1 from jsonb_array_elements(m.teams) l join tree on tree.id = (l ->> 'id')::uuid)`;
