import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type pg from "pg";
import { credentialsOf } from "../../src/adapters/http/request-headers.ts";
import { channel as identityChannel } from "../../src/adapters/postgres/identity/changes.ts";
import type { OpenIdentity } from "../../src/adapters/postgres/identity/identity.ts";
import { attachLive, type LiveOptions } from "../../src/adapters/realtime/live.ts";
import { mayView, nameOf } from "../../src/usecases/live.ts";
import { aNode, type Node } from "./nodes.ts";

/** A node that serves live updates at an address of its own. */
export type LiveNode = Node & { readonly address: string };

export async function aLiveNode(
  tenant: pg.ClientConfig,
  identity: Pick<OpenIdentity, "authenticate">,
  { options = {}, live = {} }: { options?: Parameters<typeof aNode>[1]; live?: Partial<LiveOptions> } = {},
): Promise<LiveNode> {
  const node = await aNode(tenant, options);
  const server: Server = createServer((_, response) => response.writeHead(404).end());
  const attached = await attachLive(server, {
    feed: node.feed,
    signals: node.home,
    authenticate: identity.authenticate,
    mayView: (actor, resource, id) => mayView(node.app, actor, resource, id),
    nameOf: (actor) => nameOf(node.app, actor),
    credentialsOf,
    onRightsChanged: (hear) => node.home.listen(identityChannel, hear),
    onError: (error) => node.errors.push(error),
    ...live,
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    ...node,
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      await attached.close();
      await new Promise((resolve) => server.close(resolve));
      await node.close();
    },
  };
}
