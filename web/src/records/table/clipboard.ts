/** Rows of cells as a spreadsheet takes them: tabs between, lines below each other; what holds either is quoted. */
export const toTsv = (rows: readonly (readonly string[])[]): string => rows.map((row) => row.map(quoted).join("\t")).join("\n");

const quoted = (text: string): string => (/[\t\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** The cells of what a spreadsheet copied. */
export function fromTsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  const pattern = /(?:"((?:[^"]|"")*)"|([^\t\n]*))(\t|\r?\n|$)/y;
  const clean = text.replace(/\r\n/g, "\n").replace(/\n$/, "");
  while (pattern.lastIndex <= clean.length) {
    const match = pattern.exec(clean);
    if (!match) break;
    rows.at(-1)?.push(match[1] === undefined ? (match[2] ?? "") : match[1].replaceAll('""', '"'));
    if (match[3] === "\n") rows.push([]);
    if (match[3] === "") break;
  }
  return rows;
}
