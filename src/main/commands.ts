import type { Command } from "./command.ts";

/** A command as the overview lists it; its code is loaded when it is called. */
export type CommandEntry = { readonly name: string; readonly summary: string; readonly load: () => Promise<Command> };

/** Every command there is. */
export const commands: readonly CommandEntry[] = [
  { name: "serve", summary: "Run the product", load: async () => (await import("./commands/serve.ts")).serve },
  {
    name: "worker",
    summary: "Run what works behind requests, on a node of its own",
    load: async () => (await import("./commands/serve.ts")).worker,
  },
  {
    name: "setup",
    summary: "Make a workspace with its administrator and an API key",
    load: async () => (await import("./commands/setup.ts")).setup,
  },
  {
    name: "migrate",
    summary: "Bring the database to this version",
    load: async () => (await import("./commands/migrate.ts")).migrateCommand,
  },
  { name: "doctor", summary: "Say what is wrong with this installation", load: async () => (await import("./commands/doctor.ts")).doctor },
  { name: "backup", summary: "Write everything into one file", load: async () => (await import("./commands/backup.ts")).backup },
  {
    name: "restore",
    summary: "Bring a backup back into an empty database",
    load: async () => (await import("./commands/restore.ts")).restore,
  },
  {
    name: "api-key create",
    summary: "Make an API key for a workspace",
    load: async () => (await import("./commands/api-key.ts")).createApiKey,
  },
  {
    name: "user reset-password",
    summary: "Let somebody in who has lost their password",
    load: async () => (await import("./commands/user.ts")).resetPassword,
  },
  {
    name: "new-resource",
    summary: "Print the migration of a declared resource",
    load: async () => (await import("./commands/new-resource.ts")).newResource,
  },
];

/** The command that these words begin with. */
export const commandNamed = ([first, second]: readonly [string, string]): CommandEntry | null =>
  commands.find(({ name }) => name === first || name === `${first} ${second}`) ?? null;
