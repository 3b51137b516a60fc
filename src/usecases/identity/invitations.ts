import type { Actor } from "../../domain/access/access.ts";
import { later, lifetimes } from "../../domain/identity/lifetimes.ts";
import { invitationGone } from "../../domain/identity/refusals.ts";
import { exceeds } from "../../domain/identity/rights.ts";
import { emailKey } from "../../domain/kit/email.ts";
import { forbidden, invalid, notFound } from "../../domain/kit/errors.ts";
import { boolean, choice, email, instant, option, reference, references, text } from "../../domain/kit/fields.ts";
import { free } from "../../domain/kit/shape.ts";
import { usecase } from "../kit/usecase.ts";
import type { Entry } from "./entering.ts";
import { accountOf, brakeOn, enter, enterWithFactors, entryShape, readPassword, signInFailed } from "./entering.ts";
import type { Identity, Language, OfferedPlace, UsesIdentity, UsesMyIdentity } from "./ports.ts";

const language = choice([option("en", "Englisch", { en: "English" }), option("de", "Deutsch", { en: "German" })], { de: "Sprache" });

const offerShape = {
  id: reference("invitations", { required: true }),
  email: email({ required: true }),
  role: text({ required: true }),
  expires_at: instant({ required: true }),
  is_mailed: boolean({ required: true }),
  link: text({
    max: 1_000,
    help: {
      en: "Only where no mail server is configured: give it to the person yourself. It is shown once.",
      de: "Nur ohne Mailserver: geben Sie ihn selbst weiter. Er wird einmal gezeigt.",
    },
  }),
} as const;

export const invite = usecase({
  summary: "Invite somebody to the workspace",
  description: "Good for seven days and one person; an earlier invitation to the same address is revoked.",
  allow: { right: "members.manage" },
  status: 201,
  input: {
    email: email({ required: true }),
    role: text({ format: "key", required: true, default: "rep" }),
    teams: references("teams"),
    language,
  },
  output: { value: offerShape },
  refuses: ["ALREADY_MEMBER", "ROLE_EXCEEDS_YOURS", "REFERENCE_NOT_FOUND"],
  run: async (ports: UsesMyIdentity, input) => {
    const { store, tokens } = ports.identity;
    await demandRole(store, ports.actor, input.role);
    const { token, hash } = tokens.make("once");
    const expires_at = later(ports.now, lifetimes.invitation);
    const { id } = await store.invite(
      { actor: ports.actor, now: ports.now, via: "api" },
      { email: input.email, role: input.role, teams: input.teams ?? [], hash, expires_at },
    );
    return offer(ports, { id, email: input.email, role: input.role, expires_at, token, language: input.language });
  },
});

export const renewInvitation = usecase({
  summary: "Send an invitation again",
  description: "A new link for seven more days; the old one stops working.",
  allow: { right: "members.manage" },
  input: { id: reference("invitations", { required: true }), language },
  output: { value: offerShape },
  refuses: ["INVITATION_ACCEPTED", "INVITATION_REVOKED"],
  run: async (ports: UsesMyIdentity, input) => {
    const { store, tokens } = ports.identity;
    const { token, hash } = tokens.make("once");
    const expires_at = later(ports.now, lifetimes.invitation);
    const { email: mail, role } = await store.renewInvitation(
      { actor: ports.actor, now: ports.now, via: "api" },
      input.id,
      { hash, expires_at },
      (offered) => demandRole(store, ports.actor, offered),
    );
    return offer(ports, { id: input.id, email: mail, role, expires_at, token, language: input.language });
  },
});

export const revokeInvitation = usecase({
  summary: "Take an invitation back",
  allow: { right: "members.manage" },
  status: 204,
  input: { id: reference("invitations", { required: true }) },
  output: "nothing",
  refuses: ["INVITATION_ACCEPTED", "INVITATION_REVOKED"],
  run: async ({ actor, now, identity: { store } }: UsesMyIdentity, { id }) => store.revokeInvitation({ actor, now, via: "api" }, id),
});

export const lookAtInvitation = usecase({
  summary: "What an invitation offers",
  description: "For the page behind the link; whoever holds the link may ask.",
  allow: "public",
  input: { token: text({ max: 100, required: true }) },
  output: {
    value: {
      workspace: text({ required: true }),
      email: email({ required: true }),
      role: text({ required: true }),
      has_account: boolean({ required: true }),
    },
  },
  refuses: ["INVITATION_NOT_FOUND", "TOO_MANY_ATTEMPTS"],
  run: async (ports: UsesIdentity, { token }) => {
    const offered = await offeredWith(ports, token);
    return {
      workspace: offered.workspace,
      email: offered.email,
      role: offered.role,
      has_account: (await ports.identity.store.userByEmail(offered.email)) !== null,
    };
  },
});

export const acceptInvitation = usecase({
  summary: "Accept an invitation",
  description: "Whoever is new chooses a name and a password; whoever has an account gives its password, or is signed in with it.",
  allow: "public",
  status: 201,
  input: {
    token: text({ max: 100, required: true }),
    name: text({ max: 200 }),
    password: free<string>({ type: "string", format: "password", maxLength: 1_000, writeOnly: true }),
    language,
  },
  output: { value: entryShape },
  refuses: ["INVITATION_NOT_FOUND", "SIGN_IN_FAILED", "TOO_MANY_ATTEMPTS"],
  run: async (ports: UsesIdentity, input): Promise<Entry> => {
    const { store, passwords, tokens } = ports.identity;
    const offered = await offeredWith(ports, input.token);
    const hash = tokens.hash(input.token);
    const user = await store.userByEmail(offered.email);
    if (!user) {
      if (!input.name) throw invalid("REQUIRED", "Give your name.", "/name");
      const password_hash = await passwords.hash(readPassword(input.password, offered.email));
      const { user_id, tenant_id } = await store.accept(
        hash,
        { name: input.name, language: input.language ?? "en", password_hash },
        ports.now,
      );
      const made = await store.user(user_id);
      if (!made) throw notFound();
      return enter(ports, made, tenant_id);
    }
    const session = ports.caller.session ? await store.session(ports.caller.session, ports.now) : null;
    if (session?.user_id === user.id && !session.is_bound) {
      const { tenant_id } = await store.accept(hash, { user_id: user.id }, ports.now);
      return enter(ports, user, tenant_id);
    }
    const { keys } = await brakeOn(ports, "sign-in", accountOf(user.email), user.id);
    if (!(await passwords.verify(user.password_hash, typeof input.password === "string" ? input.password : "")))
      throw signInFailed(
        "There is an account with this e-mail address, and this is not its password. Sign in, then open the invitation again.",
      );
    await store.forgiveAttempts(keys);
    const { tenant_id } = await store.accept(hash, { user_id: user.id }, ports.now);
    return enterWithFactors(ports, user, tenant_id);
  },
});

/** Nobody hands out a role that allows more than their own. */
export async function demandRole(store: Identity, actor: Actor, key: string, pointer = "/role"): Promise<void> {
  const role = await store.roleOf(actor.tenant_id, key);
  if (!role) throw invalid("REFERENCE_NOT_FOUND", "There is no such role.", pointer);
  if (exceeds(role, actor.role))
    throw forbidden(`The role ${key} allows more than yours. Ask an administrator.`, "ROLE_EXCEEDS_YOURS", { role: key });
}

async function offeredWith(ports: UsesIdentity, token: string): Promise<OfferedPlace> {
  const { store, tokens } = ports.identity;
  const { keys } = await brakeOn(ports, "invitation", null);
  const offered = await store.offered(tokens.hash(token), ports.now);
  if (!offered) throw invitationGone();
  await store.forgiveAttempts(keys);
  return offered;
}

type Made = {
  readonly id: string;
  readonly email: string;
  readonly role: string;
  readonly expires_at: string;
  readonly token: string;
  readonly language: Language | null;
};

/** Mails the link, or gives it to the inviter where there is no mail server. */
async function offer(ports: UsesMyIdentity, { id, email: to, role, expires_at, token, language: chosen }: Made) {
  const { store, mail, settings } = ports.identity;
  const link = `${settings.public_url}/join#token=${token}`;
  if (!mail.configured) return { id, email: to, role, expires_at, is_mailed: false, link };
  const inviter = ports.actor.user_id ? await store.user(ports.actor.user_id) : null;
  const workspace = await store.workspaceName(ports.actor.tenant_id);
  mail.post({
    kind: "invitation",
    to,
    language: chosen ?? inviter?.language ?? "en",
    link,
    workspace,
    inviter: inviter && emailKey(inviter.email) !== emailKey(to) ? inviter.name : workspace,
  });
  return { id, email: to, role, expires_at, is_mailed: true, link: null };
}
