import { operators } from "../../domain/kit/criteria.ts";
import type { JsonSchema } from "../../domain/kit/kinds.ts";
import { inputSchema, recordSchema } from "../../domain/kit/record-input.ts";
import type { Resource } from "../../domain/kit/resource.ts";
import { type Shapes, schemaOfObject } from "../../domain/kit/shape.ts";
import { titles } from "./problem.ts";

/** `company` → `Company`: what the schemas of a resource are called. */
export const schemaName = ({ one }: Pick<Resource, "one">): string =>
  one
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");

export const refTo = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

/** The schemas that have a name: of each resource, of what verbs of all resources answer, of criteria and of problems. */
export function namedSchemas(
  resources: readonly Resource[],
  shared: Readonly<Record<string, Shapes>>,
): Readonly<Record<string, JsonSchema>> {
  return {
    ...Object.assign({}, ...resources.map(schemasOf)),
    ...Object.fromEntries(Object.entries(shared).map(([name, shapes]) => [name, schemaOfObject(shapes)])),
    Criteria: criteria,
    Problem: problem,
  };
}

function schemasOf(resource: Resource): Record<string, JsonSchema> {
  const name = schemaName(resource);
  return {
    [name]: recordSchema(resource),
    ...(resource.verbs.includes("create") ? { [`${name}Input`]: inputSchema(resource, "new") } : {}),
    [`${name}Change`]: inputSchema(resource, "change"),
    ...(resource.verbs.includes("list") ? { [`${name}Page`]: pageOf(name) } : {}),
  };
}

const pageOf = (name: string): JsonSchema => ({
  type: "object",
  required: ["data", "next_cursor", "total", "total_is_estimate"],
  additionalProperties: false,
  properties: {
    data: { type: "array", items: refTo(name) },
    next_cursor: { type: ["string", "null"], description: "Give it as cursor for the next page; null on the last." },
    total: { type: ["integer", "null"], description: "Null unless count was asked for." },
    total_is_estimate: { type: "boolean" },
    page: { type: "integer", description: "Only where numbered pages were asked for." },
    page_size: { type: "integer", description: "Only where numbered pages were asked for." },
  },
});

/** Puts a reference wherever a schema has a name. */
export function withRefs(schema: JsonSchema, named: ReadonlyMap<string, string>): JsonSchema {
  const name = named.get(JSON.stringify(schema));
  if (name) return refTo(name);
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, inside(value, named)]));
}

function inside(value: unknown, named: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((one) => inside(one, named));
  return typeof value === "object" && value !== null ? withRefs(value as JsonSchema, named) : value;
}

const criteria: JsonSchema = {
  description: "A condition on a record: all of several, any of several, the opposite of one, or a field compared with a value.",
  oneOf: [
    group("all", { type: "array", items: refTo("Criteria") }),
    group("any", { type: "array", items: refTo("Criteria") }),
    group("not", refTo("Criteria")),
    {
      type: "object",
      required: ["field", "op"],
      additionalProperties: false,
      properties: {
        field: { type: "string", examples: ["name"], description: "A field, `tags`, or `custom.` with the key of a custom field." },
        op: { type: "string", enum: [...operators] },
        value: { description: "What the operator compares with; `between` takes `[low, high]`, both included." },
        ci: { const: false, description: "Compares the stored text, with marks and case." },
      },
    },
  ],
};

function group(key: string, value: JsonSchema): JsonSchema {
  return { type: "object", required: [key], additionalProperties: false, properties: { [key]: value } };
}

const problem: JsonSchema = {
  description: "Why a request was refused (RFC 9457); some codes bring further members.",
  type: "object",
  required: ["type", "title", "status", "code", "detail", "errors", "request_id"],
  additionalProperties: true,
  properties: {
    type: { type: "string", format: "uri", examples: ["urn:rapport:problem:DUPLICATE"] },
    title: { type: "string" },
    status: { type: "integer" },
    code: { type: "string", pattern: "^[A-Z][A-Z0-9_]*$", description: "Stable; programs decide by it." },
    detail: { type: "string", description: "A sentence that says what to do." },
    errors: {
      type: "array",
      description: "Every fault of the input at once.",
      items: {
        type: "object",
        required: ["pointer", "code", "message"],
        additionalProperties: true,
        properties: {
          pointer: { type: "string", description: "Where in the body, or which parameter (JSON pointer)." },
          code: { type: "string" },
          message: { type: "string" },
        },
      },
    },
    request_id: { type: "string" },
  },
};

type Told = { readonly code: string; readonly detail: string; readonly more?: JsonSchema; readonly pointer?: string };

/** The refusals by status, each with an example. */
export const refusals: Readonly<Record<number, Told>> = {
  400: { code: "BODY_NOT_JSON", detail: "The body is not JSON. Check commas, quotes and brackets." },
  401: { code: "UNAUTHENTICATED", detail: "Sign in, or send an API key that is still good as Authorization: Bearer rpk_…." },
  403: { code: "FORBIDDEN", detail: "Your role does not have the right to do this. Ask an administrator if you need it." },
  404: { code: "NOT_FOUND", detail: "There is no such record." },
  409: { code: "DUPLICATE", detail: "Another record already has this value.", pointer: "/email" },
  412: {
    code: "VERSION_CONFLICT",
    detail: "Somebody changed this record since you read it. Read it again and decide what to keep.",
    more: { current_version: 8 },
  },
  413: { code: "BODY_TOO_LARGE", detail: "The body is larger than 10 MB. Send less at once." },
  415: { code: "MEDIA_TYPE_NOT_SUPPORTED", detail: "Send the body as JSON, with Content-Type: application/json." },
  422: { code: "UNKNOWN_FIELD", detail: "There is no field “nmae”. Did you mean “name”?", pointer: "/nmae" },
  429: { code: "RATE_LIMITED", detail: "Too many requests. Go on in 12 seconds." },
  500: {
    code: "INTERNAL",
    detail: "Something went wrong on our side. It has been noted; tell the administrator the request_id if it happens again.",
  },
  503: { code: "DATABASE_UNAVAILABLE", detail: "The database cannot be reached; try again in a moment." },
};

/** The answers that refuse, as components by status. */
export function refusalResponses(): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(Object.entries(refusals).map(([status, told]) => [`Refused${status}`, refusalOf(Number(status), told)]));
}

function refusalOf(status: number, { code, detail, more = {}, pointer }: Told): JsonSchema {
  const errors = pointer === undefined ? [] : [{ pointer, code, message: detail }];
  const example = {
    ...more,
    type: `urn:rapport:problem:${code}`,
    title: titles[status],
    status,
    code,
    detail,
    errors,
    request_id: "Yx3kQ0aB-1f",
  };
  const retry = status === 429 || status === 503;
  return {
    description: titles[status],
    ...(retry ? { headers: { "Retry-After": { description: "Seconds to wait", schema: { type: "integer" } } } } : {}),
    content: { "application/problem+json": { schema: refTo("Problem"), example } },
  };
}
