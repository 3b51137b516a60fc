import { isUnkept } from "../../usecases/identity/catalogue.ts";
import type { Usecase } from "../../usecases/kit/usecase.ts";
import { type Address, addressesOf, type Method } from "./addresses.ts";
import { type Answer, answerWriter } from "./answer.ts";
import type { Occasion } from "./problem.ts";
import { inputReader, type Parts, placesOf } from "./request-input.ts";

/** One address of one verb, with everything about it worked out before the first request. */
export type Route = {
  readonly name: string;
  readonly verb: Usecase;
  readonly method: Method;
  /** With braces, as documentation writes it. */
  readonly path: string;
  /** With colons, as the router reads it. */
  readonly url: string;
  readonly isPublic: boolean;
  /** By its method: such a request needs protection against forgery. */
  readonly changes: boolean;
  readonly occasion: Occasion;
  /** What an Idempotency-Key is good for here: the answer is given again; only the doing is prevented, because the answer holds what is shown once; or nothing, because the input holds a secret. */
  readonly repeats: "answered" | "prevented" | "ignored";
  /** Sets a cookie from the answer, or takes the session's away. */
  readonly cookies: "set" | "clear" | null;
  readonly read: (parts: Parts) => Record<string, unknown>;
  readonly write: (answer: unknown) => Answer;
};

/** The routes of all verbs; a verb without an address, or an address of two verbs, is a mistake of ours. */
export function routesOf(verbs: Readonly<Record<string, Usecase>>): readonly Route[] {
  const taken = new Map<Address, string>();
  return Object.entries(verbs).flatMap(([name, verb]) => {
    const addresses = addressesOf(name);
    if (addresses.length === 0) throw new Error(`The verb ${name} has no address.`);
    return addresses.map((address) => {
      const other = taken.get(address);
      if (other) throw new Error(`${address} is the address of both ${other} and ${name}.`);
      taken.set(address, name);
      return routeOf(name, verb, address);
    });
  });
}

function routeOf(name: string, verb: Usecase, address: Address): Route {
  const [method, path] = address.split(" ") as [Method, string];
  const places = placesOf(verb, method, path);
  return {
    name,
    verb,
    method,
    path,
    url: path.replace(/\{(\w+)\}/g, ":$1"),
    isPublic: verb.allow === "public",
    changes: method !== "GET",
    occasion: { reads: !verb.writes, bodyIsData: places.body === "data" },
    repeats: repeatsOf(name, verb),
    cookies: name === "auth.sign_out" ? "clear" : secretsIn(verb).length ? "set" : null,
    read: inputReader(verb, places),
    write: answerWriter(verb, secretsIn(verb)),
  };
}

/** A key's claim keeps a hash of the input, which would tell a password to whoever tries words. */
function repeatsOf(name: string, { writes, allow }: Usecase): Route["repeats"] {
  if (!writes || allow === "public") return "ignored";
  if (!isUnkept(name)) return "answered";
  return name.startsWith("auth.") || name === "single_sign_on.set" ? "ignored" : "prevented";
}

/** What a verb answers for the browser's cookies alone. */
export const cookieSecrets = ["session_token", "oidc_state"] as const;

const secretsIn = ({ output }: Usecase): readonly string[] =>
  output !== "nothing" && "value" in output ? cookieSecrets.filter((key) => Object.hasOwn(output.value, key)) : [];
