import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** The real product as a child process, on a data folder of its own. */
export type Product = {
  readonly url: string;
  readonly process: ChildProcess;
  readonly output: () => string;
  /** Ends it with a signal and answers its exit code, or the signal's name. */
  end(signal?: NodeJS.Signals): Promise<number | string | null>;
};

/** What a finished command said. */
export type Said = { readonly code: number | null; readonly out: string; readonly err: string };

type Settings = Readonly<Record<string, string>>;

/** A folder for data, with what was started on it ended at the end. */
export async function aDataFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "rapport-product-"));
  await chmod(folder, 0o755); // the account that runs PostgreSQL passes through
  return {
    folder,
    async remove() {
      const server = await postmasterOf(folder);
      if (server) process.kill(server, "SIGQUIT");
      for (let tries = 0; tries < 100 && server && isAlive(server); tries++) await sleep(20);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Starts the product and waits until it answers. */
export async function aProduct(folder: string, settings: Settings = {}, args: readonly string[] = []): Promise<Product> {
  const port = await freePort();
  const child = run(["serve", "--no-interface", ...args], { DATA_DIR: folder, PORT: String(port), LOG_LEVEL: "error", ...settings });
  let said = "";
  child.stdout?.on("data", (text) => (said += text));
  child.stderr?.on("data", (text) => (said += text));
  const ended = once(child, "exit");
  const url = `http://127.0.0.1:${port}`;
  const isReady = async () =>
    fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  for (const deadline = Date.now() + 40_000; !(await isReady()); await sleep(25)) {
    if (child.exitCode !== null) throw new Error(`The product ended: ${said}`);
    if (Date.now() > deadline) throw new Error(`The product did not become ready: ${said}`);
  }
  return {
    url,
    process: child,
    output: () => said,
    async end(signal = "SIGTERM") {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const [code, by] = child.exitCode === null && child.signalCode === null ? await ended : [child.exitCode, child.signalCode];
      return code ?? by;
    },
  };
}

/** Runs a command of the command line to its end. */
export async function command(args: readonly string[], settings: Settings = {}): Promise<Said> {
  const child = run(args, settings);
  let [out, err] = ["", ""];
  child.stdout?.on("data", (text) => (out += text));
  child.stderr?.on("data", (text) => (err += text));
  const [code] = await once(child, "close");
  return { code, out, err };
}

/** Sets a workspace up and answers its API key. */
export async function aWorkspaceIn(
  folder: string,
  name = "Halden Optics",
  settings: Settings = {},
): Promise<{ tenant_id: string; api_key: string }> {
  const email = `${name.replaceAll(/\W/g, "").toLowerCase()}@halden.example`;
  const { code, out, err } = await command(["setup", "--workspace", name, "--email", email, "--password", PASSWORD, "--json"], {
    DATA_DIR: folder,
    ...settings,
  });
  if (code !== 0) throw new Error(err);
  return JSON.parse(out);
}

export const PASSWORD = "three unrelated words";

/** Asks the product as a script would. */
export async function ask(url: string, key: string, method: string, path: string, body?: unknown): Promise<{ status: number; body: any }> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await answer.text();
  return { status: answer.status, body: text ? JSON.parse(text) : null };
}

/** The process id of the built-in database that a data folder names, if it lives. */
export async function postmasterOf(folder: string): Promise<number | null> {
  const text = await readFile(join(folder, "cluster", "postmaster.pid"), "utf8").catch(() => "");
  const pid = Number.parseInt(text, 10);
  return pid > 0 && isAlive(pid) ? pid : null;
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

/** Of the environment of the tests only what a program needs to run. */
function run(args: readonly string[], settings: Settings): ChildProcess {
  const { PATH = "", HOME = "", SystemRoot = "" } = process.env;
  return spawn(process.execPath, ["bin/rapport.mjs", ...args], {
    env: { PATH, HOME, SystemRoot, ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
}
