import { type Actor, denied, hasRight, scopeOf } from "../../domain/access/access.ts";
import { conflict, DomainError, forbidden } from "../../domain/kit/errors.ts";
import { readInput } from "../../domain/kit/shape.ts";
import type { Caller } from "../identity/ports.ts";
import { ChangedMeanwhile } from "./changed-meanwhile.ts";
import type { Claims, Ports, Via } from "./ports.ts";
import type { Allow, Usecase } from "./usecase.ts";

/** How a call reaches the door, beside who calls what. */
export type Circumstances = {
  readonly via: Via;
  /** The event that caused this call, if one did. */
  readonly cause?: string | null;
  /** The version the caller expects the record to have. */
  readonly expected?: number | null;
  /** The caller's name for this call: the second time, the first answer is given again. */
  readonly idempotencyKey?: string | null;
  /** Where the call comes from, as far as a connection tells. */
  readonly caller?: Caller | null;
};

/** What the door needs of the world around it. */
export type App = {
  readonly verbs: Readonly<Record<string, Usecase>>;
  readonly scopes: Scopes;
};

/** Opens what a verb works with: flights without a transaction around them, or one interactive transaction; for nobody only what needs no workspace. */
export type Scopes = {
  open<T>(actor: Actor | null, how: Opening, work: (ports: Ports) => Promise<T>): Promise<T>;
  claims: Claims;
};
export type Opening = Circumstances & { readonly writes: boolean; readonly atomic: boolean; readonly claim: string | null };

/** An answer, and whether it was given before. */
export type Performed = {
  readonly answer: unknown;
  readonly verb: Usecase;
  readonly replayed: { readonly status: number; readonly body: string } | null;
};

const MOST_TRIES = 12;

/** The one door: the right, then the input, then one transaction, then the declared output. Nobody (null) may call what is public. */
export async function perform(app: App, actor: Actor | null, name: string, raw: unknown, circumstances: Circumstances): Promise<Performed> {
  const verb = app.verbs[name];
  if (!verb) throw new Error(`There is no verb ${name}`);
  demandVerb(actor, verb.allow);
  const input = readInput(verb.input, raw, { country: null });
  const key = verb.writes && verb.isKept ? (circumstances.idempotencyKey ?? null) : null;
  if (key === null || actor === null)
    return { answer: await decide(app, actor, verb, input, { ...circumstances, claim: null }), verb, replayed: null };

  const claimed = await app.scopes.claims.claim(actor, key, JSON.stringify([name, raw]));
  if ("status" in claimed) return { answer: null, verb, replayed: claimed };
  try {
    const answer = await decide(app, actor, verb, input, { ...circumstances, claim: claimed.claim });
    return { answer, verb, replayed: null };
  } catch (error) {
    await app.scopes.claims.release(actor, key, claimed.claim);
    throw error;
  }
}

/** Runs the verb; where its record was changed in between nothing has been written yet, so it decides again on what is there now. */
async function decide(
  app: App,
  actor: Actor | null,
  verb: Usecase,
  input: unknown,
  how: Circumstances & { claim: string | null },
): Promise<unknown> {
  const atomic = typeof verb.atomic === "function" ? verb.atomic(input as never) : verb.atomic;
  for (let tries = 1; ; tries++) {
    try {
      return await app.scopes.open(actor, { ...how, writes: verb.writes, atomic }, (ports) => verb.run(ports, input as never));
    } catch (error) {
      if (!(error instanceof ChangedMeanwhile)) throw error;
      if (tries === MOST_TRIES) throw conflict("BUSY", "Too many changes to this record at the same time. Try again in a moment.");
    }
  }
}

/** May this role do such a thing at all? Which records it reaches is added where `Records` builds its query. */
export function demandVerb(actor: Actor | null, allow: Allow): void {
  if (allow === "public") return;
  if (actor === null) throw forbidden("Sign in, or send an API key.", "UNAUTHENTICATED");
  if (allow === "member") return;
  if ("right" in allow) {
    if (!hasRight(actor, allow.right))
      throw forbidden("Your role does not have the right to do this. Ask an administrator if you need it.", "FORBIDDEN", {
        right: allow.right,
      });
    return;
  }
  const scope = scopeOf(actor, allow.action, { name: allow.resource.name });
  if (scope === "none") throw denied(allow.action, allow.resource, scope);
}

/** Whether an error is a refusal for the caller rather than a bug. */
export const isRefusal = (error: unknown): error is DomainError => error instanceof DomainError;
