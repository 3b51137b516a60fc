import { createHash, randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ProtocolError } from "./protocol-error.ts";
import { acceptsGzip } from "./request-headers.ts";
import { policy } from "./security-headers.ts";

/** Answers a page of the interface where one is meant; says whether it did. */
export type WebFiles = { readonly sendPage: (request: FastifyRequest, reply: FastifyReply) => boolean };

/** Serves the built interface: files named by their content for ever, every other page by the one start page. */
export function registerWebFiles(fastify: FastifyInstance, folder: string | null): WebFiles {
  if (folder === null || !existsSync(join(folder, "index.html"))) return { sendPage: () => false };
  const paths = filesIn(folder);
  const known = new Set(paths);
  const contents = new Map<string, Promise<File>>();
  const fileOf = (path: string): Promise<File> => {
    const loaded = contents.get(path) ?? load(folder, path);
    contents.set(path, loaded);
    loaded.catch(() => contents.delete(path)); // it may come back with the next build
    return loaded;
  };

  for (const path of paths.filter((one) => !/\.(?:br|gz)$/.test(one) && one !== "index.html")) {
    fastify.get(`/${path}`, async (request, reply) => {
      request.label = "static";
      const { headers } = request;
      const encoding = [
        { name: "br", ending: ".br", isTaken: /\bbr\b/.test(String(headers["accept-encoding"] ?? "")) },
        { name: "gzip", ending: ".gz", isTaken: acceptsGzip(headers["accept-encoding"]) },
      ].find(({ ending, isTaken }) => isTaken && known.has(path + ending));
      const file = await fileOf(path + (encoding?.ending ?? "")).catch(gone);
      reply.header("content-type", typeOf(path)).header("etag", file.etag).header("vary", "accept-encoding");
      reply.header("cache-control", isHashed(path) ? "public, max-age=31536000, immutable" : "no-cache");
      if (headers["if-none-match"] === file.etag) return reply.code(304).send();
      if (encoding) reply.header("content-encoding", encoding.name);
      return reply.send(file.bytes);
    });
  }

  const start = fileOf("index.html").then(({ bytes }) => bytes.toString("utf8"));
  return {
    sendPage(request, reply) {
      if (!isPage(request)) return false;
      request.label = "page";
      start.then(
        (html) => {
          const nonce = randomBytes(16).toString("base64url");
          reply
            .code(200)
            .header("content-type", "text/html; charset=utf-8")
            .header("cache-control", "no-cache")
            .header("content-security-policy", policy(nonce))
            .send(html.replaceAll("__CSP_NONCE__", nonce));
        },
        (error) => reply.send(error),
      );
      return true;
    },
  };
}

type File = { readonly bytes: Buffer; readonly etag: string };

async function load(folder: string, path: string): Promise<File> {
  const bytes = await readFile(join(folder, path));
  return { bytes, etag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"` };
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"));

/** A browser that asks for an address that is neither of the API nor a file. */
const isPage = ({ method, url, headers }: FastifyRequest): boolean =>
  (method === "GET" || method === "HEAD") && !/^\/(?:api|v1|mcp)(?:[/?]|$)/.test(url) && String(headers.accept ?? "").includes("text/html");

/** The build names such files by their content, so that a name never means something else. */
const isHashed = (path: string): boolean => path.startsWith("assets/") && /-[\w-]{8,}\.\w+$/.test(path);

const typeOf = (path: string): string => types[extname(path)] ?? "application/octet-stream";
const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".webp": "image/webp",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
};

/** The interface was built anew under a running server; whoever loads the page again after its next start gets the new files. */
function gone(): never {
  throw new ProtocolError(404, "NOT_FOUND", "This file is not there any more. Load the page again.");
}
