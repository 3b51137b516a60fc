/** The five ways Rapport refuses. Everything else that is thrown is a bug. */
export type Refusal = "invalid" | "forbidden" | "not_found" | "conflict" | "unavailable";

/** One fault of the input: where it is (a JSON pointer), its stable code, and a sentence that says what to do. */
export type Fault = { pointer: string; code: string; message: string };

/** A refusal a person can act on: the code is stable API, the message is for the user. */
export class DomainError extends Error {
  readonly kind: Refusal;
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly faults: readonly Fault[];

  constructor(
    kind: Refusal,
    code: string,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    faults: readonly Fault[] = [],
  ) {
    super(message);
    this.name = "DomainError";
    this.kind = kind;
    this.code = code;
    this.details = details;
    this.faults = faults;
  }
}

/** One fault at one place of the input. */
export const invalid = (code: string, message: string, pointer = "", details: Readonly<Record<string, unknown>> = {}): DomainError =>
  new DomainError("invalid", code, message, details, [{ pointer, code, message }]);

/** Every fault of the input at once. */
export function invalidInput(faults: readonly Fault[]): DomainError {
  const [first] = faults;
  if (faults.length === 1 && first) return new DomainError("invalid", first.code, first.message, {}, faults);
  return new DomainError("invalid", "INVALID_INPUT", `${faults.length} things in the input need correction.`, {}, faults);
}

export const forbidden = (message: string, code = "FORBIDDEN", details: Readonly<Record<string, unknown>> = {}): DomainError =>
  new DomainError("forbidden", code, message, details);

export const notFound = (
  message = "There is no such record.",
  code = "NOT_FOUND",
  details: Readonly<Record<string, unknown>> = {},
): DomainError => new DomainError("not_found", code, message, details);

export const conflict = (
  code: string,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
  faults: readonly Fault[] = [],
): DomainError => new DomainError("conflict", code, message, details, faults);

export const unavailable = (code: string, message: string): DomainError => new DomainError("unavailable", code, message);
