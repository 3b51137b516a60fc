import { existsSync } from "node:fs";
import { type Command, type Context, command } from "../command.ts";
import { openDatabase } from "../database.ts";
import { type NodeRole, roles } from "../node-role.ts";
import { Refused } from "../refused.ts";
import { webFolder } from "../root.ts";
import { untilStopped } from "../signals.ts";

/** Runs the product until it is told to stop. */
export const serve: Command = command({
  name: "serve",
  summary: "Run the product",
  options: {
    role: {
      takes: roles.join("|"),
      help: "What this node does: answer requests (web), work behind them (worker), or both (all, the default)",
    },
    "no-interface": { help: "Do not build the interface when it is older than its sources" },
  },
  notes: ["Ctrl-C or SIGTERM stops it when what is under way is done; a second Ctrl-C ends it at once."],
  run: (context) => run(context, roleIn(context.given.option("role"))),
});

/** The same for a node that answers no requests. */
export const worker: Command = command({
  name: "worker",
  summary: "Run what works behind requests, on a node of its own",
  run: (context) => run(context, "worker"),
});

function roleIn(text: string | null): NodeRole {
  const role = roles.find((one) => one === (text ?? "all"));
  if (!role) throw new Refused(`A role is ${roles.join(", ")}, not "${text}".`, 2);
  return role;
}

async function run({ configuration, say, print }: Context, role: NodeRole): Promise<number> {
  const settings = configuration();
  const stopped = untilStopped();
  // The database starts while the rest is loaded.
  const [database, { start }] = await Promise.all([openDatabase(settings, say), import("../wiring.ts")]);
  const started = await start(settings, { role, database, say }).catch((error) => {
    throw taken(error, settings.host, settings.port) ?? error;
  });
  const hasInterface = existsSync(webFolder);
  if (started.address) print(`Rapport is running at ${started.address}${hasInterface ? "" : " (interface not built)"}`);
  else print("Rapport is working behind requests.");
  await stopped;
  say("Stopping …");
  await started.stop();
  return 0;
}

/** Where Rapport may not listen, in a sentence. */
export function taken(error: unknown, host: string, port: number): Refused | null {
  const { code, syscall } = error as { code?: string; syscall?: string };
  if (syscall !== "listen" && code !== "EADDRINUSE") return null;
  if (code === "EADDRINUSE") return new Refused(`Port ${port} is taken by another program. Stop that one, or set PORT to another number.`);
  if (code === "EACCES") return new Refused(`This user may not listen on port ${port}. Set PORT to a number from 1024 on.`);
  if (code === "EADDRNOTAVAIL") return new Refused(`This machine has no address ${host}. Set HOST to one it has, such as 127.0.0.1.`);
  return null;
}
