import { randomBytes } from "node:crypto";
import http from "node:http";
import { pino } from "pino";
import { afterAll } from "vitest";
import type { ServerSettings } from "../../src/adapters/http/options.ts";
import { createServer, type Server } from "../../src/adapters/http/server.ts";
import { openOidc } from "../../src/adapters/identity/oidc.ts";
import { openPasskeys } from "../../src/adapters/identity/passkeys.ts";
import { openPasswords } from "../../src/adapters/identity/passwords.ts";
import { totp } from "../../src/adapters/identity/totp.ts";
import { openFlights } from "../../src/adapters/postgres/flights/flight.ts";
import { openIdentity } from "../../src/adapters/postgres/identity/identity.ts";
import { runtimeLogins } from "../../src/adapters/postgres/migrate.ts";
import { definitionsCache } from "../../src/adapters/postgres/records/definitions.ts";
import { openScopes } from "../../src/adapters/postgres/records/scopes.ts";
import { searchPort } from "../../src/adapters/postgres/search/search.ts";
import { keyFrom, openSecrets } from "../../src/adapters/secrets/secrets.ts";
import { tokens } from "../../src/adapters/secrets/tokens.ts";
import type { Actor } from "../../src/domain/access/access.ts";
import { verbs } from "../../src/usecases/catalogue.ts";
import { identityVerbs } from "../../src/usecases/identity/catalogue.ts";
import type { IdentityKit } from "../../src/usecases/identity/ports.ts";
import type { DeadLetters } from "../../src/usecases/kit/jobs.ts";
import type { App } from "../../src/usecases/kit/perform.ts";
import { theKernel } from "./workspace.ts";

/** An answer as a client gets it. */
export type Heard = {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  /** The parsed body; undefined where there is none. */
  readonly body: any;
};
export type Sent = { readonly body?: unknown; readonly bytes?: Uint8Array | string; readonly headers?: Readonly<Record<string, string>> };
export type Client = (method: string, path: string, sent?: Sent) => Promise<Heard>;

export type TestServer = {
  readonly url: string;
  readonly server: Server;
  /** Lines the server logged. */
  readonly log: Record<string, any>[];
  /** Somebody who sends requests with an API key, or with nothing. */
  client(actor: Actor | null): Client;
  /** A token that stands for an actor. */
  tokenOf(actor: Actor, kind?: "rpk_" | "rps_"): string;
};

/** The real server on loopback over the kernel of this run of tests. */
export async function aServer(
  settings: Partial<ServerSettings> = {},
  more: { app?: WholeApp; clock?: () => number } = {},
): Promise<TestServer> {
  const app = more.app ?? (await theKernel()).app;
  const actors = new Map<string, Actor>();
  const log: Record<string, any>[] = [];
  const server = await createServer({
    app,
    authenticate: (token) => actors.get(token) ?? more.app?.authenticate(token) ?? null,
    hashToken: tokens.hash,
    logger: pino({ level: "info" }, { write: (line) => void log.push(JSON.parse(line)) }),
    checks: { database: async () => (await theKernel()).flights.run(null, [], "read") },
    ...(more.clock ? { clock: more.clock } : {}),
    settings: {
      host: "127.0.0.1",
      port: 0,
      secure: false,
      trustProxy: false,
      rateLimit: "off",
      metricsToken: null,
      web: null,
      version: "0.0.0-test",
      drain: 2_000,
      ...settings,
    },
  });
  const url = await server.listen();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
  afterAll(async () => {
    agent.destroy();
    await server.close();
  });
  const tokenOf = (actor: Actor, kind: "rpk_" | "rps_" = "rpk_"): string => {
    const token = `${kind}${randomBytes(32).toString("base64url")}`;
    actors.set(token, actor);
    return token;
  };
  return {
    url,
    server,
    log,
    tokenOf,
    client(actor) {
      const known: Record<string, string> = actor ? { authorization: `Bearer ${tokenOf(actor)}` } : {};
      return (method, path, { body, bytes, headers = {} } = {}) => {
        const content = bytes ?? (body === undefined ? undefined : JSON.stringify(body));
        const type: Record<string, string> = content === undefined ? {} : { "content-type": "application/json" };
        return send(new URL(url), agent, { method, path, content, headers: { ...known, ...type, ...headers } });
      };
    },
  };
}

type Request = { method: string; path: string; content: Uint8Array | string | undefined; headers: Record<string, string> };

/** Every verb of the product, identity among them, over the kernel of this run of tests. */
export async function wholeApp(): Promise<WholeApp> {
  const { flights, url } = await theKernel();
  const identityFlights = await openFlights({
    connection: (await runtimeLogins(url)).identity,
    lanes: { read: 2, write: 3, search: 1, bulk: 1 },
  });
  const store = await openIdentity({ flights: identityFlights, hash: tokens.hash });
  afterAll(async () => {
    await store.close();
    await identityFlights.close();
  });
  const identity: IdentityKit = {
    store,
    passwords: await openPasswords(),
    tokens,
    totp,
    passkeys: openPasskeys("https://crm.example"),
    oidc: openOidc(),
    secrets: openSecrets([keyFrom(randomBytes(32).toString("base64"))]),
    mail: { configured: true, post: () => {} },
    settings: { sign_up: "open", public_url: "https://crm.example", brake: false },
  };
  const nothingFailed: DeadLetters = { deadLetters: async () => [], retry: async () => false };
  const definitions = definitionsCache(flights);
  const scopes = openScopes({
    flights,
    definitions,
    clock: Date.now,
    onWrite: (tenant) => definitions.forget(tenant),
    more: (call, { caller }) => ({ identity, caller, jobs: nothingFailed, ...(call ? { search: searchPort(call) } : {}) }) as object,
  });
  return { verbs: { ...verbs, ...identityVerbs }, scopes, authenticate: store.authenticate };
}

export type WholeApp = App & { readonly authenticate: (token: string) => Promise<Actor | null> };

/** The path goes out as it is written, which `fetch` would not do. */
function send({ hostname, port }: URL, agent: http.Agent, { method, path, content, headers }: Request): Promise<Heard> {
  const bytes = content === undefined ? undefined : Buffer.from(content as Uint8Array);
  return new Promise((resolve, reject) => {
    const request = http.request(
      { hostname, port, agent, method, path, headers: bytes ? { "content-length": String(bytes.length), ...headers } : headers },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          const isJson = /json/.test(response.headers["content-type"] ?? "") && response.headers["content-encoding"] === undefined;
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            body: isJson && text ? JSON.parse(text) : undefined,
          });
        });
      },
    );
    request.on("error", reject);
    request.end(bytes);
  });
}
