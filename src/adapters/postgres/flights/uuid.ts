import { randomFillSync } from "node:crypto";

const pool = Buffer.alloc(4096);
let used = pool.length;
let last = 0;
let sequence = 0;
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** A UUIDv7 that sorts after every one this process made before it, also within one millisecond. */
export function uuid7(now: number = Date.now()): string {
  if (now > last) {
    last = now;
    sequence = random() & 0x3ff;
  } else if (++sequence > 0xfff) {
    last++;
    sequence = 0;
  }
  const time = last.toString(16).padStart(12, "0");
  const order = (0x7000 | sequence).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-${order}-${hex[(random() & 0x3f) | 0x80]}${byte()}-${byte()}${byte()}${byte()}${byte()}${byte()}${byte()}`;
}

/** The smallest UUIDv7 of a moment: where a partition of a month begins. */
export const firstUuidAt = (ms: number): string => {
  const time = ms.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
};

const byte = (): string => hex[random() & 0xff] as string;

function random(): number {
  if (used + 2 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += 2;
  return pool.readUInt16BE(used - 2);
}
