import type { Definitions } from "../../../domain/kit/definitions.ts";
import { invalid } from "../../../domain/kit/errors.ts";
import { readValue } from "../../../domain/kit/kinds.ts";
import { readCustomValue } from "../../../domain/kit/record-input.ts";
import type { Resource } from "../../../domain/kit/resource.ts";
import { arrayLiteral } from "../flights/array-literal.ts";
import { type Step, statement } from "../flights/statement.ts";
import type { Call } from "./call.ts";
import { columnOf, shadowsOf, uniqueColumn } from "./columns.ts";
import { uniqueKey } from "./custom-rows.ts";

/** A value as it stands where the field is unique, or nothing where there is none. */
export function uniqueText(resource: Resource, key: string, value: unknown, definitions: Definitions): string | null {
  const definition = customOf(resource, key, definitions);
  const field = definition?.field ?? resource.fields[key];
  if (!field?.unique) throw notUnique(resource, definitions);
  if (value === undefined || value === null) return null;
  const context = { country: definitions.country };
  const parsed = definition ? readCustomValue(value, definition, context) : readValue(value, field, context);
  if (!parsed.ok || parsed.value === null) return null;
  if (definition) return uniqueKey(parsed.value, definition);
  const column = uniqueColumn(key, field);
  return (
    shadowsOf(key, field)
      .find((shadow) => shadow.column === column)
      ?.of(parsed.value) ?? String(columnOf(field).toSql(parsed.value, field))
  );
}

/** Finds the live records that have these values in a unique field, as id and value. */
export function uniqueStep(resource: Resource, key: string, values: readonly (string | null)[], { tenant, definitions }: Call): Step {
  const wanted = arrayLiteral(values.filter((value) => value !== null));
  const definition = customOf(resource, key, definitions);
  if (definition)
    return [
      statement(
        "select record_id, unique_key from custom_values where tenant_id = $1 and field_id = $2::uuid and unique_key = any($3::text[])",
      ),
      [tenant, definition.id, wanted],
    ];
  const column = uniqueColumn(key, resource.fields[key]!);
  return [
    statement(
      `select id, ${column}::text from ${resource.name} where tenant_id = $1 and ${column} = any($2::text[]) and deleted_at is null`,
    ),
    [tenant, wanted],
  ];
}

const customOf = ({ name }: Resource, key: string, { custom }: Definitions) =>
  key.startsWith("custom.") ? custom[name]?.find((one) => one.field.unique && `custom.${one.key}` === key) : undefined;

function notUnique(resource: Resource, { custom }: Definitions) {
  const keys = [
    ...Object.entries(resource.fields).flatMap(([key, { unique }]) => (unique ? [key] : [])),
    ...(custom[resource.name] ?? []).flatMap(({ key, field }) => (field.unique ? [`custom.${key}`] : [])),
  ];
  return invalid("KEY_NOT_UNIQUE", `An upsert goes by a unique field: ${keys.join(", ") || "this resource has none"}.`, "/key");
}
