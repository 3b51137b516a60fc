import { text } from "../kit/fields.ts";
import { type RecordOf, resource } from "../kit/resource.ts";

/** A word that marks records; its name is unique by its fold. */
export const tags = resource(
  "tags",
  "tag",
  {
    name: text({ max: 100, required: true, unique: true, de: "Name", example: "Decision maker" }),
    colour: text({ format: "colour", required: true, default: "slate", de: "Farbe" }),
  },
  {
    label: { en: ["Tag", "Tags"], de: ["Schlagwort", "Schlagwörter"] },
    icon: "tag",
    guard: "tags.manage",
    verbs: ["list", "get", "create", "update"],
    place: "workspace",
    sort: ["name", "created_at"],
    trash: false,
  },
);

export type TagRecord = RecordOf<typeof tags>;
