import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import type { AnyRecord, Resource } from "../../../src/domain/kit/resource.ts";
import { ApiError, newKey, perform } from "../kit/api.ts";
import { refuse, tell } from "../kit/toasts.tsx";
import { undoable } from "../kit/undo.ts";
import { words } from "../kit/words.ts";
import { knownRecord, putEverywhere, rereadLists } from "./cache.ts";
import { type Column, inputOf, valueIn, withValue } from "./columns.ts";
import { recordQuery } from "./rows.ts";
import { titleOf } from "./title.ts";

export type Edit = {
  readonly record: AnyRecord;
  readonly column: Column;
  readonly value: unknown;
  /** Records that came along with a chosen reference. */
  readonly beside?: Readonly<Record<string, unknown>> | undefined;
};
/** Somebody else wrote the same field while it was edited. */
export type Collision = { readonly theirs: AnyRecord };

/** Saves a field at once on the screen and then on the server; a refusal slides the value back and says why. */
export function useSave(resource: Resource): (edit: Edit) => Promise<Collision | null> {
  const client = useQueryClient();
  return useCallback((edit: Edit) => save(client, resource, edit), [client, resource]);
}

export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

async function save(client: QueryClient, resource: Resource, edit: Edit): Promise<Collision | null> {
  const { record, column, value, beside } = edit;
  const before = valueIn(record, column.key);
  if (same(before, value)) return null;
  const shown = knownRecord(client, resource, record.id) ?? record;
  putEverywhere(client, resource, { ...withValue(shown, column.key, value), ...beside });
  try {
    const { saved, theirs } = await write(resource, edit, record.version);
    if (theirs) {
      putEverywhere(client, resource, theirs);
      return { theirs };
    }
    putEverywhere(client, resource, saved);
    void client.invalidateQueries({ queryKey: ["timeline", resource.name, record.id] });
    const name = titleOf(resource, saved);
    undoable(words().t("toast.changed", { field: words().label(column.field.label), name }), async () => {
      const back = await perform<AnyRecord>(`${resource.name}.update`, { id: record.id, data: inputOf(column.key, before) });
      putEverywhere(client, resource, back);
      await client.invalidateQueries({ queryKey: ["record", resource.name, record.id] });
    });
    return null;
  } catch (error) {
    putEverywhere(client, resource, withValue(knownRecord(client, resource, record.id) ?? record, column.key, before));
    void client.invalidateQueries({ queryKey: ["record", resource.name, record.id] });
    refuse(error, { retry: () => void save(client, resource, edit), detail: titleOf(resource, record) });
    return null;
  }
}

type Written = { readonly saved: AnyRecord; readonly theirs: AnyRecord | null };

/** Writes to the version that was seen. When only other fields changed since, that is no collision and it is written to the new version. */
async function write(resource: Resource, { record, column, value }: Edit, version: number, attempts = 3): Promise<Written> {
  const data = inputOf(column.key, value);
  try {
    const saved = await perform<AnyRecord>(
      `${resource.name}.update`,
      { id: record.id, data },
      { ifMatch: version, idempotencyKey: newKey() },
    );
    return { saved, theirs: null };
  } catch (error) {
    if (!(error instanceof ApiError && error.code === "VERSION_CONFLICT") || attempts === 0) throw error;
    const theirs = await recordQuery(resource, record.id).queryFn({ signal: new AbortController().signal });
    const isTouched = !same(valueIn(theirs, column.key), valueIn(record, column.key)) && !same(valueIn(theirs, column.key), value);
    return isTouched ? { saved: theirs, theirs } : write(resource, { record, column, value }, theirs.version, attempts - 1);
  }
}

/** Moves a record to the trash, with a way back. */
export async function trashRecord(client: QueryClient, resource: Resource, record: AnyRecord): Promise<void> {
  const name = titleOf(resource, record);
  await perform(`${resource.name}.delete`, { id: record.id }, { ifMatch: record.version });
  await rereadLists(client, resource);
  const what = words().t("trash.deleted", { name });
  if (!resource.trash) return tell(what);
  const undo = undoable(what, async () => {
    await perform(`${resource.name}.restore`, { id: record.id });
    await rereadLists(client, resource);
  });
  tell(what, undo);
}
