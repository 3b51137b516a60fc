import type { Field } from "../../domain/kit/fields.ts";
import type { JsonSchema } from "../../domain/kit/kinds.ts";
import type { Resource } from "../../domain/kit/resource.ts";

const anId = "0193a1f2-7c3e-7b60-8d4f-2a9c51e7b306";
const aMoment = "2026-11-24T14:00:00.000Z";

/** A record as an answer might show it. */
export function exampleRecord(resource: Resource): Readonly<Record<string, unknown>> {
  const own = Object.entries(resource.all).map(([key, field]) => [key, exampleOfField(key, field)]);
  return {
    ...Object.fromEntries(own),
    ...(resource.tags ? { tags: [{ id: anId, name: "Decision maker", colour: "teal" }] } : {}),
    ...(resource.custom ? { custom: {} } : {}),
  };
}

function exampleOfField(key: string, field: Field): unknown {
  if (key === "deleted_at") return null;
  if (field.example !== undefined) return field.kind === "phone" ? String(field.example).replaceAll(" ", "") : field.example;
  if (field.default !== undefined) return field.default;
  if (field.many) return null;
  if (field.kind === "choice") return field.options?.[0]?.value ?? null;
  return field.required || field.writer === "kernel" ? exampleOfKind(field) : null;
}

function exampleOfKind({ kind }: Field): unknown {
  if (kind === "reference") return anId;
  if (kind === "instant") return aMoment;
  if (kind === "integer") return 1;
  if (kind === "email") return "ada@halden-optics.example";
  return kind === "json" ? {} : "Example";
}

/** What one might send for a new record, or to change one: its fields with an example, and what must be given. */
export function exampleInput(resource: Resource, mode: "new" | "change"): Readonly<Record<string, unknown>> {
  const own = Object.entries(resource.fields).filter(
    ([, { writer, example, required, default: fallback }]) =>
      (writer === "anyone" || (writer === "creation" && mode === "new")) && (example !== undefined || (required && fallback === undefined)),
  );
  const shown = mode === "new" ? own : own.slice(0, 2);
  return Object.fromEntries(shown.map(([key, field]) => [key, field.example ?? exampleOfField(key, field)]));
}

/** A value that a schema lets through, as telling as the schema is. */
export function exampleOf(schema: JsonSchema): unknown {
  const { examples, enum: values, type, format, pattern, properties, items, minimum, required = [] } = schema as Described;
  if (examples?.length) return examples[0];
  if (values?.length) return values.find((value) => value !== null) ?? null;
  const one = Array.isArray(type) ? type.find((each) => each !== "null") : type;
  if (one === "object") {
    const shown = Object.entries(properties ?? {}).filter(([key, inside]) => required.includes(key) || !isOptional(inside));
    return Object.fromEntries(shown.map(([key, inside]) => [key, exampleOf(inside)]));
  }
  if (one === "array") return [exampleOf(items ?? {})];
  if (one === "integer" || one === "number") return Math.max(minimum ?? 1, 1);
  if (one === "boolean") return true;
  if (one === "string") return byFormat[format ?? ""] ?? byPattern.find((text) => pattern && new RegExp(pattern).test(text)) ?? "Example";
  return {};
}

type Described = {
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly minimum?: number;
  readonly required?: readonly string[];
};

const isOptional = ({ type }: JsonSchema): boolean => type === undefined || (Array.isArray(type) && type.includes("null"));

const byFormat: Readonly<Record<string, string>> = {
  uuid: anId,
  date: "2026-11-24",
  "date-time": aMoment,
  email: "ada@halden-optics.example",
  "idn-email": "ada@halden-optics.example",
  uri: "https://halden-optics.example",
  hostname: "halden-optics.example",
  password: "three unrelated words",
};
const byPattern = ["EUR", "DE", "read_only", "12.5"];
