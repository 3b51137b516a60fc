import { existsSync } from "node:fs";
import { access, constants, mkdir, readFile, rm, stat, statfs, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import type pg from "pg";
import { KEY } from "../adapters/postgres/backup/backup.ts";
import { migrate } from "../adapters/postgres/migrate.ts";
import type { Configuration } from "./configuration.ts";
import { asOwner, type Database, openDatabase } from "./database.ts";
import { explained, unreachableDatabase } from "./refused.ts";
import { migrationsFolder, webFolder } from "./root.ts";
import { sizeOf } from "./size.ts";

/** One thing that was looked at: well, worth a word, or what stops the product. */
export type Finding = { readonly about: string; readonly state: "good" | "advice" | "fault"; readonly sentence: string };

/** Looks at an installation without changing it, whether it runs or not. */
export async function examine(configuration: Configuration): Promise<readonly Finding[]> {
  const folder = await examineFolder(configuration);
  const [port, disk, mail, secrets, pages] = await Promise.all([
    examinePort(configuration),
    examineDisk(configuration),
    examineMail(configuration),
    examineKey(configuration),
    examineInterface(),
  ]);
  // Without its folder the built-in database would only say the same again.
  const database = folder.state === "fault" && !configuration.database_url ? [] : await examineDatabase(configuration);
  return [folder, disk, ...database, port, pages, mail, secrets];
}

const good = (about: string, sentence: string): Finding => ({ about, state: "good", sentence });
const advice = (about: string, sentence: string): Finding => ({ about, state: "advice", sentence });
const fault = (about: string, sentence: string): Finding => ({ about, state: "fault", sentence });

async function examineFolder({ data_dir }: Configuration): Promise<Finding> {
  const probe = join(data_dir, `.probe-${process.pid}`);
  try {
    const made = await mkdir(data_dir, { recursive: true });
    await writeFile(probe, "");
    await rm(probe);
    if (made) await rm(made, { recursive: true });
    return good("data folder", `${data_dir} can be written.`);
  } catch {
    return fault("data folder", `${data_dir} cannot be written: give it to this user, or set DATA_DIR to another folder.`);
  }
}

async function examineDisk({ data_dir }: Configuration): Promise<Finding> {
  let folder = data_dir;
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, blocks, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const sentence = `${sizeOf(free)} of ${sizeOf(blocks * bsize)} are free.`;
  if (free < 200_000_000) return fault("disk", `The disk is full: only ${sentence} Make room, or the database stops.`);
  if (free < 2_000_000_000 || bavail / blocks < 0.05) return advice("disk", `The disk is nearly full: only ${sentence} Make room soon.`);
  return good("disk", sentence);
}

async function examineDatabase(configuration: Configuration): Promise<readonly Finding[]> {
  const name = configuration.database_url ? "database" : "built-in database";
  let database: Database;
  try {
    database = await openDatabase(configuration);
  } catch (error) {
    return [fault("database", explained(error))];
  }
  try {
    return await asOwner(database.url(), async (client) => {
      const version = Number((await client.query("show server_version_num")).rows[0].server_version_num);
      const major = Math.floor(version / 10_000);
      if (version < 150_000)
        return [
          fault("database", `The database is PostgreSQL ${major}, which is too old: point DATABASE_URL at a PostgreSQL 15 or newer.`),
        ];
      return [
        good("database", `The ${name} answers: PostgreSQL ${major}.`),
        await examineRole(client),
        await examineClock(client),
        await examineMigrations(database.url()),
      ];
    });
  } catch (error) {
    return [fault("database", unreachableDatabase(error) ?? explained(error))];
  } finally {
    await database.close();
  }
}

/** The owner makes tables and roles; requests never use it. */
async function examineRole(client: pg.Client): Promise<Finding> {
  const { rows } = await client.query(
    `select current_user as name, r.rolsuper or r.rolcreaterole as may_make_roles, has_schema_privilege('public', 'create') as may_make_tables,
 (select array_agg(c.relname::text order by c.relname) from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
  and c.relname in ('tenants', 'events', 'migrations') and not pg_has_role(c.relowner, 'usage')) as of_others,
 (select count(*) = 2 from pg_roles where rolname in ('rapport_tenant', 'rapport_identity')) as has_roles
 from pg_roles r where r.rolname = current_user`,
  );
  const { name, may_make_roles, may_make_tables, of_others, has_roles } = rows[0];
  if (of_others) return fault("role", `The tables belong to another user than ${name}: put the one that owns them into DATABASE_URL.`);
  if (/^rapport_(tenant|identity)/.test(name))
    return fault("role", `${name} is a role for requests: put the owner of the database into DATABASE_URL.`);
  if (!may_make_tables) return fault("role", `${name} may not make tables: put the owner of the database into DATABASE_URL.`);
  if (!may_make_roles) {
    const sentence = `${name} may not make roles: run "alter role ${name} createrole" as an administrator of the server.`;
    return has_roles ? advice("role", sentence) : fault("role", sentence);
  }
  return good("role", `${name} owns the database.`);
}

async function examineClock(client: pg.Client): Promise<Finding> {
  const before = Date.now();
  const { rows } = await client.query("select extract(epoch from clock_timestamp()) * 1000 as ms");
  const off = Math.round((Number(rows[0].ms) - (before + Date.now()) / 2) / 1_000);
  const sentence = `The clocks of this machine and of the database are ${Math.abs(off)} seconds apart: let both be set over the network.`;
  if (Math.abs(off) >= 60) return fault("clock", sentence);
  return Math.abs(off) >= 5 ? advice("clock", sentence) : good("clock", "This machine and the database agree on the time.");
}

async function examineMigrations(url: string): Promise<Finding> {
  try {
    const names = await migrate({ url, folder: migrationsFolder, dryRun: true });
    if (names.length === 0) return good("migrations", "The database is up to date.");
    const count = names.length === 1 ? "1 migration is" : `${names.length} migrations are`;
    return advice("migrations", `${count} outstanding: the next start applies them, or rapport migrate does now.`);
  } catch (error) {
    return fault("migrations", explained(error));
  }
}

/** The port may be taken by Rapport itself, which is as it should be. */
async function examinePort({ port, host }: Configuration): Promise<Finding> {
  const code = await new Promise<string | null>((resolve) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "unknown"));
    probe.listen(port, host, () => probe.close(() => resolve(null)));
  });
  if (code === null) return good("port", `Port ${port} on ${host} is free.`);
  if (code === "EACCES") return fault("port", `This user may not listen on port ${port}: set PORT to a number from 1024 on.`);
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return fault("port", `This machine has no address ${host}: set HOST to one it has, such as 127.0.0.1.`);
  if (code !== "EADDRINUSE") return fault("port", `Port ${port} cannot be used (${code}): set PORT to another number.`);
  const local = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  const isRapport = await fetch(`http://${local.includes(":") ? `[${local}]` : local}:${port}/api/openapi.json`, {
    signal: AbortSignal.timeout(3_000),
  })
    .then(async (answer) => answer.ok && /"title":\s*"Rapport/.test(await answer.text()))
    .catch(() => false);
  if (isRapport) return good("port", `Rapport runs on port ${port}.`);
  return fault("port", `Port ${port} is taken by another program: stop that one, or set PORT to another number.`);
}

async function examineInterface(): Promise<Finding> {
  if (existsSync(join(webFolder, "index.html"))) return good("interface", "The interface is built.");
  return advice("interface", "The interface is not built: npm start builds it, or npm run build does now.");
}

async function examineMail({ smtp_url }: Configuration): Promise<Finding> {
  if (!smtp_url)
    return advice(
      "mail",
      "No mail is sent: set SMTP_URL. Until then invitations are links to pass on, and a lost password needs rapport user reset-password.",
    );
  const { createTransport } = await import("nodemailer");
  const transport = createTransport(smtp_url, { connectionTimeout: 5_000, greetingTimeout: 5_000, socketTimeout: 5_000 } as object);
  try {
    await transport.verify();
    return good("mail", "The mail server answers.");
  } catch (error) {
    const { code = "no answer" } = error as { code?: string };
    const reason = code === "EAUTH" ? "it refuses the user or the password" : `it cannot be reached (${code})`;
    return advice("mail", `The mail server in SMTP_URL is of no use: ${reason}. Correct SMTP_URL; letters are lost meanwhile.`);
  } finally {
    transport.close();
  }
}

async function examineKey({ key, data_dir, database_url }: Configuration): Promise<Finding> {
  if (key) return good("secrets key", "RAPPORT_KEY is set.");
  const file = join(data_dir, KEY);
  const found = await stat(file).catch(() => null);
  if (found) {
    const isReadable = await access(file, constants.R_OK).then(
      () => true,
      () => false,
    );
    if (!isReadable) return fault("secrets key", `${file} cannot be read by this user: give it to them.`);
    if ((await readFile(file, "utf8")).trim() === "")
      return fault("secrets key", `${file} is empty: bring it back from where you keep it.`);
    if (database_url) return advice("secrets key", `The key lies in ${file}: further nodes need the same one, best as RAPPORT_KEY.`);
    return good("secrets key", `${file} is there: keep a copy of it with your backups.`);
  }
  return advice(
    "secrets key",
    `There is no key yet: the first start makes ${file}. Where secrets are stored already, bring the old one back first.`,
  );
}
