import { connect, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Flights, openFlights } from "./flight.ts";
import { LostConnection } from "./lost-connection.ts";
import { statement } from "./statement.ts";

const tenant = "01900000-0000-7000-8000-000000000001";
const open = new Set<Socket>();
let isCut = false;
let flights: Flights;

/** A way to the database that takes connections and drops them at once while it is cut. */
const proxy = createServer((near) => {
  if (isCut) return near.destroy();
  const { port, hostname } = new URL(process.env.TEST_DATABASE_URL ?? "");
  const far = connect(Number(port), hostname);
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    open.add(one);
    one
      .on("error", () => {})
      .on("close", () => {
        open.delete(one);
        other.destroy();
      })
      .pipe(other);
  }
});

beforeAll(async () => {
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { username, password, pathname } = new URL(process.env.TEST_DATABASE_URL ?? "");
  const port = (proxy.address() as { port: number }).port;
  flights = await openFlights({ connection: { host: "127.0.0.1", port, user: username, password, database: pathname.slice(1) } });
});

afterAll(async () => {
  await flights.close();
  proxy.close();
});

const ask = () => flights.run(tenant, [[statement("select 1"), []]], "read");

test("a connection that is taken and dropped at once is a refusal at once, for every caller, and the way back is found", async () => {
  expect((await ask())[0]?.rows).toEqual([["1"]]);
  isCut = true;
  for (const socket of open) socket.destroy();
  const began = performance.now();
  for (const asked of await Promise.allSettled(Array.from({ length: 20 }, ask))) {
    expect(asked).toMatchObject({ status: "rejected", reason: expect.any(LostConnection) });
  }
  expect(performance.now() - began).toBeLessThan(5_000);
  isCut = false;
  await expect
    .poll(
      () =>
        ask().then(
          ([result]) => result?.rows,
          () => null,
        ),
      { timeout: 5_000 },
    )
    .toEqual([["1"]]);
});
