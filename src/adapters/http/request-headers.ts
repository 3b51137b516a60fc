import type { IncomingHttpHeaders } from "node:http";
import { ProtocolError } from "./protocol-error.ts";

/** The cookie that holds a session's token. */
export const sessionCookie = "rapport_session";
/** The cookie that ties a sign-in through an identity provider to the browser it began in. */
export const signOnCookie = "rapport_oidc";

/** The version that If-Match names; null for none and for `*`. */
export function expectedVersion(header: string | undefined): number | null {
  if (header === undefined || header === "*") return null;
  const version = /^(?:W\/)?"(\d{1,15})"$/.exec(header)?.[1] ?? /^\d{1,15}$/.exec(header)?.[0];
  if (version === undefined)
    throw new ProtocolError(400, "IF_MATCH_INVALID", 'Give one version in If-Match, such as "7", or * for whichever it is.');
  return Number(version);
}

/** The caller's own name for a write, so that it is done once. */
export function idempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header !== "string" || !/^[\x21-\x7e]{1,255}$/.test(header))
    throw new ProtocolError(400, "IDEMPOTENCY_KEY_INVALID", "Give one Idempotency-Key of 1 to 255 visible ASCII characters.");
  return header;
}

/** How a caller says who they are. */
export type Credentials = { readonly token: string; readonly by: "key" | "cookie" };

/** An API key in the Authorization header goes before the cookie of a session; null where there is neither. */
export function credentialsOf(headers: IncomingHttpHeaders): Credentials | null {
  const { authorization } = headers;
  if (authorization !== undefined) {
    const token = /^bearer +(rpk_[\w-]{1,200}) *$/i.exec(authorization)?.[1];
    return { token: token ?? "", by: "key" };
  }
  const token = cookieNamed(sessionCookie, headers.cookie);
  return token === null ? null : { token, by: "cookie" };
}

/** The value of a cookie, or null. */
export function cookieNamed(name: string, header: string | undefined): string | null {
  if (header === undefined) return null;
  for (const pair of header.split(";")) {
    const [key, value] = pair.split("=", 2);
    if (key?.trim() === name && value) return value.trim();
  }
  return null;
}

/** A request id of the caller's, where it is one that a log can hold. */
export const saneRequestId = (header: string | string[] | undefined): string | null =>
  typeof header === "string" && /^[\w.:/+=-]{1,100}$/.test(header) ? header : null;

/** Whether the text of an answer may be sent as gzip. */
export const acceptsGzip = (header: string | string[] | undefined): boolean =>
  typeof header === "string" && /(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$)))?[^,;]*(?:,|$)/i.test(header);
