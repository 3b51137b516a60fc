import { getDomain } from "tldts";
import { type Parsed, read, type Unread, unread } from "./parsed.ts";

/** The lower-case punycode host, without `www.`, of a typed host or web address. */
export function parseDomain(typed: string): Parsed<string> {
  const [, written] = address.exec(typed.trim()) ?? [];
  const host = written === undefined ? null : asciiHost(written);
  if (host === null || !isDomain(host)) return unreadable;
  return read(withoutWww(host));
}

/** The domain of an e-mail address, null when it has none of the public kind. */
export function domainOfEmail(email: string): string | null {
  const parsed = parseDomain(email.slice(email.lastIndexOf("@") + 1));
  return parsed.ok ? parsed.value : null;
}

/** What was registered, by the public suffix list: `mail.acme.co.uk` belongs to `acme.co.uk`; null for a suffix itself. */
export const registrableDomain = (domain: string): string | null => getDomain(domain);

const unreadable: Unread = unread("DOMAIN_INVALID", "Write a domain such as example.com.");

// An optional scheme, the host, then port, path, query or fragment; a user name before the host is no part of a company's address.
const address = /^(?:(?:[a-z][a-z0-9+.-]*:)?\/\/)?([^\s/?#\\@:%[\]]+)(?::\d{0,5})?(?:[/?#].*)?$/isu;
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const topLabel = /^(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})$/;

function asciiHost(written: string): string | null {
  const lower = written.toLowerCase();
  if (/^[a-z0-9.-]+$/.test(lower) && !lower.includes("xn--")) return lower.replace(/\.$/, "");
  const url = `http://${written}/`;
  return URL.canParse(url) ? new URL(url).hostname.replace(/\.$/, "") : null;
}

// A top label has letters, which also keeps every spelling of an IP address out.
function isDomain(host: string): boolean {
  const labels = host.split(".");
  return labels.length > 1 && host.length <= 253 && labels.every((part) => label.test(part)) && topLabel.test(labels.at(-1) ?? "");
}

// `www.com` is a name of its own.
function withoutWww(host: string): string {
  const rest = host.slice(4);
  return host.startsWith("www.") && rest.includes(".") ? withoutWww(rest) : host;
}
