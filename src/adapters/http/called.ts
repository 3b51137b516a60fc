import type { FastifyRequest } from "fastify";
import type { Actor } from "../../domain/access/access.ts";
import type { Caller } from "../../usecases/identity/ports.ts";
import type { Route } from "./route.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The address that was called; null for what is no verb. */
    call: Route | null;
    actor: Actor | null;
    /** The hash of the session's token. */
    session: string | null;
    /** What metrics and logs call this address. */
    label: string;
    startedAt: number;
  }
}

/** Where a request comes from, as far as the connection tells. */
export const callerOf = (request: FastifyRequest): Caller => ({
  address: request.ip,
  user_agent: request.headers["user-agent"] ?? "",
  session: request.session,
});
