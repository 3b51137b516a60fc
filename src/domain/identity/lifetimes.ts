import { type Instant, instantOf, msOf } from "../kit/instant.ts";

/** How long each kind of token is good for, in seconds. */
export const lifetimes = {
  session: 30 * 86_400,
  session_at_most: 90 * 86_400,
  invitation: 7 * 86_400,
  password_reset: 3_600,
  totp_challenge: 600,
  totp_setup: 900,
  passkey_challenge: 300,
  oidc_state: 600,
} as const;

/** A session slides with its use up to the end it was given at its start. */
export function sessionEnd(createdAt: Instant, seenAt: Instant): Instant {
  return instantOf(Math.min(msOf(createdAt) + lifetimes.session_at_most * 1000, msOf(seenAt) + lifetimes.session * 1000));
}

/** Whether a use is worth writing down: the time last seen is kept to ten minutes. */
export const isStale = (seenAt: Instant | null, now: Instant): boolean => seenAt === null || msOf(now) - msOf(seenAt) >= 600_000;

/** The moment so many seconds later. */
export const later = (now: Instant, seconds: number): Instant => instantOf(msOf(now) + seconds * 1000);
