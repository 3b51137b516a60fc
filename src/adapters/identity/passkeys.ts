import type { AuthenticationResponseJSON, AuthenticatorTransport, RegistrationResponseJSON } from "@simplewebauthn/server";
import type { Passkeys } from "../../usecases/identity/ports.ts";

// Loaded at the first passkey: it takes a sixth of a second and 17 MB that most starts never need.
const library = () => import("@simplewebauthn/server");

/** Passkeys for the host under which people reach the product; each proves who is there as well as what they hold. */
export function openPasskeys(publicUrl: string): Passkeys {
  const { hostname: rpID, origin } = new URL(publicUrl);
  return {
    async registration(user, known) {
      const options = await (await library()).generateRegistrationOptions({
        rpName: "Rapport",
        rpID,
        userID: new TextEncoder().encode(user.id),
        userName: user.email,
        userDisplayName: user.name,
        attestationType: "none",
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        excludeCredentials: known.map(({ id, transports }) => ({ id, transports: transports as AuthenticatorTransport[] })), // as the browser named them
      });
      return { challenge: options.challenge, options };
    },
    async verifyRegistration(response, challenge) {
      const verified = await refusing(
        async () =>
          (await library()).verifyRegistrationResponse({
            response: response as RegistrationResponseJSON,
            expectedChallenge: challenge,
            expectedOrigin: origin,
            expectedRPID: rpID,
            requireUserVerification: true,
          }), // checked by the library
      );
      if (!verified?.verified) return null;
      const { id, publicKey, counter, transports = [] } = verified.registrationInfo.credential;
      return {
        id,
        public_key: Buffer.from(publicKey).toString("base64url"),
        counter,
        transports: transports.filter((one) => typeof one === "string").slice(0, 10),
      };
    },
    async authentication() {
      const options = await (await library()).generateAuthenticationOptions({ rpID, userVerification: "required" });
      return { challenge: options.challenge, options };
    },
    credentialOf(response) {
      const id = (response as { id?: unknown } | null)?.id;
      return typeof id === "string" && /^[\w-]{1,1400}$/.test(id) ? id : null;
    },
    async verifyAuthentication(response, challenge, passkey) {
      const verified = await refusing(async () =>
        (await library()).verifyAuthenticationResponse({
          response: response as AuthenticationResponseJSON, // checked by the library
          expectedChallenge: challenge,
          expectedOrigin: origin,
          expectedRPID: rpID,
          requireUserVerification: true,
          credential: {
            id: passkey.id,
            publicKey: new Uint8Array(Buffer.from(passkey.public_key, "base64url")),
            counter: passkey.counter,
            transports: [],
          },
        }),
      );
      return verified?.verified ? { counter: verified.authenticationInfo.newCounter } : null;
    },
  };
}

/** The library throws at whatever is wrong with a response; all of it means no. */
async function refusing<T>(verify: () => Promise<T>): Promise<T | null> {
  try {
    return await verify();
  } catch {
    return null;
  }
}
