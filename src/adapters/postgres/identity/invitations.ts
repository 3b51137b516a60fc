import type { Actor, Role } from "../../../domain/access/access.ts";
import { members } from "../../../domain/access/member.ts";
import { readyRoles } from "../../../domain/access/roles.ts";
import { invitations } from "../../../domain/identity/invitation.ts";
import { invitationGone } from "../../../domain/identity/refusals.ts";
import { change } from "../../../domain/kit/change.ts";
import { emailKey } from "../../../domain/kit/email.ts";
import { conflict, DomainError } from "../../../domain/kit/errors.ts";
import type { Link } from "../../../domain/kit/fields.ts";
import { fold } from "../../../domain/kit/fold.ts";
import type { AnyRecord } from "../../../domain/kit/resource.ts";
import type { Doing, Identity } from "../../../usecases/identity/ports.ts";
import type { Flights } from "../flights/flight.ts";
import { uuid7 } from "../flights/uuid.ts";
import type { Call } from "../records/call.ts";
import { ask, brokenConstraint, inWorkspace, recordsIn, step } from "./statements.ts";
import { newMembership, newRecord, newUser } from "./workspaces.ts";

type Invitations = Pick<Identity, "invite" | "renewInvitation" | "revokeInvitation" | "offered" | "accept">;

/** Places in a workspace that are offered to somebody, and how they are taken. */
export function invitationsIn(flights: Flights, changed: (tenantId: string) => Promise<void>): Invitations {
  return {
    invite: (doing, { email, role, teams, hash, expires_at }) =>
      inWorkspace(flights, doing, async (call) => {
        const [known, earlier] = await call.read(
          [
            step("select status from members where tenant_id = $1 and email_key = $2 and deleted_at is null", call.tenant, emailKey(email)),
            step(
              "select id from invitations where tenant_id = $1 and email_fold = $2 and accepted_at is null and revoked_at is null order by id for update",
              call.tenant,
              fold(email),
            ),
          ],
          "write",
        );
        if (known?.rows.length) throw alreadyMember(known.rows[0]?.[0] ?? "");
        for (const [id] of earlier?.rows ?? []) await revoke(call, id ?? "", doing.now);
        const made = await recordsIn(invitations, call).add({ email, role, teams, invited_by: doing.actor.member_id, expires_at });
        await call.write([newLink(doing, made.id, { hash, email, expires_at })], "write");
        return { id: made.id };
      }),

    renewInvitation: (doing, id, { hash, expires_at }, check) =>
      inWorkspace(flights, doing, async (call) => {
        const pending = await pendingInvitation(call, id);
        await check(String(pending.role));
        await recordsIn(invitations, call).apply(pending, change("invitation.renewed", { expires_at, invited_by: doing.actor.member_id }));
        await call.write([dropLinks(id), newLink(doing, id, { hash, email: String(pending.email), expires_at })], "write");
        return { email: String(pending.email), role: String(pending.role) };
      }),

    revokeInvitation: (doing, id) =>
      inWorkspace(flights, doing, async (call) => {
        await pendingInvitation(call, id);
        await revoke(call, id, doing.now);
      }),

    async offered(hash, now) {
      const [token] = await ask(
        flights,
        "read",
        "select tenant_id, payload from one_time_tokens where hash = $1 and purpose = 'invitation' and used_at is null and expires_at > $2",
        hash,
        now,
      );
      const [tenant, payload] = token ?? [];
      if (!tenant || !payload) return null;
      const { invitation_id } = JSON.parse(payload) as { invitation_id: string }; // written by newLink
      const [invitation, workspace] = await flights.run(
        tenant,
        [
          step(
            "select email, role from invitations where tenant_id = $1 and id = $2 and accepted_at is null and revoked_at is null and deleted_at is null",
            tenant,
            invitation_id,
          ),
          step("select name from workspaces where tenant_id = $1 and id = $1", tenant),
        ],
        "read",
      );
      const [email, role] = invitation?.rows[0] ?? [];
      return email && role ? { invitation_id, tenant_id: tenant, workspace: workspace?.rows[0]?.[0] ?? "", email, role } : null;
    },

    async accept(hash, who, now) {
      const [token] = await ask(
        flights,
        "read",
        "select tenant_id, payload from one_time_tokens where hash = $1 and purpose = 'invitation'",
        hash,
      );
      const [tenant_id, payload] = token ?? [];
      if (!tenant_id || !payload) throw invitationGone();
      const { invitation_id } = JSON.parse(payload) as { invitation_id: string }; // written by newLink
      const [member_id, user_id] = [uuid7(), "user_id" in who ? who.user_id : uuid7()];
      const actor: Actor = { tenant_id, member_id, user_id, key_id: null, role: readyRoles.read_only as Role, team: [member_id] };
      try {
        await inWorkspace(flights, { actor, now, via: "api" }, async (call) => {
          const redeem =
            "update one_time_tokens set used_at = $2 where hash = $1 and purpose = 'invitation' and used_at is null and expires_at > $2 returning hash";
          const [redeemed] = await call.write([step(redeem, hash, now)], "write");
          if (!redeemed?.rows.length) throw invitationGone();
          const invitation = await pendingInvitation(call, invitation_id);
          await demandInviter(call, invitation.invited_by);
          const { email, role, teams } = invitation;
          const person = "user_id" in who ? await nameOf(call, who.user_id, String(email)) : who;
          await call.write(
            [
              ...("user_id" in who ? [] : [newUser(user_id, { ...who, email: String(email) }, now)]),
              newMembership({ tenant_id, user_id, member_id }, now),
              ...newRecord(
                members,
                member_id,
                { ...person, email, user_id, role, teams: await livingTeams(call, teams), status: "active" },
                call,
              ),
            ],
            "write",
          );
          await recordsIn(invitations, call).apply(invitation, change("invitation.accepted", { accepted_at: now }));
        });
      } catch (error) {
        throw acceptRefusal(error);
      }
      await changed(tenant_id);
      return { tenant_id, member_id, user_id };
    },
  };
}

async function pendingInvitation(call: Call, id: string): Promise<AnyRecord> {
  const invitation = await recordsIn(invitations, call).get(id);
  if (invitation.accepted_at) throw conflict("INVITATION_ACCEPTED", "This invitation has been accepted.");
  if (invitation.revoked_at) throw conflict("INVITATION_REVOKED", "This invitation has been revoked. Invite the person again.");
  return invitation;
}

/** Takes an invitation back, its link with it. */
export async function revoke(call: Call, id: string, now: string): Promise<void> {
  const invitation = await recordsIn(invitations, call).get(id);
  await recordsIn(invitations, call).apply(invitation, change("invitation.revoked", { revoked_at: now }));
  await call.write([dropLinks(id)], "write");
}

const dropLinks = (invitationId: string) =>
  step("delete from one_time_tokens where purpose = 'invitation' and payload ->> 'invitation_id' = $1 and used_at is null", invitationId);

const newLink = (
  { actor, now }: Doing,
  invitation_id: string,
  { hash, email, expires_at }: { hash: string; email: string; expires_at: string },
) =>
  step(
    "insert into one_time_tokens (hash, purpose, user_id, tenant_id, payload, tries, created_at, expires_at) values ($1, 'invitation', null, $2, $3, 0, $4, $5)",
    hash,
    actor.tenant_id,
    JSON.stringify({ invitation_id, email }),
    now,
    expires_at,
  );

/** What somebody offered who has since been suspended is no longer on offer. */
async function demandInviter(call: Call, inviter: unknown): Promise<void> {
  if (typeof inviter !== "string") return;
  const [found] = await call.read(
    [step("select 1 from members where tenant_id = $1 and id = $2 and status = 'active' and deleted_at is null", call.tenant, inviter)],
    "read",
  );
  if (!found?.rows.length) throw invitationGone();
}

/** The name of the user who takes the place; the invitation is for their address and no other. */
async function nameOf(call: Call, userId: string, email: string): Promise<{ name: string; language: string }> {
  const [found] = await call.read([step("select name, language, email_key from users where id = $1", userId)], "read");
  const [name, language, key] = found?.rows[0] ?? [];
  if (!name || !language || key !== emailKey(email))
    throw conflict("INVITATION_FOR_ANOTHER", "This invitation is for another e-mail address. Sign out and open it again.");
  return { name, language };
}

/** Teams that were deleted since the invitation are left out. */
async function livingTeams(call: Call, teams: unknown): Promise<readonly Link[]> {
  const links = (teams ?? []) as readonly Link[]; // checked when the invitation was written
  if (links.length === 0) return [];
  const [found] = await call.read([step("select id from teams where tenant_id = $1 and deleted_at is null", call.tenant)], "read");
  const living = new Set(found?.rows.map(([id]) => id));
  return links.filter(({ id }) => living.has(id));
}

function acceptRefusal(error: unknown): unknown {
  const constraint = brokenConstraint(error) ?? "";
  if (constraint.endsWith("users_email_unique"))
    return conflict("EMAIL_TAKEN", "There is already an account with this e-mail address. Sign in, then open the invitation again.");
  if (constraint.endsWith("memberships_pkey") || constraint.endsWith("members_email_unique")) return alreadyMember("active");
  // What the invitation points to is gone or taken back.
  return error instanceof DomainError &&
    (error.kind === "not_found" || error.code === "INVITATION_REVOKED" || error.code === "INVITATION_ACCEPTED")
    ? invitationGone()
    : error;
}

const alreadyMember = (status: string) =>
  conflict(
    "ALREADY_MEMBER",
    status === "suspended" ? "This person is a suspended member. Reactivate them instead." : "This person is a member already.",
    {},
    [{ pointer: "/email", code: "ALREADY_MEMBER", message: "This person is a member already." }],
  );
