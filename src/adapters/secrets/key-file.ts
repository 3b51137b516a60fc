import { randomBytes } from "node:crypto";
import { chmod, link, mkdir, open, readFile, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { type Key, keyFrom } from "./secrets.ts";

type Given = { readonly key: string | null; readonly previous: string | null; readonly dataDir: string };

/** The keys secrets are sealed with: those given by configuration, else the first line of a file that is made on first use. */
export async function keysFor({ key, previous, dataDir }: Given): Promise<readonly Key[]> {
  const older = (previous ?? "").split(",").filter((text) => text.trim() !== "");
  if (key) return [key, ...older, ...(await linesOf(fileIn(dataDir)))].map(keyFrom);
  const lines = await linesOf(fileIn(dataDir));
  return [...(lines.length ? lines : [await makeKey(dataDir)]), ...older].map(keyFrom);
}

const fileIn = (dataDir: string): string => join(dataDir, "secret-key");

async function linesOf(file: string): Promise<string[]> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return [];
  if (process.platform !== "win32" && ((await stat(file)).mode & 0o077) !== 0) await chmod(file, 0o600);
  return text.split("\n").filter((line) => line.trim() !== "");
}

/** Written aside and linked into place: of two processes that start at once, one makes the key and both read it. */
async function makeKey(dataDir: string): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const aside = join(dataDir, `secret-key.${randomBytes(6).toString("hex")}`);
  const handle = await open(aside, "wx", 0o600);
  try {
    await handle.writeFile(`${randomBytes(32).toString("base64")}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await link(aside, fileIn(dataDir)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  await unlink(aside);
  const [line = ""] = await linesOf(fileIn(dataDir));
  return line;
}
