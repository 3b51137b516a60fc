import { type CustomDefinition, readCustomMoney } from "./definitions.ts";
import { type Fault, invalidInput } from "./errors.ts";
import { currency as currencyField, type Field } from "./fields.ts";
import { isId, type JsonSchema, type ReadContext, readValue, schemaOf } from "./kinds.ts";
import { type AnyRecord, asTyped, type Resource } from "./resource.ts";
import { below, faultsOf, readField, unknownField } from "./shape.ts";

export type RecordContext = ReadContext & { readonly custom: readonly CustomDefinition[]; readonly denied: readonly string[] };

type Values = Record<string, unknown>;

/** Reads what a new record is given: every field checked, defaults filled in, all faults at once. */
export function readNew(resource: Resource, raw: unknown, context: RecordContext): Values {
  const reading = begin(resource, raw, null, context);
  for (const [key, field] of Object.entries(resource.fields)) {
    // Whose record it is follows from who makes it, unless they say otherwise.
    if (!Object.hasOwn(reading.values, key) && !field.compose && key !== resource.owner)
      reading.values[key] = fallback(field, key, reading.faults);
  }
  if (resource.custom) reading.values.custom = withDefaults((reading.values.custom as Values | undefined) ?? {}, context, reading.faults);
  if (resource.tags) reading.values.tags ??= [];
  return finish(resource, reading, null);
}

/** Reads a change of a record: only what is named and differs; read-only fields may repeat what is stored. */
export function readChange(resource: Resource, raw: unknown, current: AnyRecord, context: RecordContext): Values {
  return finish(resource, begin(resource, raw, current, context), current);
}

type Reading = { readonly values: Values; readonly faults: Fault[] };

function begin(resource: Resource, raw: unknown, current: AnyRecord | null, context: RecordContext): Reading {
  const reading: Reading = { values: {}, faults: [] };
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    reading.faults.push({ pointer: "", code: "TYPE", message: "Send an object." });
    return reading;
  }
  for (const [key, value] of Object.entries(raw)) readOne(resource, key, value, { current, context, ...reading });
  return reading;
}

function readOne(
  resource: Resource,
  key: string,
  raw: unknown,
  { current, context, values, faults }: Reading & { current: AnyRecord | null; context: RecordContext },
): void {
  const pointer = below("", key);
  const field = Object.hasOwn(resource.all, key) ? resource.all[key] : undefined;
  if (context.denied.includes(key)) faults.push(unknownField(pointer, key, []));
  else if (key === "tags" && resource.tags) values.tags = readTags(raw, pointer, faults);
  else if (key === "custom" && resource.custom) readCustom(raw, { pointer, faults, values, current, context });
  else if (!field)
    faults.push(
      unknownField(
        pointer,
        key,
        writableKeys(resource).filter((one) => !context.denied.includes(one)),
      ),
    );
  else if (mayWrite(field, current)) {
    const value = readField(field, raw, { pointer, faults, context });
    if (!current || !same(value, current[key])) {
      values[key] = value;
      if (field.kind === "phone" && !field.many) values[asTyped(key)] = value === null ? null : String(raw).trim();
    }
  } else if (!current || !same(raw ?? null, current[key])) {
    faults.push({ pointer, code: "READ_ONLY", message: `“${key}” cannot be written here.` });
  }
}

const mayWrite = ({ writer }: Field, current: AnyRecord | null): boolean => writer === "anyone" || (writer === "creation" && !current);

/** The fields a person or a script may write. */
export const writableKeys = (resource: Resource): readonly string[] => [
  ...Object.entries(resource.fields).flatMap(([key, { writer }]) => (writer === "anyone" || writer === "creation" ? [key] : [])),
  ...(resource.tags ? ["tags"] : []),
  ...(resource.custom ? ["custom"] : []),
];

function fallback(field: Field, key: string, faults: Fault[]): unknown {
  if (field.default !== undefined) return field.default;
  if (field.required && field.writer !== "verbs")
    faults.push({ pointer: below("", key), code: "REQUIRED", message: `Give “${key}” a value.` });
  return null;
}

function finish(resource: Resource, { values, faults }: Reading, current: AnyRecord | null): Values {
  if (faults.length === 0) faults.push(...lawsBroken(resource, values, current));
  if (faults.length) throw invalidInput(faults);
  return values;
}

/** What must hold within one record, whichever way it is written. */
export function lawsBroken(resource: Resource, values: Values, current: AnyRecord | null): Fault[] {
  const after: Values = { ...current, ...values };
  const faults: Fault[] = [...(resource.check?.(after, current) ?? [])];
  if (resource.anyOf.length && resource.anyOf.every((key) => after[key] === null || after[key] === undefined)) {
    faults.push({ pointer: "", code: "REQUIRED", message: `Give at least one of ${resource.anyOf.join(", ")}.` });
  }
  return faults;
}

/** Tags by name or id; the records adapter finds or makes those that are named. */
function readTags(raw: unknown, pointer: string, faults: Fault[]): readonly string[] {
  const items = raw === null ? [] : raw;
  if (!Array.isArray(items) || items.length > 100) {
    faults.push({ pointer, code: "TYPE", message: "Send a list of at most 100 tag names or ids." });
    return [];
  }
  const names = items.map((item, index) => {
    const named = typeof item === "object" && item !== null ? ((item as Values).id ?? (item as Values).name) : item;
    const text = typeof named === "string" ? named.trim() : "";
    if (!text || text.length > 100 || text.includes("\0"))
      faults.push({
        pointer: `${pointer}/${index}`,
        code: "TAG_INVALID",
        message: "Give the name of a tag, at most 100 characters, or its id.",
      });
    return text.toWellFormed();
  });
  return [...new Set(names)];
}

type CustomReading = { pointer: string; faults: Fault[]; values: Values; current: AnyRecord | null; context: RecordContext };

/** Custom values merge by key: null clears one, a key that is not named keeps its value. */
function readCustom(raw: unknown, { pointer, faults, values, current, context }: CustomReading): void {
  if (raw === null) return;
  if (typeof raw !== "object" || Array.isArray(raw)) {
    faults.push({ pointer, code: "TYPE", message: "Send an object of custom fields." });
    return;
  }
  const merged: Values = { ...(current?.custom as Values | undefined) };
  for (const [key, value] of Object.entries(raw)) {
    const at = below(pointer, key);
    const definition = context.custom.find((one) => one.key === key);
    if (!definition || context.denied.includes(`custom.${key}`)) {
      faults.push(
        unknownField(
          at,
          key,
          context.custom.map((one) => one.key).filter((one) => !context.denied.includes(`custom.${one}`)),
        ),
      );
      continue;
    }
    const parsed = readCustomValue(value, definition, context);
    if (!parsed.ok) faults.push(...faultsOf(parsed, at));
    else if (parsed.value === null && definition.field.required) faults.push({ pointer: at, code: "REQUIRED", message: "Give a value." });
    else if (parsed.value === null) delete merged[key];
    else merged[key] = parsed.value;
  }
  if (!same(merged, current?.custom ?? {})) values.custom = merged;
}

/** Reads one value of a custom field. */
export function readCustomValue(raw: unknown, { type, field }: CustomDefinition, context: ReadContext) {
  if (type !== "money" || raw === null) return readValue(raw, field, context);
  return readCustomMoney(
    raw,
    (amount) => readValue(amount, { ...field, kind: "integer" }, context),
    (code) => readValue(code, currencyField(), context),
  );
}

/** A field that does not exist for whoever writes gets its default, but cannot be asked of them. */
function withDefaults(given: Values, context: RecordContext, faults: Fault[]): Values {
  const values: Values = { ...given };
  for (const definition of context.custom) {
    const { key, field } = definition;
    if (values[key] !== undefined) continue;
    const fallback = field.default === undefined ? null : readCustomValue(field.default, definition, context);
    if (fallback?.ok && fallback.value !== null) values[key] = fallback.value;
    else if (field.required && !context.denied.includes(`custom.${key}`) && !context.denied.includes("custom"))
      faults.push({ pointer: below("/custom", key), code: "REQUIRED", message: "Give a value." });
  }
  return values;
}

/** Whether two JSON values are the same, whatever the order of their keys. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return left.length === right.length && left.every(([key, value]) => Object.hasOwn(b, key) && same(value, (b as Values)[key]));
}

/** The JSON Schema of what one may send for a record. */
export function inputSchema(resource: Resource, mode: "new" | "change"): JsonSchema {
  const writable = writableKeys(resource).filter(
    (key) => key in resource.fields && (mode === "new" || resource.fields[key]?.writer === "anyone"),
  );
  const required =
    mode === "new" ? writable.filter((key) => resource.fields[key]?.required && resource.fields[key]?.default === undefined) : [];
  return {
    type: "object",
    additionalProperties: false,
    ...(required.length ? { required } : {}),
    properties: {
      ...Object.fromEntries(writable.map((key) => [key, schemaOf(resource.fields[key] as Field)])),
      ...(resource.tags
        ? {
            tags: {
              type: "array",
              maxItems: 100,
              items: { type: "string", maxLength: 100 },
              description: "Names or ids of tags; a name that is new makes the tag if your role may.",
            },
          }
        : {}),
      ...(resource.custom
        ? { custom: { type: "object", description: "Values of custom fields by key; merged with what is there, null clears." } }
        : {}),
    },
  };
}

/** The JSON Schema of a record as answers show it. */
export function recordSchema(resource: Resource): JsonSchema {
  const keys = Object.keys(resource.all);
  return {
    type: "object",
    additionalProperties: false,
    properties: {
      ...Object.fromEntries(keys.map((key) => [key, schemaOf(resource.all[key] as Field)])),
      ...(resource.tags
        ? {
            tags: {
              type: "array",
              items: {
                type: "object",
                required: ["id", "name", "colour"],
                additionalProperties: false,
                properties: { id: { type: "string", format: "uuid" }, name: { type: "string" }, colour: { type: "string" } },
              },
            },
          }
        : {}),
      ...(resource.custom ? { custom: { type: "object", additionalProperties: true } } : {}),
      possible_duplicates: {
        type: "array",
        items: { type: "object", additionalProperties: true },
        description: "Only in the answer to a create: records that may be the same.",
      },
    },
  };
}
