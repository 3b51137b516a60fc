import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { Resource } from "../../../src/domain/kit/resource.ts";
import { type Frame, useLive } from "../kit/live.ts";
import { useSession } from "../kit/session.ts";
import { knownRecord, putEverywhere, rereadLists } from "./cache.ts";
import { recordQuery } from "./rows.ts";

const NEWS_MS = 1_400;
const GATHER_MS = 250;
/** Beyond this many changes at once the lists are read again as a whole. */
const SINGLE_READS = 20;

/** Keeps the lists of a resource as they are on the server; answers which rows somebody else just changed. */
export function useListLive(resource: Resource): ReadonlySet<string> {
  const client = useQueryClient();
  const { member } = useSession();
  const [news, setNews] = useState<ReadonlySet<string>>(new Set());
  const waiting = useRef(new Map<string, Frame>());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const settle = async () => {
    const frames = [...waiting.current.values()];
    waiting.current.clear();
    const known = frames.filter(({ id, version }) => (knownRecord(client, resource, id)?.version ?? Number.POSITIVE_INFINITY) < version);
    const isMembership = frames.some(
      ({ type, id }) => /(created|deleted|restored|purged)$/.test(type) || !knownRecord(client, resource, id),
    );
    if (isMembership || known.length > SINGLE_READS) await rereadLists(client, resource);
    else {
      const read = await Promise.allSettled(
        known.map(({ id }) => recordQuery(resource, id).queryFn({ signal: new AbortController().signal })),
      );
      for (const one of read) if (one.status === "fulfilled") putEverywhere(client, resource, one.value);
    }
    const byOthers = frames.filter(({ actor_id }) => actor_id !== member?.id).map(({ id }) => id);
    if (byOthers.length === 0) return;
    setNews((now) => new Set([...now, ...byOthers]));
    setTimeout(() => setNews((now) => new Set([...now].filter((id) => !byOthers.includes(id)))), NEWS_MS);
  };

  useLive(
    { resource: resource.name },
    (frame) => {
      waiting.current.set(frame.id, frame);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void settle(), GATHER_MS);
      void client.invalidateQueries({ queryKey: ["timeline", resource.name, frame.id] });
    },
    () => void rereadLists(client, resource),
  );
  return news;
}
