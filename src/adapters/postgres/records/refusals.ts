import pg from "pg";
import { resourceNamed } from "../../../domain/catalogue.ts";
import { conflict, DomainError, invalid, invalidInput } from "../../../domain/kit/errors.ts";
import type { Resource } from "../../../domain/kit/resource.ts";
import { type Step, statement } from "../flights/statement.ts";
import type { Call } from "./call.ts";
import { uniqueColumn } from "./columns.ts";
import type { PreparedRow } from "./prepared-row.ts";
import { togetherColumns, togetherIndex } from "./resource-sql.ts";

/** What PostgreSQL refused, in words for the person whose input it was; what has no such words stays as it is. */
export async function explainFailure(
  error: unknown,
  { resource, row, call }: { resource: Resource; row: PreparedRow; call: Call },
): Promise<unknown> {
  if (!(error instanceof pg.DatabaseError) || error instanceof DomainError) return error;
  const constraint = constraintOf(error);
  if (error.code === "23505") return duplicate(constraint, error, { resource, row, call });
  if (error.code === "23503") return brokenReference(constraint, error, resource);
  return error;
}

/** Whether a set may be halved to find the row at fault. */
export const isIntegrityError = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code?.startsWith("23") === true;

/** The constraint's name, from its field or, where a cluster drops it, from the message. */
const constraintOf = (error: pg.DatabaseError): string => error.constraint ?? /constraint "([^"]+)"/.exec(error.message)?.[1] ?? "";

async function duplicate(
  constraint: string,
  error: pg.DatabaseError,
  { resource, row, call }: { resource: Resource; row: PreparedRow; call: Call },
): Promise<unknown> {
  if (constraint === "custom_values_unique" || constraint.endsWith("custom_values_unique")) return customDuplicate({ resource, row, call });
  const together = resource.uniqueTogether.find((keys) => constraint.endsWith(togetherIndex(resource.name, keys)));
  if (together) return duplicateTogether(together, { resource, row, call });
  const key = Object.keys(resource.all).find((one) => constraint.endsWith(`${resource.name}_${one}_unique`));
  if (!key) return error;
  const column = uniqueColumn(key, resource.all[key]!);
  const value = row.values[row.columns.findIndex(({ name }) => name === column)];
  // A restore brings back its own value, which is not among what it writes.
  const [found] = await call
    .read(
      [
        [
          statement(
            `select id from ${resource.name} r where r.tenant_id = $1 and r.deleted_at is null and r.id <> $2 and r.${column} = coalesce($3::text, (select o.${column}::text from ${resource.name} o where o.tenant_id = $1 and o.id = $2))${column.endsWith("_id") ? "::uuid" : ""}`,
          ),
          [call.tenant, row.id, value ?? null],
        ],
      ],
      "read",
    )
    .catch(() => []);
  return taken(resource, `/${key}`, found?.rows[0]?.[0] ?? null, resource.all[key]?.label.en ?? key);
}

async function duplicateTogether(
  keys: readonly string[],
  { resource, row, call }: { resource: Resource; row: PreparedRow; call: Call },
): Promise<DomainError> {
  const columns = togetherColumns(resource, keys);
  const values = columns.map((column) => row.values[row.columns.findIndex(({ name }) => name === column)]);
  const same = columns.map((column, place) => `r.${column}::text = $${place + 3}`).join(" and ");
  const text = `select id from ${resource.name} r where r.tenant_id = $1 and r.deleted_at is null and r.id <> $2::uuid and ${same}`;
  const [found] = await call.read([[statement(text), [call.tenant, row.id, ...values]]], "read").catch(() => []);
  const key = keys.at(-1) ?? "";
  return taken(resource, `/${key}`, found?.rows[0]?.[0] ?? null, resource.all[key]?.label.en ?? key);
}

/** Under row-level security the error does not say which value it was, so each one that was to be unique is looked up. */
async function customDuplicate({ resource, row, call }: { resource: Resource; row: PreparedRow; call: Call }): Promise<unknown> {
  const unique = (row.satellites.get("custom")?.come ?? []).filter((one) => one.unique_key !== null);
  for (const { field_id, unique_key } of unique) {
    const values = [call.tenant, String(field_id), String(unique_key), row.id];
    const [found] = await call
      .read(
        [
          [
            statement(
              "select record_id from custom_values where tenant_id = $1 and field_id = $2::uuid and unique_key = $3 and record_id <> $4::uuid",
            ),
            values,
          ],
        ],
        "read",
      )
      .catch(() => []);
    const existing = found?.rows[0]?.[0];
    const definition = call.definitions.custom[resource.name]?.find(({ id }) => id === field_id);
    if (existing && definition) return taken(resource, `/custom/${definition.key}`, existing, definition.field.label.en);
  }
  return taken(resource, "/custom", null, "value");
}

function taken(resource: Resource, pointer: string, existing: string | null, label: string): DomainError {
  const message = `Another ${resource.label.en[0].toLowerCase()} already has this ${label.toLowerCase()}.`;
  return conflict("DUPLICATE", message, existing ? { existing_id: existing } : {}, [{ pointer, code: "DUPLICATE", message }]);
}

function brokenReference(constraint: string, error: pg.DatabaseError, resource: Resource): unknown {
  if (/taggings_tag/.test(constraint)) return invalid("REFERENCE_NOT_FOUND", "There is no such tag.", "/tags");
  const key = Object.keys(resource.all).find((one) => constraint.endsWith(`${resource.name}_${one}_fkey`));
  // The same code speaks of a row that others still point to, when it is to go.
  const goes = /update or delete on table/.test(error.message);
  if (goes) return conflict("IN_USE", `Other records still point to this ${resource.label.en[0].toLowerCase()}. Change them first.`);
  if (!key) return error;
  return invalidInput([
    {
      pointer: `/${key}`,
      code: "REFERENCE_NOT_FOUND",
      message: `There is no record with this id to be the ${resource.all[key]?.label.en.toLowerCase()}.`,
    },
  ]);
}

/** Why a row was not written: a record it points to lies in the trash. */
export async function trashedReference(resource: Resource, row: PreparedRow, call: Call): Promise<DomainError | null> {
  const keys = row.columns.flatMap(({ name }, index) => {
    const field = resource.fields[name];
    return field?.kind === "reference" && field.to && resourceNamed(field.to)?.trash && row.values[index]
      ? [{ key: name, to: field.to, id: row.values[index] }]
      : [];
  });
  if (keys.length === 0) return null;
  const results = await call.read(
    keys.map(
      ({ to, id }): Step => [
        statement(`select 1 from ${to} where tenant_id = $1 and id = $2::uuid and deleted_at is not null`),
        [call.tenant, id],
      ],
    ),
    "read",
  );
  const faults = keys.flatMap(({ key }, index) =>
    results[index]?.rows.length
      ? [
          {
            pointer: `/${key}`,
            code: "REFERENCE_NOT_FOUND",
            message: `The ${resource.fields[key]?.label.en.toLowerCase()} lies in the trash. Restore it first, or choose another.`,
          },
        ]
      : [],
  );
  return faults.length ? invalidInput(faults) : null;
}
