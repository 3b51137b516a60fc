import { type Flights, openFlights } from "../adapters/postgres/flights/flight.ts";
import { type OpenIdentity, openIdentity } from "../adapters/postgres/identity/identity.ts";
import { ask } from "../adapters/postgres/identity/statements.ts";
import { migrate, runtimeLogins } from "../adapters/postgres/migrate.ts";
import { tokens } from "../adapters/secrets/tokens.ts";
import type { Actor } from "../domain/access/access.ts";
import { readyRoles } from "../domain/access/roles.ts";
import { fold } from "../domain/kit/fold.ts";
import type { Doing } from "../usecases/identity/ports.ts";
import type { Configuration } from "./configuration.ts";
import { openDatabase, spellingOf } from "./database.ts";
import { Refused } from "./refused.ts";
import { migrationsFolder } from "./root.ts";

/** What the commands that look after people and keys work with; a server may run beside it. */
export type Office = {
  readonly identity: OpenIdentity;
  /** The id of the workspace of this name. */
  readonly workspaceNamed: (name: string) => Promise<string>;
  /** The command line as the doer of something in a workspace: an administrator who is no member. */
  readonly doing: (tenantId: string) => Doing;
};

/** Opens the database, brought to this version, for the work, and closes it again. */
export async function inOffice<T>(
  configuration: Configuration,
  say: (line: string) => void,
  work: (office: Office) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(configuration, say);
  try {
    await migrate({ url: database.url(), folder: migrationsFolder, say });
    const [{ identity: connection }, spelling] = await Promise.all([runtimeLogins(database.url()), spellingOf(database)]);
    const flights = await openFlights({ connection, spelling, lanes: { read: 1, write: 1, search: 1, bulk: 1 } });
    try {
      const identity = await openIdentity({ flights, hash: tokens.hash });
      return await work({ identity, workspaceNamed: (name) => workspaceNamed(flights, name), doing });
    } finally {
      await flights.close();
    }
  } finally {
    await database.close();
  }
}

async function workspaceNamed(flights: Flights, name: string): Promise<string> {
  const [row] = await ask(flights, "read", "select id from tenants where name_fold = $1", fold(name));
  if (row?.[0]) return row[0];
  const all = await ask(flights, "read", "select name from tenants order by name_fold limit 10");
  const known = all.map(([one]) => `"${one}"`).join(", ");
  throw new Refused(`There is no workspace "${name}". ${known ? `There is ${known}.` : "Make one with rapport setup."}`);
}

function doing(tenantId: string): Doing {
  const role = readyRoles.admin as Actor["role"]; // one of the ready-made roles
  return {
    actor: { tenant_id: tenantId, member_id: null, user_id: null, key_id: null, role, team: [] },
    now: new Date().toISOString(),
    via: "command",
  };
}
