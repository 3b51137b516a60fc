import type { Field } from "../../../domain/kit/fields.ts";
import { dateIn, msOf } from "../../../domain/kit/instant.ts";
import { counterKey, formatNumber } from "../../../domain/kit/numbering.ts";
import type { Resource } from "../../../domain/kit/resource.ts";
import type { Values } from "../../../usecases/kit/ports.ts";
import { statement } from "../flights/statement.ts";
import type { Call } from "./call.ts";

const draw = statement(`insert into counters as c (tenant_id, key, value) values ($1, $2, $3::bigint)
 on conflict (tenant_id, key) do update set value = c.value + excluded.value returning value`);

/** Gives new rows the next numbers, as late as can be: the counter stays locked until the transaction around it ends. */
export async function numbered(resource: Resource, rows: readonly Values[], call: Call): Promise<readonly Values[]> {
  let given = rows;
  for (const [key, field] of numberedFields(resource)) given = await drawn(given, { resource, key, field }, call);
  return given;
}

type Numbered = { readonly resource: Resource; readonly key: string; readonly field: Field };

const numberedFields = ({ fields }: Resource): readonly (readonly [string, Field])[] =>
  Object.entries(fields).filter(([, { numbering }]) => numbering !== undefined);

async function drawn(rows: readonly Values[], { resource, key, field }: Numbered, call: Call): Promise<readonly Values[]> {
  const { numbering } = field;
  const lacking = rows.filter((row) => row[key] === null || row[key] === undefined).length;
  if (!numbering || lacking === 0) return rows;
  if (!call.inTransaction)
    throw new Error(`A verb that makes ${resource.name} declares \`atomic\`: their ${key} is drawn in its transaction.`);
  const today = dateIn(call.definitions.time_zone, msOf(call.now));
  const counter = `number:${resource.name}.${key}:${counterKey(numbering, today)}`;
  const [result] = await call.write([[draw, [call.tenant, counter, lacking]]], "write");
  let next = Number(result?.rows[0]?.[0]) - lacking;
  return rows.map((row) => (row[key] === null || row[key] === undefined ? { ...row, [key]: formatNumber(numbering, today, ++next) } : row));
}
