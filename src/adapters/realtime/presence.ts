import { randomUUID } from "node:crypto";
import type { Signals } from "../../usecases/kit/feed.ts";
import type { Present } from "./messages.ts";

/** Who looks at which record, on this node and the others. */
export type Presence = {
  join(place: string, visitor: Visitor): void;
  leave(place: string, connection: string): void;
  typing(place: string, connection: string): void;
  /** Says again who is here, and forgets those of other nodes who have not been heard of for long. */
  beat(): void;
  close(): void;
};

/** Somebody at a record; `tell` hears who else is there whenever that changes. */
export type Visitor = {
  readonly connection: string;
  readonly member_id: string;
  readonly name: string;
  readonly tell: (others: readonly Present[]) => void;
};

type Here = Visitor & { typingUntil: number; told: string };
type There = { readonly member_id: string; readonly name: string; typingUntil: number; until: number };

/** How one node speaks to the others; `asks` wants those who are there to say so. */
type Said = {
  readonly node: string;
  readonly place: string;
  readonly connection: string;
  readonly state: "here" | "gone" | "asks";
  readonly member_id: string;
  readonly name: string;
  readonly typing: boolean;
};

export const presenceChannel = "rapport_presence";
const TYPING_MS = 6_000;

/** Nodes tell each other who is where; whoever is not heard of within `ttl` is taken to be gone. */
export function openPresence({ signals, ttl }: { readonly signals: Signals; readonly ttl: number }): Presence {
  const node = randomUUID();
  const here = new Map<string, Map<string, Here>>();
  const there = new Map<string, Map<string, There>>();

  const say = (state: Said["state"], place: string, { connection, member_id, name }: Visitor, typing = false): void =>
    signals.notify(presenceChannel, JSON.stringify({ node, place, connection, state, member_id, name, typing } satisfies Said));

  const deaf = signals.listen(presenceChannel, (message) => (message === null ? sayAll("asks") : hear(JSON.parse(message) as Said))); // only nodes speak here

  function hear({ node: from, place, connection, state, member_id, name, typing }: Said): void {
    if (from === node) return;
    const known = there.get(place) ?? new Map<string, There>();
    const key = `${from}/${connection}`;
    const now = performance.now();
    if (state === "gone") known.delete(key);
    else known.set(key, { member_id, name, until: now + ttl, typingUntil: typing ? now + TYPING_MS : 0 });
    if (known.size > 0) there.set(place, known);
    else there.delete(place);
    if (state === "asks") for (const visitor of here.get(place)?.values() ?? []) say("here", place, visitor, visitor.typingUntil > now);
    if (typing) setTimeout(() => tellAll(place), TYPING_MS + 100).unref();
    tellAll(place);
  }

  function sayAll(state: "here" | "asks"): void {
    for (const [place, visitors] of here)
      for (const visitor of visitors.values()) say(state, place, visitor, visitor.typingUntil > performance.now());
  }

  /** Each hears of the others, once for every change; of several windows of one person only the person counts. */
  function tellAll(place: string): void {
    const visitors = here.get(place);
    if (!visitors) return;
    const now = performance.now();
    const members = new Map<string, Present>();
    const distant = [...(there.get(place)?.values() ?? [])].filter(({ until }) => until > now);
    for (const { member_id, name, typingUntil } of [...visitors.values(), ...distant]) {
      const typing = typingUntil > now || (members.get(member_id)?.typing ?? false);
      members.set(member_id, { member_id, name, typing });
    }
    const sorted = [...members.values()].sort((a, b) => (a.member_id < b.member_id ? -1 : 1));
    for (const visitor of visitors.values()) {
      const others = sorted.filter(({ member_id }) => member_id !== visitor.member_id);
      const text = JSON.stringify(others);
      if (text === visitor.told) continue;
      visitor.told = text;
      visitor.tell(others);
    }
  }

  return {
    join(place, visitor) {
      const visitors = here.get(place) ?? new Map<string, Here>();
      here.set(place, visitors);
      visitors.set(visitor.connection, { ...visitor, typingUntil: 0, told: "" });
      say("asks", place, visitor);
      tellAll(place);
    },

    leave(place, connection) {
      const visitor = here.get(place)?.get(connection);
      if (!visitor) return;
      here.get(place)?.delete(connection);
      if (here.get(place)?.size === 0) here.delete(place);
      say("gone", place, visitor);
      tellAll(place);
    },

    typing(place, connection) {
      const visitor = here.get(place)?.get(connection);
      if (!visitor) return;
      visitor.typingUntil = performance.now() + TYPING_MS;
      setTimeout(() => tellAll(place), TYPING_MS + 100).unref();
      say("here", place, visitor, true);
      tellAll(place);
    },

    beat() {
      sayAll("here");
      const now = performance.now();
      for (const [place, known] of there) {
        for (const [key, { until }] of known) if (until <= now) known.delete(key);
        if (known.size === 0) there.delete(place);
        tellAll(place);
      }
    },

    close() {
      for (const [place, visitors] of here) for (const visitor of visitors.values()) say("gone", place, visitor);
      here.clear();
      deaf();
    },
  };
}
