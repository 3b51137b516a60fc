import type { Samples } from "../../../usecases/sample-data.ts";
import { statement } from "../flights/statement.ts";
import type { Call } from "./call.ts";
import { idList } from "./columns.ts";

const all = statement("select resource, record_id from sample_records where tenant_id = $1 order by resource desc, record_id");
const keep = statement(
  "insert into sample_records (tenant_id, resource, record_id) select $1, $2, x from unnest($3::uuid[]) x returning 1",
);
const forget = statement("delete from sample_records where tenant_id = $1");

/** Which records of a workspace came with the sample data. */
export const samplesOf = (call: Call): Samples => ({
  all: async () => {
    const [result] = await call.read([[all, [call.tenant]]], "read");
    return (result?.rows ?? []).map(([resource, id]) => ({ resource: resource ?? "", id: id ?? "" }));
  },
  keep: async (resource, ids) => {
    await call.write([[keep, [call.tenant, resource, idList(ids)]]], "write");
  },
  forget: async () => {
    await call.write([[forget, [call.tenant]]], "write");
  },
});
