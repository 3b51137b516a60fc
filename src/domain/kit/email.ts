import { type Parsed, read, type Unread, unread } from "./parsed.ts";

/** An e-mail address (RFC 5322 addr-spec without comments, RFC 6531 letters allowed), trimmed and otherwise as typed. */
export function parseEmail(typed: string): Parsed<string> {
  const address = typed.trim();
  const at = address.lastIndexOf("@");
  if (at < 1) return unreadable;
  const local = address.slice(0, at);
  const domain = address.slice(at + 1);
  if (!address.isWellFormed() || !isLocal(local) || !isMailDomain(domain)) return unreadable;
  if (utf8Length(local) > 64 || utf8Length(address) > 254) return tooLong;
  return read(address);
}

/** What an address is unique by: its lower case, marks kept. */
export const emailKey = (address: string): string =>
  ascii.test(address) ? address.trim().toLowerCase() : address.trim().normalize("NFC").toLowerCase().normalize("NFC");

const unreadable: Unread = unread("EMAIL_INVALID", "Write an e-mail address such as jane@example.com.");
const tooLong: Unread = unread(
  "EMAIL_TOO_LONG",
  "Shorten the e-mail address: 64 bytes before the @ and 254 in all are the most that can be delivered.",
);

const ascii = /^[\0-\x7f]*$/;
const dotAtom = /^[\w!#$%&'*+/=?^`{|}~\u0080-\u{10ffff}-]+(?:\.[\w!#$%&'*+/=?^`{|}~\u0080-\u{10ffff}-]+)*$/u;
const quoted = /^"(?:[^"\\\0-\x1f\x7f]|\\[^\0-\x1f\x7f])*"$/u;
const unseen = /[\p{Z}\p{Cc}\p{Cf}\p{Cn}\p{Co}]/u;
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
const foreignLabel = /^[\p{L}\p{N}](?:(?:[\p{L}\p{N}\p{M}\u00b7\u0375\u05f3\u05f4\u30fb-]|\u200c|\u200d)*[\p{L}\p{N}\p{M}])?$/u;
const literal = /^\[(?:(\d{1,3}(?:\.\d{1,3}){3})|IPv6:([0-9a-f:.]+))\]$/i;

function isLocal(local: string): boolean {
  if (ascii.test(local)) return dotAtom.test(local) || quoted.test(local);
  return (dotAtom.test(local) && !unseen.test(local)) || (quoted.test(local) && !unseen.test(local.replaceAll(" ", "")));
}

// Labels are letters, digits and hyphens, as in DNS: nothing else can be delivered. One label alone is an intranet's.
function isMailDomain(domain: string): boolean {
  if (domain.startsWith("[")) return isAddressLiteral(domain);
  const labels = domain.split(".");
  if (labels.every((part) => label.test(part))) return domain.length <= 253;
  if (!labels.every((part) => label.test(part) || foreignLabel.test(part))) return false;
  return asciiHost(domain) !== null;
}

function isAddressLiteral(domain: string): boolean {
  const [, v4, v6] = literal.exec(domain) ?? [];
  if (v4 !== undefined) return v4.split(".").every((octet) => Number(octet) <= 255);
  return v6 !== undefined && URL.canParse(`http://[${v6}]`);
}

function asciiHost(domain: string): string | null {
  if (!URL.canParse(`http://${domain}`)) return null;
  const host = new URL(`http://${domain}`).hostname;
  return host.length <= 253 && host.split(".").every((part) => label.test(part)) ? host : null;
}

const utf8Length = (text: string): number => (ascii.test(text) ? text.length : encoder.encode(text).length);

const encoder = new TextEncoder();
