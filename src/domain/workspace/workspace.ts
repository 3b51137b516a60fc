import { choice, integer, option, text } from "../kit/fields.ts";
import { type RecordOf, resource } from "../kit/resource.ts";

/** One organisation's isolated space and what it decided for everybody in it. */
export const workspaces = resource(
  "workspaces",
  "workspace",
  {
    name: text({ max: 200, required: true, de: "Name", example: "Halden Optics" }),
    country: text({
      format: "country",
      de: "Land",
      example: "DE",
      help: {
        en: "Phone numbers without a country code are read as numbers of this country.",
        de: "Telefonnummern ohne Vorwahl des Landes gelten als Nummern dieses Landes.",
      },
    }),
    currency: text({ format: "currency", required: true, default: "EUR", de: "Währung" }),
    time_zone: text({ format: "time_zone", required: true, default: "UTC", en: "Time zone", de: "Zeitzone" }),
    language: choice([option("en", "Englisch", { en: "English" }), option("de", "Deutsch", { en: "German" })], {
      required: true,
      default: "en",
      de: "Sprache",
    }),
    fiscal_start_month: integer({
      min: 1,
      max: 12,
      required: true,
      default: 1,
      en: "First month of the fiscal year",
      de: "Erster Monat des Geschäftsjahrs",
    }),
  },
  {
    label: { en: ["Workspace", "Workspaces"], de: ["Arbeitsbereich", "Arbeitsbereiche"] },
    icon: "home",
    place: "workspace",
    guard: "workspace.manage",
    verbs: [],
    defines: true,
    trash: false,
  },
);

export type Workspace = RecordOf<typeof workspaces>;
