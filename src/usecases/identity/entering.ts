import { type Attempts, networkOf, waitAfter } from "../../domain/identity/brake.ts";
import { later, lifetimes, sessionEnd } from "../../domain/identity/lifetimes.ts";
import { passwordFault } from "../../domain/identity/password.ts";
import { emailKey } from "../../domain/kit/email.ts";
import { DomainError, forbidden, invalid, invalidInput } from "../../domain/kit/errors.ts";
import { email, instant, reference, text } from "../../domain/kit/fields.ts";
import { free, objectOf, type Shapes } from "../../domain/kit/shape.ts";
import type { Session, User, UsesIdentity, UsesMyIdentity } from "./ports.ts";

/** A password as it is sent: any text, blanks at its ends included. */
export const passwordInput = free<string, true>(
  { type: "string", format: "password", minLength: 1, maxLength: 1_000, writeOnly: true },
  { required: true },
);

/** A new password of this user, or every reason against it. */
export function readPassword(typed: unknown, mail: string): string {
  const fault = passwordFault(typed, mail);
  if (fault || typeof typed !== "string") throw invalidInput(fault ? [fault] : []);
  return typed;
}

/** What a verb that lets somebody in answers: a session, or the token with which the second factor is given. */
export const entryShape = {
  /** Leaves as the cookie `rapport_session`, never in the body. */
  session_token: text({ max: 100 }),
  totp_token: text({
    max: 100,
    help: {
      en: "Where a second factor is asked for: send it with the code to sign-in/totp.",
      de: "Wo ein zweiter Faktor verlangt ist: mit dem Code an sign-in/totp senden.",
    },
  }),
  expires_at: instant(),
  user: objectOf({ id: reference("", { required: true }), email: email({ required: true }), name: text({ required: true }) }),
  workspace: objectOf({ id: reference("", { required: true }), name: text({ required: true }) }),
  member_id: reference("members"),
} satisfies Shapes;

export type Entry = {
  readonly session_token: string | null;
  readonly totp_token: string | null;
  readonly expires_at: string | null;
  readonly user: { readonly id: string; readonly email: string; readonly name: string } | null;
  readonly workspace: { readonly id: string; readonly name: string } | null;
  readonly member_id: string | null;
};

/** Opens a session in the workspace asked for, else in the one used last. */
export async function enter(
  { identity: { store, tokens }, caller, now }: UsesIdentity,
  user: User,
  wanted: string | null = null,
): Promise<Entry> {
  const places = (await store.workspacesOf(user.id)).filter(({ active }) => active);
  const place = places.find(({ tenant_id }) => tenant_id === wanted) ?? places[0];
  if (!place) throw forbidden("Your account belongs to no workspace at the moment. Ask an administrator to let you in.", "NO_WORKSPACE");
  const { token, hash } = tokens.make("session");
  const expires_at = sessionEnd(now, now);
  await store.openSession(
    { hash, user_id: user.id, tenant_id: place.tenant_id, member_id: place.member_id, is_bound: false, expires_at, ...whereFrom(caller) },
    now,
  );
  return entered(token, expires_at, user, { id: place.tenant_id, name: place.workspace, member_id: place.member_id });
}

/** Enters at once, or asks for the second factor first. */
export async function enterWithFactors(ports: UsesIdentity, user: User, wanted: string | null = null): Promise<Entry> {
  if (user.totp_secret === null) return enter(ports, user, wanted);
  const { tokens, store } = ports.identity;
  const { token, hash } = tokens.make("once");
  await store.issue(
    {
      hash,
      purpose: "totp_challenge",
      user_id: user.id,
      tenant_id: wanted,
      payload: {},
      expires_at: later(ports.now, lifetimes.totp_challenge),
    },
    ports.now,
  );
  return { session_token: null, totp_token: token, expires_at: null, user: null, workspace: null, member_id: null };
}

export const entered = (
  session_token: string,
  expires_at: string,
  { id, email: mail, name }: Pick<User, "id" | "email" | "name">,
  place: { id: string; name: string; member_id: string },
): Entry => ({
  session_token,
  totp_token: null,
  expires_at,
  user: { id, email: mail, name },
  workspace: { id: place.id, name: place.name },
  member_id: place.member_id,
});

/** What a session remembers of where it was opened. */
export const whereFrom = ({ address, user_agent }: UsesIdentity["caller"]) => ({
  address: address.slice(0, 100),
  user_agent: user_agent.replace(/\p{Cc}/gu, " ").slice(0, 300),
});

/** Counts an attempt against the caller's address and an account, and refuses the one too many; what it answers is forgiven on success. */
export async function brakeOn(
  { identity: { store, tokens, settings }, caller, now }: UsesIdentity,
  what: string,
  account: string | null,
  userId: string | null = null,
): Promise<{ readonly keys: readonly string[]; readonly count: number }> {
  const byAddress = tokens.hash(`${what}|address|${networkOf(caller.address)}`);
  const byAccount = account === null ? null : tokens.hash(`${what}|account|${account}`);
  const keys = byAccount ? [byAddress, byAccount] : [byAddress];
  if (!settings.brake) return { keys: [], count: 1 };
  const counted = await store.countAttempts(keys, now);
  const isKnown = await store.isKnownAddress(userId, caller.address);
  refuseIfBraked(counted.get(byAddress), now);
  // Whoever hammers at an account from elsewhere does not lock its owner out.
  if (byAccount && !isKnown) refuseIfBraked(counted.get(byAccount), now);
  return { keys, count: (byAccount && counted.get(byAccount)?.count) || 1 };
}

function refuseIfBraked(attempts: Attempts | undefined, now: string): void {
  const wait = attempts ? waitAfter(attempts, now) : 0;
  if (wait > 0)
    throw new DomainError("unavailable", "TOO_MANY_ATTEMPTS", `Too many attempts. Try again in ${wait} seconds.`, { retry_after: wait });
}

/** The one answer to whatever is wrong with a sign-in. */
export const signInFailed = (message = "The e-mail address or the password is not right.") => forbidden(message, "SIGN_IN_FAILED");

/** The person who acts with their own account: a session that is not bound to one workspace's provider. */
export async function myAccount(ports: UsesMyIdentity): Promise<{ readonly user: User; readonly session: Session }> {
  const { store } = ports.identity;
  const session = ports.caller.session ? await store.session(ports.caller.session, ports.now) : null;
  const user = session && session.user_id === ports.actor.user_id ? await store.user(session.user_id) : null;
  if (!session || !user) throw forbidden("Only a person who is signed in can do this.", "PERSON_REQUIRED");
  if (session.is_bound)
    throw forbidden(
      "You are signed in through your workspace's identity provider. Sign in with your own password or passkey to change your account.",
      "ACCOUNT_SESSION_REQUIRED",
    );
  return { user, session };
}

/** Asks for the password once more before something that outlasts the session. */
export async function confirmPassword(ports: UsesIdentity, user: User, typed: unknown, pointer = "/password"): Promise<void> {
  const { keys } = await brakeOn(ports, "password", user.id, user.id);
  const matches = await ports.identity.passwords.verify(user.password_hash, typeof typed === "string" ? typed : "");
  if (!matches) throw invalid("PASSWORD_WRONG", "This is not your password.", pointer);
  await ports.identity.store.forgiveAttempts(keys);
}

export const accountOf = (mail: string): string => emailKey(mail);
