import { validate } from "@scalar/openapi-parser";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { beforeAll, expect, test } from "vitest";
import { aServer, type TestServer, wholeApp } from "../../../test/support/http.ts";
import { aWorkspace } from "../../../test/support/workspace.ts";
import { resources } from "../../domain/catalogue.ts";
import { addresses } from "./addresses.ts";
import { schemaName } from "./openapi-components.ts";

let at: TestServer;
let document: any;
beforeAll(async () => {
  at = await aServer({}, { app: await wholeApp() });
  document = (await at.client(null)("GET", "/api/openapi.json")).body;
});

test("the description is valid OpenAPI 3.1 in the eyes of an independent validator", async () => {
  const { valid, errors, version } = await validate(JSON.stringify(document));

  expect({ valid, errors, version }).toEqual({ valid: true, errors: [], version: "3.1" });
});

test("every address of every verb is described, and nothing else", () => {
  const described = Object.entries<object>(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );

  expect(described.length).toBeGreaterThan(100);
  expect(described.sort()).toEqual(Object.values(addresses).flat().sort());
});

test("every operation has a name of its own, a summary, its good answer and its refusals", () => {
  const operations = operationsOf(document);
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
  for (const { name, operation } of operations) {
    const statuses = Object.keys(operation.responses);
    expect(operation.summary, name).toMatch(/^\p{Lu}/u);
    expect(
      statuses.filter((status) => status < "400"),
      name,
    ).toHaveLength(1);
    if (operation.operationId !== "auth.oidc_callback")
      expect(statuses, name).toEqual(expect.arrayContaining(["401", "422", "500", "503"]));
    for (const parameter of operation.parameters ?? []) if (parameter.in === "path") expect(name).toContain(`{${parameter.name}}`);
  }
});

test("every resource has its schemas by name", () => {
  const names = Object.keys(document.components.schemas);

  expect(names).toEqual(
    expect.arrayContaining(["Contact", "ContactInput", "ContactChange", "ContactPage", "Company", "Criteria", "Problem"]),
  );
  expect(names.length).toBeGreaterThan(resources.length * 2);
  expect(JSON.stringify(document.paths["/api/v1/crm/contacts"])).toContain("#/components/schemas/ContactInput");
});

test("every reference leads somewhere", () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#([^"]+)"/g)].map(([, pointer]) => pointer as string);

  expect(references.length).toBeGreaterThan(500);
  for (const pointer of new Set(references)) {
    const found = pointer
      .split("/")
      .slice(1)
      .reduce((inside: any, key) => inside?.[key.replaceAll("~1", "/").replaceAll("~0", "~")], document);
    expect(found, pointer).toBeTypeOf("object");
  }
});

test("every example keeps to its schema", () => {
  const ajv = validator(document);
  const wrong: string[] = [];
  let seen = 0;
  const check = (where: string, schema: object, example: unknown) => {
    seen++;
    const inside = JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"api#/components'));
    const isGood = ajv.compile(inside);
    if (!isGood(example)) wrong.push(`${where}: ${ajv.errorsText(isGood.errors)} in ${JSON.stringify(example)}`);
  };
  for (const { where, media } of mediaOf(document, "")) if ("example" in media) check(where, media.schema, media.example);
  for (const { where, schema } of schemasWithExamples(document, "")) for (const example of schema.examples) check(where, schema, example);

  expect(seen).toBeGreaterThan(200);
  expect(wrong).toEqual([]);
});

test("what is answered for every resource is what is declared", async () => {
  const workspace = await aWorkspace();
  const admin = at.client(workspace.admin.actor);
  const bodies: Record<string, object> = {
    companies: {
      name: "Halden Optics",
      phone: "030 901820",
      address: { city: "Berlin", country: "DE" },
      tags: ["Customer"],
      website: "halden.example",
    },
    contacts: { last_name: "Lovelace", other_emails: ["ada@halden.example"], consent: { mail: true }, lifecycle: "lead" },
    tags: { name: "Partner" },
    fields: { resource: "contacts", key: "size", label: "Size", type: "choice", options: [{ value: "s", label: "Small", colour: "teal" }] },
    views: { resource: "contacts", name: "All", filter: { all: [] }, columns: ["name"] },
    teams: { name: "Sales" },
    roles: { key: "inside", name: "Inside sales", grants: {} },
    invitations: { email: `${crypto.randomUUID()}@halden.example` },
    keys: { name: "Forms", role: "read_only" },
  };
  const ajv = validator(document);
  for (const resource of resources.filter(({ verbs }) => verbs.includes("list"))) {
    const place = `${resource.base}/${resource.name}`;
    if (bodies[resource.name]) expect(await admin("POST", place, { body: bodies[resource.name] }), place).toMatchObject({ status: 201 });
    const page = await admin("GET", `${place}?count=exact`);
    const isGood = ajv.compile({ $ref: `api#/components/schemas/${schemaName(resource)}Page` });
    isGood(page.body);
    expect({ place, errors: isGood.errors }).toEqual({ place, errors: null });
    expect(page.body.total, place).toBeGreaterThan(0);
    expect(Object.keys(page.body.data[0]), place).toEqual(
      Object.keys((document.components.schemas as any)[schemaName(resource)].properties).filter((key) => key !== "possible_duplicates"),
    );
  }
});

test("the page to read it on comes from here alone", async () => {
  const { headers, text, status } = await at.client(null)("GET", "/api/docs");
  const [, nonce] = /nonce="([\w-]+)"/.exec(text) ?? [];

  expect(status).toBe(200);
  expect(headers["content-security-policy"]).toContain(`script-src 'self' 'nonce-${nonce}'`);
  expect(headers["content-security-policy"]).not.toMatch(/script-src[^;]*unsafe/);
  expect([...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address)).toEqual(["/api/docs/reference.js"]);
  const script = await at.client(null)("GET", "/api/docs/reference.js", { headers: { "accept-encoding": "gzip" } });
  expect(script).toMatchObject({ status: 200, headers: { "content-encoding": "gzip", "content-type": "text/javascript; charset=utf-8" } });
});

function validator(document: object): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  (formats as unknown as (ajv: Ajv2020) => void)(ajv);
  for (const name of ["idn-email", "password"]) ajv.addFormat(name, true);
  return ajv.addSchema(document, "api");
}

function operationsOf({ paths }: any): { name: string; operation: any }[] {
  return Object.entries<any>(paths).flatMap(([path, item]) =>
    Object.entries<any>(item).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
  );
}

function mediaOf(value: any, where: string): { where: string; media: any }[] {
  if (typeof value !== "object" || value === null) return [];
  const here = value.schema && "example" in value ? [{ where, media: value }] : [];
  return [...here, ...Object.entries(value).flatMap(([key, inside]) => (key === "example" ? [] : mediaOf(inside, `${where}/${key}`)))];
}

function schemasWithExamples(value: any, where: string): { where: string; schema: any }[] {
  if (typeof value !== "object" || value === null) return [];
  const here = Array.isArray(value.examples) ? [{ where, schema: value }] : [];
  return [
    ...here,
    ...Object.entries(value).flatMap(([key, inside]) => (key === "example" ? [] : schemasWithExamples(inside, `${where}/${key}`))),
  ];
}
