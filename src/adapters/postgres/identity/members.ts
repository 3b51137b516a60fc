import { members } from "../../../domain/access/member.ts";
import { readyRoles } from "../../../domain/access/roles.ts";
import { keys } from "../../../domain/identity/key.ts";
import { demandAnotherAdmin } from "../../../domain/identity/last-admin.ts";
import { change } from "../../../domain/kit/change.ts";
import { invalid } from "../../../domain/kit/errors.ts";
import { fold } from "../../../domain/kit/fold.ts";
import type { AnyRecord } from "../../../domain/kit/resource.ts";
import type { Identity } from "../../../usecases/identity/ports.ts";
import type { Flights } from "../flights/flight.ts";
import { uuid7 } from "../flights/uuid.ts";
import type { Call } from "../records/call.ts";
import { roleFrom } from "./actor.ts";
import { revoke } from "./invitations.ts";
import { inWorkspace, recordsIn, step } from "./statements.ts";
import { newKey } from "./workspaces.ts";

type Members = Pick<Identity, "roleOf" | "usesOfRole" | "addKey" | "revokeKey" | "changeMember">;

/** Who belongs to a workspace and may do what: members, and the keys of programs. */
export function membersIn(flights: Flights, changed: (tenantId: string) => Promise<void>): Members {
  return {
    async roleOf(tenantId, key) {
      const ready = Object.hasOwn(readyRoles, key) ? readyRoles[key] : undefined;
      if (ready) return ready;
      const [result] = await flights.run(
        tenantId,
        [
          step(
            "select key, grants, rights, denied from roles where tenant_id = $1 and key_fold = $2 and deleted_at is null",
            tenantId,
            fold(key),
          ),
        ],
        "read",
      );
      const row = result?.rows[0];
      return row ? roleFrom(row) : null;
    },

    async usesOfRole(tenantId, key) {
      const text = `select (select count(*) from members where tenant_id = $1 and role_fold = $2 and deleted_at is null)
 + (select count(*) from keys where tenant_id = $1 and role_fold = $2 and revoked_at is null)
 + (select count(*) from invitations where tenant_id = $1 and role_fold = $2 and accepted_at is null and revoked_at is null)
 + (select count(*) from single_sign_on where tenant_id = $1 and default_role = $2)`;
      const [result] = await flights.run(tenantId, [step(text, tenantId, fold(key))], "write");
      return Number(result?.rows[0]?.[0] ?? 0);
    },

    addKey: (doing, key) =>
      inWorkspace(flights, doing, async (call) => {
        if (key.acts_for) {
          const [member] = await call.read(
            [
              step(
                "select 1 from members where tenant_id = $1 and id = $2 and status = 'active' and deleted_at is null",
                call.tenant,
                key.acts_for,
              ),
            ],
            "read",
          );
          if (!member?.rows.length) throw invalid("REFERENCE_NOT_FOUND", "There is no active member with this id.", "/acts_for");
        }
        const id = uuid7();
        await call.write(newKey(id, key, call), "write");
        return { id };
      }),

    async revokeKey(doing, id) {
      await inWorkspace(flights, doing, async (call) => {
        const key = await recordsIn(keys, call).get(id);
        if (!key.revoked_at) await recordsIn(keys, call).apply(key, change("key.revoked", { revoked_at: doing.now }));
        await call.write([step("delete from tokens where tenant_id = $1 and key_id = $2", call.tenant, id)], "write");
      });
      await changed(doing.actor.tenant_id);
    },

    async changeMember(doing, id, set, check) {
      await inWorkspace(flights, doing, async (call) => {
        // Whoever changes an administrator holds them all: two who demote each other come one after the other.
        const admins =
          "select id from members where tenant_id = $1 and role_fold = 'admin' and status = 'active' and deleted_at is null order by id for update";
        const [found] = await call.read([step(admins, call.tenant)], "write");
        const member = await recordsIn(members, call).get(id);
        await check?.(member);
        const [before, after] = [standing(member), standing({ ...member, ...set })];
        demandAnotherAdmin(before, after, found?.rows.filter(([admin]) => admin !== id).length ?? 0);
        const event =
          before.status !== after.status
            ? after.status === "active"
              ? "member.reactivated"
              : "member.suspended"
            : before.role !== after.role
              ? "member.role_changed"
              : "member.updated";
        await recordsIn(members, call).apply(member, change(event, set));
        await call.write(
          [
            step(
              "update memberships set is_active = $3 where tenant_id = $1 and member_id = $2",
              call.tenant,
              id,
              after.status === "active",
            ),
          ],
          "write",
        );
        if (after.status === "suspended") await leave(call, id, doing.now);
      });
      await changed(doing.actor.tenant_id);
    },
  };
}

const standing = ({ role, status }: AnyRecord) => ({ role: String(role), status: String(status) });

/** A member who is suspended leaves no open session and no open invitation behind. */
async function leave(call: Call, id: string, now: string): Promise<void> {
  const [open] = await call.write(
    [
      step(
        "select id from invitations where tenant_id = $1 and invited_by = $2 and accepted_at is null and revoked_at is null order by id for update",
        call.tenant,
        id,
      ),
      step("delete from sessions where tenant_id = $1 and member_id = $2", call.tenant, id),
    ],
    "write",
  );
  for (const [invitation] of open?.rows ?? []) await revoke(call, invitation ?? "", now);
}
