import { timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { ServerOptions } from "./options.ts";
import { ProtocolError } from "./protocol-error.ts";

/** Counts what was answered. */
export type Metrics = { readonly registry: Registry; readonly observe: (request: FastifyRequest, status: number, ms: number) => void };

/** The figures of this process: requests by address and status, the lag of the event loop, memory, and what else is given. */
export function openMetrics({ gauges = {} }: ServerOptions): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: "http_request_duration_seconds",
    help: "Time from the first byte of a request to the last of its answer",
    labelNames: ["method", "route", "status"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  for (const [name, { help, read }] of Object.entries(gauges)) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  }
  // Finding a series by its labels costs more than counting in it, so each is looked up once.
  const series = new Map<string, { observe(value: number): void }>();
  return {
    registry,
    observe({ method, label }, status, ms) {
      const name = `${method} ${status} ${label}`;
      let one = series.get(name);
      if (!one) {
        one = durations.labels({ method, route: label, status });
        series.set(name, one);
      }
      one.observe(ms / 1_000);
    },
  };
}

/** What a load balancer and a monitor ask. */
export function registerOperations(
  fastify: FastifyInstance,
  { checks, settings }: ServerOptions,
  { metrics, isDraining }: { metrics: Metrics; isDraining: () => boolean },
): void {
  fastify.get("/healthz", (_, reply) => {
    reply.send({ status: "ok", version: settings.version });
  });

  fastify.get("/readyz", async (_, reply) => {
    const found = await Promise.all(Object.entries(checks).map(async ([name, check]) => [name, await isWell(check)] as const));
    const isReady = !isDraining() && found.every(([, well]) => well);
    const named = Object.fromEntries(found.map(([name, well]) => [name, well ? "ok" : "failed"]));
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? "ready" : isDraining() ? "closing" : "not ready", checks: named });
  });

  fastify.get("/metrics", async (request, reply) => {
    if (!mayRead(request, settings.metricsToken)) throw new ProtocolError(403, "FORBIDDEN", "Send the metrics token as a bearer token.");
    return sendMetrics(reply, metrics.registry);
  });
}

/** A check that does not come back is a check that fails. */
async function isWell(check: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, 2_000, false);
  });
  try {
    return await Promise.race([check().then(() => true), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** Without a token only a caller on this machine that no proxy speaks for. */
function mayRead({ headers, raw }: FastifyRequest, token: string | null): boolean {
  if (token !== null) {
    const [given, wanted] = [Buffer.from(headers.authorization ?? ""), Buffer.from(`Bearer ${token}`)];
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }
  const address = raw.socket.remoteAddress ?? "";
  return headers["x-forwarded-for"] === undefined && headers.forwarded === undefined && /^(?:::ffff:)?127\.|^::1$/.test(address);
}

async function sendMetrics(reply: FastifyReply, registry: Registry): Promise<FastifyReply> {
  return reply.header("content-type", registry.contentType).send(await registry.metrics());
}
