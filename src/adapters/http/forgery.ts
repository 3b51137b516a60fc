import type { IncomingHttpHeaders } from "node:http";
import { ProtocolError } from "./protocol-error.ts";

/**
 * The refusal of a write that another site made a browser send.
 * A browser sends a session's cookie along by itself, so such a write must prove that a page of ours made it: by the
 * header `X-Rapport`, which no other site may set without our consent, or by what browsers say about its origin.
 * Without a cookie there is nothing to abuse but a sign-in, so only what a browser says comes from elsewhere is refused.
 */
export function forgeryOf(headers: IncomingHttpHeaders, host: string, hasCookie: boolean): ProtocolError | undefined {
  if (headers["x-rapport"] !== undefined) return undefined;
  const said = originOf(headers, host);
  if (said === "ours" || (said === "unsaid" && !hasCookie)) return undefined;
  return new ProtocolError(
    403,
    "CROSS_SITE_REQUEST",
    "This request does not come from a page of Rapport. Send the header X-Rapport: 1, or use an API key.",
  );
}

function originOf({ "sec-fetch-site": site, origin }: IncomingHttpHeaders, host: string): "ours" | "foreign" | "unsaid" {
  if (site !== undefined) return site === "same-origin" ? "ours" : "foreign";
  if (origin === undefined) return "unsaid";
  return URL.canParse(origin) && new URL(origin).host === host ? "ours" : "foreign";
}
