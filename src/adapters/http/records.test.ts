import { beforeAll, expect, test } from "vitest";
import { aServer, type Client, type Heard, type TestServer, wholeApp } from "../../../test/support/http.ts";
import { aWorkspace, type Workspace } from "../../../test/support/workspace.ts";
import type { Role } from "../../domain/access/access.ts";
import { readyRoles } from "../../domain/access/roles.ts";
import { resources } from "../../domain/catalogue.ts";

let at: TestServer;
let workspace: Workspace;
let admin: Client;
beforeAll(async () => {
  at = await aServer({}, { app: await wholeApp() });
  workspace = await aWorkspace();
  admin = at.client(workspace.admin.actor);
});

const companies = "/api/v1/crm/companies";
const contacts = "/api/v1/crm/contacts";
let count = 0;
const aName = () => `Halden Optics ${++count}`;
const aCompany = async (more: object = {}): Promise<any> => (await admin("POST", companies, { body: { name: aName(), ...more } })).body;

test("a new record is answered with where it is and which version it has", async () => {
  const made = await admin("POST", companies, { body: { name: "Halden Optics" } });

  expect(made).toMatchObject({ status: 201, body: { name: "Halden Optics", version: 1, tier: "none" } });
  expect(made.headers).toMatchObject({
    location: `${companies}/${made.body.id}`,
    etag: '"1"',
    "content-type": "application/json; charset=utf-8",
  });
  expect((await admin("GET", made.headers.location ?? "")).body).toEqual(made.body);
});

test("PATCH, a merge patch and PUT change what they name and nothing else", async () => {
  const { id } = await aCompany({ industry: "Optics", tier: "gold" });

  const patched = await admin("PATCH", `${companies}/${id}`, { body: { industry: null } });
  expect(patched).toMatchObject({ status: 200, body: { industry: null, tier: "gold", version: 2 }, headers: { etag: '"2"' } });
  const merged = await admin("PATCH", `${companies}/${id}`, {
    body: { industry: "Lasers" },
    headers: { "content-type": "application/merge-patch+json" },
  });
  expect(merged).toMatchObject({ status: 200, body: { industry: "Lasers", version: 3 } });
  expect(await admin("PUT", `${companies}/${id}`, { body: { tier: "silver" } })).toMatchObject({
    status: 200,
    body: { industry: "Lasers", tier: "silver" },
  });
  const put = await admin("PUT", `${companies}/${id}`, {
    body: { tier: "silver" },
    headers: { "content-type": "application/merge-patch+json" },
  });
  expect(put).toMatchObject({ status: 415, body: { code: "MEDIA_TYPE_NOT_SUPPORTED" } });
});

test.each(['"1"', "1", 'W/"1"', "*"])("If-Match %s lets the version pass that it names", async (header) => {
  const { id } = await aCompany();

  expect(await admin("PATCH", `${companies}/${id}`, { body: { industry: "Optics" }, headers: { "if-match": header } })).toMatchObject({
    status: 200,
  });
});

test("an outdated If-Match changes nothing and says which version is there", async () => {
  const { id } = await aCompany();
  await admin("PATCH", `${companies}/${id}`, { body: { industry: "Optics" } });

  const late = await admin("PATCH", `${companies}/${id}`, { body: { industry: "Lasers" }, headers: { "if-match": '"1"' } });
  expect(late).toMatchObject({ status: 412, body: { code: "VERSION_CONFLICT", current_version: 2, status: 412 } });
  expect(await admin("DELETE", `${companies}/${id}`, { headers: { "if-match": '"1"' } })).toMatchObject({ status: 412 });
  expect((await admin("GET", `${companies}/${id}`)).body).toMatchObject({ industry: "Optics", version: 2 });
});

test.each(["x", '"x"', '"1", "2"', "-1", '"1', ""])("If-Match %j is refused with 400", async (header) => {
  const { id } = await aCompany();

  expect(await admin("PATCH", `${companies}/${id}`, { body: {}, headers: { "if-match": header } })).toMatchObject({
    status: 400,
    body: { code: "IF_MATCH_INVALID" },
  });
});

test("a deleted record says where it can be restored, and is there again afterwards", async () => {
  const { id } = await aCompany();

  expect(await admin("DELETE", `${companies}/${id}`)).toMatchObject({ status: 204, text: "" });
  const gone = await admin("GET", `${companies}/${id}`);
  expect(gone).toMatchObject({ status: 404, body: { code: "DELETED", restore: `${companies}/${id}/restore` } });
  expect(await admin("POST", gone.body.restore)).toMatchObject({ status: 200, body: { id, deleted_at: null } });
  expect(await admin("GET", `${companies}/${id}`)).toMatchObject({ status: 200 });
});

test("tags go on and off at their addresses", async () => {
  const { id } = await aCompany();

  const tagged = await admin("POST", `${companies}/${id}/tags`, { body: { name: `Trade fair ${count}` } });
  expect(tagged).toMatchObject({ status: 200, body: { tags: [{ name: `Trade fair ${count}` }] } });
  expect(await admin("DELETE", `${companies}/${id}/tags/${tagged.body.tags[0].id}`)).toMatchObject({ status: 204 });
  expect((await admin("GET", `${companies}/${id}`)).body.tags).toEqual([]);
  const strange = await admin("POST", `${companies}/${id}/tags`, { body: { name: "x", id, colour: "teal" } });
  expect(strange).toMatchObject({
    status: 422,
    body: { errors: expect.arrayContaining([{ pointer: "/id", code: "UNKNOWN_FIELD", message: expect.any(String) }]) },
  });
  expect(strange.body.errors.map(({ pointer }: any) => pointer).sort()).toEqual(["/colour", "/id"]);
});

test("the same Idempotency-Key does a write once and answers it the same", async () => {
  const headers = { "idempotency-key": `create-${aName()}`.replaceAll(" ", "-") };
  const body = { name: aName() };

  const first = await admin("POST", companies, { body, headers });
  const second = await admin("POST", companies, { body, headers });
  expect(first).toMatchObject({ status: 201 });
  expect(first.headers["idempotent-replayed"]).toBeUndefined();
  expect(second).toMatchObject({ status: 201, body: first.body });
  expect(second.headers).toMatchObject({ "idempotent-replayed": "true", etag: '"1"', location: first.headers.location });
  const filter = encodeURIComponent(JSON.stringify({ field: "name", op: "eq", value: body.name }));
  expect((await admin("GET", `${companies}?filter=${filter}`)).body.data).toHaveLength(1);
});

test("an Idempotency-Key used for something else is refused, and a refusal keeps none", async () => {
  const headers = { "idempotency-key": `other-${count++}-${Date.now()}` };

  expect(await admin("POST", companies, { body: {}, headers })).toMatchObject({ status: 422, body: { code: "REQUIRED" } });
  expect(await admin("POST", companies, { body: { name: aName() }, headers })).toMatchObject({ status: 201 });
  expect(await admin("POST", companies, { body: { name: aName() }, headers })).toMatchObject({
    status: 422,
    body: { code: "IDEMPOTENCY_KEY_REUSED" },
  });
});

test("of two calls at once with one Idempotency-Key one does it and the other is told so", async () => {
  const headers = { "idempotency-key": `twice-${count++}-${Date.now()}` };
  const body = { name: aName() };

  const answers = await Promise.all(Array.from({ length: 8 }, () => admin("POST", companies, { body, headers })));
  expect(answers.map(({ status }) => status).filter((status) => status !== 201 && status !== 409)).toEqual([]);
  expect(new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.id)).size).toBe(1);
  for (const { body } of answers.filter(({ status }) => status === 409)) expect(body.code).toMatch(/^IDEMPOTENCY_/);
});

test.each(["", " ", "with blank", "ü", "x".repeat(256)])("the Idempotency-Key %j is refused with 400", async (key) => {
  const headers = { "idempotency-key": Buffer.from(key, "utf8").toString("latin1") };

  expect(await admin("POST", companies, { body: { name: aName() }, headers })).toMatchObject({
    status: 400,
    body: { code: "IDEMPOTENCY_KEY_INVALID" },
  });
});

test("an answer given again shows no field that is denied by now", async () => {
  const before: Role = { ...(readyRoles.admin as Role), key: "before" };
  const after: Role = { ...before, key: "after", denied: { companies: ["industry"] } };
  const person = await workspace.member(before);
  const headers = { "idempotency-key": `denied-${Date.now()}` };
  const body = { name: aName(), industry: "Optics" };

  expect((await at.client(person.actor)("POST", companies, { body, headers })).body).toMatchObject({ industry: "Optics" });
  const again = await at.client({ ...person.actor, role: after })("POST", companies, { body, headers });
  expect(again).toMatchObject({ status: 201, headers: { "idempotent-replayed": "true" } });
  expect(again.body).not.toHaveProperty("industry");
});

test("a key that is shown once is not kept for a repeated call", async () => {
  const headers = { "idempotency-key": `key-${Date.now()}` };
  const body = { name: "Website forms", role: "read_only" };

  const made = await admin("POST", "/api/v1/keys", { body, headers });
  expect(made).toMatchObject({ status: 201, body: { key: expect.stringMatching(/^rpk_/) } });
  expect(await admin("POST", "/api/v1/keys", { body, headers })).toMatchObject({ status: 409, body: { code: "IDEMPOTENCY_ANSWER_LOST" } });
  const { rows } = await workspace.kernel.owner.query("select count(*)::int as n from idempotency_keys where answer like $1", [
    `%${made.body.key}%`,
  ]);
  expect(rows[0].n).toBe(0);
});

test("bulk writes answer row by row, and an atomic one that fails writes nothing", async () => {
  const operations = [
    { op: "create", data: { name: aName() } },
    { op: "create", data: { nmae: "x" } },
  ];

  const best = await admin("POST", `${companies}/bulk`, { body: { operations } });
  expect(best).toMatchObject({
    status: 200,
    body: {
      results: [
        { index: 0, outcome: "created" },
        { index: 1, outcome: "failed" },
      ],
    },
  });
  const atomic = await admin("POST", `${companies}/bulk`, { body: { mode: "atomic", operations } });
  expect(atomic).toMatchObject({ status: 422, body: { code: "BULK_FAILED", results: [{ index: 0 }, { index: 1, outcome: "failed" }] } });
});

test("every sort of every list walks each record once, in both directions, with ties and empty values, one at a time", async () => {
  const small = await aWorkspace();
  const client = at.client(small.admin.actor);
  for (const [index, name] of ["Ölberg", "Olberg", "olberg", "Zeta", "Alfa"].entries()) {
    const company = {
      name: `${name} ${index}`,
      ...(index % 2 ? { industry: "Optics" } : {}),
      ...(index < 2 ? { domain: `d${index}.example` } : {}),
    };
    expect((await client("POST", companies, { body: company })).status).toBe(201);
    const contact = { last_name: name, ...(index % 2 ? { email: `a${index}@halden.example` } : {}) };
    expect((await client("POST", contacts, { body: contact })).status).toBe(201);
    expect((await client("POST", "/api/v1/crm/tags", { body: { name: `${name}${index}` } })).status).toBe(201);
    expect((await client("POST", "/api/v1/crm/views", { body: { resource: "contacts", name } })).status).toBe(201);
    expect(
      (
        await client("POST", "/api/v1/crm/fields", {
          body: { resource: "contacts", key: `f${index}`, label: name, type: "text", position: index % 2 },
        })
      ).status,
    ).toBe(201);
    expect((await client("POST", "/api/v1/teams", { body: { name: `${name}${index}` } })).status).toBe(201);
  }
  let walks = 0;
  for (const resource of resources.filter(({ verbs }) => verbs.includes("list"))) {
    const place = `${resource.base}/${resource.name}`;
    const all = (await client("GET", `${place}?limit=100`)).body.data;
    for (const sort of resource.sort.flatMap((key) => [key, `-${key}`])) {
      const seen = await walk(client, `${place}?sort=${sort}&limit=1`);
      expect(seen.map(({ id }) => id).sort(), `${place} by ${sort}`).toEqual(all.map(({ id }: any) => id).sort());
      const values = seen.map((record) => record[sort.replace("-", "")] ?? null);
      expect(
        values.slice(values.indexOf(null)).every((value) => value === null) || !values.includes(null),
        `${place} by ${sort}: empty last`,
      ).toBe(true);
      walks++;
    }
  }
  expect(walks).toBeGreaterThan(25);
  const names = (await walk(client, `${companies}?sort=name&limit=2`)).map(({ name }) => name);
  expect(names).toEqual(["Alfa 4", "Ölberg 0", "Olberg 1", "olberg 2", "Zeta 3"]);
}, 60_000);

test("numbered pages reach 10,000 rows, and a cursor belongs to its own list", async () => {
  const numbered = await admin("GET", `${companies}?page=1&page_size=2`);
  expect(numbered.body).toMatchObject({ page: 1, page_size: 2, total: expect.any(Number), total_is_estimate: false });

  const refused: [string, string, string][] = [
    ["page=501&page_size=20", "PAGE_TOO_DEEP", "/page"],
    ["page=1&page_size=101", "OUT_OF_RANGE", "/page_size"],
    ["limit=101", "OUT_OF_RANGE", "/limit"],
    ["limit=0", "OUT_OF_RANGE", "/limit"],
    ["limit=ten", "TYPE", "/limit"],
    ["limit=1&limit=2", "REPEATED", "/limit"],
    ["cursor=rubbish", "CURSOR_INVALID", "/cursor"],
    ["sort=nothing", "SORT_UNKNOWN", "/sort"],
    ["filter=rubbish", "FILTER_INVALID", "/filter"],
    ["color=red", "UNKNOWN_PARAMETER", "/color"],
    ["fields=name,shoe", "UNKNOWN_FIELD", "/fields"],
    ["include=shoe", "UNKNOWN_INCLUDE", "/include"],
  ];
  for (const [query, code, pointer] of refused) {
    const { status, body } = await admin("GET", `${companies}?${query}`);
    expect({ query, status, code: body.code, pointer: body.errors[0]?.pointer }).toEqual({ query, status: 422, code, pointer });
  }
  expect((await admin("GET", `${companies}?page=500&page_size=20`)).status).toBe(200);
  const { next_cursor } = (await admin("GET", `${companies}?limit=1&sort=name`)).body;
  expect(await admin("GET", `${companies}?limit=1&sort=-name&cursor=${next_cursor}`)).toMatchObject({
    status: 422,
    body: { code: "CURSOR_MISMATCH" },
  });
  const both = await admin("GET", `${companies}?limit=0&sort=name&color=red&count=maybe`);
  expect(both.body.errors.map(({ pointer }: any) => pointer).sort()).toEqual(["/color", "/count", "/limit"]);
});

test("fields and includes shape what is answered", async () => {
  const company = await aCompany();
  const { body } = await admin("POST", contacts, { body: { last_name: "Lovelace", company_id: company.id } });

  const shown = await admin("GET", `${contacts}/${body.id}?fields=last_name,company_id&include=company`);
  expect(shown).toMatchObject({
    status: 200,
    body: { id: body.id, last_name: "Lovelace", company: { id: company.id, name: company.name } },
  });
  expect(Object.keys(shown.body).sort()).toEqual(["company", "company_id", "id", "last_name", "version"]);
});

test("a value that answers holds only what is declared", async () => {
  const { id } = await aCompany();

  const timeline = await admin("GET", `${companies}/${id}/timeline`);
  expect(timeline).toMatchObject({ status: 200, body: { data: [{ type: "company.created", record_id: id }], next_cursor: null } });
  expect(await admin("GET", `${companies}/${id}/access`)).toMatchObject({ status: 200, body: { role: "admin", hidden_fields: [] } });
});

test("texts of every alphabet, markup and SQL come back as they were sent", async () => {
  for (const name of ["<script>alert(1)</script>", "'; drop table companies; --", "Ⅷ 𝔘𝔫𝔦 👩‍🔬 שלום", '"quoted"\\back', "  trimmed  "]) {
    const made = await admin("POST", companies, { body: { name } });
    expect(made).toMatchObject({ status: 201, body: { name: name.trim() } });
    expect((await admin("GET", `${companies}/${made.body.id}`)).body.name).toBe(name.trim());
    expect(made.headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "content-type": expect.stringContaining("application/json"),
    });
  }
});

async function walk(client: Client, first: string): Promise<any[]> {
  const seen: any[] = [];
  for (let cursor: string | null = ""; cursor !== null && seen.length < 100; ) {
    const { status, body }: Heard = await client("GET", cursor ? `${first}&cursor=${encodeURIComponent(cursor)}` : first);
    expect(status).toBe(200);
    seen.push(...body.data);
    cursor = body.next_cursor;
  }
  return seen;
}
