import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { anInstallation, type Installation, join, PASSWORD, signUp } from "../../../test/support/identity.ts";

type Person = { sub: string; email?: string; email_verified?: boolean; name?: string };

let at: Installation;
let provider: Awaited<ReturnType<typeof aProvider>>;
beforeAll(async () => {
  [at, provider] = await Promise.all([anInstallation({ brake: false }), aProvider("https://crm.example/api/auth/oidc/callback")]);
});
afterAll(async () => {
  provider.close();
  await at.close();
});

const settings = () => ({
  issuer: provider.issuer,
  client_id: "rapport",
  client_secret: provider.secret,
  allowed_domains: ["halden.example"],
  default_role: "read_only",
});

async function aWorkspaceWithSignOn() {
  const anna = await signUp(at);
  await at.call("single_sign_on.set", settings(), { as: anna.token });
  return { ...anna, workspace: `Workspace of ${anna.email}` };
}

/** Signs in at the provider as this person and comes back with what the browser brings. */
async function visit(workspace: string, person: Person) {
  const { url, oidc_state } = await at.call("auth.oidc_start", { workspace });
  return { query: await provider.visit(url, person), oidc_state };
}

const enterAs = async (workspace: string, person: Person) => at.call("auth.oidc_callback", await visit(workspace, person));

test("a person of the provider comes in with the default role, and next time is the same member", async () => {
  const { workspace, tenant } = await aWorkspaceWithSignOn();
  const person = { sub: "p1", email: "petra@halden.example", email_verified: true, name: "Petra Kern" };
  const entry = await enterAs(workspace, person);
  const actor = await at.store.authenticate(entry.session_token);
  expect(actor).toMatchObject({ tenant_id: tenant, role: { key: "read_only" } });
  const me = await at.call("auth.me", {}, { as: entry.session_token });
  expect(me).toMatchObject({
    user: { email: "petra@halden.example", name: "Petra Kern", has_password: false },
    is_bound: true,
    workspaces: [],
  });
  const again = await enterAs(workspace, { ...person, email: "petra.kern@halden.example" });
  expect((await at.store.authenticate(again.session_token))?.member_id).toBe(actor?.member_id);
});

test("a member who was there before keeps their role", async () => {
  const anna = await aWorkspaceWithSignOn();
  const ben = await join(at, anna, "manager", "ben-sso@halden.example");
  const entry = await enterAs(anna.workspace, { sub: "p2", email: "BEN-SSO@halden.example", email_verified: true });
  expect(await at.store.authenticate(entry.session_token)).toMatchObject({ member_id: ben.member, role: { key: "manager" } });
  await at.call("members.suspend", { id: ben.member }, { as: anna.token });
  await expect(enterAs(anna.workspace, { sub: "p2", email: "ben-sso@halden.example", email_verified: true })).rejects.toMatchObject({
    code: "SINGLE_SIGN_ON_REFUSED",
  });
});

test("a workspace's provider opens that workspace alone: not the account, not another workspace", async () => {
  const [eve, victim] = [await aWorkspaceWithSignOn(), await signUp(at, "victim-sso@halden.example")];
  const entry = await enterAs(eve.workspace, { sub: "p3", email: "victim-sso@halden.example", email_verified: true });
  const as = { as: entry.session_token };
  expect((await at.store.authenticate(entry.session_token))?.tenant_id).toBe(eve.tenant);
  for (const [verb, input] of [
    ["auth.switch_workspace", { workspace_id: victim.tenant }],
    ["auth.sessions", {}],
    ["auth.revoke_other_sessions", {}],
    ["auth.change_password", { current_password: PASSWORD, password: "eve's own password" }],
    ["auth.totp_start", { password: PASSWORD }],
    ["auth.passkey_start", { password: PASSWORD }],
    ["auth.passkeys", {}],
  ] as const) {
    await expect(at.call(verb, input, as), verb).rejects.toMatchObject({ code: "ACCOUNT_SESSION_REQUIRED" });
  }
  await at.call("auth.update_me", { name: "Renamed by Eve" }, as);
  expect((await at.call("auth.me", {}, { as: victim.token })).user.name).toBe("Anna Berger");
  expect((await at.call("auth.sign_in", { email: "victim-sso@halden.example", password: PASSWORD })).workspace.id).toBe(victim.tenant);
});

test("only confirmed addresses of allowed domains come in", async () => {
  const { workspace } = await aWorkspaceWithSignOn();
  for (const person of [
    { sub: "x1", email: "a@elsewhere.example", email_verified: true },
    { sub: "x2", email: "a@halden.example", email_verified: false },
    { sub: "x3", email: "a@halden.example" },
    { sub: "x4" },
  ]) {
    await expect(enterAs(workspace, person), person.sub).rejects.toMatchObject({ code: "SINGLE_SIGN_ON_REFUSED" });
  }
});

test("an answer is good once, in the browser that asked, for ten minutes, and not made up", async () => {
  const { workspace } = await aWorkspaceWithSignOn();
  const person = { sub: "p5", email: "p5@halden.example", email_verified: true };
  const refused = { code: "SINGLE_SIGN_ON_REFUSED" };
  const answer = await visit(workspace, person);
  const other = await at.call("auth.oidc_start", { workspace });
  await expect(at.call("auth.oidc_callback", { ...answer, oidc_state: other.oidc_state })).rejects.toMatchObject(refused);
  await expect(at.call("auth.oidc_callback", { query: answer.query })).rejects.toMatchObject(refused);
  await expect(
    at.call("auth.oidc_callback", { query: { ...answer.query, code: "made-up" }, oidc_state: answer.oidc_state }),
  ).rejects.toMatchObject(refused);
  await expect(at.call("auth.oidc_callback", answer)).rejects.toMatchObject(refused);
  const good = await visit(workspace, person);
  expect((await at.call("auth.oidc_callback", good)).session_token).toMatch(/^rps_/);
  await expect(at.call("auth.oidc_callback", good)).rejects.toMatchObject(refused);
  const late = await visit(workspace, person);
  at.clock.ms += 601_000;
  await expect(at.call("auth.oidc_callback", late)).rejects.toMatchObject(refused);
});

test("the same person coming in twice at once is one member", async () => {
  const { workspace, tenant } = await aWorkspaceWithSignOn();
  const person = { sub: "p6", email: "p6@halden.example", email_verified: true };
  const visits = [await visit(workspace, person), await visit(workspace, person)];
  const entries = await Promise.all(visits.map((answer) => at.call("auth.oidc_callback", answer)));
  expect(new Set(entries.map(({ member_id }) => member_id)).size).toBe(1);
  expect(
    (await at.owner.query("select count(*)::int as count from members where tenant_id = $1 and email_key = 'p6@halden.example'", [tenant]))
      .rows[0].count,
  ).toBe(1);
});

test("settings are for administrators, checked before they are kept, and never show the secret", async () => {
  const anna = await aWorkspaceWithSignOn();
  const shown = await at.call("single_sign_on.get", {}, { as: anna.token });
  expect(shown).toEqual({
    issuer: provider.issuer,
    client_id: "rapport",
    allowed_domains: ["halden.example"],
    default_role: "read_only",
    has_secret: true,
    redirect_uri: "https://crm.example/api/auth/oidc/callback",
  });
  const stored = (await at.owner.query("select client_secret from single_sign_on where tenant_id = $1", [anna.tenant])).rows[0]
    .client_secret;
  expect(stored).not.toContain(provider.secret);
  const set = (input: object) =>
    at.call("single_sign_on.set", { ...settings(), ...input }, { as: anna.token }).catch((error) => error.code);
  expect(await set({ issuer: "http://login.example.com" })).toBe("ISSUER_INVALID");
  expect(await set({ issuer: `${provider.issuer}/nothing-here` })).toBe("ISSUER_UNUSABLE");
  expect(await set({ issuer: "http://127.0.0.1:1" })).toBe("IDENTITY_PROVIDER_UNAVAILABLE");
  expect(await set({ allowed_domains: [] })).toBe("REQUIRED");
  expect(await set({ default_role: "nonsense" })).toBe("REFERENCE_NOT_FOUND");
  const rep = await join(at, anna, "rep");
  await expect(at.call("single_sign_on.get", {}, { as: rep.token })).rejects.toMatchObject({ code: "FORBIDDEN" });
  expect(await set({ client_secret: undefined, default_role: "rep" })).toBeUndefined();
  expect((await at.call("single_sign_on.get", {}, { as: anna.token })).has_secret).toBe(true);
  const entry = await enterAs(anna.workspace, { sub: "p7", email: "p7@halden.example", email_verified: true });
  await at.call("single_sign_on.remove", {}, { as: anna.token });
  expect(await at.store.authenticate(entry.session_token)).toBeNull();
  await expect(at.call("auth.oidc_start", { workspace: anna.workspace })).rejects.toMatchObject({ code: "SINGLE_SIGN_ON_MISSING" });
});

/** A certified provider on this machine that lets everybody in as whom they say. */
async function aProvider(redirect: string) {
  // @ts-expect-error the package has no types
  const { default: Provider } = await import("oidc-provider");
  const secret = "the client's own secret";
  const people = new Map<string, Person>();
  let visitor = "";
  let handle: (request: unknown, response: unknown) => void = () => {};
  const server: Server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const issuer = `http://127.0.0.1:${port}`;
  const oidc = new Provider(issuer, {
    clients: [
      {
        client_id: "rapport",
        client_secret: secret,
        redirect_uris: [redirect],
        response_types: ["code"],
        grant_types: ["authorization_code"],
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_: unknown, interaction: { uid: string }) => `/interaction/${interaction.uid}` },
    findAccount: (_: unknown, id: string) => ({ accountId: id, claims: async () => people.get(id) }),
    loadExistingGrant: async (ctx: any) => {
      const grant = new ctx.oidc.provider.Grant({ clientId: "rapport", accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope("openid email profile");
      await grant.save();
      return grant;
    },
    cookies: { keys: ["a key for tests"] },
  });
  const callback = oidc.callback();
  handle = (request: any, response: any) =>
    request.url.startsWith("/interaction/")
      ? oidc.interactionFinished(request, response, { login: { accountId: visitor } })
      : callback(request, response);

  return {
    issuer,
    secret,
    close: () => server.close(),
    /** What a browser does: follows redirects with its cookies until it is sent back. */
    async visit(url: string, person: Person): Promise<Record<string, string>> {
      people.set(person.sub, person);
      visitor = person.sub;
      const cookies = new Map<string, string>();
      let next = url;
      for (let hops = 0; hops < 10; hops++) {
        const response: Response = await fetch(next, {
          redirect: "manual",
          headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
        });
        for (const cookie of response.headers.getSetCookie()) {
          const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
          cookies.set(name, value);
        }
        const location = response.headers.get("location");
        if (!location) throw new Error(`The provider answered ${response.status}: ${await response.text()}`);
        next = new URL(location, issuer).href;
        if (next.startsWith(redirect)) return Object.fromEntries(new URL(next).searchParams);
      }
      throw new Error("The provider never sent the browser back.");
    },
  };
}
