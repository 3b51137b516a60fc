import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { findPackage, readyBinaries } from "./binaries.ts";
import { madeBy, makeCluster, owner, passwordOf, sweepLeftovers } from "./cluster.ts";
import { type Home, openHome } from "./home.ts";
import { alone, joinUsers } from "./lock.ts";
import { cannotRun, codeOf } from "./refusal.ts";
import { runningServer, type Server, startServer, stopServer } from "./server.ts";

/** A built-in PostgreSQL in use: the owner's address of its database, and how to leave it. */
export type Embedded = { url: string; adopted: boolean; stop(): Promise<void> };

type Options = { dataDir: string; say?: (line: string) => void; major?: 18 | 15 };

/** Starts PostgreSQL on the data folder, or adopts the one that already runs there; the last process to stop it ends it. */
export async function launchPostgres({ dataDir, say = () => {}, major = 18 }: Options): Promise<Embedded> {
  try {
    const home = await openHome(dataDir);
    return await alone(home.folder, async () => {
      const { server, adopted } = await adoptOrStart(home, major, say);
      const url = urlOf(server, await passwordOf(home), database);
      const leave = await joinUsers(home.folder);
      return { url, adopted, stop: once(() => alone(home.folder, () => stopIfLast(home, major, leave))) };
    });
  } catch (error) {
    if (codeOf(error) !== "EACCES") throw error;
    throw cannotRun(`This user may not use the data folder ${dataDir}: start Rapport as the user who made it, or as root.`, error);
  }
}

const database = "rapport";

async function adoptOrStart(home: Home, major: 18 | 15, say: (line: string) => void): Promise<{ server: Server; adopted: boolean }> {
  const living = await adoptable(home);
  if (living) {
    say(`Using the PostgreSQL that already runs on ${home.folder}.`);
    return { server: living, adopted: true };
  }
  const found = await findPackage(major);
  await sweepLeftovers(home);
  const binaries = await readyBinaries(found, home);
  const maker = await madeBy(home);
  if (maker !== null && maker !== major) {
    throw cannotRun(
      `${home.cluster} was made by PostgreSQL ${maker}, and this is PostgreSQL ${major}: restore a backup into a new data folder.`,
    );
  }
  if (maker === null) {
    say(`Preparing a new database in ${home.folder}.`);
    await makeCluster(home, binaries, major);
  }
  const server = await startServer(home, binaries, major);
  await admit(home, server).catch(async (error) => {
    await stopServer(home, async () => binaries);
    throw error;
  });
  say(`Started PostgreSQL ${found.version} on 127.0.0.1:${server.port}.`);
  return { server, adopted: false };
}

/** A server left by a crash or started by another process; one that is starting or stopping is waited for. */
async function adoptable(home: Home): Promise<Server | null> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(20)) {
    const server = await runningServer(home);
    if (server === null) return null;
    if (server.isReady && (await admit(home, server).then(() => true, isGone))) return server;
  }
  throw cannotRun(`A server on ${home.folder} is neither ready nor gone after a minute; its log is ${home.log}.`);
}

/** Makes sure that the server takes our password and has our database, which a start killed half-way may have left out. */
async function admit(home: Home, server: Server): Promise<void> {
  const password = await passwordOf(home);
  try {
    await ask(urlOf(server, password, database), "select 1");
  } catch (error) {
    if (codeOf(error) === "28P01") throw cannotRun(`The server on ${home.folder} refuses the password in ${home.password}.`, error);
    if (codeOf(error) !== "3D000") throw error;
    await ask(urlOf(server, password, "postgres"), `create database ${database}`);
  }
}

/** Only a server that ends or is not yet there may be asked again. */
function isGone(error: unknown): false {
  if (["ECONNREFUSED", "ECONNRESET", "57P01", "57P03", "57P02"].includes(codeOf(error))) return false;
  throw error;
}

async function ask(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on("error", () => {}); // a connection that breaks after its answer is of no interest
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end().catch(() => {});
  }
}

async function stopIfLast(home: Home, major: 18 | 15, leave: () => Promise<"last" | "others remain">): Promise<void> {
  if ((await leave()) === "last") await stopServer(home, async () => readyBinaries(await findPackage(major), home));
}

function urlOf(server: Server, password: string, name: string): string {
  return `postgres://${owner}:${password}@127.0.0.1:${server.port}/${name}`;
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () => (running ??= work());
}
