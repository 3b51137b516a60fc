import { randomBytes } from "node:crypto";
import pg from "pg";
import { openOidc } from "../../src/adapters/identity/oidc.ts";
import { openPasskeys } from "../../src/adapters/identity/passkeys.ts";
import { openPasswords } from "../../src/adapters/identity/passwords.ts";
import { totp } from "../../src/adapters/identity/totp.ts";
import { openFlights } from "../../src/adapters/postgres/flights/flight.ts";
import { type OpenIdentity, openIdentity } from "../../src/adapters/postgres/identity/identity.ts";
import { migrate, runtimeLogins } from "../../src/adapters/postgres/migrate.ts";
import { definitionsCache } from "../../src/adapters/postgres/records/definitions.ts";
import { openScopes } from "../../src/adapters/postgres/records/scopes.ts";
import { keyFrom, openSecrets } from "../../src/adapters/secrets/secrets.ts";
import { tokens } from "../../src/adapters/secrets/tokens.ts";
import { resources } from "../../src/domain/catalogue.ts";
import { readInput } from "../../src/domain/kit/shape.ts";
import { identityVerbs } from "../../src/usecases/identity/catalogue.ts";
import type { Caller, IdentityKit, Letter } from "../../src/usecases/identity/ports.ts";
import { type App, perform } from "../../src/usecases/kit/perform.ts";
import { recordVerbs } from "../../src/usecases/records.ts";

export const PASSWORD = "three unrelated words";

/** Identity on a database of its own, with a clock one can set and a mailbox one can read. */
export type Installation = {
  readonly kit: IdentityKit;
  readonly store: OpenIdentity;
  /** A second node on the same database. */
  readonly other: OpenIdentity;
  readonly owner: pg.Client;
  readonly letters: Letter[];
  readonly clock: { ms: number };
  /** Calls a verb as whoever holds the token, or as nobody. */
  readonly call: (verb: string, input: unknown, how?: { as?: string | null; from?: string }) => Promise<any>;
  readonly close: () => Promise<void>;
};

type Options = { readonly sign_up?: "open" | "closed"; readonly mail?: boolean; readonly public_url?: string; readonly brake?: boolean };

export async function anInstallation({
  sign_up = "open",
  mail = true,
  public_url = "https://crm.example",
  brake = true,
}: Options = {}): Promise<Installation> {
  const server = process.env.TEST_DATABASE_URL ?? "";
  const name = `identity_${randomBytes(6).toString("hex")}`;
  await asOwner(server, `create database ${name}`);
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href;
  await migrate({ url, folder: "migrations" });
  const logins = await runtimeLogins(url);
  const clock = { ms: Date.parse("2026-11-21T12:00:00Z") };
  const small = { read: 2, write: 3, search: 1, bulk: 1 };
  const [flights, tenantFlights] = await Promise.all([
    openFlights({ connection: logins.identity, lanes: small }),
    openFlights({ connection: logins.tenant, lanes: small }),
  ]);
  const open = () => openIdentity({ flights, hash: tokens.hash, now: () => clock.ms, listen: logins.identity });
  const [store, other] = await Promise.all([open(), open()]);
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();

  const letters: Letter[] = [];
  const kit: IdentityKit = {
    store,
    passwords: await openPasswords(),
    tokens,
    totp,
    passkeys: openPasskeys(public_url),
    oidc: openOidc(),
    secrets: openSecrets([keyFrom(randomBytes(32).toString("base64"))]),
    mail: { configured: mail, post: (letter) => letters.push(letter) },
    settings: { sign_up, public_url, brake },
  };

  let caller: Caller = { address: "", user_agent: "", session: null };
  const scopes = openScopes({
    flights: tenantFlights,
    definitions: definitionsCache(tenantFlights),
    clock: () => clock.ms,
    onWrite: () => {},
    more: () => ({ identity: kit, caller }) as object,
  });
  const verbs: App["verbs"] = { ...Object.assign({}, ...resources.map(recordVerbs)), ...identityVerbs };

  return {
    kit,
    store,
    other,
    owner,
    letters,
    clock,
    async call(name, input, { as = null, from = "203.0.113.7" } = {}) {
      const verb = verbs[name];
      if (!verb) throw new Error(`There is no verb ${name}`);
      const actor = as ? await store.authenticate(as) : null;
      const mine: Caller = { address: from, user_agent: "Test", session: actor && as?.startsWith("rps_") ? tokens.hash(as) : null };
      if (verb.allow === "public")
        return verb.run(
          { now: new Date(clock.ms).toISOString(), identity: kit, caller: mine },
          readInput(verb.input, input, { country: null }),
        );
      if (!actor) throw new Error(`Nobody is signed in to call ${name}.`);
      caller = mine; // tests call one verb at a time where it matters who calls
      const { answer } = await perform({ verbs, scopes }, actor, name, input, { via: "api" });
      return answer && typeof answer === "object" && "json" in answer ? JSON.parse((answer as { json(): string }).json()) : answer;
    },
    async close() {
      await Promise.all([store.close(), other.close()]);
      await Promise.all([flights.close(), tenantFlights.close(), owner.end()]);
      await asOwner(server, `drop database ${name} with (force)`);
    },
  };
}

async function asOwner(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

/** A workspace with its administrator signed in. */
export async function signUp(
  at: Installation,
  email = `${randomBytes(5).toString("hex")}@halden.example`,
): Promise<{ token: string; email: string; tenant: string; member: string; user: string }> {
  const entry = await at.call(
    "auth.sign_up",
    { email, password: PASSWORD, name: "Anna Berger", workspace: `Workspace of ${email}` },
    { from: `198.51.100.${Math.floor(Math.random() * 250)}` },
  );
  return { token: entry.session_token, email, tenant: entry.workspace.id, member: entry.member_id, user: entry.user.id };
}

/** One more person in the workspace of an administrator. */
export async function join(
  at: Installation,
  admin: { token: string },
  role = "rep",
  email = `${randomBytes(5).toString("hex")}@halden.example`,
): Promise<{ token: string; email: string; member: string; user: string }> {
  const link = await invite(at, admin, { email, role });
  const entry = await at.call("invitations.accept", { token: link, name: "Jonas Weber", password: PASSWORD });
  return { token: entry.session_token, email, member: entry.member_id, user: entry.user.id };
}

/** The token of an invitation's link, from the letter or the answer. */
export async function invite(at: Installation, admin: { token: string }, input: object): Promise<string> {
  const answer = await at.call("invitations.create", input, { as: admin.token });
  const letter = at.letters.at(-1);
  const link: string = answer.link ?? (letter && "link" in letter ? letter.link : "");
  return link.split("#token=")[1] ?? "";
}
