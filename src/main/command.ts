import { type ParseArgsConfig, parseArgs } from "node:util";
import type { Configuration } from "./configuration.ts";
import { Refused } from "./refused.ts";

/** An option of a command: a text it takes, or a switch. */
export type Option = {
  readonly takes?: string;
  readonly help: string;
  readonly required?: boolean;
};

/** What was given on the command line. */
export type Given = {
  readonly option: (name: string) => string | null;
  readonly has: (name: string) => boolean;
  readonly words: readonly string[];
};

/** What a command works with; `print` is its result, `say` what it tells on the way. */
export type Context = {
  readonly given: Given;
  readonly configuration: () => Configuration;
  readonly environment: NodeJS.ProcessEnv;
  readonly print: (line: string) => void;
  readonly say: (line: string) => void;
};

export type Command = {
  readonly name: string;
  readonly summary: string;
  /** Names of what stands without a dash; each is required. */
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, Option>>;
  readonly notes: readonly string[];
  readonly parse: (args: readonly string[]) => Given;
  readonly run: (context: Context) => Promise<number>;
};

type Declared = Pick<Command, "name" | "summary" | "run"> & Partial<Pick<Command, "words" | "options" | "notes">>;

/** Declares a command; what it takes is checked before it runs. */
export function command(declared: Declared): Command {
  const whole = { words: [], options: {}, notes: [], ...declared };
  return { ...whole, parse: (args) => parse(whole, args) };
}

function parse({ name, words, options }: Pick<Command, "name" | "words" | "options">, args: readonly string[]): Given {
  const wrong = (sentence: string) => new Refused(`${sentence} Run rapport ${name} --help to see how it is called.`, 2);
  const known = Object.entries(options).map(([key, { takes }]) => [key, { type: takes ? ("string" as const) : ("boolean" as const) }]);
  const config = { args: [...args], options: Object.fromEntries(known), allowPositionals: true, strict: true } satisfies ParseArgsConfig;
  let read: ReturnType<typeof parseArgs>;
  try {
    read = parseArgs(config);
  } catch (error) {
    throw wrong(`${(error instanceof Error ? error.message : String(error)).split(/\. |\n/)[0]?.replace(/\.$/, "")}.`);
  }
  const { values, positionals } = read;
  const missing = Object.entries(options).flatMap(([key, { required }]) => (required && values[key] === undefined ? [`--${key}`] : []));
  if (missing.length) throw wrong(`Give ${missing.join(" and ")}.`);
  const absent = words.slice(positionals.length);
  if (absent.length) throw wrong(`Give ${absent.join(" and ")}.`);
  if (positionals.length > words.length) throw wrong(`"${positionals[words.length]}" is one word too many.`);
  return {
    option: (key) => (typeof values[key] === "string" ? values[key] : null),
    has: (key) => values[key] === true,
    words: positionals,
  };
}
