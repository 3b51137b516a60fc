import { createHash } from "node:crypto";
import pg from "pg";
import type { Actor } from "../../../domain/access/access.ts";
import { conflict, invalid } from "../../../domain/kit/errors.ts";
import type { Claims } from "../../../usecases/kit/ports.ts";
import { arrayLiteral } from "../flights/array-literal.ts";
import type { Flights } from "../flights/flight.ts";
import { type Step, statement } from "../flights/statement.ts";
import { uuid7 } from "../flights/uuid.ts";

const LEASE_MS = 60_000;
const KEPT_MS = 24 * 3_600_000;

const take = statement(`insert into idempotency_keys as k (tenant_id, actor_id, key, body_hash, state, claim_id, claimed_until, created_at)
 values ($1, $2, $3, $4, 'running', $5, $6, $7)
 on conflict (tenant_id, actor_id, key) do update
 set body_hash = excluded.body_hash, state = 'running', claim_id = excluded.claim_id, claimed_until = excluded.claimed_until, created_at = excluded.created_at, status = null, answer = null
 where k.created_at < $8 or (k.state = 'running' and k.claimed_until < $7 and k.body_hash = excluded.body_hash)
 returning claim_id`);
const look = statement("select body_hash, state, status, answer from idempotency_keys where tenant_id = $1 and actor_id = $2 and key = $3");
const complete =
  statement(`with c as (update idempotency_keys set state = case when $4::uuid[] is null or exists (select 1 from outbox o where o.tenant_id = $1 and o.event_id = any($4::uuid[])) then 'done' else 'running' end
 where tenant_id = $1 and actor_id = $2 and claim_id = $3 and state = 'running' returning 1)
 select 1 / count(*) from c`);
const release = statement(
  "delete from idempotency_keys where tenant_id = $1 and actor_id = $2 and key = $3 and claim_id = $4 and state = 'running'",
);
const keep = statement(
  "update idempotency_keys set status = $4, answer = $5 where tenant_id = $1 and actor_id = $2 and key = $3 and state = 'done'",
);

/** A claim is taken in a flight of its own, completed in the flight of the write, and given back by a refusal. */
export function claimsOf(flights: Flights, clock: () => number): Claims {
  return {
    async claim(actor, key, call) {
      const hash = createHash("sha256").update(call).digest("base64url");
      const claim = uuid7();
      const [now, until, oldest] = [0, LEASE_MS, -KEPT_MS].map((ms) => new Date(clock() + ms).toISOString());
      const who = [actor.tenant_id, whoOf(actor), key];
      const [taken] = await flights.run(actor.tenant_id, [[take, [...who, hash, claim, until, now, oldest]]], "write");
      if (taken?.rows.length) return { claim };
      const [found] = await flights.run(actor.tenant_id, [[look, who]], "read");
      const [body, state, status, answer] = found?.rows[0] ?? [];
      if (body !== hash) throw invalid("IDEMPOTENCY_KEY_REUSED", "This Idempotency-Key was used for another request. Use a new key.");
      if (state !== "done")
        throw conflict("IDEMPOTENCY_KEY_RUNNING", "A request with this Idempotency-Key is still running. Try again in a moment.");
      if (!status)
        throw conflict(
          "IDEMPOTENCY_ANSWER_LOST",
          "This request was carried out, but its answer was lost. Read the record to see what became of it.",
        );
      return { status: Number(status), body: answer ?? "" };
    },
    async release(actor, key, claim) {
      await flights.run(actor.tenant_id, [[release, [actor.tenant_id, whoOf(actor), key, claim]]], "write");
    },
    async keep(actor, key, { status, body }) {
      await flights.run(actor.tenant_id, [[keep, [actor.tenant_id, whoOf(actor), key, status, body]]], "write");
    },
  };
}

/**
 * Completes a claim in the flight of the write; one that was lost divides by zero, and the write with it comes to nothing.
 * Where the events of the write are named and none of them came to be, nothing was written: the claim goes on running.
 */
export const completeStep = (actor: Actor, claim: string, events: readonly string[] | null): Step => [
  complete,
  [actor.tenant_id, whoOf(actor), claim, events && arrayLiteral(events)],
];

/** Whether a flight came to nothing because its claim was lost. */
export const isClaimLost = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === "22012";

const whoOf = ({ member_id, key_id }: Actor): string | null => member_id ?? key_id;
