import { resolve } from "node:path";
import { parseEmail } from "../domain/kit/email.ts";

/** Everything the environment decides, read once at the start. */
export type Configuration = {
  readonly port: number;
  readonly host: string;
  readonly data_dir: string;
  /** Null for the built-in PostgreSQL. */
  readonly database_url: string | null;
  readonly log_level: LogLevel;
  /** Where people reach the product, without a slash at the end. */
  readonly public_url: string;
  readonly smtp_url: string | null;
  readonly mail_from: string | null;
  readonly key: string | null;
  readonly previous_keys: string | null;
  readonly sign_up: "open" | "closed";
  /** Whether requests and attempts to sign in are counted; off for load tests alone. */
  readonly rate_limit: boolean;
  /** Whether a proxy in front is believed about who calls: true, or its addresses. */
  readonly trust_proxy: boolean | string;
  readonly metrics_token: string | null;
  readonly otel_endpoint: string | null;
  readonly otel_headers: Readonly<Record<string, string>>;
  readonly otel_service_name: string;
};

export const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** One variable of the environment as the documentation lists it; `read` throws a sentence where a value is no good. */
type Variable<T = unknown> = { readonly standard: string; readonly meaning: string; readonly read: (text: string | null) => T };

/** What is wrong with the environment, all of it at once. */
export class ConfigurationFaults extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
    this.name = "ConfigurationFaults";
    this.faults = faults;
  }
}

/** Every variable there is, in the order of the documentation. */
export const variables = {
  PORT: {
    standard: "3000",
    meaning: "The port requests come to; 0 takes any that is free.",
    read: (text) => whole(text ?? "3000", 0, 65_535),
  },
  HOST: {
    standard: "127.0.0.1",
    meaning: "The address to listen on; 0.0.0.0 lets other machines in.",
    read: (text) => (text ? sure(text, /^[\w.:%-]+$/, "is an address such as 127.0.0.1 or 0.0.0.0") : "127.0.0.1"),
  },
  DATA_DIR: {
    standard: "./data",
    meaning: "The folder of the built-in database, of files and of the secrets key.",
    read: (text) => resolve(text ?? "data"),
  },
  DATABASE_URL: {
    standard: "the built-in PostgreSQL",
    meaning: "The owner's address of a PostgreSQL 15 or newer: postgres://user:password@host:5432/database.",
    read: (text) => (text ? url(text, ["postgres:", "postgresql:"], "postgres://user:password@host:5432/database") : null),
  },
  LOG_LEVEL: {
    standard: "info",
    meaning: `How much is logged: ${logLevels.join(", ")}.`,
    read: (text) => among(text ?? "info", logLevels),
  },
  PUBLIC_URL: {
    standard: "http://localhost:PORT",
    meaning: "Where people reach the product; links in letters, passkeys and single sign-on stand on it.",
    read: (text) => (text ? publicUrl(text) : null),
  },
  SMTP_URL: {
    standard: "no mail",
    meaning: "The mail server: smtp://user:password@host:587 or smtps://host:465. Without one, links are shown instead of sent.",
    read: (text) => (text ? url(text, ["smtp:", "smtps:"], "smtp://user:password@host:587") : null),
  },
  MAIL_FROM: {
    standard: "rapport@ the host of SMTP_URL",
    meaning: "Who letters are from: Rapport <crm@example.com>.",
    read: (text) => (text ? sender(text) : null),
  },
  RAPPORT_KEY: {
    standard: "the file secret-key in DATA_DIR, made on first use",
    meaning: "What stored secrets are sealed with: 32 bytes in base64, or a passphrase of at least 16 characters. Nodes share it.",
    read: (text) => (text ? key(text) : null),
  },
  RAPPORT_KEY_PREVIOUS: {
    standard: "none",
    meaning: "Earlier keys, parted by commas, which still open what they sealed.",
    read: (text) => {
      for (const part of (text ?? "").split(",").filter((one) => one.trim())) key(part);
      return text;
    },
  },
  SIGN_UP: {
    standard: "closed",
    meaning: "open lets anybody make a workspace; closed lets only whoever comes first.",
    read: (text) => among(text ?? "closed", ["open", "closed"] as const),
  },
  RATE_LIMIT: {
    standard: "on",
    meaning: "off stops counting requests and attempts to sign in: for load tests alone.",
    read: (text) => among(text ?? "on", ["on", "off"] as const) === "on",
  },
  TRUST_PROXY: {
    standard: "off",
    meaning: "Whose X-Forwarded headers count: off, on (everybody's), or the addresses of the proxies in front, parted by commas.",
    read: (text) => proxies(text ?? "off"),
  },
  METRICS_TOKEN: {
    standard: "none",
    meaning: "What whoever reads /metrics sends as a bearer token; without one, only this machine may read them.",
    read: (text) => (text === null || text.length >= 16 ? text : tooShort("give a token of at least 16 characters")),
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    standard: "no traces",
    meaning: "Where traces go, by OTLP over HTTP with JSON: http://collector:4318.",
    read: (text) => (text ? url(text, ["http:", "https:"], "http://collector:4318").replace(/\/+$/, "") : null),
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    standard: "none",
    meaning: "Headers for that endpoint: name=value, parted by commas.",
    read: (text) => headers(text ?? ""),
  },
  OTEL_SERVICE_NAME: { standard: "rapport", meaning: "The name traces carry.", read: (text) => text ?? "rapport" },
} satisfies Record<string, Variable>;

/** Reads the environment; an empty variable counts as one that is not set. */
export function readConfiguration(environment: Readonly<Record<string, string | undefined>>): Configuration {
  const faults: string[] = [];
  const variable = <K extends keyof typeof variables>(name: K): ReturnType<(typeof variables)[K]["read"]> => {
    try {
      return (variables[name] as Variable<ReturnType<(typeof variables)[K]["read"]>>).read(environment[name]?.trim() || null);
    } catch (error) {
      faults.push(`${name} ${error instanceof Error ? error.message : error}`);
      return undefined as never; // read by nobody: the faults are thrown below
    }
  };
  const port = variable("PORT");
  const configuration: Configuration = {
    port,
    host: variable("HOST"),
    data_dir: variable("DATA_DIR"),
    database_url: variable("DATABASE_URL"),
    log_level: variable("LOG_LEVEL"),
    public_url: variable("PUBLIC_URL") ?? `http://localhost:${port}`,
    smtp_url: variable("SMTP_URL"),
    mail_from: variable("MAIL_FROM"),
    key: variable("RAPPORT_KEY"),
    previous_keys: variable("RAPPORT_KEY_PREVIOUS"),
    sign_up: variable("SIGN_UP"),
    rate_limit: variable("RATE_LIMIT"),
    trust_proxy: variable("TRUST_PROXY"),
    metrics_token: variable("METRICS_TOKEN"),
    otel_endpoint: variable("OTEL_EXPORTER_OTLP_ENDPOINT"),
    otel_headers: variable("OTEL_EXPORTER_OTLP_HEADERS"),
    otel_service_name: variable("OTEL_SERVICE_NAME"),
  };
  if (configuration.mail_from && configuration.smtp_url === null && !faults.length)
    faults.push("MAIL_FROM is set without SMTP_URL: name the mail server too.");
  if (faults.length) throw new ConfigurationFaults(faults);
  return configuration;
}

function whole(text: string, least: number, most: number): number {
  if (/^\d+$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
  throw new Error(`is a whole number from ${least} to ${most}, not "${text}".`);
}

function sure(text: string, form: RegExp, what: string): string {
  if (form.test(text)) return text;
  throw new Error(`${what}, not "${text}".`);
}

function among<const T extends string>(text: string, known: readonly T[]): T {
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  throw new Error(`is ${known.slice(0, -1).join(", ")} or ${known.at(-1)}, not "${text}".`);
}

/** The fault does not quote the value, which may hold a password. */
function url(text: string, protocols: readonly string[], example: string): string {
  if (URL.canParse(text)) {
    const { protocol, hostname, host, searchParams } = new URL(text);
    const hasHost = hostname !== "" || host !== "" || searchParams.has("host");
    if (protocols.includes(protocol) && hasHost) return text;
  }
  throw new Error(`is an address such as ${example}.`);
}

function publicUrl(text: string): string {
  const { pathname, search, hash, origin } = new URL(url(text, ["http:", "https:"], "https://crm.example.com"));
  if (pathname !== "/" || search || hash) throw new Error("is an address without a path, such as https://crm.example.com.");
  return origin;
}

function sender(text: string): string {
  const address = /<([^<>]+)>\s*$/.exec(text)?.[1] ?? text;
  if (parseEmail(address).ok && !/[\r\n]/.test(text)) return text;
  throw new Error("is an e-mail address, alone or as Rapport <crm@example.com>.");
}

function key(text: string): string {
  return text.trim().length >= 16 ? text : tooShort("give 32 bytes in base64, or a passphrase of at least 16 characters");
}

function tooShort(advice: string): never {
  throw new Error(`is too short: ${advice}.`);
}

/** A mere number of proxies is no answer: whoever reaches the server directly could then say anything. */
function proxies(text: string): boolean | string {
  if (text === "off" || text === "on") return text === "on";
  const parts = text.split(",").map((part) => part.trim());
  const [names, address] = [["loopback", "linklocal", "uniquelocal"], /^[\da-f:.]*[.:][\da-f:.]*(\/\d{1,3})?$/i];
  if (parts.every((part) => names.includes(part) || address.test(part))) return parts.join(",");
  throw new Error(`is off, on, or the proxies' addresses such as 10.0.0.0/8, not "${text}".`);
}

function headers(text: string): Readonly<Record<string, string>> {
  const parts = text.split(",").filter((part) => part.trim() !== "");
  return Object.fromEntries(
    parts.map((part) => {
      const at = part.indexOf("=");
      const name = part.slice(0, at).trim();
      if (at < 1 || !/^[\w-]+$/.test(name)) throw new Error("is a list such as authorization=token,x-tenant=a.");
      return [name, decodeURIComponent(part.slice(at + 1).trim())];
    }),
  );
}
