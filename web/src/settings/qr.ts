// QR codes of ISO/IEC 18004 as far as we need them: bytes, correction level M, versions 1 to 20.

type Grid = boolean[][];

/** Codewords of correction in each block, by version. */
const correction = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
/** How many blocks there are, by version. */
const blocks = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];

/** The modules of a code that says a text, row by row; true is dark. */
export function qrOf(text: string): readonly (readonly boolean[])[] {
  const bytes = [...new TextEncoder().encode(text)];
  const version = correction.findIndex((_, index) => bytes.length + (index + 1 < 10 ? 2 : 3) <= dataWords(index + 1)) + 1;
  if (version === 0) throw new RangeError(`A QR code of ours holds at most ${dataWords(correction.length) - 3} bytes.`);
  const { grid, isFixed } = frame(version);
  place(interleaved(encoded(bytes, version), version), grid, isFixed);
  const masked = masks.map((mask, index) => {
    const draft = grid.map((row, y) => row.map((isDark, x) => (isFixed[y]?.[x] ? isDark : isDark !== mask(x, y))));
    drawFormat(draft, index);
    return { draft, penalty: penaltyOf(draft) };
  });
  return masked.reduce((best, one) => (one.penalty < best.penalty ? one : best)).draft;
}

/** All modules that are neither pattern nor format nor version. */
function rawModules(version: number): number {
  const alignments = Math.floor(version / 7) + 2;
  const spent = version < 2 ? 0 : (25 * alignments - 10) * alignments - 55 + (version < 7 ? 0 : 36);
  return (16 * version + 128) * version + 64 - spent;
}

const allWords = (version: number): number => Math.floor(rawModules(version) / 8);
const dataWords = (version: number): number => allWords(version) - (correction[version - 1] ?? 0) * (blocks[version - 1] ?? 0);

/** Mode, length, bytes, end, and padding up to what the version holds. */
function encoded(bytes: readonly number[], version: number): number[] {
  const bits: number[] = [];
  const push = (value: number, length: number) => {
    for (let at = length - 1; at >= 0; at -= 1) bits.push((value >>> at) & 1);
  };
  push(4, 4);
  push(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) push(byte, 8);
  const room = dataWords(version) * 8;
  push(0, Math.min(4, room - bits.length));
  push(0, (8 - (bits.length % 8)) % 8);
  for (let pad = 0xec; bits.length < room; pad ^= 0xec ^ 0x11) push(pad, 8);
  return Array.from({ length: bits.length / 8 }, (_, word) => bits.slice(word * 8, word * 8 + 8).reduce((sum, bit) => sum * 2 + bit, 0));
}

/** Divides the words into blocks, adds to each its correction, and takes from all in turn. */
function interleaved(words: readonly number[], version: number): number[] {
  const count = blocks[version - 1] ?? 1;
  const length = correction[version - 1] ?? 0;
  const short = Math.floor(allWords(version) / count) - length;
  const shorts = count - (allWords(version) % count);
  const divisor = divisorOf(length);
  let from = 0;
  const parts = Array.from({ length: count }, (_, index) => {
    const data = words.slice(from, from + short + (index < shorts ? 0 : 1));
    from += data.length;
    return { data, check: remainderOf(data, divisor) };
  });
  const inTurn = (lists: readonly (readonly number[])[]) =>
    Array.from({ length: Math.max(...lists.map((list) => list.length)) }, (_, at) =>
      lists.flatMap((list) => list.slice(at, at + 1)),
    ).flat();
  return [...inTurn(parts.map(({ data }) => data)), ...inTurn(parts.map(({ check }) => check))];
}

/** Multiplies in the field of 256 elements over x⁸ + x⁴ + x³ + x² + 1. */
function times(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) product = (product << 1) ^ ((product >>> 7) * 0x11d) ^ (((b >>> bit) & 1) * a);
  return product;
}

function divisorOf(degree: number): number[] {
  const result = [...Array<number>(degree - 1).fill(0), 1];
  let root = 1;
  for (let step = 0; step < degree; step += 1) {
    for (let at = 0; at < degree; at += 1) result[at] = times(result[at] ?? 0, root) ^ (result[at + 1] ?? 0);
    root = times(root, 2);
  }
  return result;
}

function remainderOf(data: readonly number[], divisor: readonly number[]): number[] {
  const result = divisor.map(() => 0);
  for (const word of data) {
    const factor = word ^ (result.shift() ?? 0);
    result.push(0);
    divisor.forEach((coefficient, at) => {
      result[at] = (result[at] ?? 0) ^ times(coefficient, factor);
    });
  }
  return result;
}

/** Everything of a version that does not depend on what it says, and which modules that takes. */
function frame(version: number): { grid: Grid; isFixed: Grid } {
  const size = version * 4 + 17;
  const empty = (): Grid => Array.from({ length: size }, () => Array<boolean>(size).fill(false));
  const grid = empty();
  const isFixed = empty();
  const set = (x: number, y: number, isDark: boolean) => {
    const [row, fixed] = [grid[y], isFixed[y]];
    if (!row || !fixed || x < 0 || x >= size) return;
    row[x] = isDark;
    fixed[x] = true;
  };
  for (let at = 0; at < size; at += 1) {
    set(6, at, at % 2 === 0);
    set(at, 6, at % 2 === 0);
  }
  const square = (cx: number, cy: number, reach: number, isDark: (ring: number) => boolean) => {
    for (let y = -reach; y <= reach; y += 1)
      for (let x = -reach; x <= reach; x += 1) set(cx + x, cy + y, isDark(Math.max(Math.abs(x), Math.abs(y))));
  };
  for (const [x, y] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ] as const)
    square(x, y, 4, (ring) => ring !== 2 && ring !== 4);
  const centres = alignmentOf(version);
  const last = centres.at(-1);
  for (const x of centres)
    for (const y of centres) {
      const isCorner = (x === 6 && y === 6) || (x === 6 && y === last) || (x === last && y === 6);
      if (!isCorner) square(x, y, 2, (ring) => ring !== 1);
    }
  for (const [x, y] of formatPlaces(size)) set(x, y, false);
  set(8, size - 8, true);
  if (version >= 7) {
    const bits = withCheck(version, 12, 0x1f25);
    for (let at = 0; at < 18; at += 1) {
      const [a, b] = [size - 11 + (at % 3), Math.floor(at / 3)];
      set(a, b, ((bits >>> at) & 1) === 1);
      set(b, a, ((bits >>> at) & 1) === 1);
    }
  }
  return { grid, isFixed };
}

function alignmentOf(version: number): readonly number[] {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.floor((version * 8 + count * 3 + 5) / (count * 4 - 4)) * 2;
  return [6, ...Array.from({ length: count - 1 }, (_, index) => version * 4 + 10 - (count - 2 - index) * step)];
}

function withCheck(value: number, degree: number, generator: number): number {
  let rest = value;
  for (let step = 0; step < degree; step += 1) rest = (rest << 1) ^ ((rest >>> (degree - 1)) * generator);
  return (value << degree) | rest;
}

/** Where the fifteen bits of the format stand, twice each. */
function formatPlaces(size: number): readonly (readonly [number, number])[] {
  const column = [0, 1, 2, 3, 4, 5, 7, 8].map((y): [number, number] => [8, y]);
  const row = [7, 5, 4, 3, 2, 1, 0].map((x): [number, number] => [x, 8]);
  const right = Array.from({ length: 8 }, (_, at): [number, number] => [size - 1 - at, 8]);
  const below = Array.from({ length: 7 }, (_, at): [number, number] => [8, size - 7 + at]);
  return [...column, ...row, ...right, ...below];
}

function drawFormat(grid: Grid, mask: number): void {
  const bits = withCheck(mask, 10, 0x537) ^ 0x5412; // level M is 00
  formatPlaces(grid.length).forEach(([x, y], at) => {
    const row = grid[y];
    if (row) row[x] = ((bits >>> (at % 15)) & 1) === 1;
  });
}

/** Winds upwards and downwards in columns of two from the right. */
function place(words: readonly number[], grid: Grid, isFixed: Grid): void {
  const size = grid.length;
  let bit = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step += 1) {
      const y = ((right + 1) & 2) === 0 ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        const row = grid[y];
        if (!row || isFixed[y]?.[x] || bit >= words.length * 8) continue;
        row[x] = (((words[bit >>> 3] ?? 0) >>> (7 - (bit & 7))) & 1) === 1;
        bit += 1;
      }
    }
  }
}

const masks: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/** How hard a code is to read: long runs, blocks, what looks like a corner, too much of one shade. */
function penaltyOf(grid: Grid): number {
  const size = grid.length;
  const lines = [...grid, ...grid.map((_, x) => grid.map((row) => row[x] ?? false))].map((line) =>
    line.map((isDark) => (isDark ? "1" : "0")).join(""),
  );
  let penalty = 0;
  for (const line of lines) {
    for (const [run] of line.matchAll(/0{5,}|1{5,}/g)) penalty += run.length - 2;
    penalty += 40 * [...line.matchAll(/(?=00001011101|10111010000)/g)].length;
  }
  for (let y = 0; y + 1 < size; y += 1)
    for (let x = 0; x + 1 < size; x += 1) {
      const four = [grid[y]?.[x], grid[y]?.[x + 1], grid[y + 1]?.[x], grid[y + 1]?.[x + 1]];
      if (four.every((one) => one === four[0])) penalty += 3;
    }
  const dark = grid.flat().filter(Boolean).length / size ** 2;
  return penalty + 10 * Math.floor(Math.abs(dark * 100 - 50) / 5);
}
