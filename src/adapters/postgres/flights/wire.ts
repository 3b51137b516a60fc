import { checkParameters, type Value } from "./statement.ts";

/**
 * The messages of PostgreSQL's extended query protocol that a flight needs, gathered in one buffer that is used again and again.
 * `startMessages`, any number of `add…`, `takeMessages`: without a pause in between.
 */
export function startMessages(): void {
  if (buffer.length > ROOM) buffer = Buffer.allocUnsafeSlow(ROOM);
  end = 0;
}

/** The bytes gathered since `startMessages`, for the caller to keep. */
export function takeMessages(): Buffer {
  if (buffer.length > ROOM) return buffer.subarray(0, end); // grown for this flight: given away, not copied
  const taken = Buffer.allocUnsafe(end);
  buffer.copy(taken, 0, 0, end);
  return taken;
}

/** Parse: prepares a text under a name; the empty name lasts until the next Parse. */
export function addParse(name: string, text: string): void {
  const start = open(PARSE);
  addName(name);
  addName(text);
  addInt16(0);
  close(start);
}

/** Close: forgets a prepared statement, and does not mind if there is none. */
export function addClose(name: string): void {
  const start = open(CLOSE);
  makeRoom(1);
  buffer[end++] = STATEMENT;
  addName(name);
  close(start);
}

/** Bind and Execute: runs a prepared statement with all values and all results as text. */
export function addExecution(name: string, values: readonly Value[]): void {
  checkParameters(values);
  const start = open(BIND);
  makeRoom(1);
  buffer[end++] = 0;
  addName(name);
  addInt16(0);
  addInt16(values.length);
  for (let i = 0; i < values.length; i++) addValue(values[i]);
  addInt16(0);
  close(start);
  addBytes(EXECUTE);
}

/** Sync: ends the implicit transaction and asks for the answer. */
export function addSync(): void {
  addBytes(SYNC);
}

const ROOM = 64 * 1024;
const MOST = 512 * 1024 * 1024; // PostgreSQL drops the connection at 1 GB a message
const PARSE = 0x50;
const BIND = 0x42;
const CLOSE = 0x43;
const STATEMENT = 0x53;
const EXECUTE = Buffer.from([0x45, 0, 0, 0, 9, 0, 0, 0, 0, 0]);
const SYNC = Buffer.from([0x53, 0, 0, 0, 4]);

let buffer = Buffer.allocUnsafeSlow(ROOM);
let end = 0;

function makeRoom(bytes: number): void {
  const needed = end + bytes;
  if (needed <= buffer.length) return;
  if (needed > MOST) throw new RangeError("The unit is too large to be sent; split it.");
  const larger = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, needed));
  buffer.copy(larger, 0, 0, end);
  buffer = larger;
}

function open(kind: number): number {
  makeRoom(5);
  const start = end;
  buffer[end] = kind;
  end += 5;
  return start;
}

// The length counts itself but not the letter in front.
const close = (start: number): unknown => buffer.writeInt32BE(end - start - 1, start + 1);

function addName(text: string): void {
  makeRoom(text.length * 3 + 1);
  end += buffer.write(text, end);
  buffer[end++] = 0;
}

function addInt16(number: number): void {
  makeRoom(2);
  end = buffer.writeUInt16BE(number, end);
}

function addValue(value: Value): void {
  if (value === null || value === undefined) {
    makeRoom(4);
    end = buffer.writeInt32BE(-1, end);
    return;
  }
  const text = typeof value === "string" ? value : String(value);
  makeRoom(4 + (text.length < 4096 ? text.length * 3 : Buffer.byteLength(text)));
  const bytes = buffer.write(text, end + 4);
  buffer.writeInt32BE(bytes, end);
  end += 4 + bytes;
}

function addBytes(bytes: Buffer): void {
  makeRoom(bytes.length);
  buffer.set(bytes, end);
  end += bytes.length;
}
