import type { Fault } from "./errors.ts";
import { boolean, type Field, type Fields, instant, integer, type Label, reference, type ValueOf, words } from "./fields.ts";

/** What stands in every record, written by the kernel alone. */
const system = {
  id: { ...reference("", { required: true, en: "Id", de: "Kennung" }), writer: "kernel" },
  version: { ...integer({ required: true, de: "Version" }), writer: "kernel" },
  created_at: { ...instant({ required: true, en: "Created", de: "Angelegt" }), writer: "kernel" },
  created_by: { ...reference("members", { en: "Created by", de: "Angelegt von" }), writer: "kernel" },
  updated_at: { ...instant({ required: true, en: "Changed", de: "Geändert" }), writer: "kernel" },
  updated_by: { ...reference("members", { en: "Changed by", de: "Geändert von" }), writer: "kernel" },
  deleted_at: { ...instant({ en: "Deleted", de: "Gelöscht" }), writer: "kernel" },
} as const satisfies Fields;

type System = { readonly [K in keyof typeof system]: ValueOf<(typeof system)[K]> };

/** A tag as answers show it. */
export type Tag = { readonly id: string; readonly name: string; readonly colour: string };

export type Traits = {
  /** The word for one and for many, in each language. */
  readonly label: { readonly en: readonly [string, string]; readonly de: readonly [string, string] };
  /** The name of an outline icon of the interface. */
  readonly icon: string;
  /** The field that names a record to a person. */
  readonly title: string;
  /** Fields that search looks into. */
  readonly search: readonly string[];
  /** Fields one may sort by; each has an index, which serves its filters too. */
  readonly sort: readonly string[];
  /** Further fields with an index of their own behind their filters. */
  readonly filter: readonly string[];
  /** Deleted records can be brought back for 30 days. */
  readonly trash: boolean;
  readonly tags: boolean;
  readonly custom: boolean;
  /** The field that says whose record it is; without one every view needs the scope `all`. */
  readonly owner: string | null;
  /** The field that shares a record beyond its owner: private, team or all. */
  readonly sharing: string | null;
  /** The field by which records of this resource form a tree. */
  readonly parent: string | null;
  /** At least one of these has a value. */
  readonly anyOf: readonly string[];
  /** What the table shows to begin with. */
  readonly columns: readonly string[];
  /** Records one works with all day, or things of the workspace that settings manage. */
  readonly place: "records" | "workspace";
  /** Where its addresses begin. */
  readonly base: "/api/v1/crm" | "/api/v1";
  /** The named right that writing asks for, where the matrix of roles does not decide. */
  readonly guard: string | null;
  /** The named right is needed for reading as well. */
  readonly isGuardedWhole: boolean;
  /** Its rows say how other records are read and written; a change of one is a new version of the definitions. */
  readonly defines: boolean;
  /** Fields whose values together no two live records share. */
  readonly uniqueTogether: readonly (readonly string[])[];
  /** The verbs every record has that this one offers. */
  readonly verbs: readonly GenericVerb[];
  /** What must hold within one record, whichever way it is written; answers every fault. */
  readonly check: ((after: Readonly<Record<string, unknown>>, before: Readonly<Record<string, unknown>> | null) => readonly Fault[]) | null;
};

/** The verbs that any resource can have without a line of its own. */
export const genericVerbs = [
  "list",
  "get",
  "create",
  "update",
  "delete",
  "restore",
  "purge",
  "bulk",
  "timeline",
  "access",
  "tag",
  "untag",
  "tree",
] as const;
export type GenericVerb = (typeof genericVerbs)[number];

export type Resource<F extends Fields = Fields> = Traits & {
  readonly name: string;
  readonly one: string;
  /** What the declaration lists. */
  readonly fields: F;
  /** The declared fields and the system's, in the order in which answers show them. */
  readonly all: Fields;
};

/** The record that a declaration describes. */
export type RecordOf<R> = R extends Resource<infer F> ? System & { readonly [K in keyof F]: ValueOf<F[K]> } & TraitValues : never;
type TraitValues = { readonly tags: readonly Tag[]; readonly custom: Readonly<Record<string, unknown>> };

/** What every record has, whatever its resource. */
export type AnyRecord = System & TraitValues & Readonly<Record<string, unknown>>;

type Declared = Partial<Traits> & Pick<Traits, "label" | "icon">;

/** Declares a resource once; tables, addresses, forms and all else read this value. */
export function resource<const F extends Fields>(name: string, one: string, fields: F, traits: Declared): Resource<F> {
  const named = Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, withLabel(key, field)])) as unknown as F;
  const { id, ...tail } = system;
  const declared = {
    title: "name",
    search: [],
    sort: [],
    filter: [],
    trash: true,
    tags: false,
    custom: false,
    owner: "owner_id" in fields ? "owner_id" : null,
    sharing: null,
    parent: null,
    anyOf: [],
    columns: Object.keys(fields).slice(0, 7),
    place: "records",
    base: "/api/v1/crm",
    guard: null,
    isGuardedWhole: false,
    defines: false,
    uniqueTogether: [],
    verbs: genericVerbs,
    check: null,
    ...traits,
    name,
    one,
    fields: named,
    all: { id, ...companions(named), ...tail },
  } satisfies Resource;
  return { ...declared, verbs: declared.verbs.filter((verb) => makesSense[verb]?.(declared) ?? true) };
}

/** Verbs that need a trait: without it a resource does not offer them. */
const makesSense: Partial<Record<GenericVerb, (traits: Traits) => boolean>> = {
  restore: ({ trash }) => trash,
  purge: ({ trash }) => trash,
  tag: ({ tags }) => tags,
  untag: ({ tags }) => tags,
  tree: ({ parent }) => parent !== null,
};

/** A phone keeps what was typed beside its parsed form. */
function companions(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, field]): [string, Field][] =>
      field.kind === "phone" && !field.many
        ? [
            [key, field],
            [asTyped(key), typedPhone(field)],
          ]
        : [[key, field]],
    ),
  );
}

/** The name of the field that keeps a phone as it was typed. */
export const asTyped = (key: string): string => `${key}_as_typed`;

const typedPhone = (phone: Field): Field => ({
  ...phone,
  kind: "text",
  required: false,
  unique: false,
  writer: "kernel",
  label: { en: `${phone.label.en}, as typed`, de: `${phone.label.de}, wie eingegeben` },
});

function withLabel(key: string, field: Field): Field {
  const en = field.label.en || words(key);
  const label: Label = { en, de: field.label.de || en };
  return { ...field, label };
}
