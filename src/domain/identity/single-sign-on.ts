import { emailKey } from "../kit/email.ts";
import type { Fault } from "../kit/errors.ts";

/** How people of one workspace sign in through its identity provider. */
export type SignOn = {
  readonly issuer: string;
  readonly client_id: string;
  readonly secret: string | null;
  readonly allowed_domains: readonly string[];
  readonly default_role: string;
};

/** What a provider says of a person. */
export type Claims = {
  readonly subject: string;
  readonly email: string | null;
  readonly email_verified: boolean;
  readonly name: string | null;
};

/** Whether the provider may let a person with this address in: the address is theirs and of an allowed domain. */
export function mayEnter({ email, email_verified }: Claims, { allowed_domains }: Pick<SignOn, "allowed_domains">): boolean {
  if (!email || !email_verified) return false;
  const domain = emailKey(email).split("@").at(-1) ?? "";
  return allowed_domains.includes(domain);
}

/** An issuer is reached over https; over http only on this machine, for trying it out. */
export function issuerFault(text: string): Fault | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  const fine =
    url &&
    !url.username &&
    !url.search &&
    !url.hash &&
    (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname)));
  return fine
    ? null
    : { pointer: "/issuer", code: "ISSUER_INVALID", message: "Give the https address of the identity provider, as it calls itself." };
}

export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(host);
