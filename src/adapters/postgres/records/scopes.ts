import pg from "pg";
import type { Actor } from "../../../domain/access/access.ts";
import type { Definitions } from "../../../domain/kit/definitions.ts";
import { conflict, DomainError } from "../../../domain/kit/errors.ts";
import type { Resource } from "../../../domain/kit/resource.ts";
import { ChangedMeanwhile } from "../../../usecases/kit/changed-meanwhile.ts";
import type { Opening, Scopes } from "../../../usecases/kit/perform.ts";
import type { Ports, Records } from "../../../usecases/kit/ports.ts";
import type { Flights } from "../flights/flight.ts";
import { type Result, type Step, statement } from "../flights/statement.ts";
import { searchPort } from "../search/search.ts";
import type { Call } from "./call.ts";
import { claimsOf, completeStep, isClaimLost } from "./claims.ts";
import type { DefinitionsCache } from "./definitions.ts";
import { recordsOf } from "./records.ts";
import { samplesOf } from "./samples.ts";
import { taggingsOf } from "./taggings.ts";

export type ScopeOptions = {
  readonly flights: Flights;
  readonly definitions: DefinitionsCache;
  readonly clock: () => number;
  /** Hears of every workspace in which something was written. */
  readonly onWrite: (tenant: string) => void;
  /** Further ports that verbs may name, made anew for each call; without a call where nobody is signed in. */
  readonly more?: (call: Call | null, how: Opening) => Partial<Ports>;
};

/** Opens calls on the database: most are flights without a transaction around them, atomic ones one interactive transaction. */
export function openScopes(options: ScopeOptions): Scopes {
  const { flights, clock, onWrite } = options;
  return {
    claims: claimsOf(flights, clock),
    async open(actor, how, work) {
      if (actor === null) return work(portsOfNobody(how, options));
      const definitions = await options.definitions.of(actor.tenant_id);
      const forget = () => options.definitions.forget(actor.tenant_id);
      let isRedefined = false;
      const base = {
        redefined: () => {
          isRedefined = true;
        },
        tenant: actor.tenant_id,
        actor,
        via: how.via,
        cause: how.cause ?? null,
        now: new Date(clock()).toISOString(),
        definitions,
      };
      const complete = (events: readonly string[] | null): readonly Step[] => (how.claim ? [completeStep(actor, how.claim, events)] : []);
      const failed = async (error: unknown): Promise<never> => {
        if (isRedefined || error instanceof ChangedMeanwhile) forget();
        // An input may be refused only because another node defined a field a moment ago.
        else if (error instanceof DomainError && error.kind === "invalid" && (await areOutdated(definitions, actor, flights))) {
          forget();
          throw new ChangedMeanwhile("definitions", actor.tenant_id);
        }
        throw how.claim && isClaimLost(error) ? claimLost() : error;
      };
      const result: Awaited<ReturnType<typeof work>> = how.atomic
        ? await flights
            .transaction(actor.tenant_id, async (run, attempt) => {
              const inside = (steps: readonly Step[]) => run(steps);
              const call: Call = {
                ...base,
                inTransaction: true,
                read: inside,
                write: inside,
                attempt: (steps) => attempt(steps),
                aside: () => call,
              };
              const done = await work(portsOf(call, how, options));
              await run(complete(null));
              return done;
            })
            .catch(decideAgain)
            .catch(failed)
        : await inFlights(actor, base, complete, (call) => work(portsOf(call, how, options)), flights).catch(failed);
      if (isRedefined) forget();
      if (how.writes) onWrite(actor.tenant_id);
      return result;
    },
  };
}

/** A transaction that lost a deadlock has written nothing; the verb may decide again. */
function decideAgain(error: unknown): never {
  if (error instanceof pg.DatabaseError && (error.code === "40P01" || error.code === "40001"))
    throw new ChangedMeanwhile("A transaction", error.code);
  throw error;
}

const readVersion = statement("select version from definitions where tenant_id = $1");

/** Whether the definitions of a workspace have changed since a call was decided under them. */
async function areOutdated({ version }: Definitions, { tenant_id }: Actor, flights: Flights): Promise<boolean> {
  const [found] = await flights.run(tenant_id, [[readVersion, [tenant_id]]], "read");
  return Number(found?.rows[0]?.[0]) !== version;
}

type Base = Omit<Call, "inTransaction" | "read" | "write" | "attempt" | "aside">;

async function inFlights<T>(
  actor: Actor,
  base: Base,
  complete: (events: readonly string[] | null) => readonly Step[],
  work: (call: Call) => Promise<T>,
  flights: Flights,
): Promise<T> {
  const send = (steps: readonly Step[], lane: Parameters<Call["read"]>[1]) => flights.run(actor.tenant_id, steps, lane);
  let hasWritten = false;
  let isComplete = false;
  const aside: Call = { ...base, inTransaction: false, read: send, write: send, attempt: send, aside: () => aside };
  const once = async (steps: readonly Step[], lane: Parameters<Call["read"]>[1], events?: readonly string[]): Promise<Result[]> => {
    if (hasWritten) throw new Error("A verb that writes more than once declares `atomic`.");
    const results = await send([...steps, ...(isComplete ? [] : complete(events ?? null))], lane);
    hasWritten = (results[0]?.rows.length ?? 0) > 0;
    isComplete ||= hasWritten || events === undefined;
    return results;
  };
  const result = await work({ ...aside, write: once, attempt: once, aside: () => aside });
  if (!isComplete) await send(complete(null), "write");
  return result;
}

function portsOf(call: Call, how: Opening, { more }: ScopeOptions): Ports {
  const known = new Map<string, Records>();
  return {
    actor: call.actor,
    now: call.now,
    definitions: call.definitions,
    expected: how.expected ?? null,
    records: (resource: Resource) => {
      const made = known.get(resource.name) ?? recordsOf(resource, call);
      known.set(resource.name, made);
      return made;
    },
    search: searchPort(call),
    taggings: taggingsOf(call),
    samples: samplesOf(call),
    ...more?.(call, how),
  } as Ports; // what lies outside the database comes from `more`, which the wiring fills
}

/** What a public verb works with: whoever calls it belongs to no workspace yet, so there are no records to ask for. */
const portsOfNobody = (how: Opening, { clock, more }: ScopeOptions): Ports =>
  ({ now: new Date(clock()).toISOString(), expected: null, ...more?.(null, how) }) as Ports; // a public verb names no more than these

/** The refusal of a write whose claim somebody else took over meanwhile. */
export const claimLost = () =>
  conflict("IDEMPOTENCY_KEY_LOST", "Another call with this Idempotency-Key took over. Read the record before you try again.");
