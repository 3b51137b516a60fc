import pg from "pg";

/** A table as a backup takes it: its columns, and the order in which its rows always come. */
export type Table = { readonly name: string; readonly columns: readonly string[]; readonly key: readonly string[] };

/** A connection of the owner whose values look the same on every server. */
export async function ownerClient(url: string, purpose: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: `rapport ${purpose}`,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  client.on("error", () => {}); // told by the statement that is running
  await client.connect();
  for (const setting of settings) await client.query(`set ${setting}`);
  return client;
}

const settings = [
  "timezone = 'UTC'",
  "datestyle = 'ISO'",
  "intervalstyle = 'postgres'",
  "bytea_output = 'hex'",
  "extra_float_digits = 1",
  "statement_timeout = 0",
  "lock_timeout = '10s'",
  "client_encoding = 'UTF8'",
];

/** Every table of the product, but for the list of migrations, which the restored database makes for itself. */
export async function tablesOf(client: pg.Client): Promise<readonly Table[]> {
  const { rows } = await client.query<Table>(
    `select c.relname as name,
 (select json_agg(a.attname order by a.attnum) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
 (select coalesce(json_agg(a.attname order by k.at), '[]') from pg_index i cross join unnest(i.indkey::int2[]) with ordinality k(number, at)
   join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number where i.indrelid = c.oid and i.indisprimary) as key
 from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'migrations'
 and not exists (select 1 from pg_depend d where d.objid = c.oid and d.deptype = 'e') order by c.relname`,
  );
  return rows;
}

/** The rows of a table in the order of its key; passwords of the server's own roles stay where they are. */
export function copyOutSql({ name, columns, key }: Table): string {
  const where = name === "installation" ? " where key not like 'password:%'" : "";
  const order = (key.length ? key : columns).map(quoted).join(", ");
  return `copy (select ${columns.map(quoted).join(", ")} from ${quoted(name)}${where} order by ${order}) to stdout`;
}

export const copyInSql = ({ name, columns }: Pick<Table, "name" | "columns">): string =>
  `copy ${quoted(name)} (${columns.map(quoted).join(", ")}) from stdin`;

/** The partitions of a table but for its default one. */
export async function partitionsOf(client: pg.Client): Promise<readonly { table: string; name: string; bound: string }[]> {
  const { rows } = await client.query(
    `select p.relname as table, c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound from pg_inherits i
 join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
 where c.relispartition and c.relnamespace = 'public'::regnamespace and pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT' order by c.relname`,
  );
  return rows;
}

/** Which migrations have run here; none in a database that Rapport has not seen. */
export async function migrationsOf(client: pg.Client): Promise<readonly { number: number; name: string; hash: string }[]> {
  const { rows } = await client.query("select to_regclass('public.migrations') is not null as there");
  return rows[0].there ? (await client.query("select number, name, hash from migrations order by number")).rows : [];
}

/** Drops every foreign key for the time of a load, whatever points where, and answers how to bring them back. */
export async function withoutForeignKeys(client: pg.Client): Promise<() => Promise<void>> {
  const { rows } = await client.query<{ table: string; name: string; definition: string }>(
    `select c.relname as table, k.conname as name, pg_get_constraintdef(k.oid) as definition from pg_constraint k join pg_class c on c.oid = k.conrelid
 where k.contype = 'f' and k.conparentid = 0 and k.connamespace = 'public'::regnamespace order by c.relname, k.conname`,
  );
  for (const { table, name } of rows) await client.query(`alter table ${quoted(table)} drop constraint ${quoted(name)}`);
  return async () => {
    for (const { table, name, definition } of rows) {
      await client.query(`alter table ${quoted(table)} add constraint ${quoted(name)} ${definition}`);
    }
  };
}

export const quoted = (name: string): string => pg.escapeIdentifier(name);
