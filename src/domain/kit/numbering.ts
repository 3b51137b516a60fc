import type { LocalDate } from "./calendar-date.ts";
import { invalid } from "./errors.ts";

/** How records of a kind are numbered: `LEAD-{YYYYMMDD}-{SEQ4}`, counted anew every day, every year or never. */
export type Numbering = { pattern: string; reset_per: "day" | "year" | "never" };

/** The counter a number is drawn from: numbers of one key are counted together. */
export function counterKey(numbering: Numbering, date: LocalDate): string {
  if (numbering.reset_per === "never") return "all";
  return numbering.reset_per === "year" ? date.slice(0, 4) : date;
}

/** The n-th number of its counter; it grows wider than the pattern rather than start again. */
export function formatNumber(numbering: Numbering, date: LocalDate, n: number): string {
  const [year, month, day] = [date.slice(0, 4), date.slice(5, 7), date.slice(8, 10)];
  return numbering.pattern.replace(token, (_, name: string) => {
    if (name.startsWith("SEQ")) return String(n).padStart(Number(name.slice(3)), "0");
    return name.replace("YYYY", year).replace("YY", year.slice(2)).replace("MM", month).replace("DD", day);
  });
}

/** Refuses a pattern that cannot be read or would give one number twice. */
export function checkNumbering({ pattern, reset_per: resetPer }: Numbering): void {
  if (pattern.length > 60 || !/^[A-Za-z0-9 _./#{}-]+$/.test(pattern) || /[{}]/.test(pattern.replace(token, ""))) throw unreadablePattern();
  const names = [...pattern.matchAll(token)].map(([, name = ""]) => name);
  if (names.filter((name) => name.startsWith("SEQ")).length !== 1) throw unreadablePattern();

  const dated = names.filter((name) => !name.startsWith("SEQ")).join("");
  const needed = resetPer === "day" ? ["YY", "MM", "DD"] : resetPer === "year" ? ["YY"] : [];
  if (needed.every((part) => dated.includes(part))) return;
  throw invalid(
    "NUMBERING_NOT_UNIQUE",
    `Put the ${resetPer} into the pattern, or numbers would repeat when counting starts again.`,
    "/pattern",
  );
}

const token = /\{(YYYYMMDD|YYYYMM|YYYY|YYMMDD|YY|MM|DD|SEQ[1-9])\}/g;

const unreadablePattern = () =>
  invalid("NUMBERING_PATTERN_INVALID", "Write a pattern such as LEAD-{YYYYMMDD}-{SEQ4}, with one SEQ and a width from 1 to 9.", "/pattern");
