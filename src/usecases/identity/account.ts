import type { Role } from "../../domain/access/access.ts";
import { members } from "../../domain/access/member.ts";
import { later, lifetimes } from "../../domain/identity/lifetimes.ts";
import { forbidden, invalid, notFound } from "../../domain/kit/errors.ts";
import { boolean, choice, email, instant, integer, list, option, reference, text } from "../../domain/kit/fields.ts";
import type { Resource } from "../../domain/kit/resource.ts";
import { free, listOf, objectOf } from "../../domain/kit/shape.ts";
import { workspaces } from "../../domain/workspace/workspace.ts";
import type { Uses } from "../kit/ports.ts";
import { usecase } from "../kit/usecase.ts";
import { accountOf, brakeOn, confirmPassword, entered, entryShape, myAccount, passwordInput, readPassword } from "./entering.ts";
import type { UsesIdentity, UsesMyIdentity } from "./ports.ts";

const languages = [option("en", "Englisch", { en: "English" }), option("de", "Deutsch", { en: "German" })] as const;

export const me = usecase({
  summary: "Who I am here, and what I may do",
  allow: "member",
  writes: false,
  input: {},
  output: {
    value: {
      user: objectOf({
        id: reference("", { required: true }),
        email: email({ required: true }),
        name: text({ required: true }),
        language: choice(languages, { required: true }),
        has_password: boolean({ required: true }),
        has_totp: boolean({ required: true }),
        recovery_codes_left: integer({ required: true }),
        passkeys: integer({ required: true }),
      }),
      /** Signed in by the workspace's identity provider, so without a hold on the account. */
      is_bound: boolean({ required: true }),
      member: objectOf({
        id: reference("members", { required: true }),
        name: text({ required: true }),
        email: text({ required: true }),
        language: choice(languages),
        time_zone: text(),
      }),
      workspace: objectOf({
        id: reference("", { required: true }),
        name: text({ required: true }),
        language: text(),
        currency: text(),
        time_zone: text(),
        country: text(),
      }),
      role: free<Role, true>(
        { type: "object", description: "The rights of my role: grants by resource and action, named rights, hidden fields." },
        { required: true },
      ),
      team: list(reference("members")),
      workspaces: listOf(
        objectOf({ id: reference("", { required: true }), name: text({ required: true }), is_current: boolean({ required: true }) }),
      ),
    },
  },
  run: async ({ actor, caller, now, identity: { store }, records }: UsesMyIdentity & Uses<"records">) => {
    const session = caller.session ? await store.session(caller.session, now) : null;
    const isBound = session?.is_bound ?? false;
    const [user, member, workspace, places, passkeys] = await Promise.all([
      actor.user_id ? store.user(actor.user_id) : null,
      actor.member_id ? records(members as unknown as Resource).get(actor.member_id) : null,
      records(workspaces as unknown as Resource).get(actor.tenant_id),
      actor.user_id && !isBound ? store.workspacesOf(actor.user_id) : [],
      actor.user_id ? store.passkeysOf(actor.user_id) : [],
    ]);
    return {
      user: user && {
        id: user.id,
        email: user.email,
        name: user.name,
        language: user.language,
        has_password: user.password_hash !== null,
        has_totp: user.totp_secret !== null,
        recovery_codes_left: user.recovery_codes_left,
        passkeys: passkeys.length,
      },
      is_bound: isBound,
      member: member && { id: member.id, name: member.name, email: member.email, language: member.language, time_zone: member.time_zone },
      workspace: {
        id: workspace.id,
        name: workspace.name,
        language: workspace.language,
        currency: workspace.currency,
        time_zone: workspace.time_zone,
        country: workspace.country,
      },
      role: actor.role,
      team: actor.team,
      workspaces: places
        .filter(({ active }) => active)
        .map(({ tenant_id, workspace: name }) => ({ id: tenant_id, name, is_current: tenant_id === actor.tenant_id })),
    };
  },
});

export const updateMe = usecase({
  summary: "Change my name, language and time zone",
  description: "What is left out or null stays as it is.",
  allow: "member",
  status: 204,
  input: { name: text({ max: 200 }), title: text(), language: choice(languages), time_zone: text({ format: "time_zone" }) },
  output: "nothing",
  run: async (ports: UsesMyIdentity, input) => {
    const { actor, now, identity } = ports;
    if (!actor.member_id || actor.key_id) throw forbidden("Only a person who is signed in can do this.", "PERSON_REQUIRED");
    const set = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
    if (Object.keys(set).length) await identity.store.changeMember({ actor, now, via: "api" }, actor.member_id, set);
    const session = ports.caller.session ? await identity.store.session(ports.caller.session, now) : null;
    const user = session && !session.is_bound ? await identity.store.user(session.user_id) : null;
    if (user && (input.name || input.language))
      await identity.store.setProfile(user.id, { name: input.name ?? user.name, language: input.language ?? user.language });
  },
});

export const sessions = usecase({
  summary: "Where I am signed in",
  allow: "member",
  writes: false,
  input: {},
  output: {
    value: {
      data: listOf(
        objectOf({
          id: reference("", { required: true }),
          is_current: boolean({ required: true }),
          created_at: instant({ required: true }),
          last_seen_at: instant({ required: true }),
          expires_at: instant({ required: true }),
          user_agent: text({ max: 300 }),
          address: text({ max: 100 }),
        }),
        { required: true, max: 10_000 },
      ),
    },
  },
  run: async (ports: UsesMyIdentity) => {
    const { user, session } = await myAccount(ports);
    const mine = await ports.identity.store.sessionsOf(user.id, ports.now);
    return {
      data: mine.map(({ id, hash, created_at, last_seen_at, expires_at, user_agent, address }) => ({
        id,
        is_current: hash === session.hash,
        created_at,
        last_seen_at,
        expires_at,
        user_agent,
        address,
      })),
    };
  },
});

export const revokeSession = usecase({
  summary: "End one of my sessions",
  allow: "member",
  status: 204,
  input: { id: reference("", { required: true }) },
  output: "nothing",
  run: async (ports: UsesMyIdentity, { id }) => {
    const { user } = await myAccount(ports);
    if (!(await ports.identity.store.closeSession(user.id, { id }))) throw notFound("There is no such session.");
  },
});

export const revokeOtherSessions = usecase({
  summary: "End all my sessions but this one",
  allow: "member",
  status: 204,
  input: {},
  output: "nothing",
  run: async (ports: UsesMyIdentity) => {
    const { user, session } = await myAccount(ports);
    await ports.identity.store.closeSessions(user.id, session.hash);
  },
});

export const switchWorkspace = usecase({
  summary: "Go on in another of my workspaces",
  description: "The session stays the same and answers for the other workspace from now on.",
  allow: "member",
  input: { workspace_id: reference("", { required: true }) },
  output: { value: entryShape },
  run: async (ports: UsesMyIdentity, { workspace_id }) => {
    const { user, session } = await myAccount(ports);
    const place = (await ports.identity.store.workspacesOf(user.id)).find(({ tenant_id, active }) => active && tenant_id === workspace_id);
    if (!place) throw notFound("You do not belong to this workspace.");
    await ports.identity.store.moveSession(session.hash, place, ports.now);
    return {
      ...entered("", session.expires_at, user, { id: place.tenant_id, name: place.workspace, member_id: place.member_id }),
      session_token: null,
    };
  },
});

export const changePassword = usecase({
  summary: "Change my password",
  description: "Ends all my other sessions.",
  allow: "member",
  status: 204,
  input: { current_password: passwordInput, password: passwordInput },
  output: "nothing",
  refuses: ["PASSWORD_WRONG", "PASSWORD_TOO_SHORT", "PASSWORD_TOO_COMMON"],
  run: async (ports: UsesMyIdentity, { current_password, password }) => {
    const { user, session } = await myAccount(ports);
    const { store, passwords, mail } = ports.identity;
    const next = readPassword(password, user.email);
    await confirmPassword(ports, user, current_password, "/current_password");
    await store.setPassword(user.id, { password_hash: await passwords.hash(next), keep: session.hash, now: ports.now });
    mail.post({ kind: "password_changed", to: user.email, language: user.language });
  },
});

export const requestPasswordReset = usecase({
  summary: "Ask for a link to choose a new password",
  description: "The answer is the same whether or not there is such an account.",
  allow: "public",
  status: 204,
  input: { email: email({ required: true }) },
  output: "nothing",
  refuses: ["TOO_MANY_ATTEMPTS"],
  run: async (ports: UsesIdentity, input) => {
    const { store, tokens, mail, settings } = ports.identity;
    const user = await store.userByEmail(input.email);
    const { count } = await brakeOn(ports, "reset", accountOf(input.email));
    const { token, hash } = tokens.make("once");
    // For an unknown address the same work is done, with a token that leads nowhere.
    await store.issue(
      {
        hash,
        purpose: "password_reset",
        user_id: user?.id ?? null,
        tenant_id: null,
        payload: {},
        expires_at: later(ports.now, lifetimes.password_reset),
      },
      ports.now,
    );
    if (user && count <= mostLetters)
      mail.post({
        kind: "password_reset",
        to: user.email,
        language: user.language,
        link: `${settings.public_url}/reset-password#token=${token}`,
      });
  },
});

/** Letters a minute to one mailbox. */
const mostLetters = 3;

export const resetPassword = usecase({
  summary: "Choose a new password with the link of a letter",
  description: "Ends all sessions of the account.",
  allow: "public",
  status: 204,
  input: { token: text({ max: 100, required: true }), password: passwordInput },
  output: "nothing",
  refuses: ["RESET_LINK_EXPIRED", "PASSWORD_TOO_SHORT", "PASSWORD_TOO_COMMON"],
  run: async (ports: UsesIdentity, { token, password }) => {
    const { store, passwords, tokens, mail } = ports.identity;
    await brakeOn(ports, "reset-link", null);
    const hash = tokens.hash(token);
    const asked = await store.peek(hash, "password_reset", ports.now);
    const user = asked?.user_id ? await store.user(asked.user_id) : null;
    if (!user) throw linkExpired();
    const next = readPassword(password, user.email);
    const done = await store.resetPassword({ token: hash, password_hash: await passwords.hash(next), now: ports.now });
    if (!done) throw linkExpired();
    mail.post({ kind: "password_changed", to: user.email, language: user.language });
  },
});

const linkExpired = () => invalid("RESET_LINK_EXPIRED", "This link is not good any more. Ask for a new one.", "/token");
