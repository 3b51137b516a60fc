import { resources } from "../../../domain/catalogue.ts";
import type { Feed, FeedEntry, Side, Signals } from "../../../usecases/kit/feed.ts";
import type { Flights } from "../flights/flight.ts";
import { type Row, statement } from "../flights/statement.ts";
import { instant } from "../records/columns.ts";
import { type Moved, movedChannel } from "./feed.ts";

/** A feed that is told of the moves this node made itself; give `moved` to the drain's listeners. */
export type OpenFeed = Feed & { moved(moved: Moved): void; close(): void };

/** Reads the feeds of workspaces; what other nodes moved is a hint, the database is the truth. */
export function openFeed({ flights, signals = null }: { readonly flights: Flights; readonly signals?: Signals | null }): OpenFeed {
  const hearing = new Set<(tenant: string | null, to: number) => void>();
  const tell = (tenant: string | null, to: number) => {
    for (const hear of hearing) hear(tenant, to);
  };
  const deaf = signals?.listen(movedChannel, (message) => {
    const [tenant = null, to] = message?.split(":") ?? [];
    tell(tenant, Number(to ?? 0));
  });

  return {
    async head(tenant) {
      const [found] = await flights.run(tenant, [[readHead, [tenant]]], "read");
      return Number(found?.rows[0]?.[0] ?? 0);
    },

    async after(tenant, position, most) {
      const [found] = await flights.run(tenant, [[readAfter, [tenant, position, most]]], "read");
      return (found?.rows ?? []).map(entryOf);
    },

    onMoved(hear) {
      hearing.add(hear);
      return () => hearing.delete(hear);
    },

    moved: ({ tenant, to }) => tell(tenant, to),
    close: () => deaf?.(),
  };
}

// Of a record only what decides who may hear of it leaves the database.
const deciding = [...new Set(resources.flatMap(({ owner, sharing }) => [owner, sharing]).filter((key) => key !== null))];

const readHead = statement("select position from feed_heads where tenant_id = $1");
const readAfter = statement(
  `select f.position, e.id, e.at, e.type, e.resource, e.record_id, e.version, e.actor_id, e.before is null, e.after is null${[
    "before",
    "after",
  ]
    .flatMap((side) => deciding.map((key) => `, e.${side} ->> '${key}'`))
    .join("")}
 from feed f join events e on e.tenant_id = $1 and e.id = f.event_id where f.tenant_id = $1 and f.position > $2::bigint order by f.position limit $3::int`,
);

function entryOf(row: Row): FeedEntry {
  const [position, id, at, type, resource, record, version, actor, noBefore, noAfter, ...sides] = row;
  const side = (isMissing: string | null | undefined, from: number): Side | null =>
    isMissing === "t" ? null : Object.fromEntries(deciding.map((key, index) => [key, sides[from + index] ?? null]));
  return {
    position: Number(position),
    event_id: id ?? "",
    at: instant(at ?? ""),
    type: type ?? "",
    resource: resource ?? "",
    record_id: record ?? "",
    version: Number(version),
    actor_id: actor ?? null,
    before: side(noBefore, 0),
    after: side(noAfter, deciding.length),
  };
}
