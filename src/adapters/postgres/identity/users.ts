import { forgottenBefore } from "../../../domain/identity/brake.ts";
import { emailKey } from "../../../domain/kit/email.ts";
import { conflict } from "../../../domain/kit/errors.ts";
import type { Identity, Language, Passkey, User } from "../../../usecases/identity/ports.ts";
import { arrayLiteral } from "../flights/array-literal.ts";
import type { Flights } from "../flights/flight.ts";
import type { Row } from "../flights/statement.ts";
import { instant } from "../records/columns.ts";
import { ask, brokenConstraint, moment, step } from "./statements.ts";

type Users = Pick<
  Identity,
  | "user"
  | "userByEmail"
  | "workspacesOf"
  | "setProfile"
  | "countAttempts"
  | "forgiveAttempts"
  | "setPassword"
  | "resetPassword"
  | "setTotp"
  | "setRecoveryCodes"
  | "spendTotpStep"
  | "spendRecoveryCode"
  | "passkeysOf"
  | "passkey"
  | "addPasskey"
  | "touchPasskey"
  | "removePasskey"
>;

/** Users and what they prove themselves with. */
export function usersIn(flights: Flights, ended: (userId: string) => Promise<void>): Users {
  const one = async (where: string, value: string): Promise<User | null> => {
    const [row] = await ask(flights, "read", `select ${userColumns} from users where ${where} = $1`, value);
    return row ? userOf(row) : null;
  };

  return {
    user: (id) => one("id", id),
    userByEmail: (email) => one("email_key", emailKey(email)),

    async workspacesOf(userId) {
      const text = `select m.tenant_id, m.member_id, t.name, m.is_active, m.last_used_at from memberships m join tenants t on t.id = m.tenant_id
 where m.user_id = $1 order by m.last_used_at desc nulls last, t.name_fold`;
      const rows = await ask(flights, "read", text, userId);
      return rows.map(([tenant, member, name, active, used]) => ({
        tenant_id: tenant ?? "",
        member_id: member ?? "",
        workspace: name ?? "",
        active: active === "t",
        last_used_at: moment(used),
      }));
    },

    async setProfile(userId, { name, language }) {
      await ask(flights, "write", "update users set name = $2, language = $3 where id = $1", userId, name, language);
    },

    async countAttempts(keys, now) {
      const text = `insert into sign_in_attempts as a (key, count, since) select k, 1, $2 from unnest($1::text[]) k order by k
 on conflict (key) do update set count = case when a.since <= $3 then 1 else a.count + 1 end, since = case when a.since <= $3 then excluded.since else a.since end
 returning key, count, since`;
      const rows = await ask(flights, "write", text, arrayLiteral([...new Set(keys)]), now, forgottenBefore(now));
      return new Map(rows.map(([key, count, since]) => [key ?? "", { count: Number(count), since: instant(since ?? "") }]));
    },

    async forgiveAttempts(keys) {
      await ask(
        flights,
        "write",
        "update sign_in_attempts set count = count - 1 where key = any($1::text[]) and count > 0",
        arrayLiteral([...new Set(keys)]),
      );
    },

    async setPassword(userId, { password_hash, keep }) {
      await flights.run(
        null,
        [
          step("update users set password_hash = $2 where id = $1", userId, password_hash),
          step("delete from sessions where user_id = $1 and hash is distinct from $2", userId, keep),
          step("delete from one_time_tokens where user_id = $1 and purpose in ('password_reset', 'totp_challenge')", userId),
        ],
        "write",
      );
      await ended(userId);
    },

    async resetPassword({ token, password_hash, now }) {
      const userId = await flights.transaction(null, async (run) => {
        const redeem =
          "update one_time_tokens set used_at = $2 where hash = $1 and purpose = 'password_reset' and used_at is null and expires_at > $2 and user_id is not null returning user_id";
        const [redeemed] = await run([step(redeem, token, now)]);
        const id = redeemed?.rows[0]?.[0];
        if (!id) return null;
        const [user] = await run([step("select email_verified_at from users where id = $1 for update", id)]);
        const isFirstProof = user?.rows[0]?.[0] === null;
        await run([
          step(
            "update users set password_hash = $2, email_verified_at = case when email_verified_at is null then $3 else email_verified_at end where id = $1",
            id,
            password_hash,
            now,
          ),
          step("delete from sessions where user_id = $1", id),
          step("delete from one_time_tokens where user_id = $1 and hash <> $2", id, token),
          // Whoever made the account need not have owned the mailbox: what they set up does not survive its owner.
          ...(isFirstProof
            ? [
                step("update users set totp_secret = null, recovery_codes = '[]' where id = $1", id),
                step("delete from passkeys where user_id = $1", id),
              ]
            : []),
        ]);
        return id;
      });
      if (userId) await ended(userId);
      return userId ? { user_id: userId } : null;
    },

    async setTotp(userId, given) {
      const text = "update users set totp_secret = $2, recovery_codes = $3, totp_last_step = $4 where id = $1";
      await ask(flights, "write", text, userId, given?.secret ?? null, JSON.stringify(given?.recovery ?? []), given?.step ?? null);
    },

    async setRecoveryCodes(userId, hashes) {
      await ask(flights, "write", "update users set recovery_codes = $2 where id = $1", userId, JSON.stringify(hashes));
    },

    async spendTotpStep(userId, at) {
      const text =
        "update users set totp_last_step = $2 where id = $1 and totp_secret is not null and (totp_last_step is null or totp_last_step < $2) returning id";
      return (await ask(flights, "write", text, userId, at)).length > 0;
    },

    async spendRecoveryCode(userId, hash) {
      const text = "update users set recovery_codes = recovery_codes - $2::text where id = $1 and recovery_codes ? $2::text returning id";
      return (await ask(flights, "write", text, userId, hash)).length > 0;
    },

    async passkeysOf(userId) {
      return (await ask(flights, "read", `select ${passkeyColumns} from passkeys where user_id = $1 order by created_at, id`, userId)).map(
        passkeyOf,
      );
    },

    async passkey(id) {
      const [row] = await ask(flights, "read", `select ${passkeyColumns} from passkeys where id = $1`, id);
      return row ? passkeyOf(row) : null;
    },

    async addPasskey({ id, user_id, name, public_key, counter, transports }, now) {
      const text =
        "insert into passkeys (id, user_id, name, public_key, counter, transports, created_at) values ($1, $2, $3, $4, $5, $6, $7)";
      try {
        await ask(flights, "write", text, id, user_id, name, public_key, counter, JSON.stringify(transports), now);
      } catch (error) {
        throw brokenConstraint(error)?.endsWith("passkeys_pkey") ? conflict("PASSKEY_KNOWN", "This passkey is already set up.") : error;
      }
    },

    async touchPasskey(id, counter, now) {
      const text =
        "update passkeys set counter = $2, last_used_at = $3 where id = $1 and (counter < $2 or (counter = 0 and $2 = 0)) returning id";
      return (await ask(flights, "write", text, id, counter, now)).length > 0;
    },

    async removePasskey(userId, id) {
      return (await ask(flights, "write", "delete from passkeys where id = $2 and user_id = $1 returning id", userId, id)).length > 0;
    },
  };
}

const userColumns =
  "id, email, name, language, password_hash, totp_secret, jsonb_array_length(recovery_codes), email_verified_at is not null";

function userOf([id, email, name, language, password, totp, codes, verified]: Row): User {
  return {
    id: id ?? "",
    email: email ?? "",
    name: name ?? "",
    language: (language ?? "en") as Language, // checked by the table
    password_hash: password ?? null,
    totp_secret: totp ?? null,
    recovery_codes_left: Number(codes),
    email_verified: verified === "t",
  };
}

const passkeyColumns = "id, user_id, name, public_key, counter, transports, created_at, last_used_at";

function passkeyOf([id, user, name, key, counter, transports, created, used]: Row): Passkey {
  return {
    id: id ?? "",
    user_id: user ?? "",
    name: name ?? "",
    public_key: key ?? "",
    counter: Number(counter),
    transports: JSON.parse(transports ?? "[]"),
    created_at: instant(created ?? ""),
    last_used_at: moment(used),
  };
}
