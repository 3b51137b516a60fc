import type { JsonSchema } from "../../domain/kit/kinds.ts";
import type { Shape, Shapes } from "../../domain/kit/shape.ts";

/** Writes a value as JSON; what its declaration does not name stays inside. */
export type Write = (value: unknown) => string;

/** Compiles the writing of a verb's declared output, once. */
export function writerOf(shapes: Shapes, hidden: readonly string[] = []): Write {
  return objectWriter(
    Object.entries(shapes)
      .filter(([key]) => !hidden.includes(key))
      .map(([key, shape]) => ({ key, write: shapeWriter(shape), mayMiss: false })),
  );
}

type Member = { readonly key: string; readonly write: Write; readonly mayMiss: boolean };

function objectWriter(members: readonly Member[]): Write {
  const named = members.map((member) => ({ ...member, head: `${JSON.stringify(member.key)}:` }));
  return (value) => {
    if (typeof value !== "object" || value === null) return "null";
    let text = "";
    for (const { key, head, write, mayMiss } of named) {
      const inside = (value as Readonly<Record<string, unknown>>)[key];
      if (inside === undefined && mayMiss) continue;
      text += `${text === "" ? "" : ","}${head}${write(inside)}`;
    }
    return `{${text}}`;
  };
}

function shapeWriter(shape: Shape): Write {
  if (!("shape" in shape)) return plain;
  if (shape.shape === "list") return listWriter(shapeWriter(shape.of));
  if (shape.shape === "object") return writerOf(shape.fields);
  return schemaWriter(shape.schema);
}

/** A free value is written as far as its schema names what is inside; a record that is already JSON goes as it is. */
function schemaWriter(schema: JsonSchema): Write {
  const { properties, additionalProperties, items, required = [] } = schema as Partial<Declared>;
  if (items) return listWriter(schemaWriter(items));
  if (!properties || additionalProperties) return ready;
  const write = objectWriter(
    Object.entries(properties).map(([key, one]) => ({ key, write: schemaWriter(one), mayMiss: !required.includes(key) })),
  );
  return (value) => (isReady(value) ? value.json() : write(value));
}

type Declared = {
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties: unknown;
  readonly items: JsonSchema;
  readonly required: readonly string[];
};

const listWriter =
  (write: Write): Write =>
  (value) =>
    Array.isArray(value) ? `[${value.map(write).join(",")}]` : "null";

const plain: Write = (value) => JSON.stringify(value ?? null);
const ready: Write = (value) => (isReady(value) ? value.json() : plain(value));
const isReady = (value: unknown): value is { json(): string } =>
  typeof value === "object" && value !== null && "json" in value && typeof value.json === "function";
