import { type Address, addressesOf } from "../../../src/adapters/http/addresses.ts";
import type { Fault } from "../../../src/domain/kit/errors.ts";

export type Input = Readonly<Record<string, unknown>>;
export type CallOptions = {
  /** The version the record is expected to have. */
  readonly ifMatch?: number;
  /** A key under which a repeated write does nothing twice. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
};

/** A refusal of the server, in its own sentence (RFC 9457). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly faults: readonly Fault[];
  readonly details: Readonly<Record<string, unknown>>;

  constructor(status: number, problem: Readonly<Record<string, unknown>>) {
    super(String(problem.detail ?? problem.message ?? problem.title ?? status));
    this.name = "ApiError";
    this.status = status;
    this.code = String(problem.code ?? "UNKNOWN");
    this.faults = Array.isArray(problem.errors) ? (problem.errors as Fault[]) : [];
    this.details = problem;
  }
}

/** The server was not reached; the words are made where they are shown. */
export class OfflineError extends Error {}

/** Performs a verb at its address: what the path names goes there, the rest into the query or the body (`data` is the body itself). */
export async function perform<Output>(verb: string, input: Input = {}, options: CallOptions = {}): Promise<Output> {
  const [address] = addressesOf(verb);
  if (!address) throw new Error(`There is no address for ${verb}.`);
  const { method, path, rest } = placed(address, input);
  const writes = method !== "GET";
  const inQuery = method === "GET" || method === "DELETE";
  const body = inQuery ? undefined : JSON.stringify("data" in rest ? rest.data : rest);
  const response = await reach(inQuery ? path + queryOf(rest) : path, {
    method,
    credentials: "same-origin",
    headers: {
      Accept: "application/json",
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(writes ? { "X-Rapport": "1" } : {}),
      ...(options.ifMatch === undefined ? {} : { "If-Match": `"${options.ifMatch}"` }),
      ...(options.idempotencyKey ? { "Idempotency-Key": options.idempotencyKey } : {}),
    },
    ...(body === undefined ? {} : { body }),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  return (await answerOf(response)) as Output;
}

export const newKey = (): string => crypto.randomUUID();

function placed(address: Address, input: Input): { method: string; path: string; rest: Record<string, unknown> } {
  const [method = "GET", template = ""] = address.split(" ");
  const rest: Record<string, unknown> = { ...input };
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest[name];
    delete rest[name];
    return encodeURIComponent(String(value));
  });
  return { method, path, rest };
}

function queryOf(query: Input): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  if (given.length === 0) return "";
  return `?${new URLSearchParams(given.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]))}`;
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new OfflineError();
  }
}

async function answerOf(response: Response): Promise<unknown> {
  const text = await response.text();
  const body = text && response.headers.get("content-type")?.includes("json") ? JSON.parse(text) : null;
  if (response.ok) return body;
  throw new ApiError(response.status, (body ?? {}) as Record<string, unknown>);
}
