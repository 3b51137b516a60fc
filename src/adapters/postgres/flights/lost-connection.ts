import { DomainError } from "../../../domain/kit/errors.ts";

/** The connection to the database went away, or none could be had. */
export class LostConnection extends DomainError {
  /** Whether the work may have been committed: it was sent, and no answer came. */
  readonly mayHaveHappened: boolean;

  constructor(mayHaveHappened: boolean, cause: unknown) {
    const message = mayHaveHappened
      ? "The connection to the database was lost; look whether the change was saved before you try again."
      : "The database cannot be reached; try again in a moment.";
    super("unavailable", "DATABASE_UNAVAILABLE", message);
    this.name = "LostConnection";
    this.mayHaveHappened = mayHaveHappened;
    this.cause = cause;
  }
}

/** The cause where the connection stands but nothing comes back; to try again at once would only double the wait. */
export const SILENT = new Error("The database does not answer.");
