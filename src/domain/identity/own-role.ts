import { actions, namedRights, type Role, scopes } from "../access/access.ts";
import { readyRoles } from "../access/roles.ts";
import { resourceNamed } from "../catalogue.ts";
import type { Fault } from "../kit/errors.ts";
import { below } from "../kit/shape.ts";

type Values = Readonly<Record<string, unknown>>;

/** What is wrong with a role of a workspace's own: a resource, action, scope, right or field that there is not. */
export function roleFaults({ key, grants, rights, denied }: Values): readonly Fault[] {
  const isTaken = typeof key === "string" && Object.hasOwn(readyRoles, key);
  return [
    ...(isTaken ? [{ pointer: "/key", code: "DUPLICATE", message: "This is the key of a ready-made role. Choose another." }] : []),
    ...grantFaults(grants),
    ...rightFaults(rights),
    ...deniedFaults(denied),
  ];
}

function grantFaults(grants: unknown): readonly Fault[] {
  if (!isObject(grants))
    return [{ pointer: "/grants", code: "TYPE", message: "Send an object of resources, each with how far its actions reach." }];
  return Object.entries(grants).flatMap(([name, given]) => {
    const pointer = below("/grants", name);
    if (name !== "*" && !resourceNamed(name)) return [{ pointer, code: "UNKNOWN_RESOURCE", message: `There is no resource “${name}”.` }];
    if (!isObject(given)) return [{ pointer, code: "TYPE", message: `Name how far each action reaches: ${scopes.join(", ")}.` }];
    return Object.entries(given).flatMap(([action, scope]) => {
      if (!actions.some((one) => one === action))
        return [{ pointer: below(pointer, action), code: "UNKNOWN_ACTION", message: `The actions are ${actions.join(", ")}.` }];
      return scopes.some((one) => one === scope)
        ? []
        : [{ pointer: below(pointer, action), code: "NOT_A_CHOICE", message: `Choose one of ${scopes.join(", ")}.` }];
    });
  });
}

function rightFaults(rights: unknown): readonly Fault[] {
  if (!Array.isArray(rights)) return [];
  return rights.flatMap((right: unknown, index) =>
    namedRights.some((one) => one === right)
      ? []
      : [{ pointer: `/rights/${index}`, code: "NOT_A_CHOICE", message: `The rights are ${namedRights.join(", ")}.` }],
  );
}

function deniedFaults(denied: unknown): readonly Fault[] {
  if (denied === null || denied === undefined) return [];
  if (!isObject(denied)) return [{ pointer: "/denied", code: "TYPE", message: "Send an object of resources, each with a list of fields." }];
  return Object.entries(denied).flatMap(([name, fields]) => {
    const pointer = below("/denied", name);
    const resource = resourceNamed(name);
    if (!resource) return [{ pointer, code: "UNKNOWN_RESOURCE", message: `There is no resource “${name}”.` }];
    if (!Array.isArray(fields)) return [{ pointer, code: "TYPE", message: "Send a list of fields." }];
    return fields.flatMap((field: unknown, index) => {
      const isKnown =
        typeof field === "string" &&
        (Object.hasOwn(resource.fields, field) || field === "tags" || /^custom(\.[a-z][a-z0-9_]{0,49})?$/.test(field));
      return isKnown
        ? []
        : [
            {
              pointer: `${pointer}/${index}`,
              code: "UNKNOWN_FIELD",
              message: `There is no field “${String(field)}” that could be hidden.`,
            },
          ];
    });
  });
}

/** The role that stored values describe; whatever they leave out or get wrong is not allowed. */
export function roleOf({ key, grants, rights, denied }: Values): Role {
  return {
    key: typeof key === "string" ? key : "",
    grants: Object.fromEntries(entriesOf(grants).map(([name, given]) => [name, grantsOf(given)])),
    rights: textsOf(rights),
    denied: Object.fromEntries(entriesOf(denied).map(([name, fields]) => [name, textsOf(fields)])),
  };
}

function grantsOf(given: unknown): Role["grants"][string] {
  const stored = isObject(given) ? given : {};
  const reach = (action: (typeof actions)[number]) => scopes.find((scope) => scope === stored[action]) ?? "none";
  return {
    view: reach("view"),
    create: reach("create"),
    edit: reach("edit"),
    delete: reach("delete"),
    export: reach("export"),
    assign: reach("assign"),
  };
}

const isObject = (value: unknown): value is Values => typeof value === "object" && value !== null && !Array.isArray(value);
const entriesOf = (value: unknown): [string, unknown][] => (isObject(value) ? Object.entries(value) : []);
const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((one) => typeof one === "string") : []);
