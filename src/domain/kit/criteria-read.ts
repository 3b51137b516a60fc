import { type Criteria, type CriteriaContext, criteriaLimits } from "./criteria.ts";
import { readLeaf, type TreeReading } from "./criteria-leaf.ts";
import { invalidInput } from "./errors.ts";
import type { Resource } from "./resource.ts";
import { below } from "./shape.ts";

/** Checks a tree as JSON brings it and answers it normalised; throws every fault at once, each with its JSON pointer. */
export function readCriteria(raw: unknown, resource: Resource, context: CriteriaContext): Criteria {
  const reading: TreeReading = { resource, context, faults: [], nodes: 0 };
  const criteria = readNode(raw, { pointer: context.pointer ?? "", depth: 1 }, reading);
  if (reading.nodes > criteriaLimits.nodes) {
    reading.faults.unshift({
      pointer: context.pointer ?? "",
      code: "CRITERIA_TOO_LARGE",
      message: `At most ${criteriaLimits.nodes} conditions and groups in one tree.`,
    });
  }
  if (reading.faults.length) throw invalidInput(reading.faults.slice(0, MOST_FAULTS));
  return criteria;
}

type Place = { readonly pointer: string; readonly depth: number };

const MOST_FAULTS = 100;
const NOTHING: Criteria = { all: [] };
const nodeKeys: Readonly<Record<string, readonly string[]>> = {
  all: ["all"],
  any: ["any"],
  not: ["not"],
  field: ["field", "op", "value", "ci"],
};

function readNode(raw: unknown, place: Place, reading: TreeReading): Criteria {
  const { pointer, depth } = place;
  const fault = (code: string, message: string, at = pointer) => {
    reading.faults.push({ pointer: at, code, message });
    return NOTHING;
  };
  reading.nodes += 1;
  if (reading.nodes > criteriaLimits.nodes) return NOTHING;
  if (depth > criteriaLimits.depth) return fault("CRITERIA_TOO_DEEP", `Nest at most ${criteriaLimits.depth} levels deep.`);
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return fault("CRITERIA_NODE", NODE);
  const node = raw as Readonly<Record<string, unknown>>;
  const [shape, ...more] = Object.keys(nodeKeys).filter((key) => Object.hasOwn(node, key));
  if (!shape || more.length) return fault("CRITERIA_NODE", NODE);
  const stray = Object.keys(node).find((key) => !nodeKeys[shape]?.includes(key));
  if (stray !== undefined) return fault("CRITERIA_NODE", `Take out “${stray}”. ${NODE}`, below(pointer, stray));
  const inside = { pointer: below(pointer, shape), depth: depth + 1 };
  if (shape === "field") return readLeaf(node, pointer, reading) ?? NOTHING;
  if (shape === "not") return { not: readNode(node.not, inside, reading) };
  const list = node[shape];
  if (!Array.isArray(list)) return fault("CRITERIA_NODE", `Send a list of conditions in “${shape}”.`, inside.pointer);
  const parts = list
    .slice(0, criteriaLimits.nodes + 1)
    .map((part, index) => readNode(part, { ...inside, pointer: below(inside.pointer, String(index)) }, reading));
  return shape === "all" ? { all: parts } : { any: parts };
}

const NODE = "A condition is one of {all: […]}, {any: […]}, {not: …} or {field, op, value}.";
