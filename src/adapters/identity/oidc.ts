import * as client from "openid-client";
import { isLoopback, type SignOn } from "../../domain/identity/single-sign-on.ts";
import { forbidden, invalid, unavailable } from "../../domain/kit/errors.ts";
import type { Oidc } from "../../usecases/identity/ports.ts";

/** Single sign-on by OpenID Connect: authorisation code with PKCE, state and nonce. */
export function openOidc(): Oidc {
  const known = new Map<string, { until: number; configuration: Promise<client.Configuration> }>();

  /** What the provider says of itself, asked once in ten minutes. */
  function configurationOf(signOn: SignOn): Promise<client.Configuration> {
    const key = JSON.stringify([signOn.issuer, signOn.client_id, signOn.secret]);
    const found = known.get(key);
    if (found && found.until > performance.now()) return found.configuration;
    if (known.size >= 200) known.clear();
    const configuration = discover(signOn);
    known.set(key, { until: performance.now() + 600_000, configuration });
    configuration.catch(() => known.delete(key));
    return configuration;
  }

  return {
    async start(signOn, { redirect, state }) {
      const configuration = await configurationOf(signOn);
      const [verifier, nonce] = [client.randomPKCECodeVerifier(), client.randomNonce()];
      const url = client.buildAuthorizationUrl(configuration, {
        redirect_uri: redirect,
        scope: "openid email profile",
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        state,
        nonce,
      });
      return { url: url.href, verifier, nonce };
    },

    async finish(signOn, { redirect, query, state, verifier, nonce }) {
      const configuration = await configurationOf(signOn);
      const back = new URL(redirect);
      for (const [key, value] of Object.entries(query)) back.searchParams.set(key, value);
      const tokens = await asking(() =>
        client.authorizationCodeGrant(configuration, back, {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        }),
      );
      const idToken = tokens.claims();
      if (!idToken) throw refused();
      // Providers may keep e-mail and name out of the ID token and tell them at the userinfo address alone.
      const claims =
        "email" in idToken || !configuration.serverMetadata().userinfo_endpoint
          ? idToken
          : { ...(await asking(() => client.fetchUserInfo(configuration, tokens.access_token, idToken.sub))) };
      return {
        subject: idToken.sub,
        email: typeof claims.email === "string" ? claims.email : null,
        email_verified: claims.email_verified === true || claims.email_verified === "true",
        name: typeof claims.name === "string" ? claims.name.slice(0, 200) : null,
      };
    },

    async check(signOn) {
      known.delete(JSON.stringify([signOn.issuer, signOn.client_id, signOn.secret]));
      await configurationOf(signOn);
    },
  };
}

async function discover({ issuer, client_id, secret }: SignOn): Promise<client.Configuration> {
  const url = new URL(issuer);
  const execute = url.protocol === "http:" && isLoopback(url.hostname) ? [client.allowInsecureRequests] : [];
  try {
    return await client.discovery(url, client_id, undefined, secret ? client.ClientSecretBasic(secret) : client.None(), {
      execute,
      timeout: 10,
    });
  } catch (error) {
    throw isOutage(error)
      ? unavailable("IDENTITY_PROVIDER_UNAVAILABLE", "The identity provider cannot be reached; try again in a moment.")
      : invalid("ISSUER_UNUSABLE", "What answers at this address is not an OpenID Connect provider of that name.", "/issuer");
  }
}

/** What a provider refuses is a refusal, and what it cannot answer is an outage; neither is our fault. */
async function asking<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw isOutage(error)
      ? unavailable("IDENTITY_PROVIDER_UNAVAILABLE", "The identity provider cannot be reached; try again in a moment.")
      : refused();
  }
}

const refused = () => forbidden("The identity provider did not confirm this sign-in. Start again.", "SINGLE_SIGN_ON_REFUSED");

function isOutage(error: unknown): boolean {
  const { name, code } = error as { name?: string; code?: string };
  return error instanceof TypeError || name === "TimeoutError" || code === "OAUTH_TIMEOUT";
}
