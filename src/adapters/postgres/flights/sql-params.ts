import type { Value } from "./statement.ts";

/** The parameters that the parts of one statement share; the first is always the tenant. */
export type Sql = {
  readonly params: Value[];
  /** Adds a value and answers its place in the text: `$n`. */
  param(value: Value): string;
};

export function sqlParams(tenantId: string): Sql {
  const params: Value[] = [tenantId];
  return { params, param: (value) => `$${params.push(value)}` };
}
