import { resourceNamed } from "../../../domain/catalogue.ts";
import { type Step, statement } from "../flights/statement.ts";
import { channel as identityChannel, payloadOf } from "../identity/changes.ts";

/** On this channel nodes hear whose definitions they should no longer keep. */
export const definitionsChannel = "rapport_definitions";

/** What nodes keep in memory of a workspace and should forget, told by the drain: the write itself stays free of notifications, which would serialise all commits. */
export function tellNodes(tenant: string, events: readonly { readonly resource: string }[]): Step[] {
  const changed = new Set(events.map(({ resource }) => resource));
  return [
    ...(["teams", "members", "roles"].some((name) => changed.has(name)) ? [notify(identityChannel, payloadOf({ tenant }))] : []),
    ...([...changed].some((name) => resourceNamed(name)?.defines) ? [notify(definitionsChannel, tenant)] : []),
  ];
}

const notify = (channel: string, payload: string): Step => [statement("select pg_notify($1, $2)"), [channel, payload]];
