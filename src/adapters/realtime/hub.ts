import type { Feed, FeedEntry } from "../../usecases/kit/feed.ts";

/** Follows the feeds of the workspaces that somebody on this node listens to. */
export type Hub = {
  /** From now on this listener is given what happens in the workspace; answers how to leave. */
  enter(tenant: string, listener: Listener): Promise<() => void>;
  /** The last position that listeners of the workspace were given. */
  position(tenant: string): number;
  /** Asks every feed, whatever the hints say. */
  look(): void;
  close(): void;
};
export type Listener = (entries: readonly FeedEntry[]) => void;

type Room = {
  readonly tenant: string;
  readonly listeners: Set<Listener>;
  readonly opened: Promise<void>;
  last: number;
  /** Where the feed is said to be. */
  hinted: number;
  isReading: boolean;
};

const AT_ONCE = 500;

/** One reading serves all who listen; a hint says when to read, and what is read is the truth. */
export function openHub({ feed, onError }: { readonly feed: Feed; readonly onError: (error: Error) => void }): Hub {
  const rooms = new Map<string, Room>();

  function open(tenant: string): Room {
    const opened = feed.head(tenant).then((head) => {
      room.last = head;
      room.hinted = Math.max(room.hinted, head);
      void read(room, false);
    });
    const room: Room = { tenant, listeners: new Set(), opened, last: Number.POSITIVE_INFINITY, hinted: 0, isReading: false };
    opened.catch(() => rooms.delete(tenant)); // whoever enters hears of it
    rooms.set(tenant, room);
    return room;
  }

  async function read(room: Room, anyway: boolean): Promise<void> {
    if (room.isReading || room.last === Number.POSITIVE_INFINITY) return;
    room.isReading = true;
    try {
      let isMore = anyway;
      while ((isMore || room.hinted > room.last) && room.listeners.size > 0) {
        const entries = await feed.after(room.tenant, room.last, AT_ONCE);
        isMore = entries.length === AT_ONCE;
        if (entries.length === 0) break; // a hint from a place this node cannot see yet, or none at all
        room.last = entries.at(-1)?.position ?? room.last;
        for (const listen of room.listeners) listen(entries);
      }
    } catch (error) {
      onError(error as Error); // the next hint or look reads from the same place
    } finally {
      room.isReading = false;
    }
  }

  const deaf = feed.onMoved((tenant, to) => {
    if (tenant === null) return look();
    const room = rooms.get(tenant);
    if (!room) return;
    room.hinted = Math.max(room.hinted, to);
    void read(room, false);
  });

  function look(): void {
    for (const room of rooms.values()) void read(room, true);
  }

  return {
    async enter(tenant, listener) {
      const room = rooms.get(tenant) ?? open(tenant);
      room.listeners.add(listener);
      await room.opened;
      return () => {
        room.listeners.delete(listener);
        if (room.listeners.size === 0 && rooms.get(tenant) === room) rooms.delete(tenant);
      };
    },
    position: (tenant) => rooms.get(tenant)?.last ?? 0,
    look,
    close() {
      deaf();
      rooms.clear();
    },
  };
}
