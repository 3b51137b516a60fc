/** How much two words resemble each other, 0 to 1: one letter left out, put in, changed or swapped with its neighbour counts one. */
export function likeness(a: string, b: string): number {
  const [one, other] = [[...a], [...b]];
  const longest = Math.max(one.length, other.length);
  return longest === 0 ? 1 : Math.max(0, 1 - distance(one, other) / longest);
}

function distance(a: readonly string[], b: readonly string[]): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = at(row, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(before, j - 2) + 1 : Number.POSITIVE_INFINITY;
      next[j] = Math.min(at(row, j) + 1, at(next, j - 1) + 1, changed, swapped);
    }
    before = row;
    row = next;
  }
  return at(row, b.length);
}

const at = (row: readonly number[], index: number): number => row[index] ?? 0;
