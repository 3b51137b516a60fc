import type { FastifyReply, FastifyRequest } from "fastify";
import { DomainError } from "../../domain/kit/errors.ts";
import { perform } from "../../usecases/kit/perform.ts";
import { callerOf } from "./called.ts";
import { clearedCookie, cookiesFrom } from "./cookies.ts";
import type { ServerOptions } from "./options.ts";
import { cookieNamed, signOnCookie } from "./request-headers.ts";
import type { Route } from "./route.ts";

/** The browser comes back from the identity provider: it is sent on to a page, signed in or with the reason why not. */
export function comeBack(route: Route, { app, settings, logger }: ServerOptions) {
  return (request: FastifyRequest, reply: FastifyReply): void => {
    const input = {
      query: Object.fromEntries(new URLSearchParams(request.query as string)),
      oidc_state: cookieNamed(signOnCookie, request.headers.cookie),
    };
    const forget = clearedCookie(signOnCookie, settings.secure);
    perform(app, null, route.name, input, { via: "interface", caller: callerOf(request) })
      .then(({ answer }) => {
        for (const one of [forget, ...cookiesFrom(answer, settings.secure)]) reply.header("set-cookie", one);
        reply.redirect("/", 303);
      })
      .catch((error) => {
        const code = error instanceof DomainError ? error.code : "INTERNAL";
        if (!(error instanceof DomainError))
          logger.error({ request_id: request.id, err: error }, "a sign-in through an identity provider failed");
        reply.header("set-cookie", forget).redirect(`/sign-in?error=${code}`, 303);
      });
  };
}
