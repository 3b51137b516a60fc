import { resources } from "../domain/catalogue.ts";
import { identityVerbs, isUnkept } from "./identity/catalogue.ts";
import { listDeadLetters, retryDeadLetter } from "./jobs.ts";
import type { Usecase } from "./kit/usecase.ts";
import { recordVerbs } from "./records.ts";
import { addSampleData, readSampleData, removeSampleData } from "./sample-data.ts";
import { searchAll } from "./search.ts";
import { deleteTag, mergeTag } from "./tags.ts";
import { readWorkspace, updateWorkspace } from "./workspace.ts";

/** Every verb that is not common to all records, by name. */
export const ownVerbs = {
  "search.all": searchAll,
  "workspace.get": readWorkspace,
  "workspace.update": updateWorkspace,
  "jobs.dead_letters": listDeadLetters,
  "jobs.retry": retryDeadLetter,
  "sample_data.get": readSampleData,
  "sample_data.add": addSampleData,
  "sample_data.remove": removeSampleData,
  "tags.delete": deleteTag,
  "tags.merge": mergeTag,
} satisfies Record<string, Usecase>;

/** Every verb by name: those of each resource, the product's own, and those of identity, some of which take the place of a generic one. */
export const verbs: Readonly<Record<string, Usecase>> = {
  ...Object.assign({}, ...resources.map(recordVerbs)),
  ...ownVerbs,
  ...Object.fromEntries(Object.entries(identityVerbs).map(([name, verb]) => [name, { ...verb, isKept: !isUnkept(name) }])),
};
