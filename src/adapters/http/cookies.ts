import { lifetimes } from "../../domain/identity/lifetimes.ts";
import { sessionCookie, signOnCookie } from "./request-headers.ts";

/** The cookies that a verb's answer asks for: a session that begins, or a sign-in on its way to an identity provider. */
export function cookiesFrom(answer: unknown, isSecure: boolean): readonly string[] {
  const { session_token, oidc_state } = (answer ?? {}) as { session_token?: unknown; oidc_state?: unknown };
  return [
    ...(typeof session_token === "string" && session_token
      ? [cookie(sessionCookie, session_token, { seconds: lifetimes.session_at_most, isSecure })]
      : []),
    ...(typeof oidc_state === "string" ? [cookie(signOnCookie, oidc_state, { seconds: lifetimes.oidc_state, isSecure })] : []),
  ];
}

/** Takes a cookie away. */
export const clearedCookie = (name: string, isSecure: boolean): string => cookie(name, "", { seconds: 0, isSecure });

/** Lax, so that a link in a mail finds its reader signed in; scripts never see it. */
function cookie(name: string, value: string, { seconds, isSecure }: { seconds: number; isSecure: boolean }): string {
  return `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${isSecure ? "; Secure" : ""}`;
}
