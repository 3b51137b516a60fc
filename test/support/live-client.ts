import { WebSocket } from "ws";
import { until } from "./nodes.ts";

/** What a client of live updates does and has heard. */
export type LiveClient = {
  readonly heard: any[];
  /** Those of what was heard that are frames. */
  frames(): any[];
  say(wish: unknown): void;
  /** Waits for something to be heard that is so. */
  hear(isSo: (message: any) => boolean, ms?: number): Promise<any>;
  /** The code the server closed with. */
  readonly closed: Promise<number>;
  close(): Promise<void>;
  /** Goes without a word, as when a cable is pulled. */
  terminate(): void;
};

type How = { readonly session?: string; readonly key?: string; readonly origin?: string | null };

/** Connects, or throws with the status that refused it. */
export async function connectLive(address: string, { session, key, origin }: How): Promise<LiveClient> {
  const url = new URL("/api/live", address);
  const headers = {
    ...(session ? { cookie: `rapport_session=${session}` } : {}),
    ...(key ? { authorization: `Bearer ${key}` } : {}),
    ...(origin === null ? {} : { origin: origin ?? url.origin }),
  };
  const socket = new WebSocket(url.href.replace(/^http/, "ws"), { headers });
  const heard: any[] = [];
  socket.on("message", (data: Buffer) => heard.push(JSON.parse(data.toString())));
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  await new Promise<void>((resolve, reject) => {
    socket.on("open", resolve);
    socket.on("unexpected-response", (_: unknown, response: { statusCode: number }) =>
      reject(new Error(`refused with ${response.statusCode}`)),
    );
    socket.on("error", reject);
  });
  return {
    heard,
    frames: () => heard.filter((message) => message.type !== undefined),
    say: (wish) => socket.send(typeof wish === "string" ? wish : JSON.stringify(wish)),
    hear: async (isSo, ms = 3_000) =>
      (
        await until(
          () => heard.filter(isSo),
          (found) => found.length > 0,
          ms,
        )
      )[0],
    closed,
    async close() {
      socket.close();
      await closed;
    },
    terminate: () => socket.terminate(),
  };
}
