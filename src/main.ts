import { pathToFileURL } from "node:url";
import { commandNamed, commands } from "./main/commands.ts";
import { readConfiguration } from "./main/configuration.ts";
import { helpOf, overview } from "./main/help.ts";
import { explained, Refused } from "./main/refused.ts";
import { version } from "./main/root.ts";

/** Runs one command of the command line and answers its exit code: 0 done, 1 refused or failed, 2 called wrongly. */
export async function main(args: readonly string[], environment: NodeJS.ProcessEnv = process.env): Promise<number> {
  const [first = "", second = ""] = args;
  if (first === "--version" || first === "-v") return said(version());
  if (first === "" || first === "--help" || first === "-h" || first === "help") {
    const asked = first === "help" ? commandNamed([second, args[2] ?? ""]) : null;
    return said(asked ? helpOf(await asked.load()) : overview(commands));
  }
  try {
    const entry = commandNamed([first, second]);
    if (!entry) throw new Refused(`There is no command "${first}". Run rapport --help to see what there is.`, 2);
    const command = await entry.load();
    const rest = args.slice(entry.name.split(" ").length);
    if (rest.includes("--help") || rest.includes("-h")) return said(helpOf(command));
    const given = command.parse(rest);
    return await command.run({
      given,
      configuration: () => readConfiguration(environment),
      environment,
      print: (line) => process.stdout.write(`${line}\n`),
      say: (line) => process.stderr.write(`${line}\n`),
    });
  } catch (error) {
    process.stderr.write(`${explained(error, environment.LOG_LEVEL)}\n`);
    return error instanceof Refused ? error.code : 1;
  }
}

function said(text: string): number {
  process.stdout.write(`${text.trimEnd()}\n`);
  return 0;
}

// Run by itself in development; otherwise bin/rapport.mjs calls it.
if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = await main(process.argv.slice(2));
