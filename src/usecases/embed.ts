import { deniedFields } from "../domain/access/access.ts";
import { resourceNamed } from "../domain/catalogue.ts";
import { invalidInput } from "../domain/kit/errors.ts";
import type { AnyRecord, Resource } from "../domain/kit/resource.ts";
import type { Fetched, Uses } from "./kit/ports.ts";

/** Sets beside each record what its references point to, as far as the actor may see it: one question for each reference. */
export async function embed(
  resource: Resource,
  rows: readonly Fetched[],
  wanted: readonly string[],
  ports: Uses<"records" | "actor">,
): Promise<readonly Fetched[]> {
  const denied = deniedFields(ports.actor, resource);
  const references = wanted.map((name) => {
    const found = referenceNamed(resource, name);
    return found && !denied.includes(found.key) ? found : null;
  });
  const faults = references.flatMap((found, index) =>
    found ? [] : [{ pointer: "/include", code: "UNKNOWN_INCLUDE", message: `There is nothing to include under “${wanted[index]}”.` }],
  );
  if (faults.length) throw invalidInput(faults);
  const embedded = await Promise.all(
    references
      .flatMap((found) => (found ? [found] : []))
      .map(async ({ name, key, target }) => {
        const ids = [...new Set(rows.flatMap(({ record }) => (typeof record[key] === "string" ? [record[key] as string] : [])))];
        const records = ids.length ? await ports.records(target).shown(ids) : [];
        return { name, key, byId: new Map(records.map((one) => [one.id, one])) };
      }),
  );
  return rows.map((row) => ({
    id: row.id,
    version: row.version,
    record: row.record as AnyRecord,
    json: () =>
      `${row.json().slice(0, -1)}${embedded.map(({ name, key, byId }) => `,${JSON.stringify(name)}:${byId.get(String(row.record[key]))?.json() ?? "null"}`).join("")}}`,
  }));
}

/** `company` → the field `company_id` and the resource it points to. */
export function referenceNamed(resource: Resource, name: string): { name: string; key: string; target: Resource } | null {
  const key = `${name}_id`;
  const field = Object.hasOwn(resource.all, key) ? resource.all[key] : undefined;
  const target = field?.kind === "reference" && field.to ? resourceNamed(field.to) : undefined;
  return target ? { name, key, target } : null;
}
