import type { Actor } from "../domain/access/access.ts";
import { deniedFields, scopeOf } from "../domain/access/access.ts";
import { resources } from "../domain/catalogue.ts";
import { invalidInput } from "../domain/kit/errors.ts";
import { integer, text } from "../domain/kit/fields.ts";
import type { Resource } from "../domain/kit/resource.ts";
import { free, type Shapes } from "../domain/kit/shape.ts";
import type { Uses } from "./kit/ports.ts";
import { usecase } from "./kit/usecase.ts";

/** A record that search found: what it is called, what else tells it apart, and which of its fields answered. */
export type Hit = {
  readonly resource: string;
  readonly id: string;
  readonly title: string | null;
  readonly subtitle: string | null;
  /** How well it answers, from 0 to 1. */
  readonly rank: number;
  readonly matched: readonly string[];
};

/** Finds records by what somebody typed, within the actor's reach, best first. */
export type Search = {
  find(typed: string, among: readonly Resource[], limit: number): Promise<readonly Hit[]>;
};

/** Search finds records one works with, and colleagues. */
export const searched: readonly Resource[] = resources.filter(
  ({ name, search, place }) => search.length > 0 && (place === "records" || name === "members"),
);

const found: Shapes = {
  data: free<readonly Hit[], true>(
    {
      type: "array",
      items: {
        type: "object",
        properties: {
          resource: { type: "string", enum: searched.map(({ name }) => name) },
          id: { type: "string", format: "uuid" },
          title: { type: ["string", "null"] },
          subtitle: {
            type: ["string", "null"],
            description: "Another value that tells the record apart: the one that matched, where one did.",
          },
          rank: { type: "number", minimum: 0, maximum: 1 },
          matched: { type: "array", items: { type: "string" }, description: "The fields that answered." },
        },
      },
    },
    { required: true },
  ),
};

/** One question to every resource at once. */
export const searchAll = usecase({
  summary: "Search all records",
  description:
    "By name, e-mail, domain, number or telephone number in any format; without accents, forgiving a slip of the keys, the best first. An empty question finds nothing; of a long one the first 200 characters and 8 words count.",
  allow: "member",
  writes: false,
  input: {
    q: text({ max: 10_000, example: "halden" }),
    resources: text({ max: 500, en: "Only these resources, parted by commas", example: "contacts,companies" }),
    limit: integer({ min: 1, max: 100 }),
  },
  output: { value: found },
  refuses: ["SEARCH_TOO_BROAD"],
  run: async ({ search, actor }: Required<Uses<"search" | "actor">>, { q, resources: names, limit }) => {
    const among = chosen(names).filter((resource) => isSearchable(resource, actor));
    return { data: q === null || among.length === 0 ? [] : await search.find(q, among, limit ?? 20) };
  },
});

/** A resource outside the actor's reach is left out, and so is one whose searched fields are all hidden. */
function isSearchable(resource: Resource, actor: Actor): boolean {
  const hidden = deniedFields(actor, resource);
  return (resource.guard !== null || scopeOf(actor, "view", resource) !== "none") && resource.search.some((key) => !hidden.includes(key));
}

function chosen(names: string | null): readonly Resource[] {
  if (names === null) return searched;
  const wanted = names
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  const known = searched.map(({ name }) => name);
  const faults = wanted.flatMap((name) =>
    known.includes(name)
      ? []
      : [{ pointer: "/resources", code: "UNKNOWN_RESOURCE", message: `“${name}” cannot be searched. Use one of ${known.join(", ")}.` }],
  );
  if (faults.length) throw invalidInput(faults);
  return searched.filter(({ name }) => wanted.includes(name));
}
