import type { Command } from "./command.ts";
import type { CommandEntry } from "./commands.ts";
import { version } from "./root.ts";

/** What there is, a line each. */
export function overview(commands: readonly CommandEntry[]): string {
  return [
    `Rapport ${version()}: a CRM that keeps every other CRM in step.`,
    "",
    "Usage: rapport <command> [options]",
    "",
    ...columns(commands.map(({ name, summary }) => [name, summary])),
    "",
    "rapport <command> --help tells more about one; docs/operations.md lists the environment variables.",
  ].join("\n");
}

/** How one command is called. */
export function helpOf({ name, summary, words, options, notes }: Command): string {
  const entries = Object.entries(options);
  const spelling = (key: string, takes?: string) => (takes ? `--${key} ${takes}` : `--${key}`);
  const required = entries.filter(([, { required }]) => required).map(([key, { takes }]) => spelling(key, takes));
  const usage = ["rapport", name, ...words, ...required, ...(entries.length > required.length ? ["[options]"] : [])].join(" ");
  return [
    `${summary}.`,
    "",
    `Usage: ${usage}`,
    ...(entries.length ? ["", ...columns(entries.map(([key, { takes, help }]) => [spelling(key, takes), help]))] : []),
    ...(notes.length ? ["", ...notes] : []),
  ].join("\n");
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
