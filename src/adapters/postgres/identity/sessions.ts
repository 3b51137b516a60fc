import type { Identity, OneTimeToken, Purpose, Session } from "../../../usecases/identity/ports.ts";
import type { Flights } from "../flights/flight.ts";
import type { Row, Step } from "../flights/statement.ts";
import { uuid7 } from "../flights/uuid.ts";
import { instant } from "../records/columns.ts";
import { ask, step } from "./statements.ts";

type Sessions = Pick<
  Identity,
  | "isKnownAddress"
  | "openSession"
  | "session"
  | "sessionsOf"
  | "closeSession"
  | "closeSessions"
  | "moveSession"
  | "issue"
  | "peek"
  | "redeem"
  | "tryToken"
  | "sweep"
>;

/** Sessions and tokens for one use, found by the hash of what the caller holds. */
export function sessionsIn(flights: Flights, ended: (userId: string) => Promise<void>): Sessions {
  const token = async (text: string, hash: string, purpose: Purpose, now: string): Promise<OneTimeToken | null> => {
    const [row] = await ask(flights, text.startsWith("select") ? "read" : "write", text, hash, purpose, now);
    return row ? tokenOf(row) : null;
  };

  return {
    async isKnownAddress(userId, address) {
      return (await ask(flights, "read", "select 1 from sessions where user_id = $1 and address = $2 limit 1", userId, address)).length > 0;
    },

    async openSession(session, now) {
      await flights.run(null, openSteps(session, now), "write");
    },

    async session(hash, now) {
      const [row] = await ask(flights, "read", `select ${sessionColumns} from sessions where hash = $1 and expires_at > $2`, hash, now);
      return row ? sessionOf(row) : null;
    },

    async sessionsOf(userId, now) {
      return (
        await ask(
          flights,
          "read",
          `select ${sessionColumns} from sessions where user_id = $1 and expires_at > $2 order by last_seen_at desc, id`,
          userId,
          now,
        )
      ).map(sessionOf);
    },

    async closeSession(userId, by) {
      const [column, value] = "id" in by ? ["id", by.id] : ["hash", by.hash];
      const gone = await ask(flights, "write", `delete from sessions where user_id = $1 and ${column} = $2 returning id`, userId, value);
      await ended(userId);
      return gone.length > 0;
    },

    async closeSessions(userId, keep) {
      const gone = await ask(
        flights,
        "write",
        "delete from sessions where user_id = $1 and hash is distinct from $2 returning id",
        userId,
        keep,
      );
      await ended(userId);
      return gone.length;
    },

    async moveSession(hash, { tenant_id, member_id }, now) {
      const [moved] = await flights.run(
        null,
        [
          step("update sessions set tenant_id = $2, member_id = $3 where hash = $1 returning user_id", hash, tenant_id, member_id),
          step("update memberships set last_used_at = $3 where tenant_id = $1 and member_id = $2", tenant_id, member_id, now),
        ],
        "write",
      );
      const userId = moved?.rows[0]?.[0];
      if (userId) await ended(userId);
    },

    async issue({ hash, purpose, user_id, tenant_id, payload, expires_at }, now) {
      const text =
        "insert into one_time_tokens (hash, purpose, user_id, tenant_id, payload, tries, created_at, expires_at) values ($1, $2, $3, $4, $5, 0, $6, $7)";
      await ask(flights, "write", text, hash, purpose, user_id, tenant_id, JSON.stringify(payload), now, expires_at);
    },

    peek: (hash, purpose, now) => token(`select ${tokenColumns} from one_time_tokens where ${isGood}`, hash, purpose, now),
    redeem: (hash, purpose, now) =>
      token(`update one_time_tokens set used_at = $3 where ${isGood} returning ${tokenColumns}`, hash, purpose, now),
    tryToken: (hash, purpose, now) =>
      token(`update one_time_tokens set tries = tries + 1 where ${isGood} and tries < 5 returning ${tokenColumns}`, hash, purpose, now),

    async sweep(now) {
      const results = await flights.run(
        null,
        [
          step("delete from sessions where expires_at < $1", now),
          step("delete from one_time_tokens where expires_at < $1", now),
          step("delete from tokens where expires_at < $1", now),
          step("delete from sign_in_attempts where since < $1::timestamptz - interval '1 hour'", now),
        ],
        "bulk",
      );
      return results.reduce((sum, { count }) => sum + count, 0);
    },
  };
}

/** The statements that open a session and remember the workspace as the last one used; a provider's word does not decide where a password leads. */
export function openSteps(session: Parameters<Identity["openSession"]>[0], now: string): Step[] {
  const { hash, user_id, tenant_id, member_id, is_bound, expires_at, user_agent, address } = session;
  return [
    step(
      "insert into sessions (hash, id, user_id, tenant_id, member_id, is_bound, created_at, last_seen_at, expires_at, user_agent, address) values ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $10)",
      hash,
      uuid7(),
      user_id,
      tenant_id,
      member_id,
      is_bound,
      now,
      expires_at,
      user_agent,
      address,
    ),
    ...(is_bound ? [] : [step("update memberships set last_used_at = $3 where tenant_id = $1 and user_id = $2", tenant_id, user_id, now)]),
  ];
}

const isGood = "hash = $1 and purpose = $2 and used_at is null and expires_at > $3";
const tokenColumns = "hash, purpose, user_id, tenant_id, payload, expires_at";

const tokenOf = ([hash, purpose, user, tenant, payload, expires]: Row): OneTimeToken => ({
  hash: hash ?? "",
  purpose: purpose as Purpose, // checked by the table
  user_id: user ?? null,
  tenant_id: tenant ?? null,
  payload: JSON.parse(payload ?? "{}"),
  expires_at: instant(expires ?? ""),
});

const sessionColumns = "id, hash, user_id, tenant_id, member_id, is_bound, created_at, last_seen_at, expires_at, user_agent, address";

const sessionOf = ([id, hash, user, tenant, member, bound, created, seen, expires, agent, address]: Row): Session => ({
  id: id ?? "",
  hash: hash ?? "",
  user_id: user ?? "",
  tenant_id: tenant ?? "",
  member_id: member ?? "",
  is_bound: bound === "t",
  created_at: instant(created ?? ""),
  last_seen_at: instant(seen ?? ""),
  expires_at: instant(expires ?? ""),
  user_agent: agent ?? "",
  address: address ?? "",
});
