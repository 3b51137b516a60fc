import { DomainError, type Fault, invalid, invalidInput, notFound } from "../../domain/kit/errors.ts";
import { isId, kinds } from "../../domain/kit/kinds.ts";
import { below, readInput, type Shape, type Shapes, unknownField } from "../../domain/kit/shape.ts";
import type { Usecase } from "../../usecases/kit/usecase.ts";
import type { Method } from "./addresses.ts";
import { ProtocolError } from "./protocol-error.ts";

/** What of a request a verb's input is made of; the query is the text behind the question mark. */
export type Parts = { readonly params: Readonly<Record<string, string>>; readonly query: string; readonly body: unknown };
type Input = Record<string, unknown>;

/** Where the parts of an input stand in a request. */
export type Places = {
  readonly path: readonly string[];
  readonly query: readonly string[];
  /** The whole body is one input, its keys are inputs, or there is none. */
  readonly body: "data" | "keys" | "none";
};

/** Divides the input of a verb between path, query and body. */
export function placesOf({ input }: Pick<Usecase, "input">, method: Method, path: string): Places {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
  const rest = Object.keys(input).filter((key) => !inPath.includes(key));
  const hasBody = method === "POST" || method === "PUT" || method === "PATCH";
  if (!hasBody) return { path: inPath, query: rest, body: "none" };
  const isData = Object.hasOwn(input, "data");
  return { path: inPath, query: isData ? rest.filter((key) => key !== "data") : [], body: isData ? "data" : "keys" };
}

/** Makes the function that gathers a verb's input, once for each address; what is in it the verb's own readers check. */
export function inputReader({ input }: Pick<Usecase, "input">, places: Places): (parts: Parts) => Input {
  const ids = places.path.filter((name) => isReference(input[name]));
  return ({ params, query, body }) => {
    const faults: Fault[] = [];
    const gathered: Input = {};
    for (const name of places.path) gathered[name] = params[name];
    for (const name of ids) {
      if (!isId(gathered[name]) && !isId(String(gathered[name]).toLowerCase())) throw notFound("There is nothing at this address.");
    }
    if (query !== "") readQuery(query, { input, places, gathered, faults });
    const whole = places.body === "keys" ? withKeys(gathered, body, { places, faults }) : gathered;
    if (places.body === "data") readData(whole, body);
    if (places.body === "none" && body !== undefined) throw invalid("BODY_NOT_EXPECTED", "Send this request without a body.");
    if (faults.length) throw allFaults(input, whole, faults);
    return whole;
  };
}

const isReference = (shape: Shape | undefined): boolean => shape !== undefined && !("shape" in shape) && shape.kind === "reference";

type Reading = { readonly input: Shapes; readonly places: Places; readonly gathered: Input; readonly faults: Fault[] };

function readQuery(query: string, { input, places, gathered, faults }: Reading): void {
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const name = decoded(at < 0 ? pair : pair.slice(0, at));
    const text = at < 0 ? "" : decoded(pair.slice(at + 1));
    const pointer = below("", name);
    const shape = places.query.includes(name) ? input[name] : undefined;
    if (!shape) faults.push(unknownParameter(pointer, name, places.query));
    else if (Object.hasOwn(gathered, name)) faults.push({ pointer, code: "REPEATED", message: `Give “${name}” once.` });
    else gathered[name] = valueFrom(shape, text);
  }
}

function unknownParameter(pointer: string, name: string, known: readonly string[]): Fault {
  const { message } = unknownField(pointer, name, known);
  return { pointer, code: "UNKNOWN_PARAMETER", message: message.replace("no field", "no parameter") };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new ProtocolError(400, "QUERY_NOT_UTF8", "The query is not valid. Encode its parts as UTF-8.");
  }
}

/** The JSON value that a query parameter means; a criteria tree stays the text it is. */
function valueFrom(shape: Shape, text: string): unknown {
  if ("shape" in shape) return shape.shape === "list" ? listed(text).map((one) => valueFrom(shape.of, one)) : text;
  const { fromText } = kinds[shape.kind];
  return shape.many ? listed(text).map((one) => fromText(one, shape)) : fromText(text, shape);
}

const listed = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);

function readData(gathered: Input, body: unknown): void {
  if (body === undefined) throw invalid("REQUIRED", "Send a JSON object as the body.");
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw notAnObject();
  gathered.data = body;
}

function withKeys(gathered: Input, body: unknown, { places, faults }: { places: Places; faults: Fault[] }): Input {
  if (body === undefined) return gathered;
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw notAnObject();
  for (const name of places.path) {
    if (Object.hasOwn(body, name)) faults.push(unknownField(below("", name), name, []));
  }
  // Spread, because assigning would let a key named __proto__ change what the object is.
  return { ...body, ...gathered };
}

const notAnObject = () => invalid("TYPE", "Send an object.");

/** The faults of the request together with those of what it carries, so that all are named at once. */
function allFaults(input: Shapes, gathered: Input, faults: readonly Fault[]): DomainError {
  try {
    readInput(input, gathered, { country: null });
    return invalidInput(faults);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return invalidInput([...faults, ...error.faults]);
  }
}
