import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { aServer, type Client, type TestServer } from "../../../test/support/http.ts";
import { aWorkspace, theKernel } from "../../../test/support/workspace.ts";
import { usecase } from "../../usecases/kit/usecase.ts";
import { createServer } from "./server.ts";

let folder: string;
let at: TestServer;
let browser: Client;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rapport-web-"));
  await mkdir(join(folder, "assets"));
  await writeFile(join(folder, "index.html"), '<!doctype html><meta name="csp-nonce" content="__CSP_NONCE__"><title>Rapport</title>');
  await writeFile(join(folder, "assets/index-Ab12Cd34.js"), "export {}");
  await writeFile(join(folder, "assets/index-Ab12Cd34.js.br"), brotliCompressSync("export {}"));
  await writeFile(join(folder, "favicon.svg"), "<svg/>");
  await writeFile(join(folder, "assets/gone-Ab12Cd34.js"), "export {}");
  await writeFile(join(folder, "..", `${folder.split("/").at(-1)}-secret`), "secret");
  at = await aServer({ web: folder });
  browser = at.client(null);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(`${folder}-secret`, { force: true });
});

const plain = {
  host: "127.0.0.1",
  port: 0,
  secure: false,
  trustProxy: false,
  rateLimit: "off",
  metricsToken: null,
  web: null,
  version: "1",
} as const;
const html = { accept: "text/html,application/xhtml+xml" };

test("it says that it lives and that it is ready", async () => {
  expect(await browser("GET", "/healthz")).toMatchObject({ status: 200, body: { status: "ok", version: "0.0.0-test" } });
  expect(await browser("GET", "/readyz")).toMatchObject({ status: 200, body: { status: "ready", checks: { database: "ok" } } });
});

test("it says what keeps it from being ready", async () => {
  const { app } = await theKernel();
  const server = await createServer({
    app,
    authenticate: () => null,
    hashToken: (token) => token,
    logger: (await import("pino")).pino({ level: "silent" }),
    checks: { database: async () => Promise.reject(new Error("gone")), migrations: async () => {} },
    settings: { ...plain, drain: 100 },
  });
  const url = await server.listen();
  const ready = await fetch(`${url}/readyz`);
  expect({ status: ready.status, body: await ready.json() }).toEqual({
    status: 503,
    body: { status: "not ready", checks: { database: "failed", migrations: "ok" } },
  });
  await server.close();
});

test("its figures name addresses, not records", async () => {
  const workspace = await aWorkspace();
  const client = at.client(workspace.admin.actor);
  await client("GET", `/api/v1/crm/contacts/${workspace.admin.id}`);

  const { text, status } = await browser("GET", "/metrics");
  expect(status).toBe(200);
  expect(text).toContain('http_request_duration_seconds_count{method="GET",route="/api/v1/crm/contacts/{id}",status="404"}');
  expect(text).toMatch(/nodejs_eventloop_lag_seconds \S+/);
  expect(text).toMatch(/process_resident_memory_bytes \d+/);
  expect(text).not.toContain(workspace.admin.id);
});

test("its figures are for this machine or for whoever has the token", async () => {
  expect(await browser("GET", "/metrics", { headers: { "x-forwarded-for": "203.0.113.7" } })).toMatchObject({ status: 403 });
  const guarded = (await aServer({ metricsToken: "a long token" })).client(null);
  expect((await guarded("GET", "/metrics")).status).toBe(403);
  expect((await guarded("GET", "/metrics", { headers: { authorization: "Bearer a long tokem" } })).status).toBe(403);
  expect((await guarded("GET", "/metrics", { headers: { authorization: "Bearer a long token" } })).status).toBe(200);
});

test("a page of the interface is the start page, with a nonce of its own each time", async () => {
  const pages = [await browser("GET", "/", { headers: html }), await browser("GET", "/contacts/1?tab=notes", { headers: html })];

  const nonces = pages.map(({ text }) => /content="([\w-]+)"/.exec(text)?.[1]);
  expect(new Set(nonces).size).toBe(2);
  pages.forEach(({ status, headers }, index) => {
    expect(status).toBe(200);
    expect(headers).toMatchObject({ "content-type": "text/html; charset=utf-8", "cache-control": "no-cache" });
    expect(headers["content-security-policy"]).toContain(`style-src 'self' 'nonce-${nonces[index]}'`);
  });
  expect(await browser("GET", "/contacts/1")).toMatchObject({ status: 404 });
  expect(await browser("GET", "/api/nothing", { headers: html })).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
});

test("files named by their content are kept for ever, and come as they were packed", async () => {
  const packed = await browser("GET", "/assets/index-Ab12Cd34.js", { headers: { "accept-encoding": "gzip, br" } });
  expect(packed).toMatchObject({
    status: 200,
    headers: {
      "content-encoding": "br",
      "cache-control": "public, max-age=31536000, immutable",
      "content-type": "text/javascript; charset=utf-8",
    },
  });
  const plain = await browser("GET", "/assets/index-Ab12Cd34.js");
  expect(plain).toMatchObject({ status: 200, text: "export {}" });
  expect(plain.headers["content-encoding"]).toBeUndefined();

  const icon = await browser("GET", "/favicon.svg");
  expect(icon.headers).toMatchObject({ "cache-control": "no-cache", "content-type": "image/svg+xml" });
  expect(await browser("GET", "/favicon.svg", { headers: { "if-none-match": icon.headers.etag ?? "" } })).toMatchObject({
    status: 304,
    text: "",
  });
});

test("a file that a new build took away is missed in words, and served again when it is back", async () => {
  const file = join(folder, "assets/gone-Ab12Cd34.js");
  await rm(file);
  expect(await browser("GET", "/assets/gone-Ab12Cd34.js")).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
  await writeFile(file, "export {}");
  expect(await browser("GET", "/assets/gone-Ab12Cd34.js")).toMatchObject({ status: 200, text: "export {}" });
});

test("nothing outside the folder is served", async () => {
  const name = `${folder.split("/").at(-1)}-secret`;
  for (const path of [`/../${name}`, `/..%2f${name}`, `/assets/../../${name}`, `/assets/..%2f..%2f${name}`, "/assets/", "/index.html.br"]) {
    const { status, text } = await browser("GET", path);
    expect(status, path).toBe(404);
    expect(text).not.toBe("secret");
  }
});

test("closing lets what runs end, refuses what is new, and takes no more connections", async () => {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const slow = usecase({
    summary: "Slow",
    allow: "public",
    writes: false,
    input: {},
    output: "nothing",
    status: 204,
    run: async () => gate,
  });
  const { app } = await theKernel();
  const server = await createServer({
    app: { ...app, verbs: { "auth.options": slow } },
    authenticate: () => null,
    hashToken: (token) => token,
    logger: (await import("pino")).pino({ level: "silent" }),
    checks: {},
    settings: { ...plain, drain: 5_000 },
  });
  const url = await server.listen();
  const running = fetch(`${url}/api/auth/options`);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const closing = server.close();
  const refused = await fetch(`${url}/api/auth/options`);
  expect({ status: refused.status, connection: refused.headers.get("connection"), body: await refused.json() }).toMatchObject({
    status: 503,
    connection: "close",
    body: { code: "CLOSING" },
  });
  expect((await fetch(`${url}/readyz`)).status).toBe(503);

  open();
  expect((await running).status).toBe(204);
  await closing;
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
});

test("a caller who goes away before the answer holds nothing up", async () => {
  const never = usecase({
    summary: "Never",
    allow: "public",
    writes: false,
    input: {},
    output: "nothing",
    run: async () => new Promise(() => {}),
  });
  const { app } = await theKernel();
  const lines: any[] = [];
  const server = await createServer({
    app: { ...app, verbs: { "auth.options": never } },
    authenticate: () => null,
    hashToken: (token) => token,
    logger: (await import("pino")).pino({}, { write: (line) => void lines.push(JSON.parse(line)) }),
    checks: {},
    settings: { ...plain, drain: 20_000 },
  });
  const url = await server.listen();
  await expect(fetch(`${url}/api/auth/options`, { signal: AbortSignal.timeout(200) })).rejects.toThrow();
  await expect.poll(() => lines).toMatchObject([{ route: "/api/auth/options", status: 499 }]);

  const before = performance.now();
  await server.close();
  expect(performance.now() - before).toBeLessThan(5_000);
});

test("what the database or a bug breaks is told apart, and a bug tells nothing of its inside", async () => {
  const errors: [unknown, number, string][] = [
    [Object.assign(new Error("canceling statement"), { code: "57014", severity: "ERROR" }), 422, "FILTER_TOO_BROAD"],
    [Object.assign(new Error("value too long"), { code: "22001", severity: "ERROR" }), 422, "VALUE_NOT_ACCEPTED"],
    [Object.assign(new Error("too many connections"), { code: "53300", severity: "FATAL" }), 503, "BUSY"],
    [Object.assign(new Error("deadlock"), { code: "40P01", severity: "ERROR" }), 503, "BUSY"],
    [new TypeError("secret of the inside"), 500, "INTERNAL"],
    ["no error at all", 500, "INTERNAL"],
  ];
  const { app } = await theKernel();
  const lines: any[] = [];
  for (const [error, status, code] of errors) {
    const breaks = usecase({
      summary: "Breaks",
      allow: "public",
      writes: false,
      input: {},
      output: "nothing",
      run: async () => Promise.reject(error),
    });
    const server = await createServer({
      app: { ...app, verbs: { "auth.options": breaks } },
      authenticate: () => null,
      hashToken: (token) => token,
      logger: (await import("pino")).pino({}, { write: (line) => void lines.push(JSON.parse(line)) }),
      checks: {},
      settings: { ...plain, drain: 100 },
    });
    const url = await server.listen();
    const heard = await new Promise<{ status: number; text: string; retry: string | undefined }>((resolve) => {
      http.get(`${url}/api/auth/options`, (response) => {
        let text = "";
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text, retry: response.headers["retry-after"] }));
      });
    });
    await server.close();
    expect({ status: heard.status, code: JSON.parse(heard.text).code }).toEqual({ status, code });
    expect(heard.text).not.toContain("secret");
    if (status === 503) expect(heard.retry).toBe("1");
  }
  expect(lines.filter(({ level }) => level === 50)).toHaveLength(2);
  expect(lines.find(({ err }) => err?.message === "secret of the inside")).toMatchObject({
    request_id: expect.any(String),
    route: "/api/auth/options",
  });
});
