import type { Resource } from "../../../src/domain/kit/resource.ts";
import type { Entry, Timeline } from "../../../src/usecases/kit/ports.ts";
import { perform } from "../kit/api.ts";

export type { Entry, Timeline } from "../../../src/usecases/kit/ports.ts";

/** The latest of what happened to a record. */
export const timelineQuery = (resource: Resource, id: string) => ({
  queryKey: ["timeline", resource.name, id, "latest"] as const,
  staleTime: 5_000,
  queryFn: ({ signal }: { signal: AbortSignal }) => perform<Timeline>(`${resource.name}.timeline`, { id, limit: 100 }, { signal }),
});

/** Entries of one person that follow each other within a short while are one run. */
export function runsOf(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  const runs: Entry[][] = [];
  for (const entry of entries) {
    const run = runs.at(-1);
    const previous = run?.at(-1);
    const continues =
      previous &&
      isChange(previous) &&
      isChange(entry) &&
      previous.actor_id === entry.actor_id &&
      previous.record_id === entry.record_id &&
      Date.parse(previous.at) - Date.parse(entry.at) < RUN_MS;
    if (run && continues) run.push(entry);
    else runs.push([entry]);
  }
  return runs;
}

export const isChange = ({ type }: Entry): boolean => type.endsWith(".updated");

const RUN_MS = 600_000;
