import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { openTraces, parentIn, routeOf } from "./traces.ts";

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function listening(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("each request becomes a span of its caller's trace, sent as OTLP when the exporter closes", async () => {
  const received: { url: string; token: string; body: any }[] = [];
  const collector = await listening((request, response) => {
    let text = "";
    request.on("data", (part) => (text += part));
    request.on("end", () => {
      received.push({ url: request.url ?? "", token: String(request.headers.authorization), body: JSON.parse(text) });
      response.end("{}");
    });
  });
  const product = await listening((request, response) => {
    response.statusCode = request.url?.startsWith("/broken") ? 500 : 201;
    response.end();
  });
  const failures: unknown[] = [];
  const traces = openTraces({
    endpoint: collector,
    headers: { authorization: "t" },
    service: "rapport",
    version: "1",
    onFailure: (one) => failures.push(one),
  });
  const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  await fetch(`${product}/api/v1/crm/contacts/01890a5d-ac96-774b-bcce-b302099a8057?email=anna@halden.example`, {
    headers: { traceparent: parent },
  });
  await fetch(`${product}/broken`);
  await fetch(`${product}/unsampled`, { headers: { traceparent: parent.replace(/01$/, "00") } });
  await traces.close();

  expect(failures).toEqual([]);
  expect(received[0]).toMatchObject({ url: "/v1/traces", token: "t" });
  const [{ resource, scopeSpans }] = received[0]?.body.resourceSpans ?? [{}];
  expect(resource.attributes).toContainEqual({ key: "service.name", value: { stringValue: "rapport" } });
  const ours = scopeSpans[0].spans;
  expect(ours.map(({ name }: { name: string }) => name)).toEqual(["GET /api/v1/crm/contacts/{id}", "GET /broken"]);
  const [first, second] = ours;
  expect(first).toMatchObject({
    traceId: "0af7651916cd43dd8448eb211c80319c",
    parentSpanId: "b7ad6b7169203331",
    kind: 2,
    status: { code: 0 },
  });
  expect(first.attributes).toContainEqual({ key: "http.response.status_code", value: { intValue: "201" } });
  expect(BigInt(first.endTimeUnixNano)).toBeGreaterThan(BigInt(first.startTimeUnixNano));
  expect(second.status).toEqual({ code: 2 });
  expect(JSON.stringify(received)).not.toContain("anna");
});

test("a collector that is away costs the product nothing but a word", async () => {
  const product = await listening((_, response) => response.end());
  const failures: unknown[] = [];
  const traces = openTraces({
    endpoint: "http://127.0.0.1:1",
    headers: {},
    service: "x",
    version: "1",
    onFailure: (one) => failures.push(one),
  });
  expect((await fetch(product)).status).toBe(200);
  await traces.close();
  expect(failures).toHaveLength(1);
});

test("what names a record, a person or a secret is left out of an address", () => {
  expect(routeOf("/api/v1/crm/contacts?filter=x")).toBe("/api/v1/crm/contacts");
  expect(routeOf("/api/v1/crm/contacts/bulk-import")).toBe("/api/v1/crm/contacts/bulk-import");
  expect(routeOf("/api/auth/invitations/rpo_AbC-12")).toBe("/api/auth/invitations/{id}");
  expect(routeOf("/x/anna@halden.example/tags")).toBe("/x/{id}/tags");
  expect(routeOf("/")).toBe("/");
});

test("a parent that cannot be read is none", () => {
  expect(parentIn("00-00000000000000000000000000000000-b7ad6b7169203331-01")).toBeNull();
  expect(parentIn("nonsense")).toBeNull();
  expect(parentIn(undefined)).toBeNull();
  expect(parentIn("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")).toMatchObject({ isSampled: false });
});
