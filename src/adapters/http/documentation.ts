import { createHash, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { openApiDocument } from "./openapi.ts";
import { acceptsGzip } from "./request-headers.ts";
import type { Route } from "./route.ts";
import { policy } from "./security-headers.ts";

/** Serves the description of the API as OpenAPI 3.1, and a page to read it on, all from our own origin. */
export function registerDocumentation(fastify: FastifyInstance, routes: readonly Route[], version: string): void {
  // Neither is made before somebody asks: the page alone weighs 4 MB of memory.
  const description = once(() => packed(JSON.stringify(openApiDocument(routes, version))));
  const script = once(async () => packed(await scriptOfPage()));

  fastify.get("/api/openapi.json", async (request, reply) => {
    request.label = "/api/openapi.json";
    return sendPacked(request, reply, { type: "application/json; charset=utf-8", file: await description() });
  });
  fastify.get("/api/docs/reference.js", async (request, reply) => {
    request.label = "/api/docs";
    return sendPacked(request, reply, { type: "text/javascript; charset=utf-8", file: await script() });
  });
  fastify.get("/api/docs", (request, reply) => {
    request.label = "/api/docs";
    const nonce = randomBytes(16).toString("base64url");
    reply.header("content-type", "text/html; charset=utf-8").header("content-security-policy", policyOfPage(nonce)).send(page(nonce));
  });
}

type Packed = { readonly bytes: Buffer; readonly etag: string };

async function packed(text: string): Promise<Packed> {
  const bytes = await promisify(gzip)(text, { level: 6 });
  return { bytes, etag: `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"` };
}

async function sendPacked(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  { type, file }: { type: string; file: Packed },
): Promise<FastifyReply> {
  reply.header("content-type", type).header("etag", file.etag).header("vary", "accept-encoding").header("cache-control", "no-cache");
  if (headers["if-none-match"] === file.etag) return reply.code(304).send();
  if (acceptsGzip(headers["accept-encoding"])) return reply.header("content-encoding", "gzip").send(file.bytes);
  return reply.send(await promisify(gunzip)(file.bytes));
}

/** The package keeps its script to itself, so a server of its own is asked for it once and thrown away. */
async function scriptOfPage(): Promise<string> {
  const { default: scalar } = await import("@scalar/fastify-api-reference");
  const inside = Fastify();
  await inside.register(scalar, { routePrefix: "/", configuration: { url: "/api/openapi.json" } });
  const { body, statusCode } = await inside.inject({ url: "/js/scalar.js" });
  await inside.close();
  if (statusCode !== 200) throw new Error("The package of the API reference does not hand out its script.");
  return body;
}

/** The page sets styles while it runs and offers no nonce for all of them; scripts stay with us and the nonce. */
const policyOfPage = (nonce: string): string => policy(nonce).replace(/style-src [^;]+/, "style-src 'self' 'unsafe-inline'");

const page = (nonce: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta property="csp-nonce" content="${nonce}" nonce="${nonce}" />
    <title>Rapport API</title>
  </head>
  <body>
    <div id="app"></div>
    <script src="/api/docs/reference.js" nonce="${nonce}"></script>
    <script nonce="${nonce}">
      Scalar.createApiReference("#app", { url: "/api/openapi.json", withDefaultFonts: false, telemetry: false, hideClientButton: true, showDeveloperTools: "never", agent: { disabled: true }, mcp: { disabled: true } });
    </script>
  </body>
</html>
`;

/** Makes a value when it is first asked for; a failure is not kept. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make().catch((error) => {
      made = null;
      throw error;
    });
    return made;
  };
}
