import pg from "pg";
import type { Spelling } from "../adapters/postgres/flights/session.ts";
import type { Configuration } from "./configuration.ts";

/** The database in use, as its owner reaches it. */
export type Database = {
  readonly url: () => string;
  readonly isBuiltIn: boolean;
  /** Starts the built-in PostgreSQL again if it is gone; the one of DATABASE_URL comes back by itself. */
  readonly revive: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** The database of DATABASE_URL, or the built-in one, started or adopted. */
export async function openDatabase(
  { database_url, data_dir }: Pick<Configuration, "database_url" | "data_dir">,
  say: (line: string) => void = () => {},
): Promise<Database> {
  if (database_url) return { url: () => database_url, isBuiltIn: false, revive: async () => {}, close: async () => {} };
  const { launchPostgres } = await import("../adapters/postgres/embedded/launcher.ts");
  let current = await launchPostgres({ dataDir: data_dir, say });
  let reviving: Promise<void> | null = null;
  let isClosing = false;

  async function revive(): Promise<void> {
    const former = current;
    current = await launchPostgres({ dataDir: data_dir, say });
    await former.stop(); // takes only the former use off the list: this process still uses the server
  }

  return {
    url: () => current.url,
    isBuiltIn: true,
    revive() {
      if (isClosing) return Promise.resolve();
      reviving ??= revive().finally(() => {
        reviving = null;
      });
      return reviving;
    },
    async close() {
      isClosing = true;
      await reviving?.catch(() => {}); // told to whoever asked for it
      await current.stop();
    },
  };
}

/** Runs the work on a connection of the database's owner. */
export async function asOwner<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: "rapport owner", connectionTimeoutMillis: 10_000 });
  client.on("error", () => {}); // told by the query that is running
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** How the tenant is set on this database: a Citus cluster needs it spelt out. */
export async function spellingOf(database: Database): Promise<Spelling> {
  if (database.isBuiltIn) return "implicit";
  const found = await asOwner(database.url(), (client) => client.query("select 1 from pg_extension where extname = 'citus'"));
  return found.rowCount ? "cluster" : "implicit";
}
