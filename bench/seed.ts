import { type Flights, openFlights } from "../src/adapters/postgres/flights/flight.ts";
import { runtimeLogins } from "../src/adapters/postgres/migrate.ts";
import type { Call } from "../src/adapters/postgres/records/call.ts";
import { definitionsCache } from "../src/adapters/postgres/records/definitions.ts";
import { recordsOf } from "../src/adapters/postgres/records/records.ts";
import type { Actor, Role } from "../src/domain/access/access.ts";
import { readyRoles } from "../src/domain/access/roles.ts";
import { companies } from "../src/domain/companies/company.ts";
import { contacts } from "../src/domain/contacts/contact.ts";
import type { Resource } from "../src/domain/kit/resource.ts";
import type { Values } from "../src/usecases/kit/ports.ts";

export type Seeded = { readonly tenant: string; readonly contacts: readonly string[]; readonly companies: readonly string[] };
export type Place = { readonly tenant_id: string; readonly member_id: string };

/** Fills workspaces through the kernel's own set-based writes, events included. */
export async function seed(url: string, places: readonly { readonly place: Place; readonly count: number }[]): Promise<readonly Seeded[]> {
  const flights = await openFlights({ connection: (await runtimeLogins(url)).tenant });
  const seeded: Seeded[] = [];
  for (const { place, count } of places) seeded.push(await fill(flights, place, count));
  await flights.close();
  return seeded;
}

async function fill(flights: Flights, { tenant_id, member_id }: Place, count: number): Promise<Seeded> {
  const actor: Actor = { tenant_id, member_id, user_id: null, key_id: null, role: readyRoles.admin as Role, team: [member_id] };
  const send: Call["read"] = (steps, lane) => flights.run(tenant_id, steps, lane);
  const definitions = await definitionsCache(flights).of(tenant_id);
  const call: Call = {
    tenant: tenant_id,
    actor,
    via: "command",
    cause: null,
    now: "",
    definitions,
    inTransaction: false,
    read: send,
    write: send,
    attempt: send,
    aside: () => call,
  };
  const at = (index: number): Call => ({ ...call, now: new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString() });
  const companyIds = await addAll(
    companies as unknown as Resource,
    Array.from({ length: Math.ceil(count / 20) }, (_, n) => company(n)),
    at,
  );
  const contactIds = await addAll(
    contacts as unknown as Resource,
    Array.from({ length: count }, (_, n) => contact(n, companyIds)),
    at,
  );
  return { tenant: tenant_id, contacts: contactIds, companies: companyIds };
}

async function addAll(resource: Resource, rows: readonly Values[], at: (index: number) => Call): Promise<string[]> {
  const ids: string[] = [];
  for (let from = 0; from < rows.length; from += 1_000) {
    for (const outcome of await recordsOf(resource, at(from)).addAll(rows.slice(from, from + 1_000))) {
      if (!outcome.ok) throw new Error(outcome.message);
      ids.push(outcome.record.id);
    }
  }
  return ids;
}

const firstNames = [
  "Anna",
  "Ben",
  "Clara",
  "David",
  "Elif",
  "Finn",
  "Giulia",
  "Henrik",
  "Ingrid",
  "Jörg",
  "Katarzyna",
  "Lukas",
  "Mehmet",
  "Nora",
  "Oliver",
  "Petra",
  "Quentin",
  "Renée",
  "Sofia",
  "Tomasz",
  "Ulrike",
  "Viktor",
  "Wanda",
  "Xenia",
  "Yuki",
  "Zoë",
];
const syllables = [
  "ber",
  "gen",
  "mann",
  "stein",
  "wald",
  "hof",
  "feld",
  "brück",
  "lind",
  "kron",
  "sol",
  "nord",
  "vik",
  "mar",
  "tan",
  "ros",
];
const lifecycles = ["subscriber", "lead", "opportunity", "customer", "former", "other", null];
const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;

/** The n-th contact: the same in every run, with about 4,000 surnames. */
export function contact(n: number, companyIds: readonly string[]): Values {
  const first = pick(firstNames, n * 7 + (n >> 5));
  const last = capital(pick(syllables, n) + pick(syllables, (n >> 4) * 3 + 1) + pick(syllables, (n >> 8) * 5 + 2));
  const digits = String(1_000_000 + ((n * 7_919) % 9_000_000));
  return {
    first_name: first,
    last_name: last,
    email: `${first}.${last}.${n}@example-${n % 500}.test`.toLowerCase().normalize("NFD").replace(/\p{M}/gu, ""),
    phone: `+4930${digits}`,
    phone_as_typed: `030 ${digits}`,
    title: pick(["CEO", "Head of sales", "Engineer", "Buyer", null], n),
    company_id: companyIds.length ? pick(companyIds, n * 13) : null,
    lifecycle: pick(lifecycles, n),
    other_emails: null,
    tags: [],
    custom: {},
  };
}

const company = (n: number): Values => ({
  name: `${capital(pick(syllables, n * 3) + pick(syllables, n >> 3))} ${pick(["GmbH", "AG", "Ltd", "Optics", "Systems"], n)} ${n}`,
  domain: `company-${n}.test`,
  industry: pick(["Optics", "Machinery", "Software", "Energy"], n),
  tier: pick(["none", "bronze", "silver", "gold"], n),
  tags: [],
  custom: {},
});

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
