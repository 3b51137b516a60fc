import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Flights } from "../src/adapters/postgres/flights/flight.ts";
import { type Step, statement } from "../src/adapters/postgres/flights/statement.ts";
import { openScopes } from "../src/adapters/postgres/records/scopes.ts";
import { resourceNamed } from "../src/domain/catalogue.ts";
import type { Resource } from "../src/domain/kit/resource.ts";
import { perform } from "../src/usecases/kit/perform.ts";
import { aDatabase, type Database } from "./support/nodes.ts";
import { aWorkspace, type Workspace } from "./support/workspace.ts";

const resourceOf = (name: string) => resourceNamed(name) as Resource;

describe("twenty thousand records", () => {
  let workspace: Workspace;
  let asked: Step[] = [];
  let app: Parameters<typeof perform>[0];
  const rows = 20_000;

  // A database of its own: what other tests write would change what the planner knows of the values.
  let database: Database;
  const shared = process.env.TEST_RAPPORT_URL;
  afterAll(async () => {
    process.env.TEST_RAPPORT_URL = shared;
    await database.drop();
  });

  beforeAll(async () => {
    database = await aDatabase();
    process.env.TEST_RAPPORT_URL = database.url;
    workspace = await aWorkspace();
    const { admin, tenant, kernel } = workspace;
    const { owner } = kernel;
    await admin.perform("fields.create", { data: { resource: "contacts", key: "size", label: "Size", type: "integer" } });
    for (const type of ["text", "decimal", "date", "instant", "choice"])
      await admin.perform("fields.create", {
        data: { resource: "contacts", key: `f_${type}`, label: type, type, ...(type === "choice" ? { options: ["0", "1", "2"] } : {}) },
      });
    const members = [admin.id, randomUUID()];
    for (const id of members.slice(1))
      await owner.query(
        "insert into members (tenant_id, id, name, name_fold, email, email_fold, email_key, user_id, role, role_fold, version, created_at, updated_at) values ($1, $2, 'm', 'm', $2::uuid::text, $2::uuid::text, $2::uuid::text, $2, 'rep', 'rep', 1, now(), now())",
        [tenant, id],
      );
    const id = (kind: string) => `('01900000-0000-7000-8000-${kind}' || lpad(to_hex(n), 10, '0'))::uuid`;
    const common = "n % 7 + 1, now() - n * interval '1 minute', $2::uuid, now() - n * interval '1 second', $2::uuid";
    await owner.query(
      `insert into companies (tenant_id, id, name, name_fold, domain, domain_fold, industry, industry_fold, size_category, tier, parent_id, owner_id, version, created_at, created_by, updated_at, updated_by)
       select $1, ${id("00")}, 'Company ' || n, 'company ' || n, 'd' || n || '.example', 'd' || n || '.example', 'i' || n % 3000, 'i' || n % 3000,
       case when n % 1000 = 0 then 'micro' when n % 10 > 0 then 'small' end, case when n % 1000 = 0 then 'gold' else 'none' end, null, ($3::uuid[])[case when n % 1000 = 0 then 2 else 1 end], ${common} from generate_series(1, ${rows}) n`,
      [tenant, admin.id, members],
    );
    await owner.query(
      `update companies set parent_id = '01900000-0000-7000-8000-000000000001' where tenant_id = $1 and version = 3 and industry like 'i1%'`,
      [tenant],
    );
    await owner.query(
      `insert into contacts (tenant_id, id, name, name_fold, last_name, last_name_fold, email, email_fold, email_key, company_id, owner_id, lifecycle, version, created_at, created_by, updated_at, updated_by)
       select $1, ${id("aa")}, 'Contact ' || n, 'contact ' || n, 'Last ' || n % 5000, 'last ' || n % 5000, 'c' || n || '@x.example', 'c' || n || '@x.example', 'c' || n || '@x.example',
       ${id("00")}, ($3::uuid[])[case when n % 1000 = 0 then 2 else 1 end], case when n % 1000 = 0 then 'lead' else 'customer' end, ${common} from generate_series(1, ${rows}) n`,
      [tenant, admin.id, members],
    );
    await owner.query(
      `insert into custom_values (tenant_id, field_id, resource, record_id, text_fold, int_value, date_value, instant_value)
       select $1, f.id, 'contacts', ${id("aa")}, case when f.key = 'f_text' then 't' || n % 4000 when f.key = 'f_choice' then (n % 3)::text end,
       case when f.key in ('size', 'f_decimal') then n % 4000 end, case when f.key = 'f_date' then date '2000-01-01' + n % 4000 end, case when f.key = 'f_instant' then now() - n * interval '1 minute' end
       from generate_series(1, ${rows}) n, fields f where f.tenant_id = $1 and n % 4 > 0`,
      [tenant],
    );
    await owner.query("analyze companies, contacts, custom_values, taggings");
    const spying: Flights = {
      ...kernel.flights,
      run: (of, steps, lane) => {
        asked.push(...steps);
        return kernel.flights.run(of, steps, lane);
      },
    };
    app = { ...kernel.app, scopes: openScopes({ flights: spying, definitions: kernel.definitions, clock: Date.now, onWrite: () => {} }) };
  });

  /** The plans of what a list asks, as the login of requests makes them. */
  async function plansOf(resource: string, query: object): Promise<string[]> {
    asked = [];
    await perform(app, workspace.admin.actor, `${resource}.list`, query, { via: "api" });
    const about = asked.filter(
      ([{ text }]) => text.startsWith("select") && text.includes(`from ${resource} r `) && text.includes("order by"),
    );
    expect(about.length).toBeGreaterThan(0);
    const explain = about.map(([{ text }, values]): Step => [statement(`explain (costs off) ${text}`), values]);
    const results = await workspace.kernel.flights.run(workspace.tenant, explain, "read");
    return results.map(
      ({ rows }) =>
        rows
          .map(([line]) => line)
          .join("\n")
          .split("SubPlan", 1)[0] ?? "",
    ); // below stand the tags of a row
  }

  const declared = ["companies", "contacts"].flatMap((resource) =>
    resourceOf(resource).sort.flatMap((key) => [key, `-${key}`].map((sort) => [resource, sort] as const)),
  );
  test.each(declared)("%s sorted by %s come from the index of that field", async (resource, sort) => {
    const [plan] = await plansOf(resource, { sort });
    expect(plan).toContain(`${resource}_${sort.replace("-", "")}_index`);
    expect(plan).not.toMatch(/Seq Scan|Sort/);
  });

  test("a walk reads on in its index", async () => {
    for (const sort of ["email", "-name", "custom.f_text", "-custom.size"]) {
      const { next_cursor: cursor } = await workspace.admin.perform("contacts.list", { sort, limit: 5 });
      const [plan] = await plansOf("contacts", { sort, cursor });
      expect(plan).toContain("Index Scan");
      expect(plan).not.toMatch(/Seq Scan|Sort/);
    }
  });

  test("records without a value of a field are found by the index of that field", async () => {
    const { owner } = workspace.kernel;
    await owner.query("update companies set industry = null, industry_fold = null where tenant_id = $1 and tier = 'gold'", [
      workspace.tenant,
    ]);
    await owner.query("analyze companies");
    const { rows: found } = await owner.query("select count(*)::int as count from companies where tenant_id = $1 and industry is null", [
      workspace.tenant,
    ]);
    expect(found[0].count).toBeGreaterThan(5);
    const { next_cursor } = await workspace.admin.perform("companies.list", { sort: "-industry", limit: 100 });
    const [list] = JSON.parse(Buffer.from(next_cursor, "base64url").toString());
    const last = Buffer.from(JSON.stringify([list, 1, "", "01900000-0000-7000-8000-000000000000"])).toString("base64url");
    const plans = await plansOf("companies", { sort: "-industry", cursor: last });
    expect(plans).toHaveLength(2);
    expect(plans[1]).toContain("companies_industry_index");
    expect(plans[1]).not.toMatch(/Seq Scan|Sort/);
  });

  test.each(["size", "f_text", "f_decimal", "f_date", "f_instant"].flatMap((key) => [key, `-${key}`]))(
    "contacts sorted by custom %s come from the index of its values",
    async (sort) => {
      const down = sort.startsWith("-");
      const key = sort.replace("-", "");
      const [plan] = await plansOf("contacts", { sort: `${down ? "-" : ""}custom.${key}` });
      const column = { f_text: "text", f_date: "date", f_instant: "instant" }[key] ?? "int";
      expect(plan).toContain(`custom_values_${column}_index`);
      expect(plan).not.toMatch(/Seq Scan|Sort/);
    },
  );

  const filters: readonly (readonly [string, object, string])[] = [
    ["companies", { owner_id: "second" }, "companies_owner_id_index"],
    ["companies", { parent_id: "01900000-0000-7000-8000-000000000001" }, "companies_parent_id_index"],
    ["companies", { tier: "gold" }, "companies_tier_index"],
    ["companies", { size_category: "micro" }, "companies_size_category_index"],
    ["contacts", { company_id: "01900000-0000-7000-8000-000000000017" }, "contacts_company_id_index"],
    ["contacts", { owner_id: "second" }, "contacts_owner_id_index"],
    ["contacts", { lifecycle: "lead" }, "contacts_lifecycle_index"],
    ["contacts", { filter: { field: "name", op: "starts_with", value: "contact 1234" } }, "contacts_name_index"],
    ["contacts", { filter: { field: "email", op: "eq", value: "c77@x.example" } }, "contacts_email_index"],
    ["contacts", { filter: { field: "last_name", op: "eq", value: "last 77" } }, "contacts_last_name_index"],
    ["contacts", { filter: { field: "custom.size", op: "eq", value: 77 } }, "custom_values_int_index"],
    ["contacts", { filter: { field: "custom.f_text", op: "starts_with", value: "t123" } }, "custom_values_text_index"],
    ["contacts", { filter: { field: "custom.f_date", op: "between", value: ["2000-02-01", "2000-02-02"] } }, "custom_values_date_index"],
  ];
  test.each(filters)("%s filtered by %j read the index %s", async (resource, query, index) => {
    const { rows: second } = await workspace.kernel.owner.query(
      "select owner_id from companies where tenant_id = $1 and owner_id <> $2 limit 1",
      [workspace.tenant, workspace.admin.id],
    );
    const meant = "owner_id" in query ? { owner_id: second[0].owner_id } : query;
    for (const sort of ["-created_at", "name"]) {
      const [plan] = await plansOf(resource, { ...meant, sort });
      expect([sort, plan]).toEqual([sort, expect.stringContaining(index)]);
      expect(plan).not.toContain("Seq Scan");
    }
  });

  test("every declared filter was explained", () => {
    for (const name of ["companies", "contacts"]) {
      const explained = filters.flatMap(([resource, query]) => (resource === name ? Object.keys(query) : []));
      expect(explained).toEqual(expect.arrayContaining([...resourceOf(name).filter]));
    }
  });

  test("an estimate is exact up to ten thousand and says so above; exact is exact", async () => {
    const { admin } = workspace;
    const exact = await admin.perform("contacts.list", { count: "exact", limit: 1 });
    expect(exact).toMatchObject({ total: rows, total_is_estimate: false });
    const estimate = await admin.perform("contacts.list", { count: "estimate", limit: 1 });
    expect(estimate.total_is_estimate).toBe(true);
    expect(estimate.total).toBeGreaterThan(10_000);
    expect(await admin.perform("contacts.list", { count: "estimate", lifecycle: "lead", limit: 1 })).toMatchObject({
      total: 20,
      total_is_estimate: false,
    });
    expect(await admin.perform("contacts.list", { limit: 1 })).toMatchObject({ total: null, total_is_estimate: false });
    const last = await admin.perform("contacts.list", { page: 100, page_size: 100, sort: "created_at" });
    expect([last.data.length, last.total_is_estimate]).toEqual([100, true]);
  });
});
