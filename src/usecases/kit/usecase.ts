import type { Action } from "../../domain/access/access.ts";
import type { Resource } from "../../domain/kit/resource.ts";
import type { InputOf, Shapes } from "../../domain/kit/shape.ts";
import type { Ports } from "./ports.ts";

/** Who may call a verb: a right on a resource, a named right, any member, whoever is signed in, or the public. */
export type Allow = { readonly resource: Resource; readonly action: Action } | { readonly right: string } | "member" | "public";

/** What a verb answers: one record, a page of them, a declared value, or nothing. */
export type Output = { readonly one: Resource } | { readonly page: Resource } | { readonly value: Shapes } | "nothing";

/** A named verb: its right, its input, its output, and what it does with the ports it names. */
export type Usecase<In extends Shapes = any, Needs = any, Out = any> = {
  readonly summary: string;
  readonly description?: string;
  readonly allow: Allow;
  readonly input: In;
  readonly output: Output;
  /** Whether it changes anything: such a verb takes an Idempotency-Key and wants protection against forged requests. */
  readonly writes: boolean;
  /** Whether its answer may be kept for a repeated call under one Idempotency-Key. */
  readonly isKept: boolean;
  /** One transaction around several writes, with the locks they need. */
  readonly atomic: boolean | ((input: InputOf<In>) => boolean);
  readonly status: 200 | 201 | 204;
  /** Error codes worth a word in the documentation, beside those every verb has. */
  readonly refuses: readonly string[];
  readonly run: (ports: Needs, input: InputOf<In>) => Promise<Out>;
};

type Declared<In extends Shapes, Needs, Out> = Pick<Usecase<In, Needs, Out>, "summary" | "allow" | "input" | "output" | "run"> &
  Partial<Usecase<In, Needs, Out>>;

/** Declares a verb; a port that the scope lacks does not compile. */
export function usecase<const In extends Shapes, Needs extends Partial<Ports>, Out>(
  declared: Declared<In, Needs, Out>,
): Usecase<In, Needs, Out> {
  return { writes: true, isKept: true, atomic: false, status: 200, refuses: [], ...declared };
}
