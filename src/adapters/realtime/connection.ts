import { randomUUID } from "node:crypto";
import type { Actor } from "../../domain/access/access.ts";
import { mayFollow, mayHear } from "../../domain/access/hear.ts";
import { resourceNamed } from "../../domain/catalogue.ts";
import type { Feed, FeedEntry } from "../../usecases/kit/feed.ts";
import type { Hub } from "./hub.ts";
import { frameOf, type Message, type Refused, readWish, type Subject, type Wish } from "./messages.ts";
import type { Presence } from "./presence.ts";

/** A socket as `ws` has it, as far as it is needed here. */
export type Socket = {
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(text: string): void;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
  on(event: "message", hear: (data: Buffer, isBinary: boolean) => void): void;
  on(event: "close" | "pong" | "error", hear: () => void): void;
};

/** What a connection works with. */
export type Around = {
  readonly feed: Feed;
  readonly hub: Hub;
  readonly presence: Presence;
  readonly authenticate: (token: string) => Actor | null | Promise<Actor | null>;
  /** Whether this actor may see that record now. */
  readonly mayView: (actor: Actor, resource: string, id: string) => Promise<boolean>;
  /** What others call this actor; null for one who is no member. */
  readonly nameOf: (actor: Actor) => Promise<string | null>;
  readonly limits: Limits;
  readonly onError: (error: Error) => void;
};

export type Limits = {
  /** Resources and records one socket may follow. */
  readonly subscriptions: number;
  /** Records one socket may be present at. */
  readonly places: number;
  /** Wishes in ten seconds. */
  readonly wishes: number;
  /** Entries of the feed that are sent after a reconnect; who is further behind reads everything anew. */
  readonly replay: number;
  /** Bytes that may wait for a slow client; beyond that frames are left out, and it reads everything anew once it has caught up. */
  readonly waiting: number;
};

/** Why a socket is closed. */
export const closings = {
  signedOut: [4401, "Sign in again."],
  tooMany: [4429, "Too many windows are open at once."],
  flood: [1008, "Too many messages in a short time."],
  restart: [1012, "The server restarts; connect again."],
} as const;

/** One client that listens. */
export type Connection = {
  /** Asks anew who this is, tells how far the feed is, and gives up on a client that does not answer. */
  beat(): void;
  /** Asks anew who this is. */
  check(): void;
  close(why: keyof typeof closings): void;
};

const OPEN = 1;
const GOODBYE_MS = 2_000;
const WINDOW_MS = 10_000;
const MOST_BEATS_BEHIND = 2;

/** Serves one client until its socket closes. */
export function openConnection(
  socket: Socket,
  { token, actor: first }: { readonly token: string; readonly actor: Actor },
  around: Around,
): Connection {
  const { feed, hub, presence, limits, onError } = around;
  const id = randomUUID();
  const tenant = first.tenant_id;
  /** What is followed, each with the position up to which it has been told. */
  const followed = new Map<string, Subject & { readonly position: number }>();
  const places = new Map<string, Subject & { readonly id: string }>();
  let isClosed = false;
  let hasAnswered = true;
  let isBehind = false;
  let beatsBehind = 0;
  let told = -1;
  let wishes = 0;
  let windowStart = performance.now();

  // One thing after the other: what is replayed comes before what happens meanwhile.
  let turn: Promise<void> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): void => {
    turn = turn.then(() => (isClosed ? undefined : work())).catch((error) => onError(error as Error));
  };

  const entered = hub.enter(tenant, (entries) => inTurn(() => deliver(entries)));
  inTurn(async () => {
    await entered.catch((error) => {
      socket.close(...closings.restart);
      throw error;
    });
  });

  function send(message: Message): void {
    if (socket.readyState !== OPEN) return;
    if (isBehind || socket.bufferedAmount > limits.waiting) isBehind = true;
    else socket.send(JSON.stringify(message));
  }

  /** Who this is now; one who may not be here any more, or is in another workspace now, is gone. */
  async function now(): Promise<Actor | null> {
    const actor = await around.authenticate(token);
    if (actor && actor.tenant_id === tenant && actor.member_id === first.member_id) return actor;
    close("signedOut");
    return null;
  }

  async function deliver(entries: readonly FeedEntry[]): Promise<void> {
    const actor = await now();
    if (!actor) return;
    catchUp();
    for (const entry of entries) if (follows(entry)) tell(actor, entry);
  }

  function follows({ resource, record_id, position }: FeedEntry): boolean {
    return [keyOf({ resource, id: null }), keyOf({ resource, id: record_id })].some((key) => {
      const subscription = followed.get(key);
      return subscription !== undefined && subscription.position < position;
    });
  }

  function tell(actor: Actor, entry: FeedEntry): void {
    const resource = resourceNamed(entry.resource);
    if (!resource || !mayHear(actor, resource, [entry.before, entry.after])) return;
    told = entry.position;
    send(frameOf(entry));
  }

  async function subscribe({ subject, from }: Extract<Wish, { kind: "subscribe" }>): Promise<void> {
    const actor = await now();
    if (!actor) return;
    const resource = resourceNamed(subject.resource);
    if (!resource) return refuse({ code: "NOT_FOUND", message: `There is no resource named ${subject.resource}.`, subject });
    if (!mayFollow(actor, resource))
      return refuse({ code: "FORBIDDEN", message: `Your role may not view ${resource.label.en[1].toLowerCase()}.`, subject });
    if (followed.size >= limits.subscriptions && !followed.has(keyOf(subject)))
      return refuse({ code: "TOO_MANY_SUBSCRIPTIONS", message: `Follow at most ${limits.subscriptions} at once.`, subject });
    let position = from ?? hub.position(tenant);
    if (from !== null) {
      const head = Math.max(await feed.head(tenant), hub.position(tenant));
      if (from > head || head - from > limits.replay) {
        position = head;
        send({ resync: true, position });
      }
    }
    // What the hub has told others already is read from the feed until this subscription stands where the hub does.
    while (position < hub.position(tenant)) {
      const entries = await feed.after(tenant, position, limits.replay);
      if (entries.length === 0) break;
      for (const entry of entries)
        if (entry.resource === subject.resource && (subject.id === null || subject.id === entry.record_id)) tell(actor, entry);
      position = entries.at(-1)?.position ?? position;
    }
    followed.set(keyOf(subject), { ...subject, position });
    told = Math.max(told, position);
    send({ ready: { ...subject, position } });
  }

  async function appear(subject: Subject & { readonly id: string }): Promise<void> {
    const actor = await now();
    if (!actor?.member_id) return actor ? refuse({ code: "FORBIDDEN", message: "Only members can be present.", subject }) : undefined;
    const place = placeOf(tenant, subject);
    if (places.has(place)) return;
    if (places.size >= limits.places)
      return refuse({ code: "TOO_MANY_PLACES", message: `Be present at ${limits.places} records at most.`, subject });
    if (!(await around.mayView(actor, subject.resource, subject.id)))
      return refuse({ code: "NOT_FOUND", message: "There is no such record.", subject });
    const name = (await around.nameOf(actor)) ?? "";
    if (isClosed) return;
    places.set(place, subject);
    presence.join(place, {
      connection: id,
      member_id: actor.member_id,
      name,
      tell: (members) => send({ present: { ...subject, members } }),
    });
  }

  function disappear(place: string): void {
    if (places.delete(place)) presence.leave(place, id);
  }

  const refuse = (refused: Refused): void => send({ refused });

  function grant(wish: Wish) {
    if (wish.kind === "ping") return send({ pong: wish.value });
    if (wish.kind === "subscribe") return inTurn(() => subscribe(wish));
    if (wish.kind === "unsubscribe") return inTurn(async () => void followed.delete(keyOf(wish.subject)));
    if (wish.kind === "present") return inTurn(() => appear(wish.subject));
    if (wish.kind === "absent") return inTurn(async () => disappear(placeOf(tenant, wish.subject)));
    return inTurn(async () => presence.typing(placeOf(tenant, wish.subject), id));
  }

  socket.on("message", (data, isBinary) => {
    const moment = performance.now();
    if (moment - windowStart > WINDOW_MS) [wishes, windowStart] = [0, moment];
    if (++wishes > limits.wishes) return close("flood");
    const wish = isBinary ? { code: "UNREADABLE", message: "Send text." } : readWish(data.toString("utf8"));
    if ("kind" in wish) grant(wish);
    else refuse(wish);
  });
  socket.on("pong", () => {
    hasAnswered = true;
  });
  socket.on("error", () => socket.terminate());
  socket.on("close", () => {
    isClosed = true;
    for (const place of [...places.keys()]) disappear(place);
    entered.then((leave) => leave()).catch(() => {}); // it never came in
  });

  /** Nobody stays at a record they may not see any more. */
  async function checkPlaces(actor: Actor): Promise<void> {
    for (const [place, { resource, id: record }] of [...places]) if (!(await around.mayView(actor, resource, record))) disappear(place);
  }

  /** A client that was too slow is told to read everything anew once it has read what waited for it. */
  function catchUp(): void {
    if (!isBehind || socket.bufferedAmount > limits.waiting / 4) return;
    [isBehind, beatsBehind] = [false, 0];
    told = hub.position(tenant);
    send({ resync: true, position: told });
  }

  function close(why: keyof typeof closings): void {
    isClosed = true;
    const [code, reason] = closings[why];
    socket.close(code, reason);
    setTimeout(() => socket.terminate(), GOODBYE_MS).unref(); // a client that is gone does not say goodbye
  }

  return {
    close,
    check: () => inTurn(async () => void (await now())),
    beat() {
      if (!hasAnswered) return socket.terminate();
      hasAnswered = false;
      socket.ping();
      inTurn(async () => {
        const actor = await now();
        if (!actor) return;
        catchUp();
        if (isBehind && ++beatsBehind > MOST_BEATS_BEHIND) return socket.terminate();
        // So that after a reconnect only what was missed counts, not what happened elsewhere.
        const position = hub.position(tenant);
        if (followed.size > 0 && position > told && Number.isFinite(position)) {
          told = position;
          send({ position });
        }
        await checkPlaces(actor);
      });
    },
  };
}

const keyOf = ({ resource, id }: Subject): string => `${resource}/${id ?? ""}`;
const placeOf = (tenant: string, { resource, id }: Subject): string => `${tenant}/${resource}/${id}`;
