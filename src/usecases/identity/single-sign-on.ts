import { readyRoles } from "../../domain/access/roles.ts";
import { later, lifetimes, sessionEnd } from "../../domain/identity/lifetimes.ts";
import { exceeds } from "../../domain/identity/rights.ts";
import { issuerFault, mayEnter, type SignOn } from "../../domain/identity/single-sign-on.ts";
import { parseDomain } from "../../domain/kit/domain-name.ts";
import { forbidden, invalid, invalidInput, notFound } from "../../domain/kit/errors.ts";
import { boolean, list, text } from "../../domain/kit/fields.ts";
import { free } from "../../domain/kit/shape.ts";
import { usecase } from "../kit/usecase.ts";
import { brakeOn, entered, entryShape, whereFrom } from "./entering.ts";
import type { IdentityKit, UsesIdentity, UsesMyIdentity } from "./ports.ts";

export const oidcStart = usecase({
  summary: "Begin to sign in through the identity provider of a workspace",
  description: "Send the browser to the address; it comes back to /api/auth/oidc/callback.",
  allow: "public",
  input: { workspace: text({ max: 200, required: true, en: "Name of the workspace" }) },
  output: {
    value: {
      url: text({ max: 10_000, required: true }),
      /** Leaves as the cookie `rapport_oidc`, never in the body: the browser that comes back is the one that left. */
      oidc_state: text({ max: 100, required: true }),
    },
  },
  refuses: ["SINGLE_SIGN_ON_MISSING", "IDENTITY_PROVIDER_UNAVAILABLE", "TOO_MANY_ATTEMPTS"],
  run: async (ports: UsesIdentity, { workspace }) => {
    const { store, tokens, oidc } = ports.identity;
    const { keys } = await brakeOn(ports, "oidc", null);
    const found = await store.signOnByWorkspace(workspace);
    if (!found) throw notFound("No workspace of this name signs in through an identity provider.", "SINGLE_SIGN_ON_MISSING");
    const { token, hash } = tokens.make("once");
    const { url, verifier, nonce } = await oidc.start(opened(ports.identity, found.tenant_id, found.signOn), {
      redirect: redirectOf(ports.identity),
      state: token,
    });
    await store.issue(
      {
        hash,
        purpose: "oidc_state",
        user_id: null,
        tenant_id: found.tenant_id,
        payload: { verifier, nonce },
        expires_at: later(ports.now, lifetimes.oidc_state),
      },
      ports.now,
    );
    await store.forgiveAttempts(keys);
    return { url, oidc_state: token };
  },
});

export const oidcCallback = usecase({
  summary: "Come back from the identity provider",
  allow: "public",
  input: {
    query: free<Readonly<Record<string, string>>, true>(
      {
        type: "object",
        additionalProperties: { type: "string" },
        description: "The query of the address the provider sent the browser to.",
      },
      { required: true },
    ),
    oidc_state: text({
      max: 100,
      help: { en: "The cookie rapport_oidc; the server puts it here.", de: "Das Cookie rapport_oidc; der Server setzt es ein." },
    }),
  },
  output: { value: entryShape },
  refuses: ["SINGLE_SIGN_ON_REFUSED"],
  run: async (ports: UsesIdentity, { query, oidc_state }) => {
    const { store, tokens, oidc } = ports.identity;
    const { keys } = await brakeOn(ports, "oidc", null);
    const state = typeof query.state === "string" ? query.state : "";
    if (!oidc_state || !tokens.equal(state, oidc_state)) throw refused("This sign-in began in another browser. Start again.");
    const begun = await store.redeem(tokens.hash(state), "oidc_state", ports.now);
    const tenant_id = begun?.tenant_id ?? null;
    const signOn = tenant_id ? await store.signOnOf(tenant_id) : null;
    if (!begun || !tenant_id || !signOn) throw refused("This sign-in took too long. Start again.");
    const { verifier, nonce } = begun.payload;
    const claims = await oidc.finish(opened(ports.identity, tenant_id, signOn), {
      redirect: redirectOf(ports.identity),
      query: textsOf(query),
      state,
      verifier: String(verifier),
      nonce: String(nonce),
    });
    if (!claims.email || !mayEnter(claims, signOn))
      throw refused("The identity provider did not name a confirmed e-mail address of a domain that may sign in here.");
    const person = await store.enterBySignOn(tenant_id, { ...claims, email: claims.email }, signOn, ports.now);
    const user = person && (await store.user(person.user_id));
    if (!person || !user) throw refused("Your membership of this workspace is suspended. Ask an administrator.");
    await store.forgiveAttempts(keys);
    const { token, hash } = tokens.make("session");
    const expires_at = sessionEnd(ports.now, ports.now);
    await store.openSession({ hash, ...person, tenant_id, is_bound: true, expires_at, ...whereFrom(ports.caller) }, ports.now);
    return entered(token, expires_at, user, { id: tenant_id, name: await store.workspaceName(tenant_id), member_id: person.member_id });
  },
});

const settings = {
  issuer: text({ max: 500, required: true, example: "https://login.example.com" }),
  client_id: text({ max: 500, required: true }),
  allowed_domains: list(text({ max: 253, required: true })),
  default_role: text({ format: "key", required: true, default: "rep" }),
} as const;

export const singleSignOn = usecase({
  summary: "How this workspace signs in through its identity provider",
  allow: { right: "workspace.manage" },
  writes: false,
  input: {},
  output: {
    value: {
      ...settings,
      issuer: text(),
      client_id: text(),
      default_role: text(),
      has_secret: boolean({ required: true }),
      redirect_uri: text({ max: 1_000, required: true }),
    },
  },
  run: async ({ actor, identity, now: _ }: UsesMyIdentity) => {
    const found = await identity.store.signOnOf(actor.tenant_id);
    const { issuer = null, client_id = null, allowed_domains = [], default_role = null, secret = null } = found ?? {};
    return { issuer, client_id, allowed_domains, default_role, has_secret: secret !== null, redirect_uri: redirectOf(identity) };
  },
});

export const setSingleSignOn = usecase({
  summary: "Sign in through an identity provider (OpenID Connect)",
  description:
    "Only people with a confirmed e-mail address of one of the allowed domains come in. A client_secret that is left out stays as it is.",
  allow: { right: "workspace.manage" },
  status: 204,
  input: { ...settings, client_secret: text({ max: 1_000 }) },
  output: "nothing",
  refuses: ["ISSUER_INVALID", "ISSUER_UNUSABLE", "IDENTITY_PROVIDER_UNAVAILABLE", "ROLE_EXCEEDS_YOURS"],
  run: async ({ actor, now, identity }: UsesMyIdentity, input) => {
    const { store, oidc, secrets } = identity;
    // Who decides who comes in decides who comes in as an administrator.
    if (!readyRoles.admin || exceeds(readyRoles.admin, actor.role)) throw forbidden("Only an administrator can decide how people sign in.");
    const fault = issuerFault(input.issuer);
    if (fault) throw invalidInput([fault]);
    const role = await store.roleOf(actor.tenant_id, input.default_role);
    if (!role) throw invalid("REFERENCE_NOT_FOUND", "There is no such role.", "/default_role");
    const before = await store.signOnOf(actor.tenant_id);
    const isSame = before?.issuer === input.issuer && before.client_id === input.client_id;
    const secret = input.client_secret
      ? secrets.seal(input.client_secret, contextOf(actor.tenant_id))
      : isSame
        ? (before?.secret ?? null)
        : null;
    const signOn: SignOn = {
      issuer: input.issuer,
      client_id: input.client_id,
      secret,
      allowed_domains: domainsOf(input.allowed_domains),
      default_role: input.default_role,
    };
    await oidc.check(opened(identity, actor.tenant_id, signOn));
    await store.setSignOn({ actor, now, via: "api" }, signOn);
  },
});

export const removeSingleSignOn = usecase({
  summary: "Stop signing in through the identity provider",
  allow: { right: "workspace.manage" },
  status: 204,
  input: {},
  output: "nothing",
  run: async ({ actor, now, identity }: UsesMyIdentity) => identity.store.setSignOn({ actor, now, via: "api" }, null),
});

/** Settings with their secret readable, for the one call that needs it. */
function opened({ secrets }: IdentityKit, tenantId: string, signOn: SignOn): SignOn {
  return { ...signOn, secret: signOn.secret && secrets.open(signOn.secret, contextOf(tenantId)) };
}

function domainsOf(given: readonly string[] | null): readonly string[] {
  const parsed = (given ?? []).map((domain) => parseDomain(domain));
  const faults = parsed.flatMap((one, index) =>
    one.ok ? [] : [{ pointer: `/allowed_domains/${index}`, code: one.code, message: one.message }],
  );
  if (parsed.length === 0)
    faults.push({ pointer: "/allowed_domains", code: "REQUIRED", message: "Name at least one domain whose people may sign in." });
  if (faults.length) throw invalidInput(faults);
  return parsed.flatMap((one) => (one.ok ? [one.value] : []));
}

const textsOf = (query: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(query).flatMap(([key, value]) => (typeof value === "string" ? [[key, value]] : [])));

const contextOf = (tenantId: string): string => `single_sign_on:${tenantId}`;
const redirectOf = ({ settings: { public_url } }: IdentityKit): string => `${public_url}/api/auth/oidc/callback`;
const refused = (message: string) => forbidden(message, "SINGLE_SIGN_ON_REFUSED");
