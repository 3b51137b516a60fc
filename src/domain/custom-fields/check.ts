import { resourceNamed, resources } from "../catalogue.ts";
import { type CustomType, definitionOf } from "../kit/definitions.ts";
import type { Fault } from "../kit/errors.ts";
import { readCustomValue } from "../kit/record-input.ts";

type Definition = Readonly<Record<string, unknown>>;

/** What must hold within the definition of a custom field: it belongs to a resource, adds to it, and its type has what it needs. */
export function checkField(field: Definition): readonly Fault[] {
  const faults = [...checkPlace(field), ...checkTarget(field), ...checkOptions(field), ...checkUnique(field)];
  return faults.length ? faults : checkDefault(field);
}

function checkPlace({ resource: name, key }: Definition): readonly Fault[] {
  const resource = resourceNamed(String(name));
  if (!resource?.custom) {
    const offered = resources.filter(({ custom }) => custom).map((one) => one.name);
    return [{ pointer: "/resource", code: "RESOURCE_UNKNOWN", message: `Add fields to one of ${offered.join(", ")}.` }];
  }
  const isDeclared = Object.hasOwn(resource.all, String(key)) || key === "tags" || key === "custom";
  return isDeclared
    ? [
        {
          pointer: "/key",
          code: "KEY_TAKEN",
          message: `“${key}” is a field of all ${resource.label.en[1].toLowerCase()}. Choose another key.`,
        },
      ]
    : [];
}

function checkTarget({ type, to }: Definition): readonly Fault[] {
  if (type !== "reference") return [];
  if (typeof to !== "string") return [{ pointer: "/to", code: "REQUIRED", message: "Say which resource the field points to." }];
  return resourceNamed(to) ? [] : [{ pointer: "/to", code: "RESOURCE_UNKNOWN", message: `There is no resource “${to}” to point to.` }];
}

function checkOptions({ type, options }: Definition): readonly Fault[] {
  if (type !== "choice" && type !== "choices") return [];
  if (!Array.isArray(options) || options.length === 0)
    return [{ pointer: "/options", code: "REQUIRED", message: "Give at least one option to choose." }];
  const seen = new Set<string>();
  return options.flatMap((option, index) => {
    const pointer = `/options/${index}`;
    const value = wordOf(option);
    if (value === null)
      return [{ pointer, code: "OPTION_INVALID", message: "Give a text, or { value, label, colour }, with 1 to 255 characters." }];
    if (seen.has(value)) return [{ pointer, code: "OPTION_TWICE", message: `“${value}” stands in the list already.` }];
    seen.add(value);
    return [];
  });
}

const optionKeys = new Set(["value", "label", "colour"]);

/** The value of an option as it may be sent, or nothing where it is none. */
function wordOf(option: unknown): string | null {
  if (typeof option === "string") return isWord(option) ? option : null;
  if (typeof option !== "object" || option === null || !("value" in option)) return null;
  const isWhole = Object.entries(option).every(([key, word]) => optionKeys.has(key) && (word === null || isWord(word)));
  return isWhole && typeof option.value === "string" ? option.value : null;
}

const isWord = (word: unknown): boolean => typeof word === "string" && word.trim() === word && word.length > 0 && word.length <= 255;

const neverUnique = new Set<unknown>(["long_text", "boolean", "choice", "choices"]);

function checkUnique({ type, unique }: Definition): readonly Fault[] {
  return unique === true && neverUnique.has(type)
    ? [{ pointer: "/unique", code: "UNIQUE_NOT_OFFERED", message: "A field of this type cannot be unique." }]
    : [];
}

function checkDefault({ id, key, label, type, to, options, required, unique, default: fallback }: Definition): readonly Fault[] {
  if (fallback === null || fallback === undefined) return [];
  if (unique === true)
    return [{ pointer: "/default", code: "DEFAULT_NOT_UNIQUE", message: "A unique field has no default, for two records would share it." }];
  const definition = definitionOf({
    id: String(id),
    key: String(key),
    label: String(label),
    type: type as CustomType,
    to: typeof to === "string" ? to : null,
    options: Array.isArray(options) ? options : null,
    required: required === true,
    unique: false,
    default: null,
  });
  const read = readCustomValue(fallback, definition, { country: null });
  return read.ok ? [] : [{ pointer: "/default", code: read.code, message: read.message }];
}
