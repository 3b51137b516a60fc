import { randomBytes } from "node:crypto";
import type { Server as HttpServer, IncomingHttpHeaders } from "node:http";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { registerApi } from "./api.ts";
import { longestBody } from "./body.ts";
import { registerDocumentation } from "./documentation.ts";
import { frameRequests } from "./frame.ts";
import { openMetrics, registerOperations } from "./operations.ts";
import type { ServerOptions } from "./options.ts";
import { ProtocolError } from "./protocol-error.ts";
import { saneRequestId } from "./request-headers.ts";
import { routesOf } from "./route.ts";
import { registerWebFiles } from "./web-files.ts";

export type Server = {
  /** The server beneath, for those who upgrade a connection. */
  readonly http: HttpServer;
  /** Begins to listen, and answers the address. */
  listen(): Promise<string>;
  /** Refuses what is new, waits for what runs, and closes. */
  close(): Promise<void>;
};

/** The HTTP door of the product: every verb at its addresses, its description, its interface, and what operates it. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const { settings } = options;
  const routes = routesOf(options.app.verbs);
  const fastify: FastifyInstance = Fastify({
    logger: false,
    genReqId: requestIds(),
    trustProxy: settings.trustProxy,
    bodyLimit: longestBody,
    frameworkErrors: (error, request, reply) => refuse(error, request as FastifyRequest, reply as FastifyReply),
    routerOptions: {
      maxParamLength: 2_000,
      querystringParser: (text) => text as unknown as Record<string, string>, // read by whoever knows what belongs in it
    },
  });
  fastify.decorateRequest("call", null);
  fastify.decorateRequest("actor", null);
  fastify.decorateRequest("session", null);
  fastify.decorateRequest("label", "unknown");
  fastify.decorateRequest("startedAt", 0);

  const metrics = openMetrics(options);
  const { refuse, isDraining, drain } = frameRequests(fastify, options, metrics);
  registerOperations(fastify, options, { metrics, isDraining });
  registerApi(fastify, routes, options);
  registerDocumentation(fastify, routes, settings.version);
  const web = registerWebFiles(fastify, settings.web);
  fastify.setErrorHandler((error, request, reply) => refuse(error, request, reply));
  fastify.setNotFoundHandler((request, reply) => {
    if (!web.sendPage(request, reply)) refuse(new ProtocolError(404, "NOT_FOUND", "There is nothing at this address."), request, reply);
  });
  await fastify.ready();

  return {
    http: fastify.server as HttpServer,
    listen: () => fastify.listen({ host: settings.host, port: settings.port }),
    async close() {
      await drain();
      await fastify.close();
    },
  };
}

/** Ids are the caller's where they are sane, else a number of ours under a prefix of this process. */
function requestIds(): (raw: { headers: IncomingHttpHeaders }) => string {
  const prefix = randomBytes(6).toString("base64url");
  let count = 0;
  return ({ headers }) => saneRequestId(headers["x-request-id"]) ?? `${prefix}-${(++count).toString(36)}`;
}
