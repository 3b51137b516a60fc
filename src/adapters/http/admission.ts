import type { FastifyReply, FastifyRequest } from "fastify";
import type { Actor } from "../../domain/access/access.ts";
import { demandVerb } from "../../usecases/kit/perform.ts";
import { clearedCookie } from "./cookies.ts";
import { forgeryOf } from "./forgery.ts";
import type { ServerOptions } from "./options.ts";
import { challenge } from "./problem.ts";
import { asError, ProtocolError } from "./protocol-error.ts";
import type { RateLimit } from "./rate-limit.ts";
import { credentialsOf, sessionCookie } from "./request-headers.ts";
import type { Route } from "./route.ts";

/** Decides who calls, before the body is read: who they are, that they mean it, and that it is not too much. */
export function admission(route: Route, { authenticate, hashToken, settings }: ServerOptions, limit: RateLimit | null) {
  return (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    request.call = route;
    request.label = route.path;
    const credentials = credentialsOf(request.headers);
    const isCookie = credentials?.by === "cookie";
    if (isCookie) request.session = hashToken(credentials.token);
    const admit = (actor: Actor | null): void => {
      request.actor = actor;
      if (actor === null && isCookie) reply.header("set-cookie", clearedCookie(sessionCookie, settings.secure));
      done(actor === null ? unauthenticated() : (countedRefusal(limit, actor, reply) ?? rightRefusal(route, actor)));
    };
    const refusal = route.changes && credentials?.by !== "key" ? forgeryOf(request.headers, request.host, isCookie) : undefined;
    if (refusal || route.isPublic) done(refusal);
    else if (credentials === null) done(unauthenticated());
    else {
      const found = authenticate(credentials.token);
      if (found instanceof Promise) found.then(admit, (error) => done(asError(error)));
      else admit(found);
    }
  };
}

/** Counts a request and says how many are left; answers the refusal of the one too many. */
function countedRefusal(limit: RateLimit | null, actor: Actor, reply: FastifyReply): Error | undefined {
  if (limit === null) return undefined;
  const { policy, state, refusal } = limit(actor);
  reply.header("ratelimit-policy", policy).header("ratelimit", state);
  return refusal;
}

/** Whoever lacks the right hears so before their body is read. */
function rightRefusal({ verb }: Route, actor: Actor): Error | undefined {
  try {
    demandVerb(actor, verb.allow);
    return undefined;
  } catch (error) {
    return asError(error);
  }
}

const unauthenticated = () =>
  new ProtocolError(401, "UNAUTHENTICATED", "Sign in, or send an API key that is still good as Authorization: Bearer rpk_….", {
    "www-authenticate": challenge,
  });
