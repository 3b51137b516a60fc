import { type CustomType, customTypes } from "../kit/definitions.ts";
import { boolean, choice, fixed, integer, json, list, option, text } from "../kit/fields.ts";
import { type RecordOf, resource } from "../kit/resource.ts";

const germanTypes: Readonly<Record<CustomType, string>> = {
  text: "Text",
  long_text: "Langer Text",
  integer: "Ganze Zahl",
  decimal: "Dezimalzahl",
  money: "Geld",
  date: "Datum",
  instant: "Zeitpunkt",
  boolean: "Ja oder nein",
  choice: "Auswahl",
  choices: "Mehrfachauswahl",
  url: "Webadresse",
  email: "E-Mail",
  phone: "Telefon",
  reference: "Verweis",
};

/** A field that one workspace added to a resource, as data. */
export const customFields = resource(
  "fields",
  "field",
  {
    resource: fixed(text({ format: "key", required: true, de: "Ressource", example: "contacts" })),
    key: fixed(text({ format: "key", required: true, de: "Schlüssel", example: "shoe_size" })),
    label: text({ max: 200, required: true, de: "Bezeichnung", example: "Shoe size" }),
    type: fixed(
      choice(
        customTypes.map((type) => option(type, germanTypes[type])),
        { required: true, de: "Typ" },
      ),
    ),
    to: fixed(text({ format: "key", en: "Points to", de: "Verweist auf" })),
    options: list(json({ de: "Auswahl" })),
    required: boolean({ required: true, default: false, de: "Pflicht" }),
    unique: fixed(boolean({ required: true, default: false, de: "Eindeutig" })),
    default: json({ de: "Vorgabe" }),
    position: integer({ required: true, default: 0, de: "Reihenfolge" }),
    help: text({ max: 500, de: "Hilfe" }),
  },
  {
    label: { en: ["Field", "Fields"], de: ["Feld", "Felder"] },
    icon: "forms",
    title: "label",
    guard: "fields.manage",
    verbs: ["list", "get", "create", "update", "delete"],
    place: "workspace",
    sort: ["position", "created_at"],
    filter: ["resource"],
    uniqueTogether: [["resource", "key"]],
    defines: true,
    trash: false,
  },
);

export type CustomField = RecordOf<typeof customFields>;
