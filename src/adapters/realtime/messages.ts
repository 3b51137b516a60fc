import type { FeedEntry } from "../../usecases/kit/feed.ts";

/** What a client asks for; every wish is a JSON object with the key that names it. */
export type Wish =
  | { readonly kind: "subscribe"; readonly subject: Subject; readonly from: number | null }
  | { readonly kind: "unsubscribe"; readonly subject: Subject }
  | { readonly kind: "present" | "absent" | "typing"; readonly subject: Required<Subject> & { readonly id: string } }
  | { readonly kind: "ping"; readonly value: unknown };

/** A resource, or one of its records. */
export type Subject = { readonly resource: string; readonly id: string | null };

/** Somebody else who looks at the same record. */
export type Present = { readonly member_id: string; readonly name: string; readonly typing: boolean };

/** What a client is told. A frame names what changed and never a value: values are read through the door, with the rights of then. */
export type Message =
  | Frame
  | { readonly ready: Subject & { readonly position: number } }
  | { readonly resync: true; readonly position: number }
  | { readonly position: number }
  | { readonly present: { readonly resource: string; readonly id: string; readonly members: readonly Present[] } }
  | { readonly pong: unknown }
  | { readonly refused: Refused };
export type Frame = {
  readonly position: number;
  readonly resource: string;
  readonly id: string;
  readonly version: number;
  readonly type: string;
  readonly at: string;
  readonly actor_id: string | null;
};
export type Refused = { readonly code: string; readonly message: string; readonly subject?: Subject };

export const frameOf = ({ position, resource, record_id, version, type, at, actor_id }: FeedEntry): Frame => ({
  position,
  resource,
  id: record_id,
  version,
  type,
  at,
  actor_id,
});

/** Reads what a client sent, or says what is wrong with it. */
export function readWish(text: string): Wish | Refused {
  const sent = parsed(text);
  if (sent === null) return refused("UNREADABLE", "Send a JSON object.");
  const kind = kinds.find((one) => Object.hasOwn(sent, one));
  if (!kind) return refused("UNKNOWN_WISH", `Send one of ${kinds.join(", ")}.`);
  if (kind === "ping") return { kind, value: sent.ping ?? null };
  const subject = subjectIn(sent[kind]);
  if (subject === null) return refused("SUBJECT_INVALID", 'Name what it is about: {"resource": "deals", "id": "…"}.');
  if (kind === "unsubscribe") return { kind, subject };
  if (kind === "subscribe") {
    const from = sent.from ?? null;
    if (from !== null && (!Number.isSafeInteger(from) || (from as number) < 0))
      return refused("POSITION_INVALID", "from is the position of the last frame you saw.");
    return { kind, subject, from: from as number | null };
  }
  const { id } = subject;
  return id === null ? refused("ID_REQUIRED", "Say which record it is about.") : { kind, subject: { resource: subject.resource, id } };
}

const kinds = ["subscribe", "unsubscribe", "present", "absent", "typing", "ping"] as const;

const refused = (code: string, message: string): Refused => ({ code, message });

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}

function subjectIn(value: unknown): Subject | null {
  if (typeof value !== "object" || value === null) return null;
  const { resource, id = null } = value as { readonly resource?: unknown; readonly id?: unknown };
  if (typeof resource !== "string" || !(id === null || (typeof id === "string" && UUID.test(id)))) return null;
  return { resource, id: id === null ? null : id.toLowerCase() };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
