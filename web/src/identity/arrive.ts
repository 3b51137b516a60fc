import { perform } from "../kit/api.ts";
import { prefer } from "../kit/preferences.ts";
import type { Session } from "../kit/session.ts";

/** What signing in answers: a session, or the question for the second factor. */
export type Entry = { readonly totp_token: string | null; readonly workspace: { readonly name: string } | null };

/** Goes on in the product with a fresh page, so that nothing of another person or workspace is left in memory. */
export async function arrive(path = wantedPath()): Promise<void> {
  const me = await perform<Session>("auth.me").catch(() => null);
  if (me?.member?.language) prefer({ language: me.member.language });
  keepKnown();
  location.assign(path);
}

/** Where one wanted to go before signing in; only ever a place of this origin. */
export function wantedPath(): string {
  const wanted = new URLSearchParams(location.search).get("next") ?? "/";
  return /^\/(?![/\\])/.test(wanted) && !wanted.startsWith("/sign-in") ? wanted : "/";
}

/** A token that a link carries behind the `#`, where no server and no log sees it. */
export const tokenOfLink = (): string => new URLSearchParams(location.hash.slice(1)).get("token") ?? "";

export async function signOut(): Promise<void> {
  await perform("auth.sign_out");
  location.assign("/sign-in");
}

const KNOWN = "rapport.known";

/** Whether nobody ever signed in with this browser, and nothing but the door was asked for: such a visitor may want to sign up. */
export function isStranger(): boolean {
  const asked = new URLSearchParams(location.search);
  return !asked.has("error") && wantedPath() === "/" && localStorage.getItem(KNOWN) === null;
}

export const keepKnown = (): void => localStorage.setItem(KNOWN, "yes");
