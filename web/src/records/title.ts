import type { Resource } from "../../../src/domain/kit/resource.ts";

/** What a record is called on screen: its title or, where it has none, the first of the fields of which it must have one. */
export function titleOf(
  { title, anyOf }: Pick<Resource, "title" | "anyOf">,
  record: Readonly<Record<string, unknown>> | null | undefined,
): string {
  for (const key of [title, ...anyOf]) {
    const value = record?.[key];
    if (typeof value === "string" && value) return value;
  }
  return "";
}
