import { afterAll, beforeAll, expect, test } from "vitest";
import { connectLive } from "./support/live-client.ts";
import { until } from "./support/nodes.ts";
import { aDataFolder, aProduct, ask, aWorkspaceIn, type Product } from "./support/product.ts";

let data: Awaited<ReturnType<typeof aDataFolder>>;
let product: Product;
let key: string;
beforeAll(async () => {
  data = await aDataFolder();
  key = (await aWorkspaceIn(data.folder)).api_key;
  product = await aProduct(data.folder);
});
afterAll(async () => {
  await product?.end();
  await data?.remove();
});

const call = (method: string, path: string, body?: unknown) => ask(product.url, key, method, path, body);

test("a record that is made is found by search, corrected by its words, told live and kept in the timeline", async () => {
  const client = await connectLive(product.url, { key });
  client.say({ subscribe: { resource: "contacts" } });
  await client.hear((message) => message.ready);
  const { body } = await call("POST", "/api/v1/crm/contacts", {
    first_name: "Mathilde",
    last_name: "Oberländer",
    email: "mo@halden.example",
  });

  expect(await client.hear((message) => message.type === "contact.created")).toMatchObject({ id: body.id, version: 1 });
  await client.close();
  const found = (words: string) =>
    call("GET", `/api/v1/crm/search?q=${encodeURIComponent(words)}`).then((answer) => JSON.stringify(answer.body));
  expect(await found("oberlander")).toContain(body.id);
  // The words by which a slip is corrected come with the drain.
  await until(
    () => found("Oberlaender Mathlide"),
    (text) => text.includes(body.id),
  );
  expect((await call("GET", `/api/v1/crm/contacts/${body.id}/timeline`)).body.data).toHaveLength(1);
});

test("jobs are done behind requests: sample data comes, goes, and nothing is given up", async () => {
  expect((await call("POST", "/api/v1/sample-data")).status).toBe(201);
  expect((await call("GET", "/api/v1/crm/companies?limit=1&count=exact")).body.total).toBe(50);
  expect((await call("DELETE", "/api/v1/sample-data")).status).toBe(204);
  expect((await call("GET", "/api/v1/jobs/dead-letters")).body.data).toEqual([]);
  const { body: field } = await call("POST", "/api/v1/crm/fields", {
    resource: "contacts",
    key: "shoe_size",
    label: "Shoe size",
    type: "integer",
  });
  expect((await call("DELETE", `/api/v1/crm/fields/${field.id}`)).status).toBeLessThan(300);
});

test("what operates the product is there: readiness, figures, documentation", async () => {
  expect(await (await fetch(`${product.url}/readyz`)).json()).toMatchObject({
    status: "ready",
    checks: { database: "ok", identity: "ok" },
  });
  expect(await (await fetch(`${product.url}/metrics`)).text()).toContain("http_request_duration_seconds");
  const openapi = await (await fetch(`${product.url}/api/openapi.json`)).json();
  expect(openapi).toMatchObject({ openapi: expect.stringMatching(/^3\.1/), paths: { "/api/v1/crm/contacts": {} } });
});

test("a node that only works and one that only answers make a whole together", async () => {
  const worker = await aWorker();
  const web = await aProduct(data.folder, {}, ["--role", "web"]);
  expect((await ask(web.url, key, "POST", "/api/v1/crm/contacts", { last_name: "Weber" })).status).toBe(201);
  expect(await web.end()).toBe(0);
  expect(await worker()).toBe(0);
});

/** A worker answers no requests, so there is only its word that it runs. */
async function aWorker(): Promise<() => Promise<number | string | null>> {
  const { spawn } = await import("node:child_process");
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, ["bin/rapport.mjs", "worker"], {
    env: { PATH, HOME, DATA_DIR: data.folder, LOG_LEVEL: "error" },
    stdio: "pipe",
  });
  let said = "";
  child.stdout.on("data", (text) => (said += text));
  child.stderr.on("data", (text) => (said += text));
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  await until(
    () => said,
    (text) => text.includes("Rapport is working behind requests."),
    20_000,
  );
  return () => {
    child.kill("SIGTERM");
    return ended;
  };
}
