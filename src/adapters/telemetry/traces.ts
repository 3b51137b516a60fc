import { randomBytes } from "node:crypto";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";

type Given = {
  /** The collector's base address; spans go to /v1/traces below it. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly service: string;
  readonly version: string;
  readonly onFailure: (error: unknown) => void;
};

type Attribute = { readonly key: string; readonly value: { readonly stringValue: string } | { readonly intValue: string } };
type Span = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code: number };
};

/** Sends a span for each request of this process to an OpenTelemetry collector, by OTLP over HTTP with JSON. */
export function openTraces({ endpoint, headers, service, version, onFailure }: Given): { close(): Promise<void> } {
  const resource = { attributes: [attribute("service.name", service), attribute("service.version", version)] };
  let waiting: Span[] = [];
  let lost = 0;
  let sending: Promise<void> = Promise.resolve();

  const hear = (message: unknown): void => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse }; // as Node documents its channel
    const parent = parentIn(request.headers.traceparent);
    if (parent && !parent.isSampled) return;
    const [began, clock] = [BigInt(Date.now()) * 1_000_000n, process.hrtime.bigint()];
    response.once("close", () => {
      if (waiting.length >= MOST_WAITING) lost++;
      else waiting.push(spanOf(request, response, { parent, began, ended: began + process.hrtime.bigint() - clock }));
      if (waiting.length === AT_ONCE) flush();
    });
  };

  async function send(spans: readonly Span[]): Promise<void> {
    const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "rapport" }, spans }] }] });
    const signal = AbortSignal.timeout(5_000);
    const answer = await fetch(`${endpoint}/v1/traces`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body,
      signal,
    });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`The collector answered ${answer.status}.`);
  }

  function flush(): void {
    if (waiting.length === 0) return;
    const spans = waiting;
    waiting = [];
    if (lost) onFailure(new Error(`${lost} spans were left out, because the collector takes them too slowly.`));
    lost = 0;
    sending = sending.then(() => send(spans)).catch(onFailure);
  }

  subscribe(CHANNEL, hear);
  const timer = setInterval(flush, EVERY);
  timer.unref();
  return {
    async close() {
      unsubscribe(CHANNEL, hear);
      clearInterval(timer);
      flush();
      await sending;
    },
  };
}

const CHANNEL = "http.server.request.start";
const EVERY = 5_000; // milliseconds
const AT_ONCE = 500;
const MOST_WAITING = 5_000;
const [SERVER, UNSET, FAILED] = [2, 0, 2];

type Parent = { readonly traceId: string; readonly spanId: string; readonly isSampled: boolean };

function spanOf(
  { method = "", url = "", headers, httpVersion }: IncomingMessage,
  { statusCode, writableFinished }: ServerResponse,
  { parent, began, ended }: { parent: Parent | null; began: bigint; ended: bigint },
): Span {
  const route = routeOf(url);
  return {
    traceId: parent?.traceId ?? randomBytes(16).toString("hex"),
    spanId: randomBytes(8).toString("hex"),
    ...(parent ? { parentSpanId: parent.spanId } : {}),
    name: `${method} ${route}`,
    kind: SERVER,
    startTimeUnixNano: String(began),
    endTimeUnixNano: String(ended),
    attributes: [
      attribute("http.request.method", method),
      attribute("http.route", route),
      attribute("network.protocol.version", httpVersion),
      attribute("user_agent.original", headers["user-agent"] ?? ""),
      { key: "http.response.status_code", value: { intValue: String(statusCode) } },
      ...(writableFinished ? [] : [attribute("error.type", "aborted")]),
    ],
    status: { code: statusCode >= 500 ? FAILED : UNSET },
  };
}

/** An address without what names a record, a person or a secret: what leaves the machine is the kind of request alone. */
export function routeOf(url: string): string {
  const [path = "/"] = url.split("?");
  const segments = path
    .split("/")
    .map((segment) => (/^[a-z][a-z0-9_-]{0,39}(\.[a-z]+)?$/.test(segment) && !/\d.*\d/.test(segment) ? segment : segment && "{id}"));
  return segments.join("/") || "/";
}

/** The caller's place in its trace, from a W3C header; null where there is none that can be read. */
export function parentIn(header: string | string[] | undefined): Parent | null {
  const [, traceId, spanId, flags] = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})/.exec(String(header ?? "")) ?? [];
  if (!traceId || !spanId || !flags || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

const attribute = (key: string, value: string): Attribute => ({ key, value: { stringValue: value } });
