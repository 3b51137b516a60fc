import {
  type CriteriaContext,
  criteriaLimits,
  type Leaf,
  laterOperators,
  ME,
  MY_TEAM,
  type Operator,
  operators,
  pathsOf,
  type Subject,
  subjectOf,
} from "./criteria.ts";
import { patternOf } from "./criteria-question.ts";
import type { Fault } from "./errors.ts";
import { type Field, text } from "./fields.ts";
import { isId, kinds, readValue } from "./kinds.ts";
import type { Parsed } from "./parsed.ts";
import type { Resource } from "./resource.ts";
import { type Roll, units } from "./rolling.ts";
import { below, unknownField } from "./shape.ts";

/** What is gathered while a tree is read. */
export type TreeReading = { readonly resource: Resource; readonly context: CriteriaContext; readonly faults: Fault[]; nodes: number };

/** Checks one condition and answers it normalised; where it has a fault, nothing. */
export function readLeaf(node: Readonly<Record<string, unknown>>, pointer: string, reading: TreeReading): Leaf | null {
  const { resource, context, faults } = reading;
  const before = faults.length;
  const fault = (key: string, code: string, message: string) => void faults.push({ pointer: below(pointer, key), code, message });
  const { field: path, op, value, ci } = node;

  const known = pathsOf(resource, context);
  const subject = typeof path === "string" && known.includes(path) ? subjectOf(path, resource, context.custom) : null;
  if (typeof path !== "string") fault("field", "CRITERIA_UNKNOWN_FIELD", "Name a field.");
  else if (!subject) faults.push({ ...unknownField(below(pointer, "field"), path, known), code: "CRITERIA_UNKNOWN_FIELD" });
  if (ci !== undefined && ci !== null && typeof ci !== "boolean") fault("ci", "TYPE", "Send true or false.");
  const refusal = refuseOperator(op, subject, context.forList ?? false);
  if (refusal) fault("op", refusal.code, refusal.message);
  if (faults.length > before || !subject || typeof path !== "string" || !isOperator(op)) return null;

  const read = readOperand(value ?? null, { op, subject, reading, pointer: below(pointer, "value") });
  if (faults.length > before) return null;
  return { field: path, op, ...(read === undefined ? {} : { value: read }), ...(ci === false && caseFolds(subject.field) ? { ci } : {}) };
}

/** The operators a field offers where the tree is evaluated in memory; lists offer all of these but `matches`. */
export function operatorsOf({ field, from }: Pick<Subject, "field" | "from">): readonly Operator[] {
  if (from === "tags") return ["has_tag", "has_any_tag", "is_empty", "is_not_empty"];
  const offered = kinds[field.kind].operators;
  return offered.includes("contains") ? [...offered, "matches"] : offered;
}

type Refused = { readonly code: string; readonly message: string };

function refuseOperator(op: unknown, subject: Subject | null, forList: boolean): Refused | null {
  if (laterOperators.some((later) => later === op)) {
    return { code: "CRITERIA_OPERATOR_LATER", message: `“${op}” cannot be used yet: what it looks at does not exist in this version.` };
  }
  if (!isOperator(op)) return { code: "CRITERIA_OPERATOR_UNKNOWN", message: `Use one of ${operators.join(", ")}.` };
  if (!subject) return null;
  if (!operatorsOf(subject).includes(op)) {
    return {
      code: "CRITERIA_OPERATOR_NOT_OFFERED",
      message: `“${subject.field.label.en}” cannot be asked “${op}”. Use one of ${operatorsOf(subject).join(", ")}.`,
    };
  }
  if (forList && op === "matches") {
    return {
      code: "CRITERIA_OPERATOR_NOT_OFFERED",
      message: "Lists and segments cannot look for patterns. Use contains, starts_with or ends_with.",
    };
  }
  if (forList && subject.from === "custom" && subject.field.kind === "long_text" && operands[op] !== "nothing") {
    return {
      code: "CRITERIA_OPERATOR_NOT_OFFERED",
      message: `Lists and segments can only ask whether “${subject.field.label.en}” is_empty or is_not_empty: long texts of own fields are not kept for finding.`,
    };
  }
  return null;
}

const isOperator = (op: unknown): op is Operator => (operators as readonly unknown[]).includes(op);

/** Whether a field is compared without case and marks unless `ci: false` asks otherwise. */
const caseFolds = ({ kind }: Field): boolean => kind === "text" || kind === "long_text" || kind === "email" || kind === "url";

type Asked = { readonly op: Operator; readonly subject: Subject; readonly reading: TreeReading; readonly pointer: string };
type Operand = "one" | "list" | "pair" | "part" | "pattern" | "nothing" | "roll" | "tag" | "tag_list";

const operands: Readonly<Record<Operator, Operand>> = {
  eq: "one",
  neq: "one",
  in: "list",
  not_in: "list",
  gt: "one",
  gte: "one",
  lt: "one",
  lte: "one",
  between: "pair",
  contains: "part",
  not_contains: "part",
  starts_with: "part",
  ends_with: "part",
  matches: "pattern",
  is_empty: "nothing",
  is_not_empty: "nothing",
  before: "one",
  after: "one",
  in_last: "roll",
  in_next: "roll",
  has_tag: "tag",
  has_any_tag: "tag_list",
};

function readOperand(raw: unknown, asked: Asked): unknown {
  const operand = operands[asked.op];
  if (operand === "nothing")
    return raw === null ? undefined : refuse(asked, "CRITERIA_VALUE", `Leave the value out: “${asked.op}” takes none.`);
  if (raw === null || (typeof raw === "string" && raw.trim() === ""))
    return refuse(asked, "CRITERIA_VALUE_MISSING", "Give a value, or ask is_empty or is_not_empty.");
  if (operand === "list" || operand === "tag_list") return readList(raw, asked, operand === "list" ? readOne : readTag);
  if (operand === "pair") {
    return Array.isArray(raw) && raw.length === 2
      ? readList(raw, asked, readOne)
      : refuse(asked, "CRITERIA_VALUE", "Give [lowest, highest]; both are included.");
  }
  return readers[operand](raw, asked);
}

const readers: Readonly<Record<Exclude<Operand, "nothing" | "list" | "tag_list" | "pair">, (raw: unknown, asked: Asked) => unknown>> = {
  one: readOne,
  tag: readTag,
  part: readPart,
  pattern: readPattern,
  roll: readRoll,
};

function readOne(raw: unknown, asked: Asked): unknown {
  const { field } = asked.subject;
  if (field.to === "members" && (raw === ME || raw === MY_TEAM)) return raw;
  if (field.kind === "money" && typeof raw === "object") {
    return refuse(
      asked,
      "CRITERIA_VALUE",
      "Give a whole number of minor units, such as 184000 for 1,840.00; amounts in a named currency cannot be compared yet.",
    );
  }
  return take(readValue(raw, itemOf(field), asked.reading.context), asked);
}

function readTag(raw: unknown, asked: Asked): unknown {
  const id = typeof raw === "string" ? raw.trim().toLowerCase() : raw;
  return isId(id) ? id : take(readValue(raw, tagName, asked.reading.context), asked);
}

function readPart(raw: unknown, asked: Asked): unknown {
  const part = take(readValue(raw, anyText, asked.reading.context), asked);
  if (asked.subject.field.kind !== "phone" || typeof part !== "string") return part;
  const digits = part.replace(/[^\d+]/g, "");
  return digits || refuse(asked, "CRITERIA_VALUE", "Give some digits of the number.");
}

function readPattern(raw: unknown, asked: Asked): unknown {
  const pattern = take(readValue(raw, patternText, asked.reading.context), asked);
  if (typeof pattern !== "string") return undefined;
  try {
    patternOf(pattern, { exact: true });
  } catch (error) {
    return refuse(
      asked,
      "CRITERIA_PATTERN",
      `The pattern cannot be read (${error instanceof Error ? error.message : "RE2"}). Write an RE2 expression such as ^acme.`,
    );
  }
  return pattern;
}

function readRoll(raw: unknown, asked: Asked): Roll | undefined {
  const { n, unit, ...more } = (typeof raw === "object" && raw !== null ? raw : {}) as Record<string, unknown>;
  const known = units.find((one) => one === unit);
  if (typeof n !== "number" || !Number.isInteger(n) || n < 1 || n > 1_000 || !known || Object.keys(more).length) {
    return refuse(asked, "CRITERIA_VALUE", `Give {n, unit}: n from 1 to 1000, unit one of ${units.join(", ")}.`);
  }
  if (known === "hour" && asked.subject.field.kind === "date")
    return refuse(asked, "CRITERIA_VALUE", "A date has no hours. Use day, week, month, quarter or fy.");
  return { n, unit: known };
}

function readList(raw: unknown, asked: Asked, readItem: (raw: unknown, asked: Asked) => unknown): unknown {
  if (!Array.isArray(raw)) return refuse(asked, "CRITERIA_VALUE", "Send a list of values.");
  if (raw.length > criteriaLimits.list) return refuse(asked, "CRITERIA_TOO_LARGE", `At most ${criteriaLimits.list} values in one list.`);
  return raw.map((item, index) => {
    const at = { ...asked, pointer: below(asked.pointer, String(index)) };
    const read =
      item === null || item === ""
        ? refuse(at, "CRITERIA_VALUE_MISSING", "Give a value, or ask is_empty or is_not_empty.")
        : readItem(item, at);
    return read;
  });
}

function take(parsed: Parsed<unknown>, asked: Asked): unknown {
  if (!parsed.ok) return refuse(asked, parsed.code, parsed.message);
  return parsed.value ?? refuse(asked, "CRITERIA_VALUE_MISSING", "Give a value, or ask is_empty or is_not_empty.");
}

function refuse({ reading, pointer }: Asked, code: Fault["code"], message: string): undefined {
  reading.faults.push({ pointer, code, message });
}

/** The field of one value among those a field holds. */
function itemOf(field: Field): Field {
  if (field.kind === "choices") return { ...field, kind: "choice", many: false };
  return field.kind === "references" ? { ...field, kind: "reference", many: false } : { ...field, many: false };
}

const tagName: Field = text({ max: 200 });
const anyText: Field = text({ max: 2_000 });
const patternText: Field = text({ max: 200 });
