import { conflict, invalid } from "../domain/kit/errors.ts";
import { choice, reference } from "../domain/kit/fields.ts";
import type { Resource } from "../domain/kit/resource.ts";
import { tags } from "../domain/tags/tag.ts";
import type { Uses } from "./kit/ports.ts";
import { usecase } from "./kit/usecase.ts";
import { forWriting } from "./record-rights.ts";

const resource = tags as unknown as Resource;

/** A tag in use goes only once its count was confirmed; it is then taken off every record. */
export const deleteTag = usecase({
  summary: "Delete a tag",
  description: "A tag that records carry is deleted only with `confirm=true`; it is then taken off all of them.",
  allow: { right: "tags.manage" },
  status: 204,
  atomic: true,
  input: { id: reference("tags", { required: true }), confirm: choice(["true", "false"]) },
  output: "nothing",
  refuses: ["TAG_IN_USE"],
  run: async (ports: Uses<"records" | "actor" | "expected" | "taggings">, { id, confirm }) => {
    const tag = await forWriting(resource, id, "delete", ports);
    const count = await ports.taggings.count(id);
    if (count > 0 && confirm !== "true")
      throw conflict(
        "TAG_IN_USE",
        `${count === 1 ? "1 record carries" : `${count} records carry`} this tag. Confirm that it is to be taken off.`,
        { count },
      );
    await ports.taggings.replace(id, null);
    await ports.records(resource).remove(tag);
  },
});

/** Two words for one thing become one: every record that carries the first then carries the second. */
export const mergeTag = usecase({
  summary: "Merge a tag into another",
  allow: { right: "tags.manage" },
  atomic: true,
  input: { id: reference("tags", { required: true }), into: reference("tags", { required: true }) },
  output: { one: resource },
  run: async (ports: Uses<"records" | "actor" | "expected" | "taggings">, { id, into }) => {
    if (id === into) throw invalid("SAME_TAG", "Choose another tag to merge into.", "/into");
    const tag = await forWriting(resource, id, "delete", ports);
    const target = await ports.records(resource).get(into);
    await ports.taggings.replace(id, into);
    await ports.records(resource).remove(tag);
    return ports.records(resource).read(target.id);
  },
});
