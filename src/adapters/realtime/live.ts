import type { IncomingHttpHeaders, Server } from "node:http";
import websocket from "@fastify/websocket";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Actor } from "../../domain/access/access.ts";
import type { Feed, Signals } from "../../usecases/kit/feed.ts";
import { type Around, type Connection, closings, type Limits, openConnection, type Socket } from "./connection.ts";
import { openHub } from "./hub.ts";
import { openPresence } from "./presence.ts";

export type LiveOptions = Pick<Around, "authenticate" | "mayView" | "nameOf"> & {
  readonly feed: Feed;
  readonly signals: Signals;
  /** The token that a request brings, and whether a browser sent it by itself. */
  readonly credentialsOf: (headers: IncomingHttpHeaders) => { readonly token: string; readonly by: "key" | "cookie" } | null;
  /** Origins beside the request's own host whose pages may connect with a cookie, such as the public address behind a proxy. */
  readonly origins?: readonly string[];
  /** Hears when rights or sessions may have changed, here or on another node. */
  readonly onRightsChanged?: (hear: () => void) => () => void;
  readonly limits?: Partial<Limits & { readonly sockets: number; readonly message: number }>;
  /** Milliseconds between two looks at every connection, and between two looks for hints that were lost. */
  readonly beatEvery?: number;
  readonly lookEvery?: number;
  readonly onError?: (error: Error) => void;
  /** The server whose connections are upgraded, where it is not that of the plugin. */
  readonly server?: Server;
};

/** Where clients connect. */
export const livePath = "/api/live";

const usual = { subscriptions: 100, places: 20, wishes: 300, replay: 500, waiting: 1_000_000, sockets: 30, message: 4_096 };
const RIGHTS_MS = 150; // whoever answers who somebody is hears of the change at about the same moment

/** Serves live updates on a server that listens already, beside whatever else it serves. */
export async function attachLive(server: Server, options: LiveOptions): Promise<{ close(): Promise<void> }> {
  const fastify = Fastify({ logger: false });
  await fastify.register(live, { ...options, server });
  await fastify.ready();
  return { close: () => fastify.close() };
}

/** The plugin: one WebSocket on which clients follow resources and records, and see who else is there. */
export async function live(fastify: FastifyInstance, options: LiveOptions): Promise<void> {
  const { feed, signals, beatEvery = 20_000, lookEvery = 5_000, onError = () => {} } = options;
  const limits = { ...usual, ...options.limits };
  const hub = openHub({ feed, onError });
  const presence = openPresence({ signals, ttl: beatEvery * 2.5 });
  const around: Around = { ...options, hub, presence, limits, onError };
  const connections = new Set<Connection>();
  const counts = new Map<string, number>();
  const callers = new WeakMap<FastifyRequest, { readonly token: string; readonly actor: Actor }>();

  async function admit(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    const credentials = options.credentialsOf(request.headers);
    const actor = credentials && (await options.authenticate(credentials.token));
    if (!credentials || !actor) return refuse(reply, 401, "UNAUTHENTICATED", "Sign in, or send an API key.");
    // A browser sends the cookie along from any page; the origin tells whose page it is.
    if (credentials.by === "cookie" && !isOurs(request.headers, options.origins ?? []))
      return refuse(reply, 403, "CROSS_SITE_REQUEST", "This connection does not come from a page of Rapport.");
    callers.set(request, { token: credentials.token, actor });
    return undefined;
  }

  function serve(socket: Socket, request: FastifyRequest) {
    const caller = callers.get(request);
    if (!caller) return socket.close(...closings.signedOut);
    const who = caller.actor.member_id ?? caller.actor.key_id ?? "";
    const count = counts.get(who) ?? 0;
    if (count >= limits.sockets) return socket.close(...closings.tooMany);
    counts.set(who, count + 1);
    const connection = openConnection(socket, caller, around);
    connections.add(connection);
    socket.on("close", () => {
      connections.delete(connection);
      const left = (counts.get(who) ?? 1) - 1;
      if (left > 0) counts.set(who, left);
      else counts.delete(who);
    });
  }

  const beating = setInterval(() => {
    for (const connection of connections) connection.beat();
    presence.beat();
  }, beatEvery).unref();
  const looking = setInterval(() => hub.look(), lookEvery).unref();
  let checking: NodeJS.Timeout | undefined;
  const checkSoon = (): void => {
    checking ??= setTimeout(() => {
      checking = undefined;
      for (const connection of connections) connection.check();
    }, RIGHTS_MS);
    checking.unref();
  };
  const deaf = options.onRightsChanged?.(checkSoon);

  fastify.addHook("preClose", async () => {
    clearInterval(beating);
    clearInterval(looking);
    clearTimeout(checking);
    deaf?.();
    for (const connection of connections) connection.close("restart");
    presence.close();
    hub.close();
  });
  if (!fastify.hasDecorator("websocketServer"))
    await fastify.register(websocket, { options: { maxPayload: limits.message, ...(options.server ? { server: options.server } : {}) } });
  fastify.route({
    method: "GET",
    url: livePath,
    schema: { hide: true } as object,
    preValidation: admit,
    handler: (_, reply) => refuse(reply, 426, "UPGRADE_REQUIRED", "Connect here with a WebSocket."),
    wsHandler: (socket, request) => serve(socket as Socket, request as FastifyRequest), // of a WebSocket only what `Socket` names is used
  });
}

function isOurs({ origin, host }: IncomingHttpHeaders, origins: readonly string[]): boolean {
  if (origin === undefined || !URL.canParse(origin)) return false;
  return new URL(origin).host === host || origins.includes(new URL(origin).origin);
}

function refuse(reply: FastifyReply, status: number, code: string, detail: string): FastifyReply {
  return reply
    .code(status)
    .header("content-type", "application/problem+json")
    .send(JSON.stringify({ type: "about:blank", title: detail, status, code, detail }));
}
