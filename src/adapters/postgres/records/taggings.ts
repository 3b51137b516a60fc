import { resources } from "../../../domain/catalogue.ts";
import type { Taggings } from "../../../usecases/kit/ports.ts";
import { statement } from "../flights/statement.ts";
import type { Call } from "./call.ts";
import { locked, writeAll } from "./clear-links.ts";
import { selectionOf } from "./fetched.ts";

/** Which records carry a tag, and how it leaves them. */
export function taggingsOf(call: Call): Taggings {
  return {
    async count(tag) {
      const [result] = await call.read(
        [[statement("select count(*) from taggings where tenant_id = $1 and tag_id = $2::uuid"), [call.tenant, tag]]],
        "read",
      );
      return Number(result?.rows[0]?.[0] ?? 0);
    },

    async replace(tag, by) {
      for (const resource of resources.filter(({ tags }) => tags)) {
        const shown = selectionOf(resource);
        const rows = await locked(
          shown,
          ["r.id in (select g.record_id from taggings g where g.tenant_id = $1 and g.tag_id = $2::uuid)"],
          tag,
          call,
        );
        await writeAll(
          shown,
          rows,
          ({ tags }) => ({
            tags: replaced(
              (tags as readonly { id: string }[]).map(({ id }) => id),
              tag,
              by,
            ),
          }),
          call,
        );
      }
    },
  };
}

const replaced = (ids: readonly string[], tag: string, by: string | null): readonly string[] => [
  ...new Set(ids.flatMap((id) => (id !== tag ? [id] : by ? [by] : []))),
];
