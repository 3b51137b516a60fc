import { resourceNamed } from "../../domain/catalogue.ts";
import { DomainError, type Fault, type Refusal } from "../../domain/kit/errors.ts";
import { addressesOf } from "./addresses.ts";
import { ProtocolError } from "./protocol-error.ts";

/** An answer that refuses (RFC 9457): its status, its headers, and its members but the request's id. */
export type Problem = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly code: string; readonly detail: string; readonly errors: readonly Fault[]; readonly [detail: string]: unknown };
};

/** What an error was thrown at, as far as its words depend on it. */
export type Occasion = { readonly reads: boolean; readonly bodyIsData: boolean } | null;

export const problemType = "application/problem+json; charset=utf-8";

/** The problem that an error is for the caller; a bug is a 500 and says nothing of its inside. */
export function problemOf(error: unknown, occasion: Occasion): Problem {
  if (error instanceof DomainError) return refused(error, occasion);
  if (error instanceof ProtocolError) return protocol(error.status, error.code, error.message, error.headers);
  return fromFramework(error) ?? fromDatabase(error, occasion) ?? bug;
}

/** The text of a problem. */
export function problemText({ status, body }: Problem, requestId: string): string {
  const { code, detail, errors, ...details } = body;
  const standard = { type: `urn:rapport:problem:${code}`, title: titles[status] ?? "Refused", status, code, detail, errors };
  return JSON.stringify({ ...details, ...standard, request_id: requestId });
}

const statuses: Readonly<Record<Refusal, number>> = { invalid: 422, forbidden: 403, not_found: 404, conflict: 409, unavailable: 503 };

/** Refusals for which the protocol has a status of its own. */
const statusOfCode: Readonly<Record<string, number>> = {
  VERSION_CONFLICT: 412,
  UNAUTHENTICATED: 401,
  SIGN_IN_FAILED: 401,
  TOO_MANY_ATTEMPTS: 429,
};

export const titles: Readonly<Record<number, string>> = {
  400: "The request cannot be read",
  401: "Not signed in",
  403: "Not permitted",
  404: "Not found",
  405: "Method not allowed",
  409: "In conflict with what is there",
  412: "Changed in the meantime",
  413: "Too large",
  415: "Media type not supported",
  422: "Input needs correction",
  429: "Too many requests",
  500: "A fault of the server",
  503: "Not available at the moment",
};

const bug: Problem = {
  status: 500,
  headers: {},
  body: {
    code: "INTERNAL",
    detail: "Something went wrong on our side. It has been noted; tell the administrator the request_id if it happens again.",
    errors: [],
  },
};

function refused({ kind, code, message, details, faults }: DomainError, occasion: Occasion): Problem {
  const status = statusOfCode[code] ?? statuses[kind];
  const errors = occasion?.bodyIsData ? faults.map(belowData) : faults;
  const wait = typeof details.retry_after === "number" ? details.retry_after : 1;
  const headers: Record<string, string> = {};
  if (status === 401) headers["www-authenticate"] = challenge;
  if (status === 429 || status === 503) headers["retry-after"] = String(wait);
  return { status, headers, body: { ...details, ...restoring(details.restore), code, detail: message, errors } };
}

export const challenge = 'Bearer realm="rapport"';

/** The body of such a verb is its input `data`, so a pointer begins below it. */
const belowData = (fault: Fault): Fault =>
  fault.pointer === "/data" || fault.pointer.startsWith("/data/") ? { ...fault, pointer: fault.pointer.slice("/data".length) } : fault;

/** The address that brings a record back from the trash. */
function restoring(restore: unknown): { restore?: string } {
  const { resource, id } = (restore ?? {}) as { resource?: string; id?: string };
  if (!resource || !id || !resourceNamed(resource)) return {};
  const [address] = addressesOf(`${resource}.restore`);
  return address ? { restore: (address.split(" ")[1] ?? "").replace("{id}", id) } : {};
}

function protocol(status: number, code: string, detail: string, headers: Readonly<Record<string, string>> = {}): Problem {
  return { status, headers, body: { code, detail, errors: [] } };
}

/** What Fastify refuses by itself. */
function fromFramework(error: unknown): Problem | null {
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown };
  if (typeof code !== "string" || !code.startsWith("FST_")) return null;
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return protocol(413, "BODY_TOO_LARGE", "The body is larger than 10 MB. Send less at once.");
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE" || code === "FST_ERR_CTP_INVALID_TYPE") return wrongMediaType();
  if (code === "FST_ERR_BAD_URL") return protocol(400, "ADDRESS_INVALID", "The address is not valid. Encode its parts as UTF-8.");
  if (code === "FST_ERR_MAX_PARAM_LENGTH") return protocol(404, "NOT_FOUND", "There is nothing at this address.");
  const isTheirs = typeof statusCode === "number" && statusCode >= 400 && statusCode < 500;
  return isTheirs ? protocol(400, "REQUEST_INVALID", "The request cannot be read. Check its headers and its body.") : null;
}

const wrongMediaType = () =>
  protocol(415, "MEDIA_TYPE_NOT_SUPPORTED", "Send the body as JSON, with Content-Type: application/json.", {
    accept: "application/json",
    "accept-patch": "application/json, application/merge-patch+json",
  });

/** What PostgreSQL refused and nobody put into words: told apart by SQLSTATE, and never a 500 where the input was the cause. */
function fromDatabase(error: unknown, occasion: Occasion): Problem | null {
  const { code, severity } = (error ?? {}) as { code?: unknown; severity?: unknown };
  if (typeof code !== "string" || typeof severity !== "string" || !/^[0-9A-Z]{5}$/.test(code)) return null;
  if (code === "57014" && occasion?.reads)
    return protocol(422, "FILTER_TOO_BROAD", "This question would read too many records. Narrow the filter or the period.");
  // A claim that somebody else took over divides by zero on purpose, so that the write around it comes to nothing.
  if (code === "22012")
    return protocol(409, "IDEMPOTENCY_KEY_LOST", "Another call with this Idempotency-Key took over. Read the record before you try again.");
  if (code.startsWith("22") || code.startsWith("54"))
    return protocol(422, "VALUE_NOT_ACCEPTED", "A value of the input cannot be stored as it is. Check lengths, numbers and dates.");
  if (code === "23505") return protocol(409, "DUPLICATE", "Another record already has a value that must be unique.");
  if (code === "23503") return protocol(422, "REFERENCE_NOT_FOUND", "A record that the input names is not there.");
  if (code.startsWith("23"))
    return protocol(422, "VALUE_NOT_ACCEPTED", "A value of the input breaks a rule of the data. Check it and try again.");
  return busyCodes.test(code)
    ? protocol(503, "BUSY", "The database is busy at the moment. Try again shortly.", { "retry-after": "1" })
    : null;
}

const busyCodes = /^(?:40|53|08|57|55P03|25P03)/;
