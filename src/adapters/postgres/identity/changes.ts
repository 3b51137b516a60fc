import pg from "pg";

/** What changed: a workspace's people, roles and keys, or the sessions of one user. */
export type Changed = { readonly tenant: string } | { readonly user: string };

export const channel = "rapport_identity";

/** A change as the text of a notification. */
export const payloadOf = (changed: Changed): string => ("tenant" in changed ? `t:${changed.tenant}` : `u:${changed.user}`);

type Given = {
  readonly connection: pg.ClientConfig;
  /** Hears of each change; null when some may have been missed. */
  readonly onChange: (changed: Changed | null) => void;
  readonly onError: (error: Error) => void;
};

/** Listens for what other nodes changed, over a connection of its own that comes back when it is lost. */
export async function listenForChanges({ connection, onChange, onError }: Given): Promise<{ close(): Promise<void> }> {
  let isClosed = false;
  let current: pg.Client | null = null;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;

  async function open(): Promise<void> {
    const client = new pg.Client({
      ...connection,
      application_name: "rapport identity listen",
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
    });
    current = client;
    client.on("error", onError);
    client.on("end", () => again(client));
    client.on("notification", ({ payload = "" }) => onChange(changeOf(payload)));
    try {
      await client.connect();
      await client.query(`listen ${channel}`);
      failures = 0;
      onChange(null);
    } catch (error) {
      again(client);
      throw error;
    }
  }

  function again(client: pg.Client): void {
    if (isClosed || current !== client) return;
    current = null;
    client.end().catch(() => {}); // it is lost already
    timer = setTimeout(() => open().catch(onError), Math.min(30_000, 250 * 2 ** failures++)).unref();
  }

  await open();
  return {
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await current?.end();
    },
  };
}

function changeOf(payload: string): Changed | null {
  const [kind, id = ""] = payload.split(":");
  return kind === "t" ? { tenant: id } : kind === "u" ? { user: id } : null;
}
