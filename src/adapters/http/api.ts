import { gzip } from "node:zlib";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Actor } from "../../domain/access/access.ts";
import { type Circumstances, type Performed, perform } from "../../usecases/kit/perform.ts";
import { methods } from "./addresses.ts";
import { admission } from "./admission.ts";
import { type Answer, replayedAnswer } from "./answer.ts";
import { longestBody, parseBody } from "./body.ts";
import { callerOf } from "./called.ts";
import { comeBack } from "./come-back.ts";
import { clearedCookie, cookiesFrom } from "./cookies.ts";
import type { ServerOptions } from "./options.ts";
import { asError, ProtocolError } from "./protocol-error.ts";
import { rateLimit } from "./rate-limit.ts";
import { acceptsGzip, expectedVersion, idempotencyKey, sessionCookie } from "./request-headers.ts";
import type { Route } from "./route.ts";

/** Registers every address of every verb, and what answers the wrong methods of its path. */
export function registerApi(fastify: FastifyInstance, routes: readonly Route[], options: ServerOptions): void {
  acceptJson(fastify);
  const { settings, clock = Date.now } = options;
  const limit = settings.rateLimit === "off" ? null : rateLimit(settings.rateLimit, clock);
  for (const route of routes) {
    const comesBack = route.name === "auth.oidc_callback";
    fastify.route({
      method: route.method,
      url: route.url,
      bodyLimit: longestBody,
      onRequest: admission(route, options, limit),
      handler: comesBack ? comeBack(route, options) : handler(route, options),
    });
  }
  for (const [url, allowed] of methodsByPath(routes)) refuseOtherMethods(fastify, url, allowed);
}

/** The bytes of a body come through as they are: what reads them knows the verb, so that a fault is told in its words. */
function acceptJson(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser("application/json", { parseAs: "buffer" }, (_, body, done) => done(null, body));
  fastify.addContentTypeParser("application/merge-patch+json", { parseAs: "buffer" }, ({ method }, body, done) => {
    if (method === "PATCH") done(null, body);
    else done(new ProtocolError(415, "MEDIA_TYPE_NOT_SUPPORTED", "Only PATCH takes a merge patch. Send application/json."), undefined);
  });
}

function handler(route: Route, options: ServerOptions) {
  const { app, settings } = options;
  return (request: FastifyRequest, reply: FastifyReply): void => {
    const circumstances = circumstancesOf(request, route);
    const input = route.read({
      params: request.params as Record<string, string>,
      query: request.query as string,
      body: request.body === undefined || request.body === null ? undefined : parseBody(request.body as Buffer),
    });
    const actor = route.isPublic ? null : request.actor;
    perform(app, actor, route.name, input, circumstances)
      .then((performed) => {
        const answer = answerOf(route, performed, actor);
        const finish = () => {
          if (route.cookies !== null) setCookies(reply, route, performed.answer, settings.secure);
          send(request, reply, answer);
        };
        const key = circumstances.idempotencyKey ?? null;
        if (performed.replayed) reply.header("idempotent-replayed", "true");
        else if (key !== null && actor && route.repeats === "answered")
          return keepAnswer(options, { actor, key, answer, request }).then(finish);
        return finish();
      })
      .catch((error) => {
        reply.send(asError(error));
      });
  };
}

function setCookies(reply: FastifyReply, { cookies }: Route, answer: unknown, isSecure: boolean): void {
  const given = cookies === "clear" ? [clearedCookie(sessionCookie, isSecure)] : cookiesFrom(answer, isSecure);
  for (const one of given) reply.header("set-cookie", one);
}

function circumstancesOf(request: FastifyRequest, route: Route): Circumstances {
  const { headers } = request;
  if (!route.verb.writes) return { via: request.session ? "interface" : "api", caller: callerOf(request) };
  return {
    via: request.session ? "interface" : "api",
    expected: expectedVersion(headers["if-match"]),
    idempotencyKey: route.repeats === "ignored" ? null : idempotencyKey(headers["idempotency-key"]),
    caller: callerOf(request),
  };
}

const answerOf = (route: Route, { answer, verb, replayed }: Performed, actor: Actor | null): Answer =>
  replayed ? replayedAnswer(verb.output, replayed, actor) : route.write(answer);

type Kept = { readonly actor: Actor; readonly key: string; readonly answer: Answer; readonly request: FastifyRequest };

/** The write is done whatever becomes of this, so a failure here is noted and the answer goes out. */
async function keepAnswer({ app, logger }: ServerOptions, { actor, key, answer, request }: Kept): Promise<void> {
  try {
    await app.scopes.claims.keep(actor, key, { status: answer.status, body: answer.text });
  } catch (error) {
    logger.error({ request_id: request.id, tenant: actor.tenant_id, err: error }, "the answer could not be kept for its Idempotency-Key");
  }
}

/** From this size on an answer is worth compressing; below it, that would cost a list more than half its rate. */
const worthCompressing = 50_000;

function send(request: FastifyRequest, reply: FastifyReply, { status, text, etag, location }: Answer): void {
  reply.code(status);
  if (etag !== null) reply.header("etag", etag);
  if (location !== null) reply.header("location", location);
  if (text === "") {
    reply.send();
    return;
  }
  reply.header("content-type", "application/json; charset=utf-8");
  if (text.length <= worthCompressing) {
    reply.send(text);
    return;
  }
  reply.header("vary", "accept-encoding");
  if (!acceptsGzip(request.headers["accept-encoding"])) {
    reply.send(text);
    return;
  }
  gzip(text, { level: 3 }, (error, bytes) => {
    if (error) reply.send(error);
    else reply.header("content-encoding", "gzip").send(bytes);
  });
}

function methodsByPath(routes: readonly Route[]): ReadonlyMap<string, readonly string[]> {
  const byPath = new Map<string, string[]>();
  for (const { url, method } of routes) byPath.set(url, [...(byPath.get(url) ?? []), method]);
  return byPath;
}

function refuseOtherMethods(fastify: FastifyInstance, url: string, allowed: readonly string[]): void {
  const allow = [...methods.filter((method) => allowed.includes(method)), ...(allowed.includes("GET") ? ["HEAD"] : []), "OPTIONS"].join(
    ", ",
  );
  const others = fastify.supportedMethods.filter(
    (method) => !allowed.includes(method) && method !== "OPTIONS" && !(method === "HEAD" && allowed.includes("GET")),
  );
  const refuse = (request: FastifyRequest, _: FastifyReply, done: (error?: Error) => void) => {
    request.label = url;
    done(new ProtocolError(405, "METHOD_NOT_ALLOWED", `This address takes ${allow}.`, { allow }));
  };
  fastify.route({ method: [...others], url, onRequest: refuse, handler: () => {} });
  fastify.route({ method: "OPTIONS", url, handler: (_, reply) => reply.code(204).header("allow", allow).send() });
}
