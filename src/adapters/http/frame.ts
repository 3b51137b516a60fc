import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Metrics } from "./operations.ts";
import type { ServerOptions } from "./options.ts";
import { problemOf, problemText, problemType } from "./problem.ts";
import { ProtocolError } from "./protocol-error.ts";
import { fixedHeaders } from "./security-headers.ts";

/** What stands around every request, whatever answers it. */
export type Frame = {
  readonly refuse: (error: unknown, request: FastifyRequest, reply: FastifyReply) => void;
  readonly isDraining: () => boolean;
  /** Refuses what is new from now on, and waits for what runs. */
  readonly drain: () => Promise<void>;
};

/** Puts around every request its id, the fixed headers, the log line, the figures, and the one way to be refused. */
export function frameRequests(fastify: FastifyInstance, { settings, logger }: ServerOptions, metrics: Metrics): Frame {
  const fixed = Object.entries(fixedHeaders(settings.secure));
  let isDraining = false;
  let running = 0;

  function begin(request: FastifyRequest, reply: FastifyReply): void {
    request.startedAt = performance.now();
    running++;
    // Told of those too whose caller went away before the answer.
    reply.raw.once("close", () => end(request, reply));
    for (const [name, value] of fixed) reply.header(name, value);
    reply.header("x-request-id", request.id);
  }

  function end(request: FastifyRequest, reply: FastifyReply): void {
    running--;
    const { actor, method, label: route } = request;
    const ms = performance.now() - request.startedAt;
    const status = reply.raw.writableFinished ? reply.raw.statusCode : callerLeft;
    metrics.observe(request, status, ms);
    if (!logger.isLevelEnabled("info")) return;
    const user = actor?.user_id ?? actor?.member_id ?? actor?.key_id;
    logger.info(
      { request_id: request.id, tenant: actor?.tenant_id, user, method, route, status, ms: Math.round(ms * 100) / 100 },
      "request",
    );
  }

  fastify.addHook("onRequest", (request, reply, done) => {
    begin(request, reply);
    if (!isDraining || request.url === "/readyz" || request.url === "/healthz") return done();
    done(new ProtocolError(503, "CLOSING", "This server is closing. Try again in a moment.", { "retry-after": "1", connection: "close" }));
  });

  return {
    refuse(error, request, reply) {
      const problem = problemOf(error, request.call?.occasion ?? null);
      if (!reply.hasHeader("x-request-id")) begin(request, reply);
      // Fastify would close the connection under a client that is still sending; the rest of its body is read and forgotten instead.
      reply.removeHeader("connection");
      if (problem.status >= 500) note(error, problem.status, request);
      for (const [name, value] of Object.entries(problem.headers)) reply.header(name, value);
      reply.code(problem.status).header("content-type", problemType).send(problemText(problem, request.id));
    },
    isDraining: () => isDraining,
    async drain() {
      isDraining = true;
      const until = performance.now() + settings.drain;
      while (running > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
    },
  };

  function note(err: unknown, status: number, { id, actor, method, label: route }: FastifyRequest): void {
    const line = { request_id: id, tenant: actor?.tenant_id, method, route, err };
    if (status === 500) logger.error(line, "a request failed for a reason nobody foresaw");
    else logger.warn(line, "a request could not be served");
  }
}

/** What the log says of a request whose caller did not wait for the answer. */
const callerLeft = 499;
