import { choice, fixed, json, list, managed, option, reference, text } from "../kit/fields.ts";
import { type RecordOf, resource } from "../kit/resource.ts";

/** A way of looking at a resource that one keeps, for oneself, the team or everybody. */
export const views = resource(
  "views",
  "view",
  {
    resource: fixed(text({ format: "key", required: true, de: "Ressource", example: "contacts" })),
    name: text({ max: 200, required: true, de: "Name", example: "Decision makers DACH" }),
    filter: json({ de: "Filter" }),
    sort: text({ max: 100, de: "Sortierung", example: "-updated_at" }),
    columns: list(text({ max: 100, de: "Spalten" })),
    layout: choice([option("table", "Tabelle"), option("board", "Board"), option("calendar", "Kalender")], {
      required: true,
      default: "table",
      de: "Darstellung",
    }),
    visibility: choice(
      [
        option("private", "Nur ich", { en: "Only me" }),
        option("team", "Mein Team", { en: "My team" }),
        option("all", "Alle", { en: "Everybody" }),
      ],
      { required: true, default: "private", de: "Sichtbarkeit" },
    ),
    owner_id: managed(reference("members", { de: "Verantwortlich" })),
  },
  {
    label: { en: ["View", "Views"], de: ["Ansicht", "Ansichten"] },
    icon: "layout",
    verbs: ["list", "get", "create", "update", "delete"],
    sort: ["name", "created_at"],
    filter: ["resource", "owner_id"],
    place: "workspace",
    sharing: "visibility",
    trash: false,
  },
);

export type View = RecordOf<typeof views>;
