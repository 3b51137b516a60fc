import { type Input, perform } from "../kit/api.ts";

type Page<T> = { readonly data: readonly T[]; readonly next_cursor: string | null };

/** All rows of a list of settings; such lists are short, and what is past some thousands is left out. */
export async function readAll<T>(verb: string, input: Input, signal?: AbortSignal): Promise<readonly T[]> {
  const rows: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await perform(verb, { ...input, limit: 100, cursor }, signal ? { signal } : {});
    rows.push(...page.data);
    cursor = page.next_cursor;
  } while (cursor && rows.length < 5_000);
  return rows;
}
