import { type Instant, instantOf, msOf } from "../kit/instant.ts";

/** How often something failed since the beginning of its minute. */
export type Attempts = { readonly count: number; readonly since: Instant };

/** Failed attempts a minute that one address, and one account, may make. */
export const attemptsPerMinute = 10;

/** The seconds to wait before the attempt that was just counted may be made; 0 lets it through. */
export function waitAfter({ count, since }: Attempts, now: Instant): number {
  if (count <= attemptsPerMinute) return 0;
  return Math.max(0, Math.ceil((msOf(since) + windowMs - msOf(now)) / 1000));
}

/** Attempts that began before this are forgotten. */
export const forgottenBefore = (now: Instant): Instant => instantOf(msOf(now) - windowMs);

/** What counts as one address: all of an IPv6 network of a household or a server, a mapped IPv4 address as itself. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.toLowerCase().split("%", 1).join().split("::");
  const groups = head === "" ? [] : head.split(":");
  const rest = tail === undefined || tail === "" ? [] : tail.split(":");
  const all =
    tail === undefined ? groups : [...groups, ...Array.from({ length: Math.max(0, 8 - groups.length - rest.length) }, () => "0"), ...rest];
  return `${all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}

const windowMs = 60_000;
