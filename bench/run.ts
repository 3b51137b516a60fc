import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { launchPostgres } from "../src/adapters/postgres/embedded/launcher.ts";
import { openFlights } from "../src/adapters/postgres/flights/flight.ts";
import { openIdentity } from "../src/adapters/postgres/identity/identity.ts";
import { migrate, runtimeLogins } from "../src/adapters/postgres/migrate.ts";
import { tokens } from "../src/adapters/secrets/tokens.ts";
import { load, type Measured, type Shot } from "./load.ts";
import { seed } from "./seed.ts";

/**
 * What the product costs beside its floors, in one run on one machine: rounds alternate between product and floor, and the
 * median of their ratios is what counts. Absolute numbers say little on a shared machine.
 */
const CONTACTS = Number(process.env.BENCH_CONTACTS ?? 100_000);
const OTHERS = Number(process.env.BENCH_TENANTS ?? 50);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 2);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);

type Row = {
  readonly name: string;
  readonly product: Measured;
  readonly floors: Readonly<Record<string, { perSecond: number; ratio: number; bar: number | null }>>;
};

const folder = mkdtempSync(join(tmpdir(), "rapport-bench-"));
chmodSync(folder, 0o755);
const children: ChildProcess[] = [];
const server = await launchPostgres({ dataDir: join(folder, "db") });
try {
  const results = await measureEverything(server.url);
  mkdirSync("bench/results", { recursive: true });
  writeFileSync("bench/results/latest.json", `${JSON.stringify(results, null, 2)}\n`);
  print(results);
} finally {
  for (const child of children) child.kill("SIGTERM");
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measureEverything(url: string) {
  await migrate({ url, folder: "migrations" });
  const say = (line: string) => console.error(line);
  say(`Seeding ${CONTACTS} contacts beside ${OTHERS} workspaces`);
  const { places, key, code } = await makeWorkspaces(url);
  const [main] = await seed(
    url,
    places.map((place, index) => ({ place, count: index === 0 ? CONTACTS : 2_000 })),
  );
  if (!main) throw new Error("Nothing was seeded");
  await asOwner(url, "vacuum analyze");
  const product = await startProduct({ DATABASE_URL: url, DATA_DIR: join(folder, "data") });
  const floor = await startFloor({ url, tenant: main.tenant, code });

  const auth = { authorization: `Bearer ${key}` };
  const ids = main.contacts;
  const some = (n: number) => ids[(n * 7_919) % ids.length];
  const middle = await firstPage(product.port, auth);
  const run = Date.now().toString(36);
  const words = ["lindwald", "berg", "anna solmann", "kron", "jörg", "030 1234567", "marstein", "hofbrück", "vik", "petra"];
  const person = (n: number, who: string) =>
    JSON.stringify({
      first_name: "Ada",
      last_name: `Bench ${n}`,
      email: `${who}.${run}.${n}@bench.test`,
      phone: "+493012345678",
      title: "Engineer",
    });
  const filter = encodeURIComponent(JSON.stringify({ field: "lifecycle", op: "eq", value: "lead" }));
  const get = (path: string, headers = {}): Shot => ({ method: "GET", path, headers });
  let created = 0;

  const cases: readonly {
    name: string;
    product: (n: number) => Shot;
    floors: Readonly<Record<string, { shot: (n: number) => Shot; bar: number | null }>>;
  }[] = [
    {
      name: "read one",
      product: (n) => get(`/api/v1/crm/contacts/${some(n)}`, auth),
      floors: {
        bare: { shot: (n) => get(`/bare/contacts/${some(n)}`), bar: 1 },
        "JSON by PostgreSQL": { shot: (n) => get(`/json/contacts/${some(n)}`), bar: 0.75 },
      },
    },
    {
      name: "list 50, filter and sort",
      product: () => get(`/api/v1/crm/contacts?limit=50&sort=-created_at&filter=${filter}&cursor=${middle.cursor}`, auth),
      floors: {
        bare: { shot: () => get(`/bare/contacts?lifecycle=lead&at=${encodeURIComponent(middle.at)}&id=${middle.id}`), bar: 1.5 },
        "JSON by PostgreSQL": {
          shot: () => get(`/json/contacts?lifecycle=lead&at=${encodeURIComponent(middle.at)}&id=${middle.id}`),
          bar: 1,
        },
      },
    },
    {
      name: "search",
      product: (n) => get(`/api/v1/crm/search?resources=contacts&q=${encodeURIComponent(words[n % words.length] ?? "")}`, auth),
      floors: { bare: { shot: (n) => get(`/bare/search?q=${encodeURIComponent(words[n % words.length] ?? "")}`), bar: 0.9 } },
    },
    {
      name: "create",
      product: () => ({ method: "POST", path: "/api/v1/crm/contacts", headers: auth, body: person(created++, "product") }),
      floors: { bare: { shot: () => ({ method: "POST", path: "/bare/contacts", body: person(created++, "floor") }), bar: 0.7 } },
    },
    {
      name: "update",
      product: (n) => ({
        method: "PATCH",
        path: `/api/v1/crm/contacts/${some(n)}`,
        headers: auth,
        body: JSON.stringify({ title: `Title ${n}` }),
      }),
      floors: {
        bare: {
          shot: (n) => ({ method: "PATCH", path: `/bare/contacts/${some(n + 17)}`, body: JSON.stringify({ title: `Title ${n}` }) }),
          bar: 0.5,
        },
      },
    },
  ];

  const rows: Row[] = [];
  for (const one of cases) {
    say(`Measuring: ${one.name}`);
    rows.push(await compare(one, product.port, floor.port));
  }
  say("Measuring: bulk");
  const bulk = await bulkMilliseconds(product.port, auth, run);
  const memory = { after_load_mb: residentMb(product.pid) };
  for (const child of children.splice(0)) child.kill("SIGTERM");
  const starts = await measureStarts(say);
  return {
    at: new Date().toISOString(),
    machine: machine(),
    contacts: CONTACTS,
    tenants: OTHERS,
    rows,
    bulk_1000_ms: bulk,
    memory,
    ...starts,
  };
}

/** Rounds alternate, so that what the machine does meanwhile falls on both alike. */
async function compare(
  one: { name: string; product: (n: number) => Shot; floors: Readonly<Record<string, { shot: (n: number) => Shot; bar: number | null }>> },
  productPort: number,
  floorPort: number,
): Promise<Row> {
  const how = { seconds: SECONDS };
  await load(productPort, one.product, { seconds: 1 });
  for (const { shot } of Object.values(one.floors)) await load(floorPort, shot, { seconds: 1 });
  const products: Measured[] = [];
  const floors = new Map<string, Measured[]>(Object.keys(one.floors).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    products.push(await load(productPort, one.product, how));
    for (const [name, { shot }] of Object.entries(one.floors)) floors.get(name)?.push(await load(floorPort, shot, how));
  }
  const failures = products.reduce((sum, { failures }) => sum + failures, 0);
  if (failures) throw new Error(`${one.name}: ${failures} requests failed`);
  const product = middleOf(products, ({ perSecond }) => perSecond);
  return {
    name: one.name,
    product,
    floors: Object.fromEntries(
      [...floors].map(([name, measured]) => {
        const ratios = measured.map(({ perSecond }, round) => (products[round]?.perSecond ?? 0) / perSecond);
        return [
          name,
          {
            perSecond: middleOf(measured, (one) => one.perSecond).perSecond,
            ratio: Math.round(middleOf(ratios, (ratio) => ratio) * 100) / 100,
            bar: one.floors[name]?.bar ?? null,
          },
        ];
      }),
    ),
  };
}

function middleOf<T>(list: readonly T[], by: (one: T) => number): T {
  return [...list].sort((a, b) => by(a) - by(b))[Math.floor(list.length / 2)] as T;
}

async function makeWorkspaces(url: string) {
  const { identity: connection } = await runtimeLogins(url);
  const flights = await openFlights({ connection });
  const identity = await openIdentity({ flights, hash: tokens.hash });
  const { token, hash } = tokens.make("key");
  const places = [];
  for (let n = 0; n <= OTHERS; n++) {
    const key =
      n === 0 ? { key: { hash, prefix: token.slice(0, 12), name: "Bench", role: "admin", acts_for: null, expires_at: null } } : {};
    const made = await identity.createWorkspace({
      workspace: { name: `Bench ${n}`, country: "DE", language: "en" },
      user: { email: `bench-${n}@example.test`, name: "Bench", language: "en", password_hash: null },
      onlyTheFirst: false,
      ...key,
      now: new Date().toISOString(),
      via: "command",
    });
    places.push({ tenant_id: made.tenant_id, member_id: made.member_id });
  }
  await identity.close();
  await flights.close();
  const [{ search_code }] = await asOwner(url, "select search_code from definitions where tenant_id = $1", [places[0]?.tenant_id]);
  return { places, key: token, code: search_code as string };
}

async function asOwner(url: string, sql: string, values: unknown[] = []): Promise<any> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return (await client.query(sql, values).finally(() => client.end())).rows;
}

async function startProduct(env: Record<string, string>): Promise<{ port: number; pid: number }> {
  const child = spawn(process.execPath, ["bin/rapport.mjs", "serve", "--no-interface"], {
    env: { ...process.env, PORT: "0", RATE_LIMIT: "off", LOG_LEVEL: "warn", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const line = await said(child, /http:\/\/[^\s:]+:(\d+)/);
  return { port: Number(line[1]), pid: child.pid ?? 0 };
}

async function startFloor(floor: { url: string; tenant: string; code: string }): Promise<{ port: number }> {
  const child = spawn(process.execPath, ["--import", "tsx", "bench/floor.ts"], {
    env: { ...process.env, FLOOR: JSON.stringify(floor) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const line = await said(child, /"port":(\d+)/);
  return { port: Number(line[1]) };
}

function said(child: ChildProcess, what: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let text = "";
    const timer = setTimeout(() => reject(new Error(`Nothing like ${what} within a minute: ${text}`)), 60_000);
    child.stdout?.on("data", (chunk) => {
      text += chunk;
      const found = what.exec(text);
      if (found) {
        clearTimeout(timer);
        resolve(found);
      }
    });
    child.once("exit", (code) => reject(new Error(`The process ended with ${code}: ${text}`)));
  });
}

async function firstPage(port: number, headers: Record<string, string>) {
  const filter = encodeURIComponent(JSON.stringify({ field: "lifecycle", op: "eq", value: "lead" }));
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/crm/contacts?limit=100&sort=-created_at&filter=${filter}`, { headers });
  const { data, next_cursor } = (await answer.json()) as { data: { id: string; created_at: string }[]; next_cursor: string };
  const last = data.at(-1);
  return { cursor: next_cursor, at: last?.created_at ?? "", id: last?.id ?? "" };
}

async function bulkMilliseconds(port: number, headers: Record<string, string>, run: string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 7; round++) {
    const operations = Array.from({ length: 1_000 }, (_, n) => ({
      op: "create",
      data: { first_name: "Bulk", last_name: `Row ${n}`, email: `bulk.${run}.${round}.${n}@bench.test` },
    }));
    const body = JSON.stringify({ operations });
    const start = performance.now();
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/crm/contacts/bulk`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body,
    });
    await answer.text();
    if (answer.status !== 200) throw new Error(`Bulk answered ${answer.status}`);
    times.push(performance.now() - start);
  }
  return Math.round(middleOf(times, (time) => time));
}

/** Starts of the whole product on its own database: a new one, and one that is there already. */
async function measureStarts(say: (line: string) => void) {
  const data = join(folder, "start");
  const timed = async () => {
    const began = performance.now();
    const { port, pid } = await startProduct({ DATA_DIR: data, DATABASE_URL: "" });
    await fetch(`http://127.0.0.1:${port}/healthz`);
    const ms = Math.round(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const idle = residentMb(pid) + postgresMb(data);
    const child = children.pop();
    const ended = new Promise((resolve) => child?.once("exit", resolve));
    child?.kill("SIGTERM");
    await ended;
    return { ms, idle };
  };
  say("Measuring: starts");
  const cold = await timed();
  const warm = await timed();
  return { cold_start_ms: cold.ms, warm_start_ms: warm.ms, idle_memory_mb: Math.round(warm.idle) };
}

function residentMb(pid: number): number {
  return Math.round(Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0) / 1_024);
}

/** What all processes of the built-in database take together, shared memory counted once. */
function postgresMb(data: string): number {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const parentOf = (pid: string) => /^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1];
  const master = pids.find((pid) => read(`/proc/${pid}/cmdline`).includes(data) && read(`/proc/${pid}/cmdline`).includes("postgres"));
  return pids.filter((pid) => pid === master || parentOf(pid) === master).reduce((sum, pid) => sum + residentMb(Number(pid)), 0);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function machine(): string {
  return `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.versions.node}`;
}

function print(results: Awaited<ReturnType<typeof measureEverything>>): void {
  console.log(`\n${results.machine}; ${results.contacts} contacts beside ${results.tenants} workspaces\n`);
  console.log("| operation | product | p95 | floor | floor's rate | ratio | bar |");
  console.log("|---|---|---|---|---|---|---|");
  for (const { name, product, floors } of results.rows) {
    for (const [floor, { perSecond, ratio, bar }] of Object.entries(floors)) {
      console.log(
        `| ${name} | ${product.perSecond}/s | ${product.p95} ms | ${floor} | ${perSecond}/s | ${Math.round(ratio * 100)} % | ${bar === null ? "–" : `${bar * 100} %`} |`,
      );
    }
  }
  console.log(`\nbulk of 1,000 with events: ${results.bulk_1000_ms} ms (bar 100)`);
  console.log(
    `cold start ${results.cold_start_ms} ms, warm start ${results.warm_start_ms} ms, idle ${results.idle_memory_mb} MB, server after load ${results.memory.after_load_mb} MB`,
  );
}
