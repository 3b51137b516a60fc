import { resources } from "../../domain/catalogue.ts";
import type { Field } from "../../domain/kit/fields.ts";
import type { JsonSchema } from "../../domain/kit/kinds.ts";
import type { Resource } from "../../domain/kit/resource.ts";
import { type Shape, type Shapes, schemaOfObject, schemaOfShape } from "../../domain/kit/shape.ts";
import type { Usecase } from "../../usecases/kit/usecase.ts";
import { namedSchemas, refTo, refusalResponses, schemaName, withRefs } from "./openapi-components.ts";
import { exampleInput, exampleOf, exampleRecord } from "./openapi-examples.ts";
import { placesOf } from "./request-input.ts";
import { cookieSecrets, type Route } from "./route.ts";

/** The whole API as OpenAPI 3.1, made from the same declarations that serve it. */
export function openApiDocument(routes: readonly Route[], version: string): JsonSchema {
  const named = namedSchemas(resources, sharedShapes(routes));
  const names = new Map(Object.entries(named).map(([name, schema]) => [JSON.stringify(schema), name]));
  const paths: Record<string, Record<string, JsonSchema>> = {};
  const known = new Set<string>();
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route, names, known) };
  }
  return {
    openapi: "3.1.1",
    info: { title: "Rapport", version, description: introduction, license: { name: "MIT", identifier: "MIT" } },
    servers: [{ url: "/" }],
    tags: [...new Set(routes.map(groupOf))].map((name) => ({ name })),
    security: [{ bearer: [] }, { cookie: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(
        // The outermost schema keeps its inside; only what lies deeper is referred to.
        Object.entries(named).map(([name, schema]) => [name, withInnerRefs(schema, names)]),
      ),
      responses: refusalResponses(),
      parameters: { IdempotencyKey: idempotencyKey, IfMatch: ifMatch },
      headers: { ETag: etag, Location: location, RequestId: requestId },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "An API key that begins with rpk_." },
        cookie: {
          type: "apiKey",
          in: "cookie",
          name: "rapport_session",
          description: "The session of the web interface; writes also send X-Rapport: 1.",
        },
      },
    },
  };
}

const introduction =
  "Everything Rapport does, at one address each. Unknown fields and parameters are refused rather than ignored, every fault of an input is named at once, and errors are problem details (RFC 9457) with a stable `code`. Up to 60,000 requests a minute for a workspace and 6,000 for an API key; the RateLimit headers say what is left.";

const withInnerRefs = (schema: JsonSchema, names: ReadonlyMap<string, string>): JsonSchema =>
  Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      typeof value === "object" && value !== null && !Array.isArray(value) ? withRefs(value as JsonSchema, names) : value,
    ]),
  );

/** What the same verb of every resource answers has one name. */
function sharedShapes(routes: readonly Route[]): Readonly<Record<string, Shapes>> {
  const of = (ending: string): Shapes | null => {
    const output = routes.find(({ name }) => name.endsWith(ending))?.verb.output;
    return output && output !== "nothing" && "value" in output ? output.value : null;
  };
  const found = { BulkResults: of(".bulk"), Timeline: of(".timeline"), Access: of(".access") };
  return Object.fromEntries(Object.entries(found).flatMap(([name, shapes]) => (shapes ? [[name, shapes]] : [])));
}

function operationOf(route: Route, names: ReadonlyMap<string, string>, known: Set<string>): JsonSchema {
  const { verb, name, isPublic } = route;
  const parameters = parametersOf(route);
  const body = bodyOf(route, names);
  return {
    operationId: freeId(route, known),
    tags: [groupOf(route)],
    summary: verb.summary,
    ...describe(verb),
    ...(isPublic ? { security: [] } : {}),
    ...(parameters.length ? { parameters } : {}),
    ...(body ? { requestBody: body } : {}),
    responses: name === "auth.oidc_callback" ? sentOn : { ...good(verb, names), ...refusalsOf(route, body !== null) },
  };
}

const groupOf = ({ name }: Route): string => name.split(".")[0] ?? name;

/** The name of the verb, and for its further addresses what tells them apart. */
function freeId({ name, method, path }: Route, known: Set<string>): string {
  const candidates = [name, `${name}.${method.toLowerCase()}`, `${name}.${method.toLowerCase()}.${path.split("/")[4] ?? "other"}`];
  const id = candidates.find((one) => !known.has(one)) ?? `${name}.${known.size}`;
  known.add(id);
  return id;
}

function describe({ description, refuses }: Usecase): { description?: string } {
  const codes = refuses.length ? `Refuses with ${refuses.map((code) => `\`${code}\``).join(", ")}.` : "";
  const text = [description, codes].filter(Boolean).join("\n\n");
  return text ? { description: text } : {};
}

function parametersOf({ verb, method, path, name, repeats }: Route): readonly JsonSchema[] {
  if (name === "auth.oidc_callback")
    return ["code", "state", "error"].map((one) => ({ name: one, in: "query", required: false, schema: { type: "string" } }));
  const places = placesOf(verb, method, path);
  return [
    ...places.path.map((key) => ({ name: key, in: "path", required: true, schema: withoutNull(schemaOfShape(verb.input[key] as Shape)) })),
    ...places.query.map((key) => queryParameter(key, verb.input[key] as Shape)),
    ...(takesVersion(name, verb) ? [{ $ref: "#/components/parameters/IfMatch" }] : []),
    ...(repeats !== "ignored" ? [{ $ref: "#/components/parameters/IdempotencyKey" }] : []),
  ];
}

function queryParameter(key: string, shape: Shape): JsonSchema {
  const place = { name: key, in: "query", required: shape.required };
  if ("shape" in shape) {
    const isFilter = key === "filter";
    const example = { all: [{ field: "created_at", op: "gte", value: "2026-01-01T00:00:00Z" }] };
    return {
      ...place,
      ...(isFilter ? { description: "A criteria tree as JSON." } : {}),
      content: {
        "application/json": {
          schema: isFilter ? refTo("Criteria") : shape.shape === "free" ? shape.schema : schemaOfShape(shape),
          ...(isFilter ? { example } : {}),
        },
      },
    };
  }
  const { help, label, many } = shape as Field;
  const description = help?.en ?? label.en;
  return {
    ...place,
    ...(description ? { description } : {}),
    ...(many ? { style: "form", explode: false } : {}),
    schema: withoutNull(schemaOfShape(shape)),
  };
}

/** A parameter is there or not; it is never null. */
function withoutNull(schema: JsonSchema): JsonSchema {
  const { type, enum: values, title: _, ...rest } = schema as JsonSchema & { type?: string | string[]; enum?: unknown[]; title?: string };
  const types = Array.isArray(type) ? type.filter((one) => one !== "null") : type;
  return {
    ...(types === undefined ? {} : { type: Array.isArray(types) && types.length === 1 ? types[0] : types }),
    ...rest,
    ...(values ? { enum: values.filter((value) => value !== null) } : {}),
  };
}

const versioned = /\.(?:update|delete|restore|purge|tag|untag)$/;
const takesVersion = (name: string, { refuses, writes }: Usecase): boolean =>
  writes && (refuses.includes("VERSION_CONFLICT") || (versioned.test(name) && resources.some((one) => name.startsWith(`${one.name}.`))));

function bodyOf({ verb, method, path }: Route, names: ReadonlyMap<string, string>): JsonSchema | null {
  const { body, path: inPath } = placesOf(verb, method, path);
  if (body === "none") return null;
  const shapes = Object.fromEntries(Object.entries(verb.input).filter(([key]) => !inPath.includes(key))) as Shapes;
  if (body === "keys" && Object.keys(shapes).length === 0) return null;
  const schema = body === "data" ? schemaOfShape(verb.input.data as Shape) : schemaOfObject(shapes);
  const resource = resources.find((one) => verb.output !== "nothing" && "one" in verb.output && verb.output.one.name === one.name);
  const isNew = verb.status === 201;
  const example = body === "data" && resource ? exampleInput(resource, isNew ? "new" : "change") : exampleOf(schema);
  // What makes a record and what changes one may look alike; the name still says which it is.
  const isInput = body === "data" && resource !== undefined && names.has(JSON.stringify(schema));
  const media = { schema: isInput ? refTo(`${schemaName(resource)}${isNew ? "Input" : "Change"}`) : withRefs(schema, names), example };
  return {
    required: body === "data" || Object.values(shapes).some(({ required }) => required),
    content: { "application/json": media, ...(method === "PATCH" ? { "application/merge-patch+json": media } : {}) },
  };
}

function good(verb: Usecase, names: ReadonlyMap<string, string>): Readonly<Record<string, JsonSchema>> {
  const { output, status } = verb;
  const headers = { "X-Request-Id": { $ref: "#/components/headers/RequestId" } };
  if (output === "nothing") return { [status]: { description: "Done", headers } };
  if ("one" in output) {
    const created = status === 201 ? { Location: { $ref: "#/components/headers/Location" } } : {};
    const example = exampleRecord(output.one);
    const content = json(refTo(schemaName(output.one)), example);
    return {
      [status]: {
        description: named(output.one, 0),
        headers: { ...headers, ETag: { $ref: "#/components/headers/ETag" }, ...created },
        content,
      },
    };
  }
  if ("page" in output) {
    const example = { data: [exampleRecord(output.page)], next_cursor: null, total: null, total_is_estimate: false };
    return { [status]: { description: named(output.page, 1), headers, content: json(refTo(`${schemaName(output.page)}Page`), example) } };
  }
  const shown = Object.fromEntries(
    Object.entries(output.value).filter(([key]) => !cookieSecrets.some((secret) => secret === key)),
  ) as Shapes;
  const schema = schemaOfObject(shown);
  return { [status]: { description: "Done", headers, content: json(withRefs(schema, names), exampleOf(schema)) } };
}

const named = ({ label }: Resource, which: 0 | 1): string => label.en[which];
const json = (schema: JsonSchema, example: unknown): JsonSchema => ({ "application/json": { schema, example } });

const sentOn = {
  303: {
    description: "To the start page, signed in; or to /sign-in with the code of what went wrong.",
    headers: { Location: { $ref: "#/components/headers/Location" } },
  },
};

function refusalsOf({ verb, isPublic, path, name }: Route, hasBody: boolean): Readonly<Record<string, JsonSchema>> {
  const statuses = [
    400,
    401,
    403,
    ...(path.includes("{") || isPublic || (verb.output !== "nothing" && "one" in verb.output) ? [404] : []),
    ...(verb.writes ? [409] : []),
    ...(takesVersion(name, verb) ? [412] : []),
    ...(hasBody ? [413, 415] : []),
    422,
    429,
    500,
    503,
  ];
  return Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/Refused${status}` }]));
}

const idempotencyKey: JsonSchema = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description: "Your name for this write, kept for 24 hours: sent again, it is answered as it was the first time and done once.",
  schema: { type: "string", minLength: 1, maxLength: 255, pattern: "^[\\x21-\\x7e]+$" },
};
const ifMatch: JsonSchema = {
  name: "If-Match",
  in: "header",
  required: false,
  description: "Only if the record still has this version: the ETag of its last answer, or * for whichever it is.",
  schema: { type: "string", examples: ['"7"'] },
};
const etag: JsonSchema = { description: "The version, for If-Match", schema: { type: "string", examples: ['"7"'] } };
const location: JsonSchema = { description: "Where it is from now on", schema: { type: "string" } };
const requestId: JsonSchema = { description: "Names this request in the log", schema: { type: "string" } };
