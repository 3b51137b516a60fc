/** A refusal that the protocol asks for and that no rule of the domain knows: an unreadable body, a wrong method, too many requests. */
export class ProtocolError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = "ProtocolError";
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** Fastify takes for an answer what is no Error. */
export const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown }));
