import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { launchPostgres } from "../../src/adapters/postgres/embedded/launcher.ts";
import { migrate } from "../../src/adapters/postgres/migrate.ts";

/** One PostgreSQL for a whole run of tests: an embedded one (of version 15 with TEST_POSTGRES=15), or the server that TEST_SERVER_URL names; in it one migrated database for all tests that make their own workspace. */
export default async function setup(): Promise<() => Promise<void>> {
  const { url, stop } = process.env.TEST_SERVER_URL ? { url: process.env.TEST_SERVER_URL, stop: async () => {} } : await launch();
  process.env.TEST_DATABASE_URL = url;
  const name = `rapport_test_${randomBytes(4).toString("hex")}`;
  await asOwner(url, `create database ${name}`);
  process.env.TEST_RAPPORT_URL = Object.assign(new URL(url), { pathname: `/${name}` }).href;
  await migrate({ url: process.env.TEST_RAPPORT_URL, folder: "migrations" });
  return async () => {
    await asOwner(url, `drop database if exists ${name} with (force)`);
    await stop();
  };
}

async function launch(): Promise<{ url: string; stop: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "rapport-test-"));
  await chmod(folder, 0o755);
  const server = await launchPostgres({ dataDir: folder, major: process.env.TEST_POSTGRES === "15" ? 15 : 18 });
  const stop = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { url: server.url, stop };
}

async function asOwner(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}
