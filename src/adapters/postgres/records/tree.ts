import type { Resource } from "../../../domain/kit/resource.ts";
import type { Tree } from "../../../usecases/kit/ports.ts";
import { sqlParams } from "../flights/sql-params.ts";
import { statement } from "../flights/statement.ts";
import type { Call } from "./call.ts";
import { sqlName } from "./columns.ts";
import { type Owners, within } from "./record-steps.ts";

const MOST = 1_000;

/** The tree that a record stands in: up to its top, then down again, without what lies in the trash or out of sight. */
export async function readTree(resource: Resource, id: string, owners: Owners, call: Call): Promise<Tree> {
  const { name, title } = resource;
  const parent = sqlName(resource.parent ?? "");
  const sql = sqlParams(call.tenant);
  const self = sql.param(id);
  const reach = within(resource, call.actor, owners, sql);
  // A union stops where it meets a row again, so that even a broken tree ends.
  const text = `with recursive up as (
    select id, ${parent} as parent from ${name} where tenant_id = $1 and id = ${self}::uuid
    union select c.id, c.${parent} from ${name} c join up on c.id = up.parent where c.tenant_id = $1 and c.deleted_at is null
  ), down as (
    select up.id, 0 as depth from up where not exists (select 1 from up above where above.id = up.parent)
    union select c.id, down.depth + 1 from ${name} c join down on c.${parent} = down.id where c.tenant_id = $1 and c.deleted_at is null and down.depth < 100
  ) select r.id, r.${sqlName(title)}, r.${parent}, down.depth from down join ${name} r on r.tenant_id = $1 and r.id = down.id where ${reach} order by down.depth, r.${sqlName(title)}, r.id limit ${sql.param(MOST + 1)}::int`;
  const [result] = await call.read([[statement(text), sql.params]], "read");
  const rows = result?.rows ?? [];
  const data = rows
    .slice(0, MOST)
    .map(([node, label, above, depth]) => ({ id: node ?? "", title: label ?? null, parent_id: above ?? null, depth: Number(depth) }));
  return { data, is_cut: rows.length > MOST };
}
