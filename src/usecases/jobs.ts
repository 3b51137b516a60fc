import type { Actor } from "../domain/access/access.ts";
import { notFound } from "../domain/kit/errors.ts";
import { integer, reference, text } from "../domain/kit/fields.ts";
import { free, type Shapes } from "../domain/kit/shape.ts";
import type { DeadLetters } from "./kit/jobs.ts";
import { usecase } from "./kit/usecase.ts";

type Ports = { readonly actor: Actor; readonly jobs: DeadLetters };
const allow = { right: "workspace.manage" } as const;

/** What was given up, so that nothing fails in silence. */
export const listDeadLetters = usecase({
  summary: "List the jobs that were given up, newest first",
  description: "A job lies here after its last try failed. What caused it is mended first, then it is tried again.",
  allow,
  writes: false,
  input: { limit: integer({ min: 1, max: 100 }), cursor: reference("", { en: "Cursor", de: "Cursor" }) },
  output: { value: deadLetterShape() },
  run: async ({ jobs, actor }: Ports, { limit, cursor }) => {
    const most = limit ?? 20;
    const found = await jobs.deadLetters(actor.tenant_id, { limit: most + 1, before: cursor });
    const data = found.slice(0, most);
    return { data, next_cursor: found.length > most ? (data.at(-1)?.id ?? null) : null };
  },
});

export const retryDeadLetter = usecase({
  summary: "Try a job again that was given up",
  allow,
  status: 204,
  input: { id: reference("", { required: true, en: "Id", de: "Kennung" }) },
  output: "nothing",
  run: async ({ jobs, actor }: Ports, { id }) => {
    if (!(await jobs.retry(id, actor.tenant_id)))
      throw notFound("There is no such job that was given up; perhaps it is being tried again already.");
  },
});

function deadLetterShape() {
  return {
    data: free<unknown, true>(
      {
        type: "array",
        items: {
          type: "object",
          properties: {
            id: { type: "string", format: "uuid" },
            name: { type: "string", examples: ["fields.forget_values"] },
            data: { type: "object" },
            error: { type: "string" },
            tries: { type: "integer" },
            failed_at: { type: "string", format: "date-time" },
          },
        },
      },
      { required: true },
    ),
    next_cursor: text(),
  } satisfies Shapes;
}
