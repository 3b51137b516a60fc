import { resources } from "../../../domain/catalogue.ts";
import type { CustomDefinition } from "../../../domain/kit/definitions.ts";
import type { Link } from "../../../domain/kit/fields.ts";
import type { AnyRecord, Resource } from "../../../domain/kit/resource.ts";
import { ChangedMeanwhile } from "../../../usecases/kit/changed-meanwhile.ts";
import type { Values } from "../../../usecases/kit/ports.ts";
import { statement } from "../flights/statement.ts";
import type { Call } from "./call.ts";
import { sqlName } from "./columns.ts";
import { type Selection, selectionOf } from "./fetched.ts";
import { prepareRow } from "./prepared-row.ts";
import { writeSteps } from "./record-steps.ts";
import { storedValues } from "./settle.ts";

/** Takes every link to a record away before it goes for good, each with its event; what stood below it in a tree moves up to its parent. */
export async function clearLinks(resource: Resource, record: AnyRecord, call: Call): Promise<void> {
  for (const from of resources) {
    const [references, lists] = [pointing(from, resource, "reference"), pointing(from, resource, "references")];
    const custom = (call.definitions.custom[from.name] ?? []).filter(
      ({ type, field }) => type === "reference" && field.to === resource.name,
    );
    if (references.length + lists.length + custom.length === 0) continue;
    const conditions = [
      ...references.map((key) => `r.${sqlName(key)} = $2::uuid`),
      ...(lists.length ? ["r.id in (select l.record_id from record_links l where l.tenant_id = $1 and l.target_id = $2::uuid)"] : []),
      ...custom.map(
        (one) =>
          `r.id in (select v.record_id from custom_values v where v.tenant_id = $1 and v.field_id = '${one.id}' and v.text_fold = $2::uuid::text)`,
      ),
    ];
    const shown = selectionOf(from);
    const rows = await locked(shown, conditions, record.id, call);
    const parent = from === resource && resource.parent ? (record[resource.parent] ?? null) : null;
    const cleared = (row: Values): Values => ({
      ...Object.fromEntries(references.flatMap((key) => (row[key] === record.id ? [[key, key === from.parent ? parent : null]] : []))),
      ...(custom.length ? { custom: without(row.custom as Values, custom, record.id) } : {}),
      ...Object.fromEntries(lists.map((key) => [key, ((row[key] ?? []) as Link[]).filter(({ id }) => id !== record.id)])),
    });
    await writeAll(shown, rows, cleared, call);
  }
}

/** Custom values without those that point to the record. */
const without = (values: Values, fields: readonly CustomDefinition[], id: string): Values =>
  Object.fromEntries(Object.entries(values).filter(([key, value]) => value !== id || !fields.some((one) => one.key === key)));

/** The fields of a resource by which its records point to one of another, each by itself or in lists. */
const pointing = (from: Resource, to: Resource, kind: "reference" | "references"): readonly string[] =>
  Object.entries(from.fields).flatMap(([key, field]) => (field.kind === kind && field.to === to.name ? [key] : []));

/** The rows that point to the record, by one index for each way of pointing. */
export async function locked(shown: Selection, conditions: readonly string[], id: string, call: Call): Promise<readonly AnyRecord[]> {
  const { name } = shown.resource;
  const ids = conditions.map((condition) => `select r.id from ${name} r where r.tenant_id = $1 and ${condition}`).join(" union ");
  const text = `select ${shown.sql} from ${name} r where r.tenant_id = $1 and r.id in (${ids}) order by r.id for update of r`;
  const [result] = await call.write([[statement(text), [call.tenant, id]]], "bulk");
  return (result?.rows ?? []).map((row) => shown.record(row));
}

const AT_ONCE = 1_000;

/** Changes many rows whatever their state, each with its event, a thousand at a time. */
export async function writeAll(
  shown: Selection,
  records: readonly AnyRecord[],
  change: (record: Values) => Values,
  call: Call,
): Promise<void> {
  const { resource } = shown;
  for (let at = 0; at < records.length; at += AT_ONCE) {
    const some = records.slice(at, at + AT_ONCE);
    const rows = some.map((record) => prepareRow(resource, record.id, change(record), storedValues(record), call.definitions));
    const versions = some.map(({ version }) => version);
    const [written] = await call.write(writeSteps({ shown, rows, versions, event: `${resource.one}.updated`, kind: "any" }, call), "bulk");
    if (written?.rows.length !== rows.length) throw new ChangedMeanwhile(resource.name, some[0]?.id ?? "");
  }
}
