import { address, choice, option, phone, reference, text, url } from "../kit/fields.ts";
import { type RecordOf, resource } from "../kit/resource.ts";

/** An organisation we deal with. */
export const companies = resource(
  "companies",
  "company",
  {
    name: text({ max: 200, required: true, de: "Name", example: "Halden Optics" }),
    domain: text({ format: "domain", unique: true, de: "Domain", example: "halden-optics.example" }),
    industry: text({ de: "Branche", example: "Optics" }),
    size_category: choice(
      [
        option("micro", "1–9", { en: "1–9" }),
        option("small", "10–49", { en: "10–49" }),
        option("medium", "50–249", { en: "50–249" }),
        option("large", "250–999", { en: "250–999" }),
        option("enterprise", "ab 1.000", { en: "1,000 and more" }),
      ],
      { en: "Size", de: "Größe" },
    ),
    tier: choice(
      [
        option("none", "Keine"),
        option("bronze", "Bronze"),
        option("silver", "Silber"),
        option("gold", "Gold"),
        option("platinum", "Platin"),
      ],
      {
        de: "Stufe",
        required: true,
        default: "none",
      },
    ),
    parent_id: reference("companies", { en: "Parent company", de: "Muttergesellschaft" }),
    phone: phone({ de: "Telefon", example: "+49 30 901820" }),
    website: url({ de: "Website", example: "https://halden-optics.example" }),
    address: address({ de: "Adresse" }),
    owner_id: reference("members", { de: "Verantwortlich" }),
  },
  {
    label: { en: ["Company", "Companies"], de: ["Firma", "Firmen"] },
    icon: "building",
    search: ["name", "domain", "phone"],
    sort: ["name", "domain", "industry", "created_at", "updated_at"],
    filter: ["owner_id", "parent_id", "tier", "size_category"],
    tags: true,
    custom: true,
    parent: "parent_id",
    columns: ["name", "domain", "industry", "tier", "owner_id", "tags", "updated_at"],
  },
);

export type Company = RecordOf<typeof companies>;
