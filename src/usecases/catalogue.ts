import { resources } from "../domain/catalogue.ts";
import type { Usecase } from "./kit/usecase.ts";
import { recordVerbs } from "./records.ts";
import { searchAll } from "./search.ts";
import { deleteTag, mergeTag } from "./tags.ts";
import { readWorkspace, updateWorkspace } from "./workspace.ts";

/** Every verb that is not common to all records, by name. */
export const ownVerbs = {
  "search.all": searchAll,
  "workspace.get": readWorkspace,
  "workspace.update": updateWorkspace,
  "tags.delete": deleteTag,
  "tags.merge": mergeTag,
} satisfies Record<string, Usecase>;

/** Every verb by name: those of each resource, and the product's own. */
export const verbs: Readonly<Record<string, Usecase>> = {
  ...Object.assign({}, ...resources.map(recordVerbs)),
  ...ownVerbs,
};
