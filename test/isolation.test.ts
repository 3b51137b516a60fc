import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runtimeLogins } from "../src/adapters/postgres/migrate.ts";
import type { Grants, Role, Scope } from "../src/domain/access/access.ts";
import { perform } from "../src/usecases/kit/perform.ts";
import { aWorkspace, type Person, type Plain, theKernel, type Workspace } from "./support/workspace.ts";

const refused = (code: string) => expect.objectContaining({ code });
const nobody = "01900000-0000-7000-8000-000000000000";

/** Everything a workspace holds, to see whether a refused call changed any of it. */
async function contentOf({ tenant, kernel }: Workspace): Promise<unknown> {
  const tables = [
    "companies",
    "contacts",
    "tags",
    "taggings",
    "record_links",
    "custom_values",
    "fields",
    "events",
    "outbox",
    "views",
    "members",
  ];
  const read = tables.map((table) =>
    kernel.owner.query(`select to_jsonb(t) as row from ${table} t where tenant_id = $1 order by 1`, [tenant]),
  );
  return (await Promise.all(read)).map(({ rows }) => rows);
}

describe("two workspaces with the same people, companies, tags and even ids", () => {
  let ours: Workspace;
  let theirs: Workspace;
  let mine: Record<"company" | "contact" | "tag" | "field" | "view", Plain>;
  let foreign: Record<"company" | "contact" | "tag" | "field" | "view", Plain>;

  async function fill({ admin }: Workspace) {
    const field = await admin.perform("fields.create", {
      data: { resource: "contacts", key: "shoe_size", label: "Shoe size", type: "integer", unique: true },
    });
    const company = await admin.perform("companies.create", { data: { name: "Halden", domain: "halden.example" } });
    const contact = await admin.perform("contacts.create", {
      data: { first_name: "Ada", email: "ada@halden.example", tags: ["VIP"], custom: { shoe_size: 38 } },
    });
    const view = await admin.perform("views.create", { data: { resource: "contacts", name: "All", visibility: "all" } });
    return { company, contact, tag: contact.tags[0], field, view };
  }

  beforeAll(async () => {
    [ours, theirs] = [await aWorkspace(), await aWorkspace()];
    [mine, foreign] = [await fill(ours), await fill(theirs)];
  });

  const calls: readonly (readonly [verb: string, input: () => object, code: string])[] = [
    ["companies.get", () => ({ id: foreign.company.id }), "NOT_FOUND"],
    ["companies.update", () => ({ id: foreign.company.id, data: { name: "Taken over" } }), "NOT_FOUND"],
    ["companies.update", () => ({ id: mine.company.id, data: { parent_id: foreign.company.id } }), "REFERENCE_NOT_FOUND"],
    ["companies.create", () => ({ data: { name: "Child", parent_id: foreign.company.id } }), "REFERENCE_NOT_FOUND"],
    ["companies.create", () => ({ data: { name: "Owned", owner_id: theirs.admin.id } }), "REFERENCE_NOT_FOUND"],
    ["companies.delete", () => ({ id: foreign.company.id }), "NOT_FOUND"],
    ["companies.restore", () => ({ id: foreign.company.id }), "NOT_FOUND"],
    ["companies.purge", () => ({ id: foreign.company.id }), "NOT_FOUND"],
    ["companies.timeline", () => ({ id: foreign.company.id }), "NOT_FOUND"],
    ["companies.access", () => ({ id: foreign.company.id }), "NOT_FOUND"],
    ["contacts.get", () => ({ id: foreign.contact.id, include: "company" }), "NOT_FOUND"],
    ["contacts.update", () => ({ id: foreign.contact.id, data: { title: "Ours now" } }), "NOT_FOUND"],
    ["contacts.update", () => ({ id: mine.contact.id, data: { company_id: foreign.company.id } }), "REFERENCE_NOT_FOUND"],
    ["contacts.update", () => ({ id: mine.contact.id, data: { other_companies: [{ id: foreign.company.id }] } }), "REFERENCE_NOT_FOUND"],
    ["contacts.update", () => ({ id: mine.contact.id, data: { tags: [foreign.tag.id] } }), "REFERENCE_NOT_FOUND"],
    ["contacts.create", () => ({ data: { first_name: "Eve", company_id: foreign.company.id } }), "REFERENCE_NOT_FOUND"],
    ["contacts.delete", () => ({ id: foreign.contact.id }), "NOT_FOUND"],
    ["contacts.restore", () => ({ id: foreign.contact.id }), "NOT_FOUND"],
    ["contacts.purge", () => ({ id: foreign.contact.id }), "NOT_FOUND"],
    ["contacts.timeline", () => ({ id: foreign.contact.id }), "NOT_FOUND"],
    ["contacts.access", () => ({ id: foreign.contact.id }), "NOT_FOUND"],
    ["contacts.tag", () => ({ id: foreign.contact.id, name: "VIP" }), "NOT_FOUND"],
    ["contacts.tag", () => ({ id: mine.contact.id, tag_id: foreign.tag.id }), "REFERENCE_NOT_FOUND"],
    ["contacts.untag", () => ({ id: foreign.contact.id, tag_id: foreign.tag.id }), "NOT_FOUND"],
    ["tags.get", () => ({ id: foreign.tag.id }), "NOT_FOUND"],
    ["tags.update", () => ({ id: foreign.tag.id, data: { name: "Ours" } }), "NOT_FOUND"],
    ["fields.get", () => ({ id: foreign.field.id }), "NOT_FOUND"],
    ["fields.update", () => ({ id: foreign.field.id, data: { label: "Ours" } }), "NOT_FOUND"],
    ["fields.delete", () => ({ id: foreign.field.id }), "NOT_FOUND"],
    ["views.get", () => ({ id: foreign.view.id }), "NOT_FOUND"],
    ["views.update", () => ({ id: foreign.view.id, data: { name: "Ours" } }), "NOT_FOUND"],
    ["views.delete", () => ({ id: foreign.view.id }), "NOT_FOUND"],
    ["members.get", () => ({ id: theirs.admin.id }), "NOT_FOUND"],
  ];

  test.each(calls)("%s with an id of the other one is refused, and nothing changes on either side (%#)", async (verb, input, code) => {
    const before = [await contentOf(ours), await contentOf(theirs)];
    await expect(ours.admin.perform(verb, input())).rejects.toEqual(refused(code));
    expect([await contentOf(ours), await contentOf(theirs)]).toEqual(before);
  });

  test("a bulk call with ids of the other one fails row by row, and nothing changes", async () => {
    const before = [await contentOf(ours), await contentOf(theirs)];
    const { results } = await ours.admin.perform("contacts.bulk", {
      operations: [
        { op: "update", id: foreign.contact.id, data: { title: "Ours" } },
        { op: "delete", id: foreign.contact.id },
        { op: "create", data: { first_name: "Eve", company_id: foreign.company.id } },
        { op: "create", data: { first_name: "Eve", tags: [foreign.tag.id] } },
        { op: "create", data: { first_name: "Eve", other_companies: [{ id: foreign.company.id }] } },
      ],
    });
    expect(results.map((row: Plain) => [row.outcome, row.errors[0].code])).toEqual([
      ["failed", "NOT_FOUND"],
      ["failed", "NOT_FOUND"],
      ["failed", "REFERENCE_NOT_FOUND"],
      ["failed", "REFERENCE_NOT_FOUND"],
      ["failed", "REFERENCE_NOT_FOUND"],
    ]);
    expect([await contentOf(ours), await contentOf(theirs)]).toEqual(before);
  });

  test("lists, filters, tags and counts see one's own alone", async () => {
    const page = await ours.admin.perform("contacts.list", { tag: "VIP", count: "exact" });
    expect(page.total).toBe(1);
    expect(page.data.map(({ id }: Plain) => id)).toEqual([mine.contact.id]);
    const asked: readonly object[] = [
      { filter: { field: "id", op: "eq", value: foreign.contact.id } },
      { filter: { field: "company_id", op: "eq", value: foreign.company.id } },
      { tag: foreign.tag.id },
      {
        filter: {
          all: [
            { field: "custom.shoe_size", op: "eq", value: 38 },
            { field: "id", op: "neq", value: mine.contact.id },
          ],
        },
      },
    ];
    for (const query of asked) expect((await ours.admin.perform("contacts.list", query)).data).toEqual([]);
  });

  test("an upsert by an equal e-mail or custom value finds one's own record", async () => {
    for (const [key, data] of [
      ["email", { email: "ADA@halden.example", title: "CTO" }],
      ["custom.shoe_size", { custom: { shoe_size: 38 }, title: "CEO" }],
    ] as const) {
      const { results } = await theirs.admin.perform("contacts.bulk", { operations: [{ op: "upsert", key, data }] });
      expect(results).toEqual([expect.objectContaining({ outcome: "updated", id: foreign.contact.id })]);
    }
    expect(await ours.admin.perform("contacts.get", { id: mine.contact.id })).toEqual(mine.contact);
  });

  test("the same ids in both stay two records", async () => {
    const { owner } = ours.kernel;
    const copy = async (table: string, id: string) => {
      const { rows } = await owner.query(
        "select string_agg(quote_ident(attname), ', ') as names from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped and not attname in ('tenant_id', 'created_by', 'updated_by', 'owner_id')",
        [table],
      );
      await owner.query(
        `insert into ${table} (tenant_id, ${rows[0].names}) select $2, ${rows[0].names} from ${table} where tenant_id = $1 and id = $3`,
        [ours.tenant, theirs.tenant, id],
      );
    };
    const [company, contact] = [
      await ours.admin.perform("companies.create", { data: { name: "Twice" } }),
      await ours.admin.perform("contacts.create", { data: { first_name: "Twice" } }),
    ];
    await copy("companies", company.id);
    await copy("contacts", contact.id);
    await ours.admin.perform("contacts.update", { id: contact.id, data: { title: "Ours", tags: ["Ours"] } });
    await theirs.admin.perform("contacts.delete", { id: contact.id });
    await theirs.admin.perform("contacts.purge", { id: contact.id });
    await theirs.admin.perform("companies.bulk", { operations: [{ op: "update", id: company.id, data: { name: "Theirs" } }] });
    expect(await ours.admin.perform("contacts.get", { id: contact.id })).toMatchObject({
      title: "Ours",
      tags: [{ name: "Ours" }],
      version: 2,
    });
    expect(await ours.admin.perform("companies.get", { id: company.id })).toMatchObject({ name: "Twice", version: 1 });
    expect((await ours.admin.perform("contacts.timeline", { id: contact.id })).data).toHaveLength(2);
    expect(await theirs.admin.perform("companies.get", { id: company.id })).toMatchObject({ name: "Theirs", version: 2 });
  });
});

describe("the database itself, under the login of requests", () => {
  let client: pg.Client;
  let one: Workspace;
  let other: Workspace;
  let tables: readonly string[];

  beforeAll(async () => {
    const kernel = await theKernel();
    [one, other] = [await aWorkspace(), await aWorkspace()];
    for (const { admin } of [one, other]) {
      await admin.perform("fields.create", { data: { resource: "contacts", key: "shoe_size", label: "Shoe size", type: "integer" } });
      await admin.perform("contacts.create", { data: { first_name: "Ada", tags: ["VIP"], custom: { shoe_size: 38 } } });
      await admin.perform("contacts.create", { data: { first_name: "Eve" } }, { idempotencyKey: "eve" });
    }
    client = new pg.Client((await runtimeLogins(kernel.url)).tenant);
    await client.connect();
    const { rows } = await kernel.owner.query(
      `select c.relname from pg_class c cross join aclexplode(c.relacl) g where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
       and g.grantee = 'rapport_tenant'::regrole and g.privilege_type = 'SELECT' order by 1`,
    );
    tables = rows.map(({ relname }) => relname);
  });
  afterAll(() => client.end());

  const inTransaction = async <T>(tenant: string | null, work: () => Promise<T>): Promise<T> => {
    await client.query("begin");
    try {
      if (tenant) await client.query("select set_config('app.tenant_id', $1, true)", [tenant]);
      return await work();
    } finally {
      await client.query("rollback");
    }
  };
  const tenantsIn = async (table: string) =>
    (await client.query(`select distinct tenant_id from ${table}`)).rows.map(({ tenant_id }) => tenant_id);

  test("without a tenant no table shows a row", async () => {
    expect(tables.length).toBeGreaterThan(15);
    for (const table of tables) expect([table, await inTransaction(null, () => tenantsIn(table))]).toEqual([table, []]);
  });

  test("with a tenant a statement that forgets its filter sees that tenant alone", async () => {
    const seen: string[] = [];
    for (const table of tables) {
      const tenants = await inTransaction(one.tenant, () => tenantsIn(table));
      expect([table, tenants.filter((tenant) => tenant !== one.tenant)]).toEqual([table, []]);
      if (tenants.length) seen.push(table);
    }
    const filled = [
      "contacts",
      "custom_values",
      "definitions",
      "events",
      "fields",
      "idempotency_keys",
      "members",
      "outbox",
      "taggings",
      "tags",
      "workspaces",
    ];
    expect(seen).toEqual(expect.arrayContaining(filled));
  });

  test("writing for another tenant is refused, and changing or deleting reaches no row of it", async () => {
    const insert =
      "insert into tags (tenant_id, id, name, name_fold, version, created_at, updated_at) values ($1, $2, 'x', 'x', 1, $3, $3)";
    for (const tenant of [one.tenant, null])
      await expect(inTransaction(tenant, () => client.query(insert, [other.tenant, nobody, new Date()]))).rejects.toEqual(refused("42501"));
    await expect(inTransaction(one.tenant, () => client.query("update contacts set tenant_id = $1", [other.tenant]))).rejects.toEqual(
      refused("42501"),
    );
    const changed = await inTransaction(one.tenant, async () => [
      (await client.query("update contacts set title = 'x' where tenant_id = $1", [other.tenant])).rowCount,
      (await client.query("delete from custom_values where tenant_id = $1", [other.tenant])).rowCount,
      (await client.query("update contacts set title = 'x'")).rowCount,
    ]);
    expect(changed).toEqual([0, 0, 2]);
  });

  test("what identity keeps, and the partitions of events, are out of reach", async () => {
    for (const table of ["users", "tenants", "sessions", "tokens", "installation", "events_default"])
      await expect(inTransaction(one.tenant, () => client.query(`select 1 from ${table}`))).rejects.toEqual(refused("42501"));
  });
});

type Six = readonly [view: Scope, create: Scope, edit: Scope, removing: Scope, exporting: Scope, assign: Scope];
const six = ([view, create, edit, remove, exporting, assign]: Six): Grants => ({
  view,
  create,
  edit,
  delete: remove,
  export: exporting,
  assign,
});
const aRole = (grants: Six, more: Partial<Role> = {}): Role => ({
  key: "own_role",
  grants: { "*": six(grants) },
  rights: ["tags.create"],
  denied: {},
  ...more,
});

describe("what a role may do", () => {
  const owners = ["mine", "mate's", "stranger's", "nobody's"] as const;
  const reach: Readonly<Record<Scope, readonly (typeof owners)[number][]>> = {
    none: [],
    own: ["mine"],
    team: ["mine", "mate's"],
    all: owners,
  };
  // In the order view, create, edit, delete, export, assign, as the specification lists them.
  const ready: Readonly<Record<string, Readonly<Record<"contacts" | "companies", Six>>>> = {
    admin: { contacts: ["all", "all", "all", "all", "all", "all"], companies: ["all", "all", "all", "all", "all", "all"] },
    manager: { contacts: ["all", "all", "team", "team", "team", "team"], companies: ["all", "all", "team", "team", "team", "team"] },
    rep: { contacts: ["all", "all", "team", "own", "own", "team"], companies: ["all", "all", "team", "none", "own", "own"] },
    read_only: { contacts: ["team", "none", "none", "none", "none", "none"], companies: ["team", "none", "none", "none", "none", "none"] },
  };
  const own = (["none", "own", "team", "all"] as const).map(
    (scope) => [`a role of scope ${scope}`, aRole([scope, scope, scope, scope, scope, scope])] as const,
  );
  const cases: readonly (readonly [string, "contacts" | "companies", string | Role, Six])[] = (["contacts", "companies"] as const).flatMap(
    (resource) => [
      ...Object.entries(ready).map(([role, grants]) => [role, resource, role, grants[resource]] as const),
      ...own.map(([name, role]) => [name, resource, role, Object.values(role.grants["*"] as Grants) as unknown as Six] as const),
    ],
  );

  test.each(cases)("%s reaches what it may of %s", async (_, resource, role, [view, create, edit, remove, , assign]) => {
    const { admin, member, tenant, kernel } = await aWorkspace();
    const mate = await member("rep");
    const stranger = await member("rep");
    const me = await member(role, [mate]);
    const data = (name: string) => (resource === "contacts" ? { first_name: name } : { name });
    const ids = { mine: me.id, "mate's": mate.id, "stranger's": stranger.id, "nobody's": null };
    const records = async () =>
      Object.fromEntries(
        await Promise.all(
          owners.map(async (owner) => [
            owner,
            await admin.perform(`${resource}.create`, { data: { ...data(owner), owner_id: ids[owner] } }),
          ]),
        ),
      ) as Record<(typeof owners)[number], Plain>;
    const made = await records();
    const able = async (
      verb: "get" | "timeline" | "update" | "tag" | "delete",
      input: (record: Plain) => object,
      of: Record<string, Plain> = made,
    ) => {
      const could: string[] = [];
      for (const owner of owners) {
        const code = await me.perform(`${resource}.${verb}`, input(of[owner] as Plain)).then(
          () => null,
          (error) => error.code as string,
        );
        if (code === null) could.push(owner);
        else expect(["FORBIDDEN", "NOT_FOUND"]).toContain(code);
        // Who may do such a thing at all hears that what they may not see is not there, and that what they see is not theirs to touch.
        const scope = { get: view, timeline: view, update: edit, tag: edit, delete: remove }[verb];
        if (code !== null && scope !== "none")
          expect([verb, owner, code]).toEqual([verb, owner, reach[view].includes(owner) ? "FORBIDDEN" : "NOT_FOUND"]);
      }
      return could;
    };
    const both = (scope: Scope) => reach[scope].filter((owner) => reach[view].includes(owner));

    expect(await able("get", ({ id }) => ({ id }))).toEqual(reach[view]);
    if (view !== "none") {
      const { data: listed } = await me.perform(`${resource}.list`, {});
      const listedOwners = owners.filter((owner) => listed.some(({ id }: Plain) => id === made[owner].id));
      expect([listedOwners, listed.length]).toEqual([reach[view], reach[view].length]);
    } else await expect(me.perform(`${resource}.list`, {})).rejects.toEqual(refused("FORBIDDEN"));
    expect(await able("timeline", ({ id }) => ({ id }))).toEqual(reach[view]);
    expect(await able("update", ({ id }) => ({ id, data: { phone: "+49 30 901820" } }))).toEqual(both(edit));
    expect(await able("tag", ({ id }) => ({ id, name: "VIP" }))).toEqual(both(edit));
    const assigned = both(edit).filter((owner) => reach[assign].includes(owner));
    expect(await able("update", ({ id }) => ({ id, data: { owner_id: ids["stranger's"] === id ? me.id : admin.id } }))).toEqual(assigned);

    const again = await records();
    const bulk = async (operations: readonly object[]) =>
      (await me.perform(`${resource}.bulk`, { operations })).results.map(({ outcome, errors }: Plain) =>
        outcome === "failed" ? errors[0].code : outcome,
      );
    const denied = (owner: (typeof owners)[number]) => (reach[view].includes(owner) ? "FORBIDDEN" : "NOT_FOUND");
    if (view !== "none") {
      expect(await bulk(owners.map((owner) => ({ op: "update", id: again[owner].id, data: { phone: "+49 30 901821" } })))).toEqual(
        owners.map((owner) => (both(edit).includes(owner) ? "updated" : denied(owner))),
      );
      expect(await bulk(owners.map((owner) => ({ op: "update", id: again[owner].id, data: { owner_id: admin.id } })))).toEqual(
        owners.map((owner) => (assigned.includes(owner) ? "updated" : denied(owner))),
      );
    }
    const third = await records();
    if (view !== "none")
      expect(await bulk(owners.slice(0, 2).map((owner) => ({ op: "delete", id: third[owner].id })))).toEqual(
        owners.slice(0, 2).map((owner) => (both(remove).includes(owner) ? "deleted" : denied(owner))),
      );
    const fourth = await records();
    expect(await able("delete", ({ id }) => ({ id }), fourth)).toEqual(both(remove));
    const creating = async (owner_id: string | null) =>
      me.perform(`${resource}.create`, { data: { ...data("New"), owner_id } }).then(
        () => true,
        (error) => {
          expect(error.code).toBe("FORBIDDEN");
          return false;
        },
      );
    const created: string[] = [];
    for (const owner of owners) if (await creating(ids[owner])) created.push(owner);
    expect(created).toEqual(reach[create]);
    const { rows } = await kernel.owner.query(`select count(*)::int as count from ${resource} where tenant_id = $1`, [tenant]);
    expect(rows[0].count).toBe(16 + created.length);
  });

  test("a script of nobody's leaves the owner empty, and needs the scope all to do so", async () => {
    const { admin, kernel } = await aWorkspace();
    const as = (role: Role): Person["actor"] => ({ ...admin.actor, member_id: null, key_id: nobody, role, team: [] });
    const create = (role: Role) => perform(kernel.app, as(role), "contacts.create", { data: { first_name: "Ada" } }, { via: "api" });
    const { answer } = await create(aRole(["all", "all", "all", "all", "all", "all"]));
    expect(JSON.parse((answer as { json(): string }).json())).toMatchObject({ owner_id: null, created_by: null });
    await expect(create(aRole(["all", "team", "all", "all", "all", "all"]))).rejects.toEqual(refused("FORBIDDEN"));
  });
});

describe("a field that does not exist for a role", () => {
  const all: Six = ["all", "all", "all", "all", "all", "all"];
  const blind = aRole(all, { denied: { contacts: ["email", "phone", "company_id", "custom.secret"], companies: ["custom"] } });
  let admin: Person;
  let me: Person;
  let contact: Plain;
  let company: Plain;

  beforeAll(async () => {
    const workspace = await aWorkspace();
    ({ admin } = workspace);
    me = await workspace.member(blind);
    for (const resource of ["contacts", "companies"]) {
      await admin.perform("fields.create", { data: { resource, key: "secret", label: "Secret", type: "text" } });
      await admin.perform("fields.create", { data: { resource, key: "open", label: "Open", type: "text" } });
    }
    const custom = { secret: "hush", open: "hello" };
    company = await admin.perform("companies.create", { data: { name: "Halden", custom } });
    contact = await admin.perform("contacts.create", {
      data: { first_name: "Ada", email: "ada@halden.example", phone: "+49 30 901820", company_id: company.id, custom },
    });
    await admin.perform("contacts.update", {
      id: contact.id,
      data: { email: "ada@halden.test", phone: "+49 30 901821", custom: { secret: "shush" }, title: "CTO" },
    });
  });

  const hidden = ["email", "phone", "phone_as_typed", "company_id"];

  test("is in no answer", async () => {
    const updated = await me.perform("contacts.update", { id: contact.id, data: { title: "CEO" } });
    const listed = (await me.perform("contacts.list", {})).data;
    expect(listed).toHaveLength(1);
    for (const record of [await me.perform("contacts.get", { id: contact.id }), updated, listed[0]]) {
      expect(Object.keys(record)).toEqual(expect.arrayContaining(["first_name", "custom"]));
      for (const key of hidden) expect(record).not.toHaveProperty(key);
      expect(record.custom).toEqual({ open: "hello" });
    }
    expect(await me.perform("companies.get", { id: company.id })).not.toHaveProperty("custom");
    const [embedded] = (await admin.perform("contacts.list", { include: "company" })).data;
    expect(embedded.company.custom).toEqual({ secret: "hush", open: "hello" });
  });

  test("keeps what it holds when such a role writes beside it", async () => {
    await me.perform("contacts.update", { id: contact.id, data: { custom: { open: "goodbye" } } });
    expect(await admin.perform("contacts.get", { id: contact.id })).toMatchObject({
      email: "ada@halden.test",
      custom: { secret: "shush", open: "goodbye" },
    });
  });

  test("is in no timeline", async () => {
    const { data } = await me.perform("contacts.timeline", { id: contact.id });
    const changed = data.flatMap(({ changes }: Plain) => changes.map(({ field }: Plain) => field));
    expect(changed).toEqual(expect.arrayContaining(["title", "first_name", "custom.open"]));
    for (const key of [...hidden, "custom.secret"]) expect(changed).not.toContain(key);
    const ofCompany = (await me.perform("companies.timeline", { id: company.id })).data;
    const fieldsOf = (resource: string) =>
      ofCompany.flatMap((entry: Plain) => (entry.resource === resource ? entry.changes.map(({ field }: Plain) => field) : []));
    expect(fieldsOf("companies")).toContain("name");
    expect(fieldsOf("companies").filter((field: string) => field.startsWith("custom"))).toEqual([]);
    expect(fieldsOf("contacts")).toContain("title");
    for (const key of [...hidden, "custom.secret"]) expect(fieldsOf("contacts")).not.toContain(key);
  });

  const unknown = (pointer: string) => expect.objectContaining({ faults: [expect.objectContaining({ pointer, code: "UNKNOWN_FIELD" })] });

  test.each([
    ["email", "/email"],
    ["phone", "/phone"],
    ["company_id", "/company_id"],
  ])("%s cannot be written", async (key, pointer) => {
    await expect(me.perform("contacts.update", { id: contact.id, data: { [key]: null } })).rejects.toEqual(unknown(pointer));
    await expect(me.perform("contacts.create", { data: { first_name: "Eve", [key]: null } })).rejects.toEqual(unknown(pointer));
    const { results } = await me.perform("contacts.bulk", { operations: [{ op: "update", id: contact.id, data: { [key]: null } }] });
    expect(results[0].errors[0]).toMatchObject({ pointer, code: "UNKNOWN_FIELD" });
  });

  test("a custom one cannot be written, and no suggestion names it", async () => {
    await expect(me.perform("contacts.update", { id: contact.id, data: { custom: { secret: null } } })).rejects.toEqual(
      unknown("/custom/secret"),
    );
    const typo = await me
      .perform("contacts.update", { id: contact.id, data: { custom: { secre: "x" }, emial: "x" } })
      .catch((error) => error);
    expect(typo.faults.map(({ message }: Plain) => message).join()).not.toMatch(/secret|email/);
  });

  test.each([
    [{ filter: { field: "email", op: "is_not_empty" } }, "CRITERIA_UNKNOWN_FIELD"],
    [{ filter: { not: { field: "custom.secret", op: "eq", value: "hush" } } }, "CRITERIA_UNKNOWN_FIELD"],
    [{ company_id: nobody }, "CRITERIA_UNKNOWN_FIELD"],
    [{ sort: "email" }, "SORT_UNKNOWN"],
    [{ sort: "-custom.secret" }, "SORT_UNKNOWN"],
    [{ fields: "first_name,email" }, "UNKNOWN_FIELD"],
    [{ fields: "phone_as_typed" }, "UNKNOWN_FIELD"],
    [{ include: "company" }, "UNKNOWN_INCLUDE"],
  ])("cannot be asked for by %j", async (query, code) => {
    await expect(me.perform("contacts.list", query)).rejects.toEqual(refused(code));
  });

  test("cannot be asked for of one record either", async () => {
    await expect(me.perform("contacts.get", { id: contact.id, fields: "email" })).rejects.toEqual(refused("UNKNOWN_FIELD"));
    await expect(me.perform("contacts.get", { id: contact.id, include: "company" })).rejects.toEqual(refused("UNKNOWN_INCLUDE"));
    expect(Object.keys(await me.perform("contacts.get", { id: contact.id, fields: "first_name,custom" })).sort()).toEqual([
      "custom",
      "first_name",
      "id",
      "version",
    ]);
  });

  test("who may see no custom field can neither filter nor sort by one", async () => {
    for (const [query, code] of [
      [{ filter: { field: "custom.open", op: "eq", value: "hello" } }, "CRITERIA_UNKNOWN_FIELD"],
      [{ sort: "custom.open" }, "SORT_UNKNOWN"],
      [{ fields: "custom" }, "UNKNOWN_FIELD"],
    ] as const)
      await expect(me.perform("companies.list", query)).rejects.toEqual(refused(code));
  });
});
