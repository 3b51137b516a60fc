import { createHash, randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { firstUuidAt } from "./flights/uuid.ts";

/** The login roles that requests use; neither owns a table nor passes row-level security. */
export type Logins = { readonly tenant: pg.ClientConfig; readonly identity: pg.ClientConfig };

type Migration = { readonly number: number; readonly name: string; readonly sql: string; readonly hash: string };

/** Brings the database of the owner's URL to the newest version, under a lock, and answers which migrations ran. */
export async function migrate(options: {
  readonly url: string;
  readonly folder: string;
  readonly dryRun?: boolean;
  readonly say?: (line: string) => void;
}): Promise<readonly string[]> {
  const { url, folder, dryRun = false, say = () => {} } = options;
  const client = new pg.Client({ connectionString: url, application_name: "rapport migrate" });
  await client.connect();
  try {
    await checkServer(client);
    await client.query("select pg_advisory_lock($1)", [LOCK]);
    const ran = await outstanding(client, await migrationsIn(folder));
    if (dryRun) return ran.map(({ name }) => name);
    await makeRoles(client);
    for (const migration of ran) {
      say(`Migrating: ${migration.name}`);
      await apply(client, migration);
    }
    await makePartitions(client, Date.now());
    return ran.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

/** The connections of the runtime roles, whose passwords stand in the database and are readable for its owner alone. */
export async function runtimeLogins(url: string): Promise<Logins> {
  const client = new pg.Client({ connectionString: url, application_name: "rapport start" });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [LOCK]);
    const suffix = (await client.query("select oid from pg_database where datname = current_database()")).rows[0].oid;
    const login = async (group: string): Promise<pg.ClientConfig> => {
      const user = `${group}_${suffix}`;
      const password = await passwordOf(client, user);
      await makeLogin(client, { user, group, password });
      return { ...withoutUser(client), user, password };
    };
    return { tenant: await login("rapport_tenant"), identity: await login("rapport_identity") };
  } finally {
    await client.end();
  }
}

const LOCK = 7_274_770;
const GROUPS = ["rapport_tenant", "rapport_identity"];

async function checkServer(client: pg.Client): Promise<void> {
  const version = Number((await client.query("show server_version_num")).rows[0].server_version_num);
  if (version < 150_000)
    throw new Error(
      `Rapport needs PostgreSQL 15 or newer; this server is version ${Math.floor(version / 10_000)}. Point DATABASE_URL at a newer one.`,
    );
}

async function migrationsIn(folder: string): Promise<readonly Migration[]> {
  const files = (await readdir(folder)).filter((file) => /^\d{4}_.+\.sql$/.test(file)).sort();
  return Promise.all(
    files.map(async (name) => {
      const sql = await readFile(join(folder, name), "utf8");
      return { number: Number(name.slice(0, 4)), name, sql, hash: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

async function outstanding(client: pg.Client, all: readonly Migration[]): Promise<readonly Migration[]> {
  const exists = (await client.query("select to_regclass('migrations') is not null as there")).rows[0].there;
  const done = exists
    ? (await client.query<{ number: number; name: string; hash: string }>("select number, name, hash from migrations order by number")).rows
    : [];
  for (const { number, name, hash } of done) {
    const file = all.find((one) => one.number === number);
    if (!file)
      throw new Error(
        `The database has migration ${name}, which this version of Rapport does not know. Start the newer version that wrote it.`,
      );
    if (file.hash !== hash)
      throw new Error(`Migration ${name} was changed after it ran here. Put the original back and add a new migration instead.`);
  }
  return all.filter(({ number }) => !done.some((one) => one.number === number));
}

/** One migration is one transaction, sent statement by statement. */
async function apply(client: pg.Client, { number, name, sql, hash }: Migration): Promise<void> {
  await client.query("begin");
  try {
    await client.query(
      "create table if not exists migrations (number integer primary key, name text not null, hash text not null, at timestamptz not null)",
    );
    for (const text of statementsIn(sql)) await client.query(text);
    await client.query("insert into migrations (number, name, hash, at) values ($1, $2, $3, $4)", [number, name, hash, new Date()]);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw new Error(`Migration ${name} failed, and nothing of it was kept: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

/** The statements of a script: each ends with a semicolon at the end of a line, outside a body in `$$`. */
export function statementsIn(sql: string): readonly string[] {
  const statements: string[] = [];
  let lines: string[] = [];
  let isInBody = false;
  for (const line of sql.split("\n")) {
    if (!isInBody && lines.length === 0 && (line.trim() === "" || line.startsWith("--"))) continue;
    lines.push(line);
    if ((line.match(/\$\$/g)?.length ?? 0) % 2 === 1) isInBody = !isInBody;
    if (!isInBody && line.trimEnd().endsWith(";")) {
      statements.push(lines.join("\n"));
      lines = [];
    }
  }
  if (lines.some((line) => line.trim() && !line.startsWith("--"))) statements.push(lines.join("\n"));
  return statements;
}

/** The groups that hold the grants; who may log in is a member of one. Roles belong to the whole server, so another database may have made them. */
async function makeRoles(client: pg.Client): Promise<void> {
  for (const group of GROUPS) {
    const known = (await client.query("select 1 from pg_roles where rolname = $1", [group])).rowCount;
    if (!known) await ignoreExisting(client.query(`create role ${group} nologin nosuperuser nobypassrls nocreatedb nocreaterole`));
  }
}

async function makeLogin(client: pg.Client, { user, group, password }: { user: string; group: string; password: string }): Promise<void> {
  const known = (await client.query("select 1 from pg_roles where rolname = $1", [user])).rowCount;
  if (!known) await ignoreExisting(client.query(`create role ${user} login nosuperuser nobypassrls nocreatedb nocreaterole inherit`));
  await client.query(`alter role ${user} password ${client.escapeLiteral(password)}`);
  await client.query(`grant ${group} to ${user}`);
  await client.query(`grant usage on schema public to ${user}`);
}

async function passwordOf(client: pg.Client, user: string): Promise<string> {
  const fresh = randomBytes(24).toString("base64url");
  await client.query("insert into installation (key, value) values ($1, $2) on conflict (key) do nothing", [`password:${user}`, fresh]);
  return (await client.query("select value from installation where key = $1", [`password:${user}`])).rows[0].value;
}

function withoutUser(client: pg.Client): pg.ClientConfig {
  const { host, port, database, ssl } = client as pg.Client & { ssl?: pg.ClientConfig["ssl"] };
  return { host, port, ...(database ? { database } : {}), ...(ssl ? { ssl } : {}) };
}

async function ignoreExisting(query: Promise<unknown>): Promise<void> {
  await query.catch((error) => {
    if (error.code !== "42710" && error.code !== "23505") throw error;
  });
}

/** Partitions of events for this month and the three to come; the default one catches what a wrong clock wrote. */
export async function makePartitions(client: pg.Client, now: number): Promise<void> {
  const today = new Date(now);
  for (let ahead = 0; ahead <= 3; ahead++) {
    const [from, to] = [0, 1].map((more) => Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + ahead + more, 1)) as [number, number];
    const name = `events_${new Date(from).toISOString().slice(0, 7).replace("-", "_")}`;
    if ((await client.query("select to_regclass($1) is not null as there", [name])).rows[0].there) continue;
    await client.query(`create table ${name} partition of events for values from ('${firstUuidAt(from)}') to ('${firstUuidAt(to)}')`);
    await client.query(`alter table ${name} enable row level security`);
  }
}
