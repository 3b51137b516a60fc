import { resources } from "../../../src/domain/catalogue.ts";
import type { Resource } from "../../../src/domain/kit/resource.ts";

/** A list of records that point here: the contacts of a company, the children of a parent. */
export type Relation = { readonly resource: Resource; readonly key: string };

/** Every relation to a resource that the catalogue declares. */
export const relationsTo = ({ name }: Resource): readonly Relation[] =>
  resources
    .filter(({ place }) => place === "records")
    .flatMap((resource) =>
      Object.entries(resource.fields)
        .filter(([, { kind, to }]) => kind === "reference" && to === name)
        .map(([key]) => ({ resource, key })),
    );
