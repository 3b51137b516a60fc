import { DomainError } from "../domain/kit/errors.ts";
import { ConfigurationFaults } from "./configuration.ts";

/** What the command line will not do, in a sentence, and the exit code that says so. */
export class Refused extends Error {
  readonly code: number;
  constructor(message: string, code = 1) {
    super(message);
    this.name = "Refused";
    this.code = code;
  }
}

/** An error as the terminal shows it: a sentence where there is one, the whole of it where it is a bug. */
export function explained(error: unknown, logLevel?: string): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof DomainError) return [error.message, ...pointed(error)].join("\n");
  if (error instanceof Refused || error instanceof ConfigurationFaults) return error.message;
  const unreachable = unreachableDatabase(error);
  if (unreachable) return unreachable;
  const isBug = error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
  return isBug || logLevel === "debug" || logLevel === "trace" ? (error.stack ?? error.message) : error.message;
}

/** A sentence for the common reasons for which a database does not let us in; null for any other error. */
export function unreachableDatabase(error: unknown): string | null {
  const { code = "", message = "" } = error as { code?: string; message?: string };
  const sentence = reasons[code];
  if (sentence) return sentence;
  if (/timeout expired|Connection terminated due to connection timeout/.test(message)) return reasons.ETIMEDOUT ?? null;
  if (/SASL|client password must be a string/.test(message)) return reasons["28P01"] ?? null;
  return null;
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "The database does not answer at the address in DATABASE_URL: start it, or correct the host and the port.",
  ECONNRESET: "The database closed the connection: look into its log, then try again.",
  ENOTFOUND: "The host in DATABASE_URL is unknown: correct its name.",
  EAI_AGAIN: "The host in DATABASE_URL cannot be looked up: check the name and the network.",
  ETIMEDOUT: "The database did not answer in time: check the address in DATABASE_URL and the network between.",
  EHOSTUNREACH: "The host in DATABASE_URL cannot be reached: check the address and the network between.",
  "28P01": "The database refuses the user or the password in DATABASE_URL: correct them.",
  "28000": "The database refuses the user in DATABASE_URL: correct it, or let it in in pg_hba.conf.",
  "3D000": "The database named in DATABASE_URL does not exist: create it, or correct the name.",
  "42501": "The user in DATABASE_URL may not do this: it has to own the database and be allowed to create roles.",
  "53300": "The database has no connection left: raise its max_connections, or stop something that holds them.",
  "57P03": "The database is starting or stopping: try again in a moment.",
};

const pointed = ({ faults, message }: DomainError): string[] =>
  faults.filter((fault) => fault.message !== message).map((fault) => `  ${fault.pointer.slice(1)}: ${fault.message}`);
