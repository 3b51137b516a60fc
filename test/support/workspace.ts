import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll } from "vitest";
import { type Flights, openFlights } from "../../src/adapters/postgres/flights/flight.ts";
import { uuid7 } from "../../src/adapters/postgres/flights/uuid.ts";
import { runtimeLogins } from "../../src/adapters/postgres/migrate.ts";
import { type DefinitionsCache, definitionsCache } from "../../src/adapters/postgres/records/definitions.ts";
import { openScopes } from "../../src/adapters/postgres/records/scopes.ts";
import type { Actor, Role } from "../../src/domain/access/access.ts";
import { readyRoles } from "../../src/domain/access/roles.ts";
import { fold } from "../../src/domain/kit/fold.ts";
import { verbs } from "../../src/usecases/catalogue.ts";
import { type App, type Circumstances, perform } from "../../src/usecases/kit/perform.ts";

export type Plain = { readonly id: string; readonly version: number; readonly [key: string]: any };

/** The kernel on the database of this run of tests, opened once for each file. */
export type Kernel = {
  readonly app: App;
  readonly flights: Flights;
  readonly owner: pg.Client;
  readonly definitions: DefinitionsCache;
  readonly url: string;
  readonly clock: { now: number | null };
};
let opened: Promise<Kernel> | null = null;

export function theKernel(): Promise<Kernel> {
  opened ??= openKernel();
  return opened;
}

async function openKernel(): Promise<Kernel> {
  const url = process.env.TEST_RAPPORT_URL ?? "";
  const owner = new pg.Client({ connectionString: url });
  owner.on("error", () => {}); // a test may take its database away before the kernel is closed
  await owner.connect();
  const flights = await openFlights({ connection: (await runtimeLogins(url)).tenant });
  const definitions = definitionsCache(flights);
  const clock = { now: null as number | null };
  const app: App = {
    verbs,
    scopes: openScopes({ flights, definitions, clock: () => clock.now ?? Date.now(), onWrite: () => {} }),
  };
  afterAll(async () => {
    opened = null;
    await flights.close();
    await owner.end();
  });
  return { app, flights, owner, definitions, url, clock };
}

/** A person or a script in a workspace, and what they do. */
export type Person = {
  readonly actor: Actor;
  readonly id: string;
  perform(verb: string, input: unknown, circumstances?: Partial<Circumstances>): Promise<any>;
};

export type Workspace = {
  readonly tenant: string;
  readonly kernel: Kernel;
  readonly admin: Person;
  /** One more member with a ready-made role or one of their own. */
  member(role: string | Role, team?: readonly Person[]): Promise<Person>;
  /** The types of the events of a record, oldest first. */
  eventsOf(record: { readonly id: string }): Promise<readonly string[]>;
};

/** A workspace of its own for a test, with an administrator. */
export async function aWorkspace(settings: Readonly<Record<string, unknown>> = {}): Promise<Workspace> {
  const kernel = await theKernel();
  const { owner } = kernel;
  const tenant = uuid7();
  const code = randomBytes(4).toString("hex").slice(0, 5);
  const name = `Test ${tenant}`;
  await owner.query("insert into tenants (id, name, name_fold, code, created_at) values ($1, $2, $3, $4, $5)", [
    tenant,
    name,
    fold(name),
    code,
    new Date(),
  ]);
  await owner.query("insert into definitions (tenant_id, search_code) values ($1, $2)", [tenant, code]);
  await owner.query("insert into feed_heads (tenant_id) values ($1)", [tenant]);
  const first = await addMember(kernel, tenant, "admin");
  await owner.query(
    "insert into workspaces (tenant_id, id, name, name_fold, country, currency, currency_fold, time_zone, time_zone_fold, language, fiscal_start_month, version, created_at, updated_at) values ($1, $1, $2, $3, $4, 'EUR', 'eur', $5, lower($5), 'en', 1, 1, $6, $6)",
    [tenant, name, fold(name), settings.country ?? "DE", settings.time_zone ?? "Europe/Berlin", new Date()],
  );
  return {
    tenant,
    kernel,
    admin: person(kernel, tenant, first, readyRoles.admin as Role, [first]),
    async member(role, team = []) {
      const id = await addMember(kernel, tenant, typeof role === "string" ? role : role.key);
      return person(kernel, tenant, id, typeof role === "string" ? (readyRoles[role] as Role) : role, [id, ...team.map((one) => one.id)]);
    },
    eventsOf: async ({ id }) =>
      (await owner.query("select type from events where tenant_id = $1 and record_id = $2 order by id", [tenant, id])).rows.map(
        ({ type }) => type,
      ),
  };
}

async function addMember({ owner }: Kernel, tenant: string, role: string): Promise<string> {
  const id = uuid7();
  const email = `${id}@example.test`;
  await owner.query(
    "insert into members (tenant_id, id, name, name_fold, email, email_fold, email_key, user_id, role, role_fold, version, created_at, updated_at, status) values ($1, $2, 'Test member', 'test member', $3, $3, $3, $4, $5, $5, 1, $6, $6, 'active')",
    [tenant, id, email, uuid7(), role, new Date()],
  );
  return id;
}

function person(kernel: Kernel, tenant: string, id: string, role: Role, team: readonly string[]): Person {
  const actor: Actor = { tenant_id: tenant, member_id: id, user_id: null, key_id: null, role, team };
  return {
    actor,
    id,
    async perform(verb, input, circumstances = {}) {
      const { answer } = await perform(kernel.app, actor, verb, input, { via: "api", ...circumstances });
      return plain(answer);
    },
  };
}

/** An answer as a caller reads it: what leaves is JSON. */
function plain(answer: unknown): unknown {
  if (typeof answer !== "object" || answer === null) return answer;
  if ("json" in answer && typeof answer.json === "function") return JSON.parse(answer.json());
  if ("data" in answer && Array.isArray(answer.data)) return { ...answer, data: answer.data.map(plain) };
  return answer;
}
