/** A list written as PostgreSQL's array literal, to be passed as one parameter: `$1::text[]`. */
export function arrayLiteral(values: readonly (string | number | bigint | boolean | null)[]): string {
  let literal = "{";
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (i > 0) literal += ",";
    if (value === null || value === undefined) literal += "NULL";
    else if (typeof value === "string") literal += quoted(value);
    else literal += String(value);
  }
  return `${literal}}`;
}

// Always in quotes, so that NULL, the empty string, braces, commas and leading spaces mean themselves.
const quoted = (value: string): string => `"${SPECIAL.test(value) ? value.replace(/["\\]/g, "\\$&") : value}"`;
const SPECIAL = /["\\]/;
