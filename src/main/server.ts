import { existsSync } from "node:fs";
import type { Logger } from "pino";
import { publishedLimits } from "../adapters/http/rate-limit.ts";
import { credentialsOf } from "../adapters/http/request-headers.ts";
import { createServer } from "../adapters/http/server.ts";
import { channel as identityChannel } from "../adapters/postgres/identity/changes.ts";
import type { OpenIdentity } from "../adapters/postgres/identity/identity.ts";
import { attachLive } from "../adapters/realtime/live.ts";
import { tokens } from "../adapters/secrets/tokens.ts";
import type { Feed, Signals } from "../usecases/kit/feed.ts";
import type { App } from "../usecases/kit/perform.ts";
import { mayView, nameOf } from "../usecases/live.ts";
import type { Configuration } from "./configuration.ts";
import { version, webFolder } from "./root.ts";

type Given = {
  readonly configuration: Configuration;
  readonly app: App;
  readonly identity: Pick<OpenIdentity, "authenticate">;
  readonly feed: Feed;
  readonly signals: Signals;
  readonly logger: Logger;
  readonly checks: Readonly<Record<string, () => Promise<unknown>>>;
  readonly onError: (error: Error) => void;
};

/** The server as the configuration wants it, with live updates beside it, listening; and its address. */
export async function openServer(given: Given): Promise<{ readonly address: string; close(): Promise<void> }> {
  const { configuration, app, identity, feed, signals, logger, checks, onError } = given;
  const { host, port, public_url, trust_proxy, rate_limit, metrics_token } = configuration;
  const { authenticate } = identity;
  const server = await createServer({
    app,
    authenticate,
    hashToken: tokens.hash,
    logger,
    checks,
    settings: {
      host,
      port,
      secure: public_url.startsWith("https:"),
      trustProxy: trust_proxy,
      rateLimit: rate_limit ? publishedLimits : "off",
      metricsToken: metrics_token,
      web: existsSync(webFolder) ? webFolder : null,
      version: version(),
      drain: 10_000,
    },
  });
  const live = await attachLive(server.http, {
    feed,
    signals,
    authenticate,
    credentialsOf,
    origins: [public_url],
    mayView: (actor, resource, id) => mayView(app, actor, resource, id),
    nameOf: (actor) => nameOf(app, actor),
    onRightsChanged: (hear) => signals.listen(identityChannel, hear),
    onError,
  });
  // A connection that was upgraded is the server's no more, and would hold it open.
  const close = async (): Promise<void> => {
    await live.close();
    await server.close();
  };
  try {
    return { address: await server.listen(), close };
  } catch (error) {
    await close();
    throw error;
  }
}
