import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sessionConfig } from "../src/adapters/postgres/flights/session.ts";
import { runtimeLogins, statementsIn } from "../src/adapters/postgres/migrate.ts";
import { columnTypes, tableSql } from "../src/adapters/postgres/records/resource-sql.ts";
import { resources } from "../src/domain/catalogue.ts";
import type { Resource } from "../src/domain/kit/resource.ts";
import { keyedTables, sharedTables } from "./support/tables.ts";

const url = process.env.TEST_RAPPORT_URL ?? "";
let owner: pg.Client;
let loginNames: string[];
beforeAll(async () => {
  const logins = await runtimeLogins(url);
  loginNames = [String(logins.tenant.user), String(logins.identity.user)];
  owner = new pg.Client({ connectionString: url });
  await owner.connect();
});
afterAll(() => owner.end());

type Fact = Readonly<Record<string, any>>;
const ask = async (sql: string, values: readonly unknown[] = []): Promise<readonly Fact[]> => (await owner.query(sql, [...values])).rows;
const apart: readonly string[] = [...sharedTables, ...keyedTables];

/** The rules of the schema: each answers what breaks it. */
const rules: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  "every table is a tenant's, shared or keyed": async () =>
    (
      await ask(
        `select c.relname from pg_class c where ${inPublic} and c.relkind in ('r', 'p') and not c.relispartition
         and not exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and a.attnotnull) and not c.relname = any($1)`,
        [apart],
      )
    ).map(({ relname }) => relname),

  "every tenant table and every partition has row-level security": async () =>
    (await ask(`select c.relname from pg_class c where ${inPublic} and ${isTenants} and not c.relrowsecurity`, [apart])).map(
      ({ relname }) => relname,
    ),

  "every tenant table has a policy for the tenant role that reads the setting, both ways": async () =>
    (
      await ask(
        `select c.relname from pg_class c where ${inPublic} and ${isTenants} and not c.relispartition and not exists (
           select 1 from pg_policy p where p.polrelid = c.oid and p.polpermissive and p.polcmd = '*'
           and (select oid from pg_roles where rolname = 'rapport_tenant') = any(p.polroles)
           and pg_get_expr(p.polqual, c.oid) like '%tenant_id = (NULLIF(current_setting(''app.tenant_id''%'
           and pg_get_expr(p.polwithcheck, c.oid) like '%tenant_id = (NULLIF(current_setting(''app.tenant_id''%')`,
        [apart],
      )
    ).map(({ relname }) => relname),

  "no policy lets the tenant role see more than its tenant": async () =>
    (
      await ask(
        `select c.relname, p.polname from pg_policy p join pg_class c on c.oid = p.polrelid where ${inPublic}
         and ((select oid from pg_roles where rolname = 'rapport_tenant') = any(p.polroles) or 0::oid = any(p.polroles))
         and pg_get_expr(p.polqual, c.oid) not like '(tenant_id = (NULLIF(current_setting(''app.tenant_id''%'`,
      )
    ).map(({ relname, polname }) => `${relname}.${polname}`),

  "tenant_id leads every primary key, unique index and btree index of tenant tables": async () =>
    (
      await ask(
        `select i.relname from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class c on c.oid = x.indrelid join pg_am m on m.oid = i.relam
         where ${inPublic} and ${isTenants} and (m.amname <> 'gin' or x.indisunique)
         and x.indkey[0] is distinct from (select a.attnum from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')`,
        [apart],
      )
    ).map(({ relname }) => relname),

  "tenant_id leads every foreign key of tenant tables, and none sets null": async () =>
    (
      await ask(
        `select k.conname from pg_constraint k join pg_class c on c.oid = k.conrelid where ${inPublic} and ${isTenants} and k.contype = 'f' and (
           k.confdeltype not in ('a', 'r', 'c') or k.confupdtype not in ('a', 'r', 'c')
           or (select a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum = k.conkey[1]) <> 'tenant_id'
           or (k.confrelid <> 'tenants'::regclass and (select a.attname from pg_attribute a where a.attrelid = k.confrelid and a.attnum = k.confkey[1]) <> 'tenant_id'))`,
        [apart],
      )
    ).map(({ conname }) => conname),

  "no table has a trigger of its own": async () =>
    (await ask(`select t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid where ${inPublic} and not t.tgisinternal`)).map(
      ({ tgname }) => tgname,
    ),

  "there is no sequence": async () =>
    (await ask(`select c.relname from pg_class c where ${inPublic} and c.relkind = 'S'`)).map(({ relname }) => relname),

  "names have at most 50 characters": async () =>
    (
      await ask(
        `select name from (select c.relname::text as name from pg_class c where ${inPublic} union all select k.conname from pg_constraint k where k.connamespace = 'public'::regnamespace
         union all select a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid where ${inPublic} union all select p.proname from pg_proc p where p.pronamespace = 'public'::regnamespace) named
         where length(name) > 50`,
      )
    ).map(({ name }) => name),

  "the roles of requests own nothing": async () =>
    (
      await ask(
        `select r.rolname, c.relname as owned from pg_roles r join pg_class c on c.relowner = r.oid where r.rolname = any($1)
         union all select r.rolname, p.proname from pg_roles r join pg_proc p on p.proowner = r.oid where r.rolname = any($1)
         union all select r.rolname, n.nspname from pg_roles r join pg_namespace n on n.nspowner = r.oid where r.rolname = any($1)
         union all select r.rolname, d.datname from pg_roles r join pg_database d on d.datdba = r.oid where r.rolname = any($1)`,
        [requestRoles()],
      )
    ).map(({ rolname, owned }) => `${rolname} owns ${owned}`),

  "the roles of requests pass no security and may make nothing": async () =>
    (
      await ask(
        "select rolname from pg_roles where rolname = any($1) and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)",
        [requestRoles()],
      )
    ).map(({ rolname }) => rolname),

  "nobody but the owner has a grant on a partition": async () => granted("c.relispartition", requestRoles()),

  "the tenant role has no grant on what is shared or keyed": async () =>
    granted("c.relname = any($2)", [loginNames[0] ?? "", "rapport_tenant"], [apart]),

  "nothing of a table is granted to everybody": async () =>
    (await ask(`select c.relname from pg_class c cross join aclexplode(c.relacl) g where ${inPublic} and g.grantee = 0`)).map(
      ({ relname }) => relname,
    ),

  "what runs with the owner's rights has a fixed search path and is not for everybody": async () =>
    (
      await ask(
        `select p.proname from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef and (
           not exists (select 1 from unnest(p.proconfig) setting where setting like 'search_path=%')
           or exists (select 1 from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g where g.grantee = 0))`,
      )
    ).map(({ proname }) => proname),
};

const inPublic = "c.relnamespace = 'public'::regnamespace";
const isTenants = "c.relkind in ('r', 'p') and not c.relname = any($1)";
const requestRoles = (): string[] => [...loginNames, "rapport_tenant", "rapport_identity"];

async function granted(condition: string, roles: readonly string[], more: readonly unknown[] = []): Promise<readonly string[]> {
  const found = await ask(
    `select distinct c.relname, r.rolname from pg_class c cross join aclexplode(c.relacl) g join pg_roles r on r.oid = g.grantee
     where ${inPublic} and r.rolname = any($1) and ${condition}`,
    [roles, ...more],
  );
  return found.map(({ relname, rolname }) => `${rolname} on ${relname}`);
}

describe("the schema", () => {
  test.each(Object.keys(rules))("%s", async (rule) => {
    expect(await rules[rule]?.()).toEqual([]);
  });

  test("is large enough for these rules to have seen something", async () => {
    const [seen] = await ask(
      `select count(*) filter (where relkind in ('r', 'p') and not relispartition)::int as tables, count(*) filter (where relispartition and relkind = 'r')::int as partitions from pg_class c where ${inPublic}`,
    );
    expect(seen?.tables).toBeGreaterThan(25);
    expect(seen?.partitions).toBeGreaterThan(4);
    expect(await ask("select 1 from pg_roles where rolname = any($1)", [requestRoles()])).toHaveLength(4);
  });

  test("each rule finds what is planted against it", async () => {
    await owner.query("begin");
    try {
      for (const text of planted) await owner.query(text.replaceAll(":tenant_login", `"${loginNames[0]}"`));
      for (const [rule, found] of Object.entries(expected))
        expect([rule, (await rules[rule]?.())?.join()]).toEqual([rule, expect.stringContaining(found)]);
      expect(Object.keys(expected).sort()).toEqual(Object.keys(rules).sort());
    } finally {
      await owner.query("rollback");
    }
  });
});

const long = "a_name_that_is_longer_than_the_fifty_characters_of_it";
const planted = [
  "create table planted_plain (id uuid primary key)",
  "create table planted_tenant (tenant_id uuid not null, id uuid primary key, ref uuid)",
  "create table planted_open (tenant_id uuid not null, id uuid, primary key (tenant_id, id))",
  "alter table planted_open enable row level security",
  "create policy planted_open on planted_open to rapport_tenant using (true)",
  "create index planted_index on planted_tenant (ref)",
  "alter table planted_tenant add constraint planted_fkey foreign key (tenant_id, ref) references companies (tenant_id, id) on delete set null (ref)",
  "create function planted_trigger() returns trigger language plpgsql as 'begin return new; end'",
  "create trigger planted_trigger before insert on planted_tenant for each row execute function planted_trigger()",
  "create sequence planted_sequence",
  `create table ${long} (tenant_id uuid not null)`,
  "create table planted_owned (tenant_id uuid not null)",
  "alter schema public owner to :tenant_login",
  "alter role :tenant_login createdb",
  "grant select on events_default to rapport_tenant",
  "grant select on users to rapport_tenant",
  "grant select on planted_plain to public",
  "create function planted_definer() returns int language sql security definer as 'select 1'",
];
const expected: Readonly<Record<string, string>> = {
  "every table is a tenant's, shared or keyed": "planted_plain",
  "every tenant table and every partition has row-level security": "planted_tenant",
  "every tenant table has a policy for the tenant role that reads the setting, both ways": "planted_open",
  "no policy lets the tenant role see more than its tenant": "planted_open",
  "tenant_id leads every primary key, unique index and btree index of tenant tables": "planted_index",
  "tenant_id leads every foreign key of tenant tables, and none sets null": "planted_fkey",
  "no table has a trigger of its own": "planted_trigger",
  "there is no sequence": "planted_sequence",
  "names have at most 50 characters": long,
  "the roles of requests own nothing": "owns public",
  "the roles of requests pass no security and may make nothing": "rapport_tenant",
  "nobody but the owner has a grant on a partition": "events_default",
  "the tenant role has no grant on what is shared or keyed": "users",
  "nothing of a table is granted to everybody": "planted_plain",
  "what runs with the owner's rights has a fixed search path and is not for everybody": "planted_definer",
};

describe("the tables of the declarations", () => {
  test("a login of requests may neither make nor drop a table", async () => {
    const { tenant } = await runtimeLogins(url);
    const client = new pg.Client(sessionConfig(tenant, "write", "implicit"));
    await client.connect();
    try {
      for (const text of [
        "create table mine (id int)",
        "drop table contacts",
        "alter table contacts disable row level security",
        "set role rapport_owner",
      ])
        await expect(client.query(text)).rejects.toThrow();
    } finally {
      await client.end();
    }
  });

  test.each(resources.map((resource) => [resource.name, resource] as const))(
    "%s has the columns of its declaration, no more and no fewer",
    async (_, resource) => {
      const stored = await columnsOf("public", resource.name);
      expect(Object.fromEntries(stored.map(({ name, type }) => [name, type]))).toEqual(
        Object.fromEntries([...columnTypes(resource)].map(([name, type]) => [name, typeNames[type] ?? type])),
      );
    },
  );

  test.each(resources.map((resource) => [resource.name, resource] as const))(
    "%s is what its declaration would make, but for indexes of its own",
    async (_, resource) => {
      const [made, stored] = await madeAndStored(resource);
      expect(made.columns.length).toBeGreaterThan(5);
      expect(stored.columns).toEqual(made.columns);
      expect(stored.constraints).toEqual(expect.arrayContaining([...made.constraints]));
      expect(stored.indexes).toEqual(expect.arrayContaining([...made.indexes]));
      expect(stored.policies).toEqual(made.policies);
    },
  );
});

const typeNames: Readonly<Record<string, string>> = { timestamptz: "timestamp with time zone" };

type Table = Readonly<Record<"columns" | "constraints" | "indexes" | "policies", readonly unknown[]>>;

/** The table as the declaration makes it in an empty schema, beside the one that the migrations made. */
async function madeAndStored(resource: Resource): Promise<readonly [Table, Table]> {
  await owner.query("begin");
  try {
    await owner.query("create schema drift");
    await owner.query("set local search_path = drift, public");
    for (const text of statementsIn(tableSql(resource))) await owner.query(text);
    await owner.query("set local search_path = pg_catalog");
    return [await describeTable("drift", resource.name), await describeTable("public", resource.name)];
  } finally {
    await owner.query("rollback");
  }
}

const columnsOf = (schema: string, table: string): Promise<readonly Fact[]> =>
  ask(
    `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as is_required, pg_get_expr(d.adbin, d.adrelid) as fallback,
       (select collname from pg_collation l where l.oid = a.attcollation) as collation
     from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where a.attrelid = ($1 || '.' || $2)::regclass and a.attnum > 0 and not a.attisdropped order by a.attname`,
    [schema, table],
  );

async function describeTable(schema: string, table: string): Promise<Table> {
  const plain = (text: string) => text.replaceAll("drift.", "").replaceAll("public.", "");
  const listed = async (sql: string) => (await ask(sql, [`${schema}.${table}`])).map(({ text }) => plain(text));
  return {
    columns: await columnsOf(schema, table),
    constraints: await listed(
      "select conname || ' ' || pg_get_constraintdef(oid) as text from pg_constraint where conrelid = $1::regclass and contype in ('c', 'f', 'p') order by 1",
    ),
    indexes: await listed("select pg_get_indexdef(indexrelid) as text from pg_index where indrelid = $1::regclass order by 1"),
    policies: await listed(
      "select polname || pg_get_expr(polqual, polrelid) || pg_get_expr(polwithcheck, polrelid) as text from pg_policy where polrelid = $1::regclass order by 1",
    ),
  };
}
