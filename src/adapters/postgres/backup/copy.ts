import type { Writable } from "node:stream";
import type pg from "pg";

/** Hands the rows of a `copy … to stdout` on in pieces, no faster than they are taken; answers how many rows there were. */
export function copyOut(client: pg.Client, sql: string, take: (piece: Buffer) => Promise<void>): Promise<number> {
  return new Promise((resolve, reject) => {
    const { stream } = client.connection;
    let gathered = Buffer.allocUnsafe(PIECE);
    let used = 0;
    let rows = 0;
    let waiting = 0;
    let taken: Promise<void> = Promise.resolve();
    let failure: unknown = null;

    const hand = (piece: Buffer): void => {
      if (waiting++ === 0) stream.pause();
      taken = taken
        .then(() => (failure === null ? take(piece) : undefined))
        .catch((error) => {
          failure ??= error;
        })
        .finally(() => {
          if (--waiting === 0) stream.resume();
        });
    };
    const gather = (chunk: Buffer): void => {
      if (used + chunk.length > gathered.length) {
        if (used) hand(gathered.subarray(0, used));
        gathered = Buffer.allocUnsafe(Math.max(PIECE, chunk.length));
        used = 0;
      }
      used += chunk.copy(gathered, used); // the driver uses its own memory again
    };

    send(client, {
      submit: (connection) => connection.query(sql),
      handleCopyData: ({ chunk }) => gather(chunk),
      handleCommandComplete: ({ text }) => {
        rows = Number(text.split(" ")[1] ?? 0);
        if (used) hand(gathered.subarray(0, used));
      },
      handleError: reject,
      handleReadyForQuery: () => void taken.then(() => (failure === null ? resolve(rows) : reject(failure))),
    });
  });
}

/** Feeds a `copy … from stdin` as fast as it is taken in; answers how many rows there were. */
export function copyIn(client: pg.Client, sql: string, pieces: AsyncIterable<Buffer>): Promise<number> {
  return new Promise((resolve, reject) => {
    let rows = 0;
    let isOver = false;
    let failure: unknown = null;

    async function feed(connection: Copying): Promise<void> {
      try {
        for await (const piece of pieces) {
          if (isOver) return;
          connection.sendCopyFromChunk(piece);
          if (connection.stream.writableNeedDrain) await drained(connection.stream);
        }
        if (!isOver) connection.endCopyFrom();
      } catch (error) {
        failure = error;
        if (!isOver) connection.sendCopyFail("the archive cannot be read");
      }
    }

    send(client, {
      submit: (connection) => connection.query(sql),
      handleCopyInResponse: (connection) => void feed(connection),
      handleCommandComplete: ({ text }) => {
        rows = Number(text.split(" ")[1] ?? 0);
      },
      handleError: (error) => {
        isOver = true;
        reject(failure ?? error);
      },
      handleReadyForQuery: () => {
        isOver = true;
        resolve(rows);
      },
    });
  });
}

/** Waits until a stream takes more, or will never again. */
export function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) return resolve();
    const done = () => {
      stream.off("drain", done).off("close", done);
      resolve();
    };
    stream.on("drain", done).on("close", done);
  });
}

const PIECE = 65_536;

// What `pg` offers a query of somebody else's making; its types leave the copy messages out.
type Copying = {
  readonly stream: import("node:net").Socket;
  query(sql: string): void;
  sendCopyFromChunk(piece: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(reason: string): void;
};
type Submitted = {
  submit(connection: Copying): void;
  handleError(error: unknown): void;
  handleReadyForQuery(): void;
  handleCommandComplete(message: { readonly text: string }): void;
  handleCopyData?(message: { readonly chunk: Buffer }): void;
  handleCopyInResponse?(connection: Copying): void;
};

const send = (client: pg.Client, submitted: Submitted): void => void client.query(submitted as unknown as pg.Query);
