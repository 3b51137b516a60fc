import { perform } from "../kit/api.ts";
import { recordResources } from "../records/columns.ts";

/** One record that a search found. */
export type Hit = { readonly resource: string; readonly id: string; readonly name: string; readonly detail?: string };

type Found = { readonly resource: string; readonly id: string; readonly title: string | null; readonly subtitle: string | null };

/** The records that fit best, over every resource or those named. */
export async function search(text: string, resources: readonly string[], signal: AbortSignal): Promise<readonly Hit[]> {
  const among = resources.length ? resources : recordResources.map(({ name }) => name);
  const { data } = await perform<{ data: readonly Found[] }>("search.all", { q: text, limit: 12, resources: among.join(",") }, { signal });
  return data.map(({ resource, id, title, subtitle }) => ({ resource, id, name: title ?? "–", ...(subtitle ? { detail: subtitle } : {}) }));
}
