import type { Actor } from "../../../domain/access/access.ts";
import { members } from "../../../domain/access/member.ts";
import { readyRoles } from "../../../domain/access/roles.ts";
import type { SignOn } from "../../../domain/identity/single-sign-on.ts";
import { emailKey } from "../../../domain/kit/email.ts";
import { fold } from "../../../domain/kit/fold.ts";
import type { Identity } from "../../../usecases/identity/ports.ts";
import type { Flights } from "../flights/flight.ts";
import type { Row } from "../flights/statement.ts";
import { uuid7 } from "../flights/uuid.ts";
import type { Call } from "../records/call.ts";
import { ask, brokenConstraint, inWorkspace, step } from "./statements.ts";
import { newMembership, newRecord, newUser } from "./workspaces.ts";

type SignsOn = Pick<Identity, "signOnOf" | "signOnByWorkspace" | "setSignOn" | "enterBySignOn">;

/** Single sign-on of workspaces, and who comes in through it. */
export function signOnIn(flights: Flights, changed: (tenantId: string) => Promise<void>): SignsOn {
  const signOnOf = async (tenantId: string): Promise<SignOn | null> => {
    const [result] = await flights.run(
      tenantId,
      [step("select issuer, client_id, client_secret, allowed_domains, default_role from single_sign_on where tenant_id = $1", tenantId)],
      "read",
    );
    const row = result?.rows[0];
    return row ? signOnFrom(row) : null;
  };

  return {
    signOnOf,

    async signOnByWorkspace(name) {
      const [row] = await ask(flights, "read", "select id from tenants where name_fold = $1", fold(name));
      const tenant_id = row?.[0];
      const signOn = tenant_id ? await signOnOf(tenant_id) : null;
      return tenant_id && signOn ? { tenant_id, signOn } : null;
    },

    async setSignOn({ actor: { tenant_id }, now }, given) {
      const write = `insert into single_sign_on as s (tenant_id, issuer, client_id, client_secret, allowed_domains, default_role, updated_at) values ($1, $2, $3, $4, $5, $6, $7)
 on conflict (tenant_id) do update set issuer = excluded.issuer, client_id = excluded.client_id, client_secret = excluded.client_secret,
 allowed_domains = excluded.allowed_domains, default_role = excluded.default_role, updated_at = excluded.updated_at`;
      const setting = given
        ? step(
            write,
            tenant_id,
            given.issuer,
            given.client_id,
            given.secret,
            JSON.stringify(given.allowed_domains),
            given.default_role,
            now,
          )
        : step("delete from single_sign_on where tenant_id = $1", tenant_id);
      // Whoever came in through the old provider signs in again.
      await flights.run(tenant_id, [setting, step("delete from sessions where tenant_id = $1 and is_bound", tenant_id)], "write");
      await changed(tenant_id);
    },

    async enterBySignOn(tenant_id, { subject, email, name }, { issuer, default_role }, now) {
      const enter = async () => {
        const known = await knownMember(flights, { tenant_id, issuer, subject });
        return known === undefined ? arrive() : known;
      };
      const arrive = async () => {
        const [user] = await ask(flights, "read", "select id, name, language from users where email_key = $1", emailKey(email));
        const [userId, userName, language] = user ?? [];
        const [member_id, user_id] = [uuid7(), userId ?? uuid7()];
        const actor: Actor = {
          tenant_id,
          member_id,
          user_id,
          key_id: null,
          role: readyRoles.read_only as Actor["role"],
          team: [member_id],
        };
        const person = { name: userName ?? name ?? email, language: language === "de" ? ("de" as const) : ("en" as const) };
        return inWorkspace(flights, { actor, now, via: "api" }, async (call) => {
          const found = await memberWith(call, email);
          if (found) {
            await call.write([link(tenant_id, { issuer, subject, member_id: found.member_id })], "write");
            return found.isActive ? { user_id: found.user_id, member_id: found.member_id } : null;
          }
          await call.write(
            [
              ...(userId ? [] : [newUser(user_id, { ...person, email, password_hash: null }, now)]),
              newMembership({ tenant_id, user_id, member_id }, null),
              ...newRecord(members, member_id, { ...person, email, user_id, role: default_role, teams: [], status: "active" }, call),
              link(tenant_id, { issuer, subject, member_id }),
            ],
            "write",
          );
          return { user_id, member_id };
        });
      };
      try {
        return await enter();
      } catch (error) {
        if (!brokenConstraint(error)) throw error;
        return enter(); // the same person came in twice at once; by now the other one has arrived
      }
    },
  };
}

type Subject = { readonly tenant_id: string; readonly issuer: string; readonly subject: string };

/** Whom the provider's subject was linked to: undefined for a stranger, null for a member who is suspended. */
async function knownMember(
  flights: Flights,
  { tenant_id, issuer, subject }: Subject,
): Promise<{ user_id: string; member_id: string } | null | undefined> {
  const text = `select m.id, m.user_id, m.status from sign_on_subjects s join members m on m.tenant_id = $1 and m.id = s.member_id
 where s.tenant_id = $1 and s.issuer = $2 and s.subject = $3`;
  const [result] = await flights.run(tenant_id, [step(text, tenant_id, issuer, subject)], "read");
  const [member_id, user_id, status] = result?.rows[0] ?? [];
  if (!member_id || !user_id) return undefined;
  return status === "active" ? { member_id, user_id } : null;
}

async function memberWith(call: Call, email: string): Promise<{ member_id: string; user_id: string; isActive: boolean } | null> {
  const [result] = await call.read(
    [
      step(
        "select id, user_id, status from members where tenant_id = $1 and email_key = $2 and deleted_at is null for update",
        call.tenant,
        emailKey(email),
      ),
    ],
    "read",
  );
  const [member_id, user_id, status] = result?.rows[0] ?? [];
  return member_id && user_id ? { member_id, user_id, isActive: status === "active" } : null;
}

const link = (tenantId: string, { issuer, subject, member_id }: { issuer: string; subject: string; member_id: string }) =>
  step(
    "insert into sign_on_subjects (tenant_id, issuer, subject, member_id) values ($1, $2, $3, $4)",
    tenantId,
    issuer,
    subject,
    member_id,
  );

const signOnFrom = ([issuer, client, secret, domains, role]: Row): SignOn => ({
  issuer: issuer ?? "",
  client_id: client ?? "",
  secret: secret ?? null,
  allowed_domains: JSON.parse(domains ?? "[]"),
  default_role: role ?? "",
});
