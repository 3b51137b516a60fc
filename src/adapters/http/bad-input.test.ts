import { beforeAll, describe, expect, test } from "vitest";
import { aServer, type Client, type Heard, type Sent, type TestServer, wholeApp } from "../../../test/support/http.ts";
import { aWorkspace } from "../../../test/support/workspace.ts";
import { writableKeys } from "../../domain/kit/record-input.ts";
import type { Resource } from "../../domain/kit/resource.ts";
import type { Shape } from "../../domain/kit/shape.ts";
import { verbs } from "../../usecases/catalogue.ts";
import { identityVerbs } from "../../usecases/identity/catalogue.ts";
import { placesOf } from "./request-input.ts";
import { type Route, routesOf } from "./route.ts";

// Every address of the product hears what it does not want to hear; what it answers is in the contract, and never 500.

const routes = routesOf({ ...verbs, ...identityVerbs });
const named = routes.map((route) => [`${route.method} ${route.path}`, route] as const);
const withBody = named.filter(([, route]) => bodyOf(route) !== "none" && bodyKeys(route).length > 0);
const withQuery = named.filter(
  ([, { name, verb, method, path }]) => placesOf(verb, method, path).query.length > 0 && name !== "auth.oidc_callback",
);
const withId = named.filter(([, { path }]) => path.includes("{"));

let at: TestServer;
let mine: Client;
let nobody: Client;
let theirs: Ids;
let ours: Ids;
beforeAll(async () => {
  at = await aServer({}, { app: await wholeApp() });
  const [workspace, other] = await Promise.all([aWorkspace(), aWorkspace()]);
  mine = at.client(workspace.admin.actor);
  nobody = at.client(null);
  ours = await furnish(mine, workspace.admin.id);
  theirs = await furnish(at.client(other.admin.actor), other.admin.id);
});

test("the table covers every address that is described", async () => {
  const { paths } = (await nobody("GET", "/api/openapi.json")).body;

  expect(Object.values<object>(paths).flatMap((item) => Object.keys(item))).toHaveLength(named.length);
  expect([withBody.length > 40, withQuery.length > 10, withId.length > 50]).toEqual([true, true, true]);
});

describe.each(named)("%s", (_, route) => {
  test.skipIf(route.isPublic)("knows nobody without a key or a session", async () => {
    for (const headers of [
      {},
      { authorization: "Bearer rpk_wrong" },
      { authorization: "Basic YTpi" },
      { cookie: "rapport_session=rps_wrong", "x-rapport": "1" },
    ] as Readonly<Record<string, string>>[]) {
      const heard = await nobody(route.method, addressOf(route, ours), { headers });
      expectProblem(heard, 401, "UNAUTHENTICATED");
      expect(heard.headers["www-authenticate"]).toMatch(/^Bearer/);
    }
  });

  test("names the methods it takes when it hears another", async () => {
    const taken = named.filter(([, { path }]) => path === route.path).map(([, { method }]) => method as string);
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"].filter((one) => !taken.includes(one))) {
      const heard = await mine(method, addressOf(route, ours));
      expectProblem(heard, 405, "METHOD_NOT_ALLOWED");
      expect(heard.headers.allow?.split(", ")).toEqual(expect.arrayContaining(taken));
    }
  });
});

describe.each(withId)("%s", (_, route) => {
  test("finds nothing under an id that is none, or that holds SQL or markup", async () => {
    for (const id of ["x", "1", "%27%20or%201%3D1%20--", "%3Cscript%3E", "0193a1f2-7c3e-7b60-8d4f-2a9c51e7b30", "x".repeat(3_000), "%00"]) {
      const isText = route.name === "auth.passkey_remove";
      const heard = await mine(route.method, route.path.replace(/\{\w+\}/, id).replace(/\{\w+\}/, id), bodyFor(route));
      if (isText) expect([403, 404, 422]).toContain(heard.status);
      else expectProblem(heard, 404, "NOT_FOUND");
    }
    expectProblem(await mine(route.method, route.path.replace(/\{\w+\}/g, "%ff"), bodyFor(route)), 400, "ADDRESS_INVALID");
  });

  test("does not know the records of another workspace, nor one that is not there", async () => {
    const isOwn = route.path.startsWith("/api/auth/"); // what belongs to a person asks first whether there is one
    for (const ids of [theirs, nothingIds]) {
      const heard = await mine(route.method, addressOf(route, ids), bodyFor(route));
      if (isOwn) expect([403, 404]).toContain(heard.status);
      else expectProblem(heard, 404, "NOT_FOUND");
    }
  });
});

describe.each(withBody)("%s", (_, route) => {
  const send = (sent: Sent) => (route.isPublic ? nobody : mine)(route.method, addressOf(route, ours), sent);

  test("takes JSON and nothing else", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "rubbish"])
      expectProblem(await send({ bytes: "{}", headers: { "content-type": type } }), 415, "MEDIA_TYPE_NOT_SUPPORTED");
  });

  test("cannot read what is not JSON or not UTF-8", async () => {
    for (const bytes of ["{", '{"a":}', "{'a':1}", "nul", '{"a":1}}', "\u0000"]) expectProblem(await send({ bytes }), 400, "BODY_NOT_JSON");
    for (const bytes of [[0xff], [0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d], [0xed, 0xa0, 0x80]])
      expectProblem(await send({ bytes: Uint8Array.from(bytes) }), 400, "BODY_NOT_UTF8");
  });

  test("refuses a body that is too long, too deep or no object", async () => {
    expectProblem(await send({ bytes: `{"name":"${"x".repeat(11 * 1024 * 1024)}"}` }), 413, "BODY_TOO_LARGE");
    for (const bytes of ["[".repeat(100_000), `{"a":`.repeat(65), `${"[".repeat(65)}${"]".repeat(65)}`])
      expectProblem(await send({ bytes }), 422, "TOO_DEEP");
    for (const bytes of ["[]", "null", "1", '"text"', "true"]) expectProblem(await send({ bytes }), 422, "TYPE");
  });

  test("names each unknown field, and one called __proto__ does nothing", async () => {
    const heard = await send({ bytes: '{"__proto__":{"polluted":true},"constructor":1,"nonsense":2}' });
    expectProblem(heard, 422);
    expect(pointersOf(heard)).toEqual(expect.arrayContaining(["/__proto__", "/constructor", "/nonsense"]));
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  const keys = readableKeys(route);
  test.skipIf(keys.length === 0)("names each value of the wrong type at once", async () => {
    const heard = await send({ body: Object.fromEntries(keys.map((key) => [key, { strange: [true] }])) });
    expectProblem(heard, 422);
    expect(pointersOf(heard).map((pointer) => pointer.split("/")[1])).toEqual(
      expect.arrayContaining(keys.filter((key) => !takesObjects(route, key))),
    );
  });

  test.skipIf(keys.length === 0)("names each text that is too long or holds NUL", async () => {
    for (const text of ["x".repeat(200_000), "a\0b"]) {
      const heard = await send({ body: Object.fromEntries(keys.map((key) => [key, text])) });
      expectProblem(heard, 422);
      const missing = requiredKeys(route).filter((key) => !keys.includes(key));
      expect([...new Set(pointersOf(heard).map((pointer) => pointer.split("/")[1]))].sort()).toEqual([...keys, ...missing].sort());
    }
  });

  const required = requiredKeys(route);
  test.skipIf(required.length === 0)("names everything that is missing", async () => {
    const heard = await send({ body: {} });
    expectProblem(heard, 422);
    expect(pointersOf(heard)).toEqual(expect.arrayContaining(required.map((key) => `/${key}`)));
    expectProblem(await send({ headers: { "content-type": "application/json" } }), 422);
  });

  test("refuses a query it does not know", async () => {
    const heard = await (route.isPublic ? nobody : mine)(route.method, `${addressOf(route, ours)}?colour=red`, { body: {} });
    expectProblem(heard, 422);
    expect(heard.body.errors).toContainEqual({ pointer: "/colour", code: "UNKNOWN_PARAMETER", message: expect.any(String) });
  });
});

describe.each(withQuery)("%s", (_, route) => {
  const ask = (query: string) => (route.isPublic ? nobody : mine)(route.method, `${addressOf(route, ours)}?${query}`);
  const { query: known } = placesOf(route.verb, route.method, route.path);

  test("refuses unknown, repeated and unreadable parameters", async () => {
    const heard = await ask("colour=red&__proto__=1");
    expectProblem(heard, 422);
    expect(pointersOf(heard)).toEqual(expect.arrayContaining(["/colour", "/__proto__"]));
    expectProblem(await ask(`${known[0]}=a&${known[0]}=b`), 422);
    expectProblem(await ask(`${known[0]}=%ff`), 400, "QUERY_NOT_UTF8");
    expectProblem(await ask(`${known[0]}=%zz`), 400, "QUERY_NOT_UTF8");
  });

  test("never fails over what stands in a parameter", async () => {
    for (const text of [
      "'; drop table contacts; --",
      "<script>",
      "\0",
      "-1",
      "1e400",
      "9".repeat(400),
      "null",
      "[]",
      "{}",
      '{"all":[[[]]]}',
      "%",
      "💥",
      "x".repeat(9_000),
    ]) {
      for (const key of known) {
        const { status, body } = await ask(`${key}=${encodeURIComponent(text)}`);
        expect([200, 204, 404, 409, 422], `${key}=${text.slice(0, 40)} ${JSON.stringify(body).slice(0, 200)}`).toContain(status);
      }
    }
  });

  test.skipIf(!known.includes("limit"))("refuses an absurd limit and a cursor it did not give", async () => {
    for (const limit of ["0", "-1", "101", "1.5", "1e9", "ten"]) {
      const heard = await ask(`limit=${encodeURIComponent(limit)}`);
      expectProblem(heard, 422);
      expect(pointersOf(heard)).toContain("/limit");
    }
    if (known.includes("cursor")) {
      for (const cursor of [
        "x",
        "WyJ4IiwxLCJhIiwiYiJd",
        "%00",
        "eyJhIjoxfQ",
        Buffer.from('["a",1,"b","0193a1f2-7c3e-7b60-8d4f-2a9c51e7b306"]').toString("base64url"),
      ])
        expectProblem(await ask(`cursor=${cursor}`), 422);
    }
  });

  test.skipIf(!known.includes("filter"))("names what is wrong with a filter", async () => {
    for (const filter of [
      "{",
      "[]",
      '{"field":"nothing","op":"eq","value":1}',
      '{"field":"created_at","op":"near","value":1}',
      `${'{"not":'.repeat(500)}{}${"}".repeat(500)}`,
    ])
      expectProblem(await ask(`filter=${encodeURIComponent(filter)}`), 422);
  });
});

test("an address that is not there is a problem like any other", async () => {
  for (const path of ["/", "/api", "/api/v1/crm/nothing", "/%2e%2e/etc/passwd"]) {
    expectProblem(await mine("GET", path), 404, "NOT_FOUND");
    expectProblem(await nobody("POST", path, { body: {} }), 404, "NOT_FOUND");
  }
  for (const path of ["/api/v1/crm/contacts/", "/api/v1/crm/contacts//timeline"]) expectProblem(await mine("GET", path), 404, "NOT_FOUND");
});

function expectProblem(heard: Heard, status: number, code?: string): void {
  expect({ status: heard.status, ...(code ? { code: heard.body?.code } : {}) }, heard.text.slice(0, 300)).toEqual({
    status,
    ...(code ? { code } : {}),
  });
  expect(heard.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
  expect(heard.body).toMatchObject({
    type: `urn:rapport:problem:${heard.body.code}`,
    status,
    code: expect.stringMatching(/^[A-Z][A-Z0-9_]+$/),
    title: expect.any(String),
    detail: expect.stringMatching(/\.$/),
    errors: expect.any(Array),
    request_id: heard.headers["x-request-id"],
  });
}

const pointersOf = ({ body }: Heard): string[] => body.errors.map(({ pointer }: { pointer: string }) => pointer);

function bodyOf({ verb, method, path }: Route): "data" | "keys" | "none" {
  return placesOf(verb, method, path).body;
}

function resourceOf({ verb: { output } }: Route): Resource | null {
  return output !== "nothing" && "one" in output ? output.one : null;
}

function bodyKeys(route: Route): readonly string[] {
  const { path } = placesOf(route.verb, route.method, route.path);
  return bodyOf(route) === "data"
    ? writableKeys(resourceOf(route) as Resource)
    : Object.keys(route.verb.input).filter((key) => !path.includes(key));
}

/** The keys whose values are checked before anything else happens; what is free is read by the verb itself. */
function readableKeys(route: Route): readonly string[] {
  if (bodyOf(route) !== "data") return bodyKeys(route).filter((key) => (route.verb.input[key] as { shape?: string }).shape !== "free");
  const resource = resourceOf(route) as Resource;
  return bodyKeys(route).filter((key) => key in resource.fields);
}

/** Any JSON will do for such a field, an object among it. */
function takesObjects(route: Route, key: string): boolean {
  const field = bodyOf(route) === "data" ? resourceOf(route)?.fields[key] : (route.verb.input[key] as Exclude<Shape, { shape: string }>);
  return field?.kind === "json" && !field.many;
}

function requiredKeys(route: Route): readonly string[] {
  if (bodyOf(route) === "data") {
    const { fields } = resourceOf(route) as Resource;
    if (route.verb.status !== 201) return [];
    return Object.keys(fields).filter(
      (key) => fields[key]?.required && fields[key]?.default === undefined && fields[key]?.writer !== "verbs",
    );
  }
  return bodyKeys(route).filter((key) => {
    const shape = route.verb.input[key] as Shape;
    return shape.required && !("default" in shape && shape.default !== undefined);
  });
}

type Ids = Readonly<Record<string, string>>;
const anId = "0193a1f2-7c3e-7b60-8d4f-2a9c51e7b306";
const nothingIds: Ids = {};

/** The address of a record of this workspace, as the path names its resource. */
function addressOf({ path }: Route, ids: Ids): string {
  const resource = /^\/api\/(?:v1\/crm|v1|auth)\/([\w-]+)/.exec(path)?.[1] ?? "";
  return path.replace("{id}", ids[resource] ?? anId).replace("{tag_id}", ids.tags ?? anId);
}

/** What lets a write through to the question whether there is such a record. */
function bodyFor(route: Route): Sent {
  if (bodyOf(route) === "none") return {};
  if (route.name.endsWith(".tag")) return { body: { name: "Customer" } };
  return { body: route.name === "tags.merge" ? { into: anId.replace("0193", "0194") } : {} };
}

/** One record of each resource. */
async function furnish(client: Client, member: string): Promise<Ids> {
  const made = async (path: string, body: object): Promise<string> => {
    const heard = await client("POST", path, { body });
    expect(heard.status, heard.text).toBe(201);
    return heard.body.id;
  };
  return {
    members: member,
    companies: await made("/api/v1/crm/companies", { name: "Halden" }),
    contacts: await made("/api/v1/crm/contacts", { last_name: "Lovelace" }),
    tags: await made("/api/v1/crm/tags", { name: "Customer" }),
    fields: await made("/api/v1/crm/fields", { resource: "contacts", key: "shoe_size", label: "Shoe size", type: "integer" }),
    views: await made("/api/v1/crm/views", { resource: "contacts", name: "All" }),
    teams: await made("/api/v1/teams", { name: "Sales" }),
    roles: await made("/api/v1/roles", { key: "inside_sales", name: "Inside sales", grants: {} }),
    keys: await made("/api/v1/keys", { name: "Forms", role: "read_only" }),
    invitations: await made("/api/v1/invitations", { email: `${crypto.randomUUID()}@halden.example` }),
  };
}
