import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { aDataFolder, aProduct, ask, aWorkspaceIn, command, freePort, isAlive, type Product, postmasterOf } from "./support/product.ts";

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

test("the product starts with nothing prepared, answers, and leaves nothing running when it is told to stop", async () => {
  const folder = await folderForTest();
  const product = await started(folder);
  const server = await postmasterOf(folder);
  expect(server).not.toBeNull();
  expect((await fetch(`${product.url}/healthz`)).status).toBe(200);
  expect(product.output()).toContain(`Rapport is running at ${product.url}`);

  expect(await product.end("SIGTERM")).toBe(0);

  expect(isAlive(server ?? 0)).toBe(false);
  expect(await postmasterOf(folder)).toBeNull();
  await expect(fetch(`${product.url}/healthz`)).rejects.toThrow();
}, 60_000);

test("a Ctrl-C that npm hands on a second time still lets everything come to its end", async () => {
  const folder = await folderForTest();
  const product = await started(folder);
  product.process.kill("SIGINT");
  product.process.kill("SIGINT");
  expect(await product.end("SIGINT")).toBe(0);
  expect(await postmasterOf(folder)).toBeNull();
}, 60_000);

test("a later second Ctrl-C ends it at once, and the next start takes up what it left", async () => {
  const folder = await folderForTest();
  const product = await started(folder);
  // A request whose body does not come keeps the server from closing.
  const slow = connect(Number(new URL(product.url).port), "127.0.0.1").on("error", () => {});
  slow.write("POST /api/auth/sign-in HTTP/1.1\r\nhost: x\r\nx-rapport: 1\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{");
  await sleep(200);
  product.process.kill("SIGINT");
  await sleep(800);
  expect(product.process.exitCode).toBeNull();
  expect(await product.end("SIGINT")).toBe(130);
  slow.destroy();
  const left = await postmasterOf(folder);
  expect(left).not.toBeNull();

  const again = await started(folder);
  expect(await postmasterOf(folder)).toBe(left);
  expect(await again.end()).toBe(0);
  expect(await postmasterOf(folder)).toBeNull();
}, 60_000);

test("a request that is under way when the product stops is answered", async () => {
  const folder = await folderForTest();
  const { api_key } = await aWorkspaceIn(folder);
  const product = await started(folder);
  const rows = Array.from({ length: 200 }, (_, at) => ({ last_name: `Berger ${at}` }));
  const answers = rows.map((row) => ask(product.url, api_key, "POST", contacts, row).catch((error) => error));
  await Promise.any(answers.map(async (answer) => expect((await answer).status).toBe(201)));
  const code = product.end("SIGTERM");
  const all = await Promise.all(answers);
  const done = all.filter((answer) => answer.status === 201).length;

  expect(await code).toBe(0);
  expect(done).toBeGreaterThan(0);
  for (const answer of all) expect(answer instanceof Error ? "refused" : answer.status).toBeOneOf(["refused", 201, 503]);
  const again = await started(folder);
  expect(await count(again.url, api_key)).toBe(done);
}, 60_000);

test("what was acknowledged before the process was killed is there afterwards, each with its event", async () => {
  const folder = await folderForTest();
  const { api_key } = await aWorkspaceIn(folder);
  const product = await started(folder);
  const acknowledged: string[] = [];
  let isKilled = false;
  const writer = async (name: number): Promise<void> => {
    for (let at = 0; !isKilled; at++) {
      const answer = await ask(product.url, api_key, "POST", contacts, { last_name: `Weber ${name} ${at}` }).catch(() => null);
      if (answer?.status === 201) acknowledged.push(answer.body.id);
    }
  };
  const writers = Array.from({ length: 8 }, (_, name) => writer(name));
  await sleep(1_000);
  expect(await product.end("SIGKILL")).toBe("SIGKILL");
  isKilled = true;
  await Promise.all(writers);
  expect(acknowledged.length).toBeGreaterThan(20);

  const again = await started(folder);
  for (let from = 0; from < acknowledged.length; from += 20) {
    await Promise.all(
      acknowledged.slice(from, from + 20).map(async (id) => {
        expect((await ask(again.url, api_key, "GET", `${contacts}/${id}`)).body).toMatchObject({ id, version: 1 });
        const { body } = await ask(again.url, api_key, "GET", `${contacts}/${id}/timeline`);
        expect(body.data.map(({ type }: { type: string }) => type)).toEqual(["contact.created"]);
      }),
    );
  }
}, 60_000);

test("a port that is taken is told in a sentence, and nothing is left running", async () => {
  const folder = await folderForTest();
  const port = await freePort();
  const other = createServer().listen(port, "127.0.0.1");
  toDo.push(async () => other.close());
  const { code, err } = await command(["serve", "--no-interface"], { DATA_DIR: folder, PORT: String(port), LOG_LEVEL: "error" });
  expect(code).toBe(1);
  expect(err).toContain(`Port ${port} is taken by another program. Stop that one, or set PORT to another number.`);
  expect(await postmasterOf(folder)).toBeNull();
}, 60_000);

async function count(url: string, key: string): Promise<number> {
  return (await ask(url, key, "GET", `${contacts}?limit=1&count=exact`)).body.total;
}
