import Fastify from "fastify";
import pg from "pg";
import { uuid7 } from "../src/adapters/postgres/flights/uuid.ts";
import { selectionOf } from "../src/adapters/postgres/records/fetched.ts";
import { prepareRow } from "../src/adapters/postgres/records/prepared-row.ts";
import { writtenColumns } from "../src/adapters/postgres/records/record-sql.ts";
import { contacts } from "../src/domain/contacts/contact.ts";
import type { Definitions } from "../src/domain/kit/definitions.ts";
import { words } from "../src/domain/kit/fold.ts";
import type { Resource } from "../src/domain/kit/resource.ts";

/**
 * The floors the product is measured against: bare Fastify and `pg` doing the same SQL as the owner, without tenancy, rights,
 * validation, event or transaction; and the same with the JSON built by PostgreSQL.
 */
const { url, tenant, code } = JSON.parse(process.env.FLOOR ?? "{}") as { url: string; tenant: string; code: string };
const resource = contacts as unknown as Resource;
const selected = selectionOf(resource).sql;
const pool = new pg.Pool({ connectionString: url, max: 8, options: `-c app.tenant_id=${tenant}` });
const app = Fastify();

const one = `select ${selected} from contacts r where r.tenant_id = $1 and r.id = $2 and r.deleted_at is null`;
const list = `select ${selected} from contacts r where r.tenant_id = $1 and r.deleted_at is null and r.lifecycle = $2 and (r.created_at, r.id) < ($3, $4) order by r.created_at desc, r.id desc limit 51`;
const asJson = (sql: string) => `select row_to_json(x)::text as j from (${sql}) x`;

type Id = { Params: { id: string } };
type ListQuery = { Querystring: { lifecycle: string; at: string; id: string } };

app.get<Id>(
  "/bare/contacts/:id",
  async (request) => (await pool.query({ name: "one", text: one, values: [tenant, request.params.id] })).rows[0],
);
app.get<Id>("/json/contacts/:id", async (request, reply) => {
  const { rows } = await pool.query({ name: "one-json", text: asJson(one), values: [tenant, request.params.id] });
  return reply.type("application/json").send(rows[0].j);
});
app.get<ListQuery>("/bare/contacts", async ({ query }) => {
  const { rows } = await pool.query({ name: "list", text: list, values: [tenant, query.lifecycle, query.at, query.id] });
  return { data: rows.slice(0, 50), next_cursor: rows[50]?.id ?? null };
});
app.get<ListQuery>("/json/contacts", async ({ query }, reply) => {
  const { rows } = await pool.query({ name: "list-json", text: asJson(list), values: [tenant, query.lifecycle, query.at, query.id] });
  return reply.type("application/json").send(
    `{"data":[${rows
      .slice(0, 50)
      .map(({ j }) => j)
      .join(",")}],"next_cursor":null}`,
  );
});
const search = "select * from search_contacts($1, null, $2::text[], $3::tsquery, $4::tsquery, null, null, '{}', null)";
app.get<{ Querystring: { q: string } }>("/bare/search", async ({ query }) => {
  const digits = query.q.replace(/\D/g, "").replace(/^0+/, "");
  const lexemes = words(query.q).map((word) => `'${code}${word}'`);
  const values =
    digits.length >= 4
      ? [tenant, [[...digits].reverse().join("")], null, null]
      : [tenant, [], lexemes.join(" & "), `${lexemes.join(" & ")}:*`];
  return (await pool.query({ name: "search", text: search, values })).rows;
});

const definitions: Definitions = {
  version: 1,
  search_code: code,
  country: "DE",
  currency: "EUR",
  time_zone: "UTC",
  language: "en",
  fiscal_start_month: 1,
  custom: {},
};
const columns = writtenColumns(resource);
const names = ["tenant_id", "id", ...columns.map(({ name }) => name), "version", "created_at", "updated_at"];
const insert = `insert into contacts as r (${names.join(", ")}) values (${names.map((_, index) => `$${index + 1}`).join(", ")}) returning ${selected}`;
app.post("/bare/contacts", async (request, reply) => {
  const id = uuid7();
  const row = prepareRow(resource, id, { ...(request.body as object), tags: [], custom: {} }, null, definitions);
  const values = new Map(row.columns.map(({ name }, index) => [name, row.values[index]]));
  const now = new Date().toISOString();
  const { rows } = await pool.query({
    name: "insert",
    text: insert,
    values: [tenant, id, ...columns.map(({ name }) => values.get(name) ?? null), 1, now, now],
  });
  return reply.code(201).send(rows[0]);
});
app.patch<Id & { Body: { title: string } }>("/bare/contacts/:id", async (request) => {
  const text = `update contacts r set title = $3, title_fold = $4, search = $5, version = version + 1, updated_at = $6 where tenant_id = $1 and id = $2 and deleted_at is null returning ${selected}`;
  const { title } = request.body;
  return (
    await pool.query({
      name: "update",
      text,
      values: [
        tenant,
        request.params.id,
        title,
        title.toLowerCase(),
        `'${code}${title.toLowerCase().split(" ").join(`' '${code}`)}'`,
        new Date().toISOString(),
      ],
    })
  ).rows[0];
});

await app.listen({ port: 0, host: "127.0.0.1" });
const address = app.server.address();
const port = typeof address === "object" && address ? address.port : 0;
process.stdout.write(`${JSON.stringify({ port })}\n`);
