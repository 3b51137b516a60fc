import type { Logger } from "pino";
import type { Actor } from "../../domain/access/access.ts";
import type { App } from "../../usecases/kit/perform.ts";
import type { Limits } from "./rate-limit.ts";

/** What the server needs of the world around it. */
export type ServerOptions = {
  readonly app: App;
  /** Who a session's token or an API key stands for; null where it is unknown. At once where it is known already. */
  readonly authenticate: (token: string) => Actor | null | Promise<Actor | null>;
  /** The hash under which a session is kept. */
  readonly hashToken: (token: string) => string;
  readonly logger: Logger;
  /** What must be well before requests are sent here, by name; each throws where it is not. */
  readonly checks: Readonly<Record<string, () => Promise<unknown>>>;
  /** Further figures for /metrics, asked when they are read. */
  readonly gauges?: Readonly<Record<string, { readonly help: string; readonly read: () => number }>>;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  readonly settings: ServerSettings;
};

export type ServerSettings = {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** People reach the product over TLS: cookies go over it alone, and browsers are told to stay with it. */
  readonly secure: boolean;
  /** Whether a proxy in front is believed about who calls: true, or its addresses. */
  readonly trustProxy: boolean | string;
  /** Requests a minute, or no limit at all for load tests. */
  readonly rateLimit: Limits | "off";
  /** Who reads /metrics says this as a bearer token; without one only this machine may. */
  readonly metricsToken: string | null;
  /** The folder of the built interface, if there is one. */
  readonly web: string | null;
  readonly version: string;
  /** How long requests that run may still take when the server closes, in milliseconds. */
  readonly drain: number;
};
