import { perform } from "../kit/api.ts";
import type { Entry } from "./arrive.ts";

type Begun<Options> = { readonly token: string; readonly options: Options };

/** Whether this browser can make and use passkeys here: a safe connection and a browser of our days. */
export const hasPasskeys = (): boolean =>
  typeof PublicKeyCredential !== "undefined" &&
  "parseRequestOptionsFromJSON" in PublicKeyCredential &&
  "toJSON" in PublicKeyCredential.prototype;

/** Signs in with a passkey; null where the person closed the browser's question. */
export async function signInWithPasskey(): Promise<Entry | null> {
  const { token, options } = await perform<Begun<PublicKeyCredentialRequestOptionsJSON>>("auth.passkey_sign_in_start");
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = await unlessClosed(navigator.credentials.get({ publicKey }));
  return credential && perform<Entry>("auth.passkey_sign_in", { token, response: credential.toJSON() });
}

/** Makes a passkey on this device and names it; false where the person closed the browser's question. */
export async function addPasskey(name: string, password: string): Promise<boolean> {
  const { token, options } = await perform<Begun<PublicKeyCredentialCreationOptionsJSON>>("auth.passkey_start", { password });
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const credential = await unlessClosed(navigator.credentials.create({ publicKey }));
  if (credential) await perform("auth.passkey_add", { token, name, response: credential.toJSON() });
  return credential !== null;
}

/** Closing the question, or letting it run out, is no fault. */
async function unlessClosed(asked: Promise<Credential | null>): Promise<PublicKeyCredential | null> {
  try {
    return (await asked) as PublicKeyCredential | null; // what was asked for is a public key
  } catch (error) {
    if (error instanceof DOMException && (error.name === "NotAllowedError" || error.name === "AbortError")) return null;
    throw error;
  }
}
