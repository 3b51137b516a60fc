import { connect, type Socket } from "node:net";

export type Shot = {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};
export type Measured = {
  readonly perSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly failures: number;
  readonly count: number;
};

/** Sends requests over a few kept-alive connections for a while and counts what comes back; bounded in time and connections. */
export async function load(
  port: number,
  next: (n: number) => Shot,
  { seconds, connections = 16 }: { seconds: number; connections?: number },
): Promise<Measured> {
  const until = performance.now() + seconds * 1_000;
  const times: number[] = [];
  let failures = 0;
  let sent = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const line = await openLine(port);
      while (performance.now() < until) {
        const start = performance.now();
        const status = await line.send(bytesOf(next(sent++)));
        times.push(performance.now() - start);
        if (status >= 400) failures++;
      }
      line.close();
    }),
  );
  const elapsed = (performance.now() - began) / 1_000;
  times.sort((a, b) => a - b);
  const at = (share: number) => Math.round((times[Math.floor(times.length * share)] ?? 0) * 100) / 100;
  return { perSecond: Math.round(times.length / elapsed), p50: at(0.5), p95: at(0.95), p99: at(0.99), failures, count: times.length };
}

function bytesOf({ method, path, headers = {}, body = "" }: Shot): string {
  const length = Buffer.byteLength(body);
  const lines = [
    `${method} ${path} HTTP/1.1`,
    "host: 127.0.0.1",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body ? ["content-type: application/json", `content-length: ${length}`] : []),
  ];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

type Line = { send(bytes: string): Promise<number>; close(): void };

/** One connection that reads answers by their content-length; the bench's own cost must stay small. */
async function openLine(port: number): Promise<Line> {
  const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  let buffer: Buffer = Buffer.alloc(0);
  let waiting: { resolve: (status: number) => void; reject: (error: Error) => void } | null = null;
  socket.on("data", (chunk: Buffer) => {
    buffer = buffer.length ? Buffer.concat([buffer, chunk]) : chunk;
    const end = buffer.indexOf("\r\n\r\n");
    if (end < 0) return;
    const head = buffer.toString("latin1", 0, end);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (buffer.length < end + 4 + length) return;
    buffer = buffer.subarray(end + 4 + length);
    const answered = waiting;
    waiting = null;
    answered?.resolve(Number(head.slice(9, 12)));
  });
  const fail = () => waiting?.reject(new Error("The server closed the connection."));
  socket.on("error", fail).on("close", fail);
  return {
    send: (bytes) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(bytes);
      }),
    close: () => socket.destroy(),
  };
}
