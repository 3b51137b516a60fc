import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { aServer, type Client, type Heard, type TestServer, wholeApp } from "../../../test/support/http.ts";
import { aWorkspace, type Workspace } from "../../../test/support/workspace.ts";

let at: TestServer;
let workspace: Workspace;
let admin: Client;
let nobody: Client;
beforeAll(async () => {
  at = await aServer({}, { app: await wholeApp() });
  workspace = await aWorkspace();
  admin = at.client(workspace.admin.actor);
  nobody = at.client(null);
});

const companies = "/api/v1/crm/companies";
const PASSWORD = "three unrelated words";

test("every answer carries the fixed headers, whatever it is", async () => {
  const answers = [
    await admin("GET", companies),
    await admin("POST", companies, { body: {} }),
    await nobody("GET", companies),
    await nobody("GET", "/nothing"),
    await nobody("GET", "/%ff"),
    await nobody("PUT", companies),
    await nobody("GET", "/healthz"),
    await nobody("GET", "/api/openapi.json"),
    await admin("POST", companies, { bytes: "x".repeat(11 * 1024 * 1024) }),
  ];

  expect(answers.map(({ status }) => status)).toEqual([200, 422, 401, 404, 400, 405, 200, 200, 413]);
  for (const { headers } of answers) {
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "content-security-policy": expect.stringContaining("default-src 'self'"),
      "x-request-id": expect.stringMatching(/./),
    });
    expect(headers["content-security-policy"]).not.toContain("unsafe");
    expect(headers).not.toHaveProperty("strict-transport-security");
    expect(headers).not.toHaveProperty("access-control-allow-origin");
  }
  expect(answers[0]?.headers["cache-control"]).toBe("no-store");
});

test("behind TLS browsers are told to stay with it, and cookies go over it alone", async () => {
  const secure = await aServer({ secure: true }, { app: await wholeApp() });

  const { headers } = await secure.client(null)("POST", "/api/auth/sign-out");
  expect(headers["strict-transport-security"]).toMatch(/^max-age=\d+/);
  expect(headers["set-cookie"]?.[0]).toMatch(/^rapport_session=; .*HttpOnly; SameSite=Lax; Secure$/);
});

test("a request keeps the id it came with if a log can hold it", async () => {
  expect((await nobody("GET", "/healthz", { headers: { "x-request-id": "trace-1:2" } })).headers["x-request-id"]).toBe("trace-1:2");
  const made = await nobody("GET", "/healthz", { headers: { "x-request-id": 'bad "id"' } });
  expect(made.headers["x-request-id"]).not.toContain("bad");
  expect((await nobody("GET", "/healthz")).headers["x-request-id"]).not.toBe(made.headers["x-request-id"]);
});

test("the log names who did what and how long it took, and no secret", async () => {
  const id = randomUUID();
  await admin("GET", `${companies}?q=secret-word`, { headers: { "x-request-id": id, cookie: "rapport_session=rps_secret" } });
  await expect.poll(() => at.log.find((line) => line.request_id === id)).toBeDefined();

  const line = at.log.find((one) => one.request_id === id);
  expect(line).toMatchObject({
    tenant: workspace.tenant,
    user: workspace.admin.id,
    method: "GET",
    route: companies,
    status: 200,
    ms: expect.any(Number),
  });
  expect(JSON.stringify(at.log)).not.toMatch(/secret|rpk_|rps_/);
});

test("a person signs up, works and signs out by cookie alone", async () => {
  const email = `${randomUUID()}@halden.example`;
  const body = { email, password: PASSWORD, name: "Anna Berger", workspace: `Halden ${email}` };

  const entered = await nobody("POST", "/api/auth/sign-up", { body });
  expect(entered).toMatchObject({ status: 201, body: { user: { email }, totp_token: null } });
  expect(entered.text).not.toContain("rps_");
  expect(entered.body).not.toHaveProperty("session_token");
  const [cookie = ""] = entered.headers["set-cookie"] ?? [];
  expect(cookie).toMatch(/^rapport_session=rps_[\w-]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);

  const headers = { cookie: cookie.split(";")[0] ?? "", "x-rapport": "1" };
  expect((await nobody("GET", "/api/auth/me", { headers })).body).toMatchObject({ user: { email }, role: { key: "admin" } });
  const made = await nobody("POST", companies, { body: { name: "Halden Optics" }, headers });
  expect(made).toMatchObject({ status: 201 });
  expect((await nobody("GET", `${companies}/${made.body.id}/timeline`, { headers })).body.data[0]).toMatchObject({ via: "interface" });

  const left = await nobody("POST", "/api/auth/sign-out", { headers });
  expect(left).toMatchObject({ status: 204, headers: { "set-cookie": [expect.stringMatching(/^rapport_session=; Path=\/; Max-Age=0/)] } });
  const late = await nobody("GET", "/api/auth/me", { headers });
  expect(late).toMatchObject({
    status: 401,
    body: { code: "UNAUTHENTICATED" },
    headers: { "set-cookie": [expect.stringContaining("Max-Age=0")] },
  });
  const wrong = await nobody("POST", "/api/auth/sign-in", { body: { email, password: "another one entirely" } });
  expect(wrong).toMatchObject({ status: 401, body: { code: "SIGN_IN_FAILED" } });
  expect(await nobody("POST", "/api/auth/sign-in", { body: { email, password: PASSWORD } })).toMatchObject({ status: 200 });
});

test("the browser that comes back from an identity provider is sent on to a page", async () => {
  const back = await nobody("GET", "/api/auth/oidc/callback?code=x&state=y", {
    headers: { "sec-fetch-site": "cross-site", cookie: "rapport_oidc=rpo_other" },
  });

  expect(back).toMatchObject({ status: 303, headers: { location: expect.stringMatching(/^\/sign-in\?error=[A-Z_]+$/) } });
  expect(back.headers["set-cookie"]?.[0]).toMatch(/^rapport_oidc=; .*Max-Age=0/);
});

test("a write by cookie must come from a page of ours", async () => {
  const cookie = `rapport_session=${at.tokenOf(workspace.admin.actor, "rps_")}`;
  const host = new URL(at.url).host;
  const write = (headers: Record<string, string>): Promise<Heard> =>
    nobody("POST", companies, { body: { name: "Halden" }, headers: { cookie, ...headers } });

  for (const headers of [{ "x-rapport": "1" }, { "sec-fetch-site": "same-origin" }, { origin: `http://${host}` }] as Record<
    string,
    string
  >[])
    expect(await write(headers)).toMatchObject({ status: 201 });
  for (const headers of [
    {},
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { origin: "https://evil.example" },
    { origin: "null" },
  ] as Record<string, string>[])
    expect(await write(headers)).toMatchObject({ status: 403, body: { code: "CROSS_SITE_REQUEST" } });
  expect(await nobody("GET", companies, { headers: { cookie, "sec-fetch-site": "cross-site" } })).toMatchObject({ status: 200 });
});

test("nobody can be signed in from another site", async () => {
  const body = { email: "anna@halden.example", password: PASSWORD };

  expect(await nobody("POST", "/api/auth/sign-in", { body, headers: { "sec-fetch-site": "cross-site" } })).toMatchObject({ status: 403 });
  expect(await nobody("POST", "/api/auth/sign-in", { body })).toMatchObject({ status: 401 });
});

test("a key that is wrong is not made good by a cookie beside it", async () => {
  const cookie = `rapport_session=${at.tokenOf(workspace.admin.actor, "rps_")}`;

  for (const authorization of ["Bearer rpk_wrong", "Bearer", "Basic YTpi", cookie.split("=")[1] ?? ""])
    expect(await nobody("GET", companies, { headers: { cookie, authorization } })).toMatchObject({ status: 401 });
});

test("a role may do at every address what it may do, and is told what it may not", async () => {
  const reader = at.client((await workspace.member("read_only")).actor);
  const { body } = await admin("POST", companies, { body: { name: "Halden" } });

  expect(await reader("POST", companies, { body: { name: "Halden" } })).toMatchObject({ status: 403, body: { code: "FORBIDDEN" } });
  expect(await reader("PATCH", "/api/v1/workspace", { body: { name: "Mine" } })).toMatchObject({
    status: 403,
    body: { right: "workspace.manage" },
  });
  expect(await reader("GET", `${companies}/${body.id}`)).toMatchObject({ status: 404 });
});

test("the request one too many hears when it may go on", async () => {
  let now = Date.parse("2026-11-24T14:00:12Z");
  const limited = await aServer({ rateLimit: { tenant: 5, key: 3 } }, { clock: () => now });
  const key = limited.client({ ...workspace.admin.actor, key_id: randomUUID() });
  const person = limited.client(workspace.admin.actor);

  const first = await key("GET", companies);
  expect(first.headers).toMatchObject({
    "ratelimit-policy": '"tenant";q=5;w=60, "key";q=3;w=60',
    ratelimit: '"tenant";r=4;t=48, "key";r=2;t=48',
  });
  expect([(await key("GET", companies)).status, (await key("GET", companies)).status]).toEqual([200, 200]);
  expect(await key("GET", companies)).toMatchObject({ status: 429, headers: { "retry-after": "48" }, body: { code: "RATE_LIMITED" } });
  expect((await person("GET", companies)).status).toBe(200);
  expect(await person("GET", companies)).toMatchObject({ status: 429, body: { title: "Too many requests" } });
  now += 48_000;
  expect(await key("GET", companies)).toMatchObject({ status: 200, headers: { ratelimit: '"tenant";r=4;t=60, "key";r=2;t=60' } });
});

test("an address tells its methods, and HEAD answers as GET without a body", async () => {
  expect(await nobody("OPTIONS", companies)).toMatchObject({ status: 204, headers: { allow: "GET, POST, HEAD, OPTIONS" } });
  expect(await admin("HEAD", companies)).toMatchObject({ status: 200, text: "" });
});

test("a long list is compressed for whoever takes it, a short answer never", async () => {
  const operations = Array.from({ length: 100 }, (_, index) => ({
    op: "create",
    data: { name: `Long ${index}`, industry: "x".repeat(200), website: `https://halden.example/${"x".repeat(300)}` },
  }));
  expect((await admin("POST", `${companies}/bulk`, { body: { operations } })).status).toBe(200);

  const packed = await admin("GET", `${companies}?limit=100`, { headers: { "accept-encoding": "gzip, br" } });
  expect(packed.headers).toMatchObject({ "content-encoding": "gzip", vary: "accept-encoding" });
  for (const encoding of ["", "br", "gzip;q=0", "identity"]) {
    const plain = await admin("GET", `${companies}?limit=100`, { headers: { "accept-encoding": encoding } });
    expect(plain.headers["content-encoding"], encoding).toBeUndefined();
    expect(plain.body.data).toHaveLength(100);
  }
  expect(
    (await admin("GET", `${companies}?limit=1`, { headers: { "accept-encoding": "gzip" } })).headers["content-encoding"],
  ).toBeUndefined();
});
