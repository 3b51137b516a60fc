import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { aDatabase, until } from "./support/nodes.ts";
import { aDataFolder, aProduct, ask, aWorkspaceIn, freePort, type Product, postmasterOf } from "./support/product.ts";

const contacts = "/api/v1/crm/contacts";
const toDo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const work of toDo.splice(0).reverse()) await work();
});

async function folderForTest(): Promise<string> {
  const { folder, remove } = await aDataFolder();
  toDo.push(remove);
  return folder;
}

async function started(...given: Parameters<typeof aProduct>): Promise<Product> {
  const product = await aProduct(...given);
  toDo.push(() => product.end("SIGKILL"));
  return product;
}

test("the built-in database is started again when it was killed, and requests are refused only meanwhile", async () => {
  const folder = await folderForTest();
  const { api_key } = await aWorkspaceIn(folder);
  const product = await started(folder);
  expect((await ask(product.url, api_key, "POST", contacts, { last_name: "Berger" })).status).toBe(201);
  const server = (await postmasterOf(folder)) ?? 0;

  process.kill(server, "SIGKILL");

  // Those who serve the connections outlive their parent for a moment.
  const statuses: number[] = [];
  await until(
    async () => {
      statuses.push(...(await untilAnswered(product.url, api_key)));
      return postmasterOf(folder);
    },
    (now) => now !== null && now !== server,
    30_000,
  );
  expect(statuses.filter((status) => status !== 503 && status !== 201)).toEqual([]);
  const written = statuses.filter((status) => status === 201).length;
  await untilAnswered(product.url, api_key);
  const reads = () => ask(product.url, api_key, "GET", `${contacts}?limit=1&count=exact`);
  const { body } = await until(reads, ({ status }) => status === 200, 20_000);
  expect(body.total).toBeGreaterThan(written);
  expect(await product.end()).toBe(0);
  expect(await postmasterOf(folder)).toBeNull();
}, 60_000);

test("a database of one's own may go away and come back", async () => {
  const folder = await folderForTest();
  const database = await aDatabase();
  toDo.push(() => database.drop());
  const proxy = await aProxy(new URL(database.url));
  toDo.push(proxy.close);
  const settings = { DATABASE_URL: proxy.url };
  const { api_key } = await aWorkspaceIn(folder, "Proxied", settings);
  const product = await started(folder, settings);
  expect((await ask(product.url, api_key, "POST", contacts, { last_name: "Berger" })).status).toBe(201);

  proxy.cut();
  expect((await ask(product.url, api_key, "GET", contacts)).status).toBe(503);
  expect((await fetch(`${product.url}/readyz`)).status).toBe(503);
  expect((await fetch(`${product.url}/healthz`)).status).toBe(200);
  proxy.join();

  await untilAnswered(product.url, api_key);
  expect(await product.end()).toBe(0);
}, 60_000);

/** Tries until a write is taken, and answers every status on the way. */
async function untilAnswered(url: string, key: string): Promise<number[]> {
  const statuses: number[] = [];
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(50)) {
    const { status } = await ask(url, key, "POST", contacts, { last_name: "Weber" });
    statuses.push(status);
    if (status === 201) return statuses;
  }
  throw new Error(`It did not recover: ${[...new Set(statuses)].join(", ")}`);
}

/** A way to the database that can be cut. */
async function aProxy(to: URL): Promise<{ url: string; cut(): void; join(): void; close: () => Promise<void> }> {
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) return near.destroy();
    const far = connect(Number(to.port), to.hostname);
    for (const [one, other] of [[near, far] as const, [far, near] as const]) {
      open.add(one);
      one
        .on("error", () => {})
        .on("close", () => {
          open.delete(one);
          other.destroy();
        });
      one.pipe(other);
    }
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const cut = () => {
    isCut = true;
    for (const socket of open) socket.destroy();
  };
  return {
    url: Object.assign(new URL(to), { port: String(port) }).href,
    cut,
    join: () => {
      isCut = false;
    },
    close: async () => {
      cut();
      server.close();
    },
  };
}
