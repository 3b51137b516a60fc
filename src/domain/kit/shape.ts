import { type Fault, invalidInput } from "./errors.ts";
import type { Field, Fields, ValueOf } from "./fields.ts";
import { type JsonSchema, type ReadContext, readValue, schemaOf } from "./kinds.ts";
import type { Unread } from "./parsed.ts";

/** What a verb takes or gives: a field, a list, an object of such, or a value with a reader of its own. */
export type Shape = Field | ListShape | ObjectShape | FreeShape;
export type ListShape<S extends Shape = any> = {
  readonly shape: "list";
  readonly of: S;
  readonly max: number;
  readonly min: number;
  readonly required: boolean;
};
export type ObjectShape<S extends Shapes = any> = { readonly shape: "object"; readonly fields: S; readonly required: boolean };
/** A value whose inside something else reads and names the faults of, such as a record or a criteria tree. */
export type FreeShape<V = any> = { readonly shape: "free"; readonly schema: JsonSchema; readonly required: boolean; readonly value?: V };
export type Shapes = { readonly [key: string]: Shape };

/** The type of what a shape lets through. */
export type InputOf<S extends Shapes> = { readonly [K in keyof S]: InsideOf<S[K]> };
type InsideOf<S> =
  S extends ListShape<infer I>
    ? readonly InsideOf<I>[] | Absent<S>
    : S extends ObjectShape<infer F>
      ? InputOf<F> | Absent<S>
      : S extends FreeShape<infer V>
        ? V | Absent<S>
        : ValueOf<S>;
type Absent<S> = S extends { required: true } ? never : null;

export const listOf = <S extends Shape, const O extends { min?: number; max?: number; required?: boolean }>(of: S, options?: O) =>
  ({ shape: "list", of, min: 0, max: 1_000, required: false, ...options }) as ListShape<S> & {
    required: O extends { required: true } ? true : false;
  };
export const objectOf = <S extends Shapes, const O extends { required?: boolean }>(fields: S, options?: O) =>
  ({ shape: "object", fields, required: false, ...options }) as ObjectShape<S> & { required: O extends { required: true } ? true : false };
export const free = <V, R extends boolean = false>(schema: JsonSchema, options?: { required: R }) =>
  ({ shape: "free", schema, required: false, ...options }) as FreeShape<V> & { required: R };

/** Checks an input against its fields and answers it normalised; throws every fault at once. */
export function readInput<S extends Shapes>(fields: S, raw: unknown, context: ReadContext): InputOf<S> {
  const faults: Fault[] = [];
  const value = readObject(fields, raw ?? {}, { pointer: "", faults, context });
  if (faults.length) throw invalidInput(faults);
  return value as InputOf<S>;
}

export type Reading = { readonly pointer: string; readonly faults: Fault[]; readonly context: ReadContext };

function readObject(fields: Shapes, raw: unknown, reading: Reading): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    reading.faults.push({ pointer: reading.pointer, code: "TYPE", message: "Send an object." });
    return value;
  }
  for (const key of Object.keys(raw)) {
    if (!Object.hasOwn(fields, key)) reading.faults.push(unknownField(below(reading.pointer, key), key, Object.keys(fields)));
  }
  for (const [key, shape] of Object.entries(fields)) {
    value[key] = readShape(shape, (raw as Record<string, unknown>)[key], { ...reading, pointer: below(reading.pointer, key) });
  }
  return value;
}

function readShape(shape: Shape, raw: unknown, reading: Reading): unknown {
  const { pointer, faults, context } = reading;
  const fault = (code: string, message: string) => {
    faults.push({ pointer, code, message });
    return null;
  };
  if (!("shape" in shape)) return readField(shape, raw, reading);
  if (raw === undefined || raw === null) return shape.required ? fault("REQUIRED", "Give a value.") : null;
  if (shape.shape === "free") return raw;
  if (shape.shape === "object") return readObject(shape.fields, raw, reading);
  if (!Array.isArray(raw)) return fault("TYPE", "Send a list.");
  if (raw.length > shape.max) return fault("TOO_MANY", `At most ${shape.max} entries.`);
  if (raw.length < shape.min) return fault("TOO_FEW", `At least ${shape.min} entries.`);
  return raw.map((item, index) => readShape(shape.of, item, { pointer: `${pointer}/${index}`, faults, context }));
}

/** Reads one field of an input, its default and its duty included. */
export function readField(field: Field, raw: unknown, { pointer, faults, context }: Reading): unknown {
  if (raw === undefined && field.default !== undefined) return field.default;
  const parsed = readValue(raw ?? null, field, context);
  if (!parsed.ok) {
    faults.push(...faultsOf(parsed, pointer));
    return null;
  }
  if (parsed.value === null && field.required) faults.push({ pointer, code: "REQUIRED", message: "Give a value." });
  return parsed.value;
}

/** The faults of a value that could not be read, each with the place it stands at. */
export const faultsOf = ({ code, message, faults }: Unread, pointer: string): Fault[] =>
  faults?.length ? faults.map((fault) => ({ ...fault, pointer: pointer + fault.pointer })) : [{ pointer, code, message }];

/** The fault of a key that nothing declares, with the nearest one that is. */
export function unknownField(pointer: string, key: string, known: readonly string[]): Fault {
  const near = known.find((name) => distance(name, key) <= 2);
  return {
    pointer,
    code: "UNKNOWN_FIELD",
    message: near ? `There is no field “${key}”. Did you mean “${near}”?` : `There is no field “${key}”.`,
  };
}

/** The pointer of a key below another (RFC 6901). */
export const below = (pointer: string, key: string): string => `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;

/** The JSON Schema of an object of shapes. */
export function schemaOfObject(fields: Shapes | Fields): JsonSchema {
  const entries = Object.entries(fields as Shapes);
  const required = entries
    .filter(([, shape]) => shape.required && !("default" in shape && shape.default !== undefined))
    .map(([key]) => key);
  return {
    type: "object",
    additionalProperties: false,
    ...(required.length ? { required } : {}),
    properties: Object.fromEntries(entries.map(([key, shape]) => [key, schemaOfShape(shape)])),
  };
}

export function schemaOfShape(shape: Shape): JsonSchema {
  if (!("shape" in shape)) return schemaOf(shape);
  if (shape.shape === "free") return shape.schema;
  if (shape.shape === "object") return schemaOfObject(shape.fields);
  return { type: "array", items: schemaOfShape(shape.of), minItems: shape.min, maxItems: shape.max };
}

/** How many single letters two short words differ by, as far as a typo goes. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2 || b.length > 60) return 3;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next[j] = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length]!;
}
