import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { launchPostgres } from "../../src/adapters/postgres/launcher.ts";

declare module "vitest" {
  interface ProvidedContext {
    databaseUrl: string;
  }
}

/** One PostgreSQL for a whole run of tests: an embedded one, or the server that TEST_SERVER_URL names. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.TEST_SERVER_URL;
  if (given) {
    process.env.TEST_DATABASE_URL = given;
    project.provide("databaseUrl", given);
    return async () => {};
  }
  const folder = await mkdtemp(join(tmpdir(), "rapport-test-"));
  await chmod(folder, 0o755);
  const server = await launchPostgres({ dataDir: folder });
  process.env.TEST_DATABASE_URL = server.url;
  project.provide("databaseUrl", server.url);
  return async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
