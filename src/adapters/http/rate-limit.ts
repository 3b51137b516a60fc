import type { Actor } from "../../domain/access/access.ts";
import { ProtocolError } from "./protocol-error.ts";

/** Requests a minute. */
export type Limits = { readonly tenant: number; readonly key: number };
export const publishedLimits: Limits = { tenant: 60_000, key: 6_000 };

/** Counts a request and answers the headers that say how many are left, and the refusal of the one too many. */
export type RateLimit = (actor: Actor) => Counted;
type Counted = { readonly policy: string; readonly state: string; readonly refusal: ProtocolError | undefined };

/** Counts by the minute in the memory of this process: every node lets through as much, so that none has to ask another. */
export function rateLimit(limits: Limits, clock: () => number): RateLimit {
  const counts = new Map<string, number>();
  let minute = 0;
  const count = (name: string): number => {
    const next = (counts.get(name) ?? 0) + 1;
    counts.set(name, next);
    return next;
  };
  const byTenant = `"tenant";q=${limits.tenant};w=60`;
  const byKey = `${byTenant}, "key";q=${limits.key};w=60`;

  return ({ tenant_id, key_id }) => {
    const now = clock();
    const current = Math.floor(now / 60_000);
    if (current !== minute) {
      minute = current;
      counts.clear();
    }
    const reset = 60 - Math.floor((now % 60_000) / 1_000);
    const ofTenant = limits.tenant - count(tenant_id);
    const ofKey = key_id === null ? null : limits.key - count(key_id);
    const policy = ofKey === null ? byTenant : byKey;
    const state = `"tenant";r=${Math.max(0, ofTenant)};t=${reset}${ofKey === null ? "" : `, "key";r=${Math.max(0, ofKey)};t=${reset}`}`;
    const isTooMany = ofTenant < 0 || (ofKey !== null && ofKey < 0);
    return { policy, state, refusal: isTooMany ? tooMany(reset) : undefined };
  };
}

const tooMany = (reset: number) =>
  new ProtocolError(429, "RATE_LIMITED", `Too many requests. Go on in ${reset} seconds.`, { "retry-after": String(reset) });
