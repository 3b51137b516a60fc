import type { Actor, Role } from "../../domain/access/access.ts";
import type { Attempts } from "../../domain/identity/brake.ts";
import type { Claims, SignOn } from "../../domain/identity/single-sign-on.ts";
import type { Link } from "../../domain/kit/fields.ts";
import type { AnyRecord } from "../../domain/kit/resource.ts";

/** Everything identity needs of the outside, as one port of a verb's scope. */
export type IdentityKit = {
  readonly store: Identity;
  readonly passwords: Passwords;
  readonly tokens: Tokens;
  readonly totp: Totp;
  readonly passkeys: Passkeys;
  readonly oidc: Oidc;
  readonly secrets: Secrets;
  readonly mail: Mail;
  readonly settings: IdentitySettings;
};

export type IdentitySettings = {
  readonly sign_up: "open" | "closed";
  /** Where people reach the product, without a slash at the end. */
  readonly public_url: string;
  /** Off for load tests alone. */
  readonly brake: boolean;
};

/** Who calls, as far as the connection tells: the HTTP adapter knows, other doors leave it empty. */
export type Caller = {
  readonly address: string;
  readonly user_agent: string;
  /** The hash of the session's token; null without a session, for an API key too. */
  readonly session: string | null;
};

/** What a verb of identity is given. */
export type UsesIdentity = { readonly now: string; readonly identity: IdentityKit; readonly caller: Caller };
export type UsesMyIdentity = UsesIdentity & { readonly actor: Actor };

export type Language = "en" | "de";

export type User = {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly language: Language;
  readonly password_hash: string | null;
  readonly totp_secret: string | null;
  readonly recovery_codes_left: number;
  readonly email_verified: boolean;
};

/** One of the workspaces a user belongs to. */
export type Membership = {
  readonly tenant_id: string;
  readonly member_id: string;
  readonly workspace: string;
  readonly active: boolean;
  readonly last_used_at: string | null;
};

export type Session = {
  readonly id: string;
  readonly hash: string;
  readonly user_id: string;
  readonly tenant_id: string;
  readonly member_id: string;
  /** Signed in by the workspace's identity provider: the session is good for that workspace alone, and not for the account. */
  readonly is_bound: boolean;
  readonly created_at: string;
  readonly last_seen_at: string;
  readonly expires_at: string;
  readonly user_agent: string;
  readonly address: string;
};
export type NewSession = Omit<Session, "id" | "created_at" | "last_seen_at">;

export type Purpose = "invitation" | "password_reset" | "totp_challenge" | "totp_setup" | "oidc_state" | "passkey_challenge";
export type OneTimeToken = {
  readonly hash: string;
  readonly purpose: Purpose;
  readonly user_id: string | null;
  readonly tenant_id: string | null;
  readonly payload: Payload;
  readonly expires_at: string;
};
export type Payload = Readonly<Record<string, unknown>>;

export type Passkey = {
  readonly id: string;
  readonly user_id: string;
  readonly name: string;
  readonly public_key: string;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly created_at: string;
  readonly last_used_at: string | null;
};

export type NewWorkspace = {
  readonly name: string;
  readonly country?: string | null;
  readonly currency?: string | null;
  readonly time_zone?: string | null;
  readonly language: Language;
};
export type NewUser = { readonly email: string; readonly name: string; readonly language: Language; readonly password_hash: string | null };
export type NewKey = {
  readonly hash: string;
  readonly prefix: string;
  readonly name: string;
  readonly role: string;
  readonly acts_for: string | null;
  readonly expires_at: string | null;
};
export type CreatedWorkspace = {
  readonly tenant_id: string;
  readonly user_id: string;
  readonly member_id: string;
  readonly key_id: string | null;
};

/** Who does something in a workspace, for the event of it. */
export type Doing = { readonly actor: Actor; readonly now: string; readonly via: "api" | "command" };

export type OfferedPlace = {
  readonly invitation_id: string;
  readonly tenant_id: string;
  readonly workspace: string;
  readonly email: string;
  readonly role: string;
};

/** The storage of who people are and where they belong. Each method that writes is one transaction. */
export type Identity = {
  readonly hasWorkspace: () => Promise<boolean>;
  /** A workspace with its first administrator; CLOSED, WORKSPACE_EXISTS or EMAIL_TAKEN where it cannot be. */
  readonly createWorkspace: (given: {
    workspace: NewWorkspace;
    user: NewUser;
    onlyTheFirst: boolean;
    session?: Omit<NewSession, "user_id" | "tenant_id" | "member_id">;
    key?: NewKey;
    now: string;
    via: Doing["via"];
  }) => Promise<CreatedWorkspace>;

  readonly user: (id: string) => Promise<User | null>;
  readonly userByEmail: (email: string) => Promise<User | null>;
  readonly renameWorkspace: (tenantId: string, name: string) => Promise<void>;
  readonly workspaceName: (tenantId: string) => Promise<string>;
  readonly workspacesOf: (userId: string) => Promise<readonly Membership[]>;
  readonly setProfile: (userId: string, set: { name: string; language: Language }) => Promise<void>;

  /** Counts one attempt under each key and answers how many each has. */
  readonly countAttempts: (keys: readonly string[], now: string) => Promise<ReadonlyMap<string, Attempts>>;
  readonly forgiveAttempts: (keys: readonly string[]) => Promise<void>;
  /** Whether this user has a session from this address. */
  readonly isKnownAddress: (userId: string | null, address: string) => Promise<boolean>;

  readonly openSession: (session: NewSession, now: string) => Promise<void>;
  readonly session: (hash: string, now: string) => Promise<Session | null>;
  readonly sessionsOf: (userId: string, now: string) => Promise<readonly Session[]>;
  readonly closeSession: (userId: string, by: { id: string } | { hash: string }) => Promise<boolean>;
  /** Closes all sessions of a user but one. */
  readonly closeSessions: (userId: string, keep: string | null) => Promise<number>;
  readonly moveSession: (hash: string, to: { tenant_id: string; member_id: string }, now: string) => Promise<void>;

  readonly issue: (token: OneTimeToken, now: string) => Promise<void>;
  /** What a token says, without using it up. */
  readonly peek: (hash: string, purpose: Purpose, now: string) => Promise<OneTimeToken | null>;
  /** The token, used up: it is answered once. */
  readonly redeem: (hash: string, purpose: Purpose, now: string) => Promise<OneTimeToken | null>;
  /** The token and one of its five tries; null when there is none left. */
  readonly tryToken: (hash: string, purpose: Purpose, now: string) => Promise<OneTimeToken | null>;

  /** A new password; every other session ends with it. */
  readonly setPassword: (userId: string, given: { password_hash: string; keep: string | null; now: string }) => Promise<void>;
  /** A reset by a token, used up in the same transaction. Proving the mailbox for the first time takes away what somebody else may have put there. */
  readonly resetPassword: (given: { token: string; password_hash: string; now: string }) => Promise<{ user_id: string } | null>;
  readonly setTotp: (userId: string, given: { secret: string; recovery: readonly string[]; step: number } | null) => Promise<void>;
  readonly setRecoveryCodes: (userId: string, hashes: readonly string[]) => Promise<void>;
  /** Marks a step of the clock as used; false when it or a later one was used before. */
  readonly spendTotpStep: (userId: string, step: number) => Promise<boolean>;
  readonly spendRecoveryCode: (userId: string, hash: string) => Promise<boolean>;

  readonly passkeysOf: (userId: string) => Promise<readonly Passkey[]>;
  readonly passkey: (id: string) => Promise<Passkey | null>;
  readonly addPasskey: (passkey: Omit<Passkey, "created_at" | "last_used_at">, now: string) => Promise<void>;
  readonly touchPasskey: (id: string, counter: number, now: string) => Promise<boolean>;
  readonly removePasskey: (userId: string, id: string) => Promise<boolean>;

  /** A role of the workspace, ready-made or its own. */
  readonly roleOf: (tenantId: string, key: string) => Promise<Role | null>;

  /** How many members, keys and open invitations have a role. */
  readonly usesOfRole: (tenantId: string, key: string) => Promise<number>;

  /** An invitation and its link's token; earlier ones to the same address are revoked. */
  readonly invite: (
    doing: Doing,
    given: { email: string; role: string; teams: readonly Link[]; hash: string; expires_at: string },
  ) => Promise<{ id: string }>;
  readonly renewInvitation: (
    doing: Doing,
    id: string,
    given: { hash: string; expires_at: string },
    check: (role: string) => Promise<void>,
  ) => Promise<{ email: string; role: string }>;
  readonly revokeInvitation: (doing: Doing, id: string) => Promise<void>;
  readonly offered: (hash: string, now: string) => Promise<OfferedPlace | null>;
  /** Takes the place that was offered, as a new user or as the one who has that address. */
  readonly accept: (
    hash: string,
    who: { user_id: string } | { name: string; language: Language; password_hash: string },
    now: string,
  ) => Promise<{ tenant_id: string; member_id: string; user_id: string }>;

  readonly addKey: (doing: Doing, key: NewKey) => Promise<{ id: string }>;
  readonly revokeKey: (doing: Doing, id: string) => Promise<void>;

  /** Changes a member, role and status included, if `check` lets what was found pass; the last active administrator stays one. */
  readonly changeMember: (
    doing: Doing,
    id: string,
    set: Readonly<Record<string, unknown>>,
    check?: (before: AnyRecord) => Promise<void>,
  ) => Promise<void>;

  readonly signOnOf: (tenantId: string) => Promise<SignOn | null>;
  readonly signOnByWorkspace: (name: string) => Promise<{ tenant_id: string; signOn: SignOn } | null>;
  readonly setSignOn: (doing: Doing, given: SignOn | null) => Promise<void>;
  /** The member whom the provider means, made on the first visit; null when they are suspended. */
  readonly enterBySignOn: (
    tenantId: string,
    claims: Claims & { email: string },
    signOn: SignOn,
    now: string,
  ) => Promise<{ user_id: string; member_id: string } | null>;

  /** Forgets what is known of a workspace's sessions and keys, on every node. */
  readonly invalidate: (tenantId: string) => Promise<void>;
  /** Takes away what has expired; answers how many rows. */
  readonly sweep: (now: string) => Promise<number>;
};

export type Passwords = {
  readonly hash: (password: string) => Promise<string>;
  /** Takes as long without a hash as with one. */
  readonly verify: (hash: string | null, password: string) => Promise<boolean>;
};

export type Tokens = {
  /** An opaque token of 32 random bytes, and the hash it is kept under. */
  readonly make: (kind: TokenKind) => { readonly token: string; readonly hash: string };
  readonly hash: (token: string) => string;
  /** Ten codes for the day the second factor is lost. */
  readonly recoveryCodes: () => readonly string[];
  /** Compares without telling by its time where texts differ. */
  readonly equal: (a: string, b: string) => boolean;
};
export type TokenKind = "session" | "key" | "once";

export type Totp = {
  readonly make: (account: string) => { readonly secret: string; readonly uri: string };
  /** The step of the clock a code belongs to, now or one step aside; null when it is wrong. */
  readonly stepOf: (secret: string, code: string, now: string) => number | null;
};

export type Passkeys = {
  readonly registration: (
    user: { id: string; email: string; name: string },
    known: readonly Passkey[],
  ) => Promise<{ challenge: string; options: unknown }>;
  readonly verifyRegistration: (
    response: unknown,
    challenge: string,
  ) => Promise<{ id: string; public_key: string; counter: number; transports: readonly string[] } | null>;
  readonly authentication: () => Promise<{ challenge: string; options: unknown }>;
  readonly credentialOf: (response: unknown) => string | null;
  readonly verifyAuthentication: (response: unknown, challenge: string, passkey: Passkey) => Promise<{ counter: number } | null>;
};

export type Oidc = {
  /** Where to send the browser, and what to remember until it comes back. */
  readonly start: (
    signOn: SignOn & { secret: string | null },
    given: { redirect: string; state: string },
  ) => Promise<{ url: string; verifier: string; nonce: string }>;
  readonly finish: (
    signOn: SignOn & { secret: string | null },
    given: { redirect: string; query: Readonly<Record<string, string>>; state: string; verifier: string; nonce: string },
  ) => Promise<Claims>;
  /** Refuses an issuer that does not answer as one. */
  readonly check: (signOn: SignOn & { secret: string | null }) => Promise<void>;
};

export type Secrets = {
  readonly seal: (plain: string, context: string) => string;
  readonly open: (sealed: string, context: string) => string;
};

/** What is told by mail. */
export type Letter =
  | {
      readonly kind: "invitation";
      readonly to: string;
      readonly language: Language;
      readonly link: string;
      readonly workspace: string;
      readonly inviter: string;
    }
  | { readonly kind: "password_reset"; readonly to: string; readonly language: Language; readonly link: string }
  | { readonly kind: "password_changed"; readonly to: string; readonly language: Language };

export type Mail = {
  readonly configured: boolean;
  /** Hands a letter over and returns at once: how long a mail server takes tells nobody whether there is an account. */
  readonly post: (letter: Letter) => void;
};
