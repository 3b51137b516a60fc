import { resourceNamed } from "../../../domain/catalogue.ts";
import type { AnyRecord, Resource } from "../../../domain/kit/resource.ts";
import { type Step, statement } from "../flights/statement.ts";
import type { Call } from "./call.ts";

/**
 * Takes the values of a custom field away with its definition. They run after the new version of the definitions, which waits for every
 * write under the old one. The records keep their versions: what happened is told once, by the event of the field.
 */
export function forgetValues(resource: Resource, field: AnyRecord, { tenant }: Call): Step[] {
  if (resource.name !== "fields") return [];
  const of = resourceNamed(String(field.resource));
  return [
    [statement("delete from custom_values where tenant_id = $1 and field_id = $2::uuid"), [tenant, field.id]],
    ...(of?.custom
      ? [
          [
            statement(`update ${of.name} set custom = custom - $2::text where tenant_id = $1 and custom ? $2::text`),
            [tenant, String(field.key)],
          ] as const,
        ]
      : []),
  ];
}
