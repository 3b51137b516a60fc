import pg from "pg";
import type { Signals } from "../../../usecases/kit/feed.ts";

/** The connection that listens, for the lifetime of the process. */
export type Home = Signals & { close(): Promise<void> };

type Given = { readonly connection: pg.ClientConfig; readonly onError?: (error: Error) => void };
type Hear = (message: string | null) => void;

/** Opens the one connection over which this node hears others and speaks to them; it comes back by itself when it is lost. */
export async function openHome({ connection, onError = () => {} }: Given): Promise<Home> {
  const channels = new Map<string, Set<Hear>>();
  const outbound = new Map<string, readonly [channel: string, message: string]>();
  let client: pg.Client | null = null;
  let isClosed = false;
  let isSending = false;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let isReady = false;
  let turn: Promise<unknown> = Promise.resolve();

  /** One question at a time, as `pg` wants it. */
  function ask(asked: pg.Client, text: string, values: unknown[] = []): Promise<unknown> {
    const answer = turn.then(() => asked.query(text, values));
    turn = answer.catch(() => {}); // whoever asked hears of it
    return answer;
  }

  async function open(): Promise<void> {
    const opening = new pg.Client({
      ...connection,
      application_name: `${connection.application_name ?? "rapport"} home`,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
    });
    opening.on("error", onError);
    opening.on("end", () => lost(opening));
    opening.on("notification", ({ channel, payload = "" }) => tell(channel, payload));
    client = opening;
    try {
      await opening.connect();
      for (const channel of channels.keys()) await ask(opening, `listen ${channel}`);
    } catch (error) {
      lost(opening);
      throw error;
    }
    failures = 0;
    isReady = true;
    for (const channel of channels.keys()) tell(channel, null);
    void send();
  }

  function lost(gone: pg.Client): void {
    if (client !== gone) return;
    client = null;
    isReady = false;
    gone.end().catch(() => {}); // it is lost already
    if (isClosed) return;
    timer = setTimeout(() => open().catch(onError), Math.min(10_000, 100 * 2 ** failures++));
    timer.unref();
  }

  function tell(channel: string, message: string | null): void {
    for (const hear of channels.get(channel) ?? []) {
      try {
        hear(message);
      } catch (error) {
        onError(error as Error);
      }
    }
  }

  /** What gathers while one statement is under way leaves with the next. */
  async function send(): Promise<void> {
    if (isSending || !isReady) return;
    isSending = true;
    try {
      while (client && isReady && outbound.size > 0) {
        const messages = [...outbound.values()];
        outbound.clear();
        await ask(client, "select pg_notify(m ->> 0, m ->> 1) from jsonb_array_elements($1::jsonb) m", [JSON.stringify(messages)]);
      }
    } catch (error) {
      onError(error as Error);
    } finally {
      isSending = false;
    }
  }

  /** A connection that died without a word answers no question. */
  async function check(): Promise<void> {
    const asked = client;
    if (!asked || !isReady) return;
    const tooLong = setTimeout(() => asked.connection.stream.destroy(new Error("The listening connection fell silent.")), ANSWER_MS);
    await ask(asked, "select 1").catch(() => {}); // its end is heard of by itself
    clearTimeout(tooLong);
  }

  const watch = setInterval(() => void check(), CHECK_MS).unref();
  try {
    await open();
  } catch (error) {
    isClosed = true;
    clearTimeout(timer);
    clearInterval(watch);
    throw error;
  }

  return {
    listen(channel, hear) {
      if (!/^[a-z_]+$/.test(channel)) throw new TypeError(`A channel is a plain word, not ${JSON.stringify(channel)}.`);
      const hearing = channels.get(channel) ?? new Set();
      if (!channels.has(channel)) {
        channels.set(channel, hearing);
        if (isReady && client) ask(client, `listen ${channel}`).catch(onError);
      }
      hearing.add(hear);
      return () => hearing.delete(hear);
    },

    notify(channel, message) {
      if (outbound.size >= MOST_WAITING) outbound.clear();
      outbound.set(`${channel} ${message}`, [channel, message]);
      void send();
    },

    async close() {
      await send();
      isClosed = true;
      clearTimeout(timer);
      clearInterval(watch);
      await client?.end().catch(() => {});
    },
  };
}

const CHECK_MS = 10_000;
const ANSWER_MS = 5_000;
const MOST_WAITING = 5_000; // without a connection nobody hears them; what they hinted at is found by the sweeps
