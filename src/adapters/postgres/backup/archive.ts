import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { finished } from "node:stream/promises";
import { constants, createGunzip, createGzip } from "node:zlib";
import { drained } from "./copy.ts";

/** What an archive says of itself before anything else. */
export type Head = {
  readonly format: number;
  readonly version: string;
  readonly made_at: string;
  readonly migrations: readonly { readonly number: number; readonly name: string; readonly hash: string }[];
  readonly tables: readonly { readonly name: string; readonly columns: readonly string[] }[];
  readonly partitions: readonly { readonly table: string; readonly name: string; readonly bound: string }[];
};

/** One table or file of an archive, and what its content has to come to. */
export type Entry = { readonly kind: "table" | "file"; readonly name: string };
export type Sum = { readonly rows: number; readonly bytes: number; readonly sha256: string };

/** An archive being written; its file has its name only once it is whole. */
export type Writing = {
  head(head: Head): Promise<void>;
  /** Writes what `fill` hands on, then its length and hash. */
  entry(entry: Entry, fill: (take: (piece: Buffer) => Promise<void>) => Promise<number>): Promise<Sum>;
  finish(): Promise<void>;
  abandon(): Promise<void>;
};

/** What is wrong with an archive. */
export class Damaged extends Error {
  constructor(what: string, cause?: unknown) {
    super(`The archive is damaged: ${what} Nothing was restored; take another one.`, { cause });
    this.name = "Damaged";
  }
}

export const FORMAT = 1;

/** Begins an archive: a gzip stream of frames, each a letter, a length and its content. */
export async function writeArchive(file: string): Promise<Writing> {
  const draft = `${file}.part`;
  const target = createWriteStream(draft, { mode: 0o600, flags: "w" });
  const gzip = createGzip({ level: constants.Z_BEST_SPEED, chunkSize: 1 << 18 });
  const written = finished(gzip.pipe(target));
  target.once("error", (error) => gzip.destroy(error));
  written.catch(() => {}); // heard by whoever writes next
  gzip.on("error", () => {}); // it is the target's, which `written` tells
  let entries = 0;

  async function put(bytes: Buffer): Promise<void> {
    if (gzip.destroyed || target.destroyed) await written; // which says why
    if (!gzip.write(bytes)) await drained(gzip);
  }
  async function frame(letter: string, content: Buffer): Promise<void> {
    const start = Buffer.alloc(5);
    start.write(letter, 0, "latin1");
    start.writeUInt32BE(content.length, 1);
    await put(Buffer.concat([start, content]));
  }
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));

  await put(Buffer.from(MAGIC));
  return {
    head: (head) => frame("H", json(head)),
    async entry(entry, fill) {
      await frame(entry.kind === "table" ? "T" : "F", json({ name: entry.name }));
      const hash = createHash("sha256");
      let bytes = 0;
      const rows = await fill(async (piece) => {
        hash.update(piece);
        bytes += piece.length;
        await frame("D", piece);
      });
      const sum = { rows, bytes, sha256: hash.digest("hex") };
      await frame("E", json(sum));
      entries++;
      return sum;
    },
    async finish() {
      await frame("Z", json({ entries }));
      gzip.end();
      await written;
      const handle = await open(draft, "r+");
      await handle.sync().finally(() => handle.close());
      await rename(draft, file);
    },
    async abandon() {
      gzip.destroy();
      target.destroy();
      await rm(draft, { force: true });
    },
  };
}

/** An archive being read, from front to back. */
export type Reading = {
  readonly head: Head;
  /** The next entry; its pieces have to be read to their end, where length and hash are compared. Null after the last one. */
  next(): Promise<{ readonly entry: Entry; readonly pieces: AsyncIterable<Buffer>; readonly sum: () => Sum } | null>;
  close(): void;
};

/** Opens an archive and reads what it says of itself. */
export async function readArchive(file: string): Promise<Reading> {
  const source = createReadStream(file, { highWaterMark: 1 << 18 });
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  source.once("error", (error) => gunzip.destroy(error));
  const frames = framesOf(source.pipe(gunzip));
  const close = () => {
    source.destroy();
    gunzip.destroy();
  };

  async function frame(expected: string): Promise<{ letter: string; content: Buffer }> {
    const { value } = await frames.next();
    if (!value) throw new Damaged("its end is missing.");
    if (!expected.includes(value.letter)) throw new Damaged("its parts are not in order.");
    return value;
  }

  let entries = 0;
  try {
    const head = read<Head>((await frame("H")).content);
    return {
      head,
      close,
      async next() {
        const { letter, content } = await frame("TFZ");
        if (letter === "Z") {
          if (read<{ entries: number }>(content).entries !== entries) throw new Damaged("a part of it is missing.");
          const { done } = await frames.next(); // reads to the end, where gzip compares its own sum
          if (!done) throw new Damaged("something follows its end.");
          return null;
        }
        entries++;
        const entry: Entry = { kind: letter === "T" ? "table" : "file", name: read<{ name: string }>(content).name };
        let sum: Sum | null = null;
        async function* pieces(): AsyncGenerator<Buffer> {
          const hash = createHash("sha256");
          for (let bytes = 0; ; ) {
            const part = await frame("DE");
            if (part.letter === "E") {
              sum = read<Sum>(part.content);
              if (sum.bytes !== bytes || sum.sha256 !== hash.digest("hex")) throw new Damaged(`${entry.name} is not what was written.`);
              return;
            }
            hash.update(part.content);
            bytes += part.content.length;
            yield part.content;
          }
        }
        return {
          entry,
          pieces: pieces(),
          sum: () => {
            if (!sum) throw new Error(`${entry.name} has not been read to its end.`);
            return sum;
          },
        };
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}

const MAGIC = "RAPPORT BACKUP\n";
const MOST = 1 << 28; // a single row may be large; a length beyond this is a sign of damage

async function* framesOf(source: AsyncIterable<Buffer>): AsyncGenerator<{ letter: string; content: Buffer }> {
  let held: Buffer = Buffer.alloc(0);
  let isBegun = false;
  const parts = source[Symbol.asyncIterator]();
  const atLeast = async (length: number): Promise<boolean> => {
    const gathered = [held];
    for (let size = held.length; size < length; ) {
      const { value, done } = await parts.next().catch(explain);
      if (done) {
        held = Buffer.concat(gathered);
        return false;
      }
      gathered.push(value);
      size += value.length;
    }
    if (gathered.length > 1) held = Buffer.concat(gathered);
    return true;
  };
  const cut = (length: number): Buffer => {
    const piece = held.subarray(0, length);
    held = held.subarray(length);
    return piece;
  };

  for (;;) {
    if (!isBegun) {
      if (!(await atLeast(MAGIC.length)) || cut(MAGIC.length).toString() !== MAGIC) throw new Error(NOT_OURS);
      isBegun = true;
    }
    if (!(await atLeast(5))) {
      if (held.length) throw new Damaged("its end is missing.");
      return;
    }
    const start = cut(5);
    const length = start.readUInt32BE(1);
    if (length > MOST) throw new Damaged("one of its parts has an impossible length.");
    if (!(await atLeast(length))) throw new Damaged("its end is missing.");
    yield { letter: String.fromCharCode(start[0] ?? 0), content: cut(length) };
  }
}

const NOT_OURS = "This file is not a backup of Rapport.";

function explain(error: NodeJS.ErrnoException): never {
  if (error.code === "Z_BUF_ERROR") throw new Damaged("its end is missing.", error);
  if (error.code === "Z_DATA_ERROR" && /incorrect header/.test(error.message)) throw new Error(NOT_OURS, { cause: error });
  if (error.code?.startsWith("Z_")) throw new Damaged("its content does not fit its check sum.", error);
  throw error;
}

function read<T>(content: Buffer): T {
  try {
    return JSON.parse(content.toString("utf8")) as T; // written by ourselves, and under a check sum
  } catch (error) {
    throw new Damaged("one of its parts cannot be read.", error);
  }
}
