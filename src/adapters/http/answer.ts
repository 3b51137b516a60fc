import { type Actor, deniedFields } from "../../domain/access/access.ts";
import type { Resource } from "../../domain/kit/resource.ts";
import type { Fetched, Page } from "../../usecases/kit/ports.ts";
import type { Output, Usecase } from "../../usecases/kit/usecase.ts";
import { pathOf } from "./addresses.ts";
import { writerOf } from "./value-text.ts";

/** A good answer on its way out: its status, its text, and what of its headers depends on it. */
export type Answer = {
  readonly status: number;
  readonly text: string;
  readonly etag: string | null;
  readonly location: string | null;
};

/** Makes the function that writes a verb's answer, once for each verb. */
export function answerWriter(verb: Usecase, secrets: readonly string[]): (answer: unknown) => Answer {
  const { output, status } = verb;
  if (output === "nothing") return () => ({ status, text: "", etag: null, location: null });
  if ("one" in output) {
    const { one } = output;
    return (answer) => {
      const { id, version, json } = partsOf(answer as Fetched);
      return { status, text: json, etag: `"${version}"`, location: status === 201 ? pathOf(one, id) : null };
    };
  }
  if ("page" in output) return (answer) => ({ status, text: pageText(answer as Page), etag: null, location: null });
  const write = writerOf(output.value, secrets);
  return (answer) => ({ status, text: write(answer), etag: null, location: null });
}

const partsOf = (record: Fetched) => ({ id: record.id, version: record.version, json: record.json() });

/** A page as JSON, put together from rows that are JSON already. */
export function pageText({ data, next_cursor, total, total_is_estimate, page, page_size }: Page): string {
  let rows = "";
  for (const record of data) rows += rows === "" ? record.json() : `,${record.json()}`;
  const numbered = page === undefined ? "" : `,"page":${page},"page_size":${page_size}`;
  return `{"data":[${rows}],"next_cursor":${JSON.stringify(next_cursor)},"total":${total},"total_is_estimate":${total_is_estimate}${numbered}}`;
}

/** The answer that was given before, as far as the actor may see it now. */
export function replayedAnswer(output: Output, { status, body }: { status: number; body: string }, actor: Actor | null): Answer {
  if (output === "nothing" || !("one" in output) || body === "" || actor === null)
    return { status, text: body, etag: null, location: null };
  const record = JSON.parse(body) as Record<string, unknown>;
  const shown = withoutDenied(output.one, record, actor);
  return {
    status,
    text: JSON.stringify(shown),
    etag: `"${record.version}"`,
    location: status === 201 ? pathOf(output.one, String(record.id)) : null,
  };
}

function withoutDenied(resource: Resource, record: Record<string, unknown>, actor: Actor): Record<string, unknown> {
  const denied = deniedFields(actor, resource);
  if (denied.length === 0) return record;
  const shown = Object.fromEntries(Object.entries(record).filter(([key]) => !denied.includes(key)));
  const { custom } = shown;
  if (typeof custom === "object" && custom !== null)
    shown.custom = Object.fromEntries(Object.entries(custom).filter(([key]) => !denied.includes(`custom.${key}`)));
  return shown;
}
