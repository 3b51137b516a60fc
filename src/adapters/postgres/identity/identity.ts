import type pg from "pg";
import type { Actor } from "../../../domain/access/access.ts";
import type { Identity } from "../../../usecases/identity/ports.ts";
import type { Flights } from "../flights/flight.ts";
import { actorOfKey, actorOfSession } from "./actor.ts";
import { type Changed, channel, listenForChanges, payloadOf } from "./changes.ts";
import { invitationsIn } from "./invitations.ts";
import { membersIn } from "./members.ts";
import { sessionsIn } from "./sessions.ts";
import { signOnIn } from "./sign-on.ts";
import { step } from "./statements.ts";
import { usersIn } from "./users.ts";
import { workspacesIn } from "./workspaces.ts";

/** The storage of identity, and who a token stands for. */
export type OpenIdentity = Identity & {
  /** Who calls with this session or API key; null when it is unknown, expired or revoked, or its member is suspended. */
  readonly authenticate: (token: string) => Promise<Actor | null>;
  readonly close: () => Promise<void>;
};

type Given = {
  /** Flights of the identity login. */
  readonly flights: Flights;
  /** The hash under which a token is kept. */
  readonly hash: (token: string) => string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Where to listen for what other nodes change; without it, this is the only node. */
  readonly listen?: pg.ClientConfig;
  readonly onError?: (error: Error) => void;
};

/** Opens identity over the flights of its own role. */
export async function openIdentity({ flights, hash, now = Date.now, listen, onError = () => {} }: Given): Promise<OpenIdentity> {
  const known = new Map<string, Known>();
  const asked = new Map<string, Promise<Actor | null>>();
  let generation = 0;

  function forget(changed: Changed | null): void {
    generation++;
    asked.clear();
    for (const [token, { actor }] of known) {
      if (changed === null || ("tenant" in changed ? actor.tenant_id === changed.tenant : actor.user_id === changed.user))
        known.delete(token);
    }
  }

  async function tell(changed: Changed): Promise<void> {
    forget(changed);
    await flights.run(null, [step("select pg_notify($1, $2)", channel, payloadOf(changed))], "write");
  }

  async function find(token: string, hashed: string): Promise<Actor | null> {
    const at = new Date(now()).toISOString();
    const before = generation;
    const actor = await (token.startsWith("rpk_") ? actorOfKey(flights, hashed, at) : actorOfSession(flights, hashed, at));
    // What was read before a change was told is answered, but not kept.
    if (actor && before === generation) {
      if (known.size >= mostKnown) known.delete(known.keys().next().value ?? "");
      known.set(hashed, { actor, until: now() + keptFor });
    }
    return actor;
  }

  const changedTenant = (tenant: string) => tell({ tenant });
  const endedUser = (user: string) => tell({ user });
  const listener = listen ? await listenForChanges({ connection: listen, onChange: forget, onError }) : null;

  return {
    ...workspacesIn(flights),
    ...usersIn(flights, endedUser),
    ...sessionsIn(flights, endedUser),
    ...membersIn(flights, changedTenant),
    ...invitationsIn(flights, changedTenant),
    ...signOnIn(flights, changedTenant),
    invalidate: changedTenant,

    async authenticate(token) {
      if (!isToken.test(token)) return null;
      const hashed = hash(token);
      const found = known.get(hashed);
      if (found && found.until > now()) return found.actor;
      known.delete(hashed);
      const running = asked.get(hashed);
      if (running) return running;
      const question: Promise<Actor | null> = find(token, hashed).finally(() => asked.get(hashed) === question && asked.delete(hashed));
      asked.set(hashed, question);
      return question;
    },

    async close() {
      await listener?.close();
    },
  };
}

type Known = { readonly actor: Actor; readonly until: number };

const mostKnown = 10_000;
const keptFor = 60_000;
const isToken = /^rp[sk]_[\w-]{43}$/;
