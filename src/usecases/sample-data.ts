import { resourceNamed } from "../domain/catalogue.ts";
import { companies } from "../domain/companies/company.ts";
import { contacts } from "../domain/contacts/contact.ts";
import { conflict } from "../domain/kit/errors.ts";
import { boolean, integer } from "../domain/kit/fields.ts";
import { readNew } from "../domain/kit/record-input.ts";
import type { Resource } from "../domain/kit/resource.ts";
import type { Shapes } from "../domain/kit/shape.ts";
import { sampleCompanies, sampleContacts } from "../domain/sample-data/sample-data.ts";
import type { RowOutcome, Uses } from "./kit/ports.ts";
import { usecase } from "./kit/usecase.ts";
import { contextOf } from "./record-rights.ts";

/** Remembers which records are samples, so that they can go in one step. */
export type Samples = {
  all(): Promise<readonly { readonly resource: string; readonly id: string }[]>;
  keep(resource: string, ids: readonly string[]): Promise<void>;
  forget(): Promise<void>;
};

const counted = { is_present: boolean({ required: true }), count: integer({ required: true }) } satisfies Shapes;

export const readSampleData = usecase({
  summary: "Whether the workspace holds sample data",
  allow: "member",
  writes: false,
  input: {},
  output: { value: counted },
  run: async ({ samples }: { samples: Samples }) => {
    const { length } = await samples.all();
    return { is_present: length > 0, count: length };
  },
});

export const addSampleData = usecase({
  summary: "Fill the workspace with sample data",
  description: "50 companies and 150 contacts on domains that end in .example, removed again in one step.",
  allow: { right: "workspace.manage" },
  status: 201,
  atomic: true,
  input: {},
  output: { value: counted },
  refuses: ["SAMPLE_DATA_PRESENT"],
  run: async (ports: Uses<"records" | "actor" | "definitions"> & { samples: Samples }) => {
    if ((await ports.samples.all()).length)
      throw conflict("SAMPLE_DATA_PRESENT", "The sample data is already there. Remove it first to have it anew.");
    const made = await addAll(companies as unknown as Resource, sampleCompanies(), ports);
    const people = sampleContacts().map(({ company, ...person }) => ({ ...person, company_id: idOf(made[company]) }));
    const count = made.length + (await addAll(contacts as unknown as Resource, people, ports)).length;
    return { is_present: true, count };
  },
});

export const removeSampleData = usecase({
  summary: "Remove the sample data",
  description:
    "Takes away for good every record that came with the sample data, edited since or not; what you made yourself stays, and loses its links to them.",
  allow: { right: "workspace.manage" },
  status: 204,
  atomic: true,
  input: {},
  output: "nothing",
  run: async ({ records, samples }: Uses<"records"> & { samples: Samples }) => {
    for (const { resource, id } of await samples.all()) {
      const declared = resourceNamed(resource);
      const record = declared && (await records(declared).get(id, { trashed: true }).catch(nothingThere));
      if (declared && record) await records(declared).purge(record);
    }
    await samples.forget();
  },
});

async function addAll(
  resource: Resource,
  rows: readonly unknown[],
  ports: Uses<"records" | "actor" | "definitions"> & { samples: Samples },
): Promise<readonly RowOutcome[]> {
  const outcomes = await ports.records(resource).addAll(rows.map((row) => readNew(resource, row, contextOf(ports, resource))));
  await ports.samples.keep(
    resource.name,
    outcomes.flatMap((row) => (row.ok ? [row.record.id] : [])),
  );
  return outcomes;
}

const idOf = (row: RowOutcome | undefined): string | null => (row?.ok ? row.record.id : null);

/** A sample that somebody purged already is no trouble. */
function nothingThere(error: unknown): null {
  if (error instanceof Error && "code" in error && error.code === "NOT_FOUND") return null;
  throw error;
}
