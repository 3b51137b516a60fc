import { choice, composed, email, json, list, option, phone, reference, references, text } from "../kit/fields.ts";
import { type RecordOf, resource } from "../kit/resource.ts";

/** A person. */
export const contacts = resource(
  "contacts",
  "contact",
  {
    name: composed(text({ max: 511, de: "Name", example: "Ada Lovelace" }), fullName),
    first_name: text({ max: 200, de: "Vorname", example: "Ada" }),
    last_name: text({ max: 200, de: "Nachname", example: "Lovelace" }),
    email: email({ en: "E-mail", de: "E-Mail", unique: true, example: "ada@halden-optics.example" }),
    other_emails: list(email({ en: "Other e-mails", de: "Weitere E-Mails" })),
    phone: phone({ de: "Telefon", example: "+49 30 901821" }),
    other_phones: list(phone({ en: "Other phones", de: "Weitere Telefone" })),
    title: text({ de: "Position", example: "Head of engineering" }),
    company_id: reference("companies", { de: "Firma" }),
    other_companies: references("companies", { en: "Other companies", de: "Weitere Firmen" }),
    owner_id: reference("members", { de: "Verantwortlich" }),
    lifecycle: choice(
      [
        option("subscriber", "Abonnent"),
        option("lead", "Lead"),
        option("opportunity", "Verkaufschance"),
        option("customer", "Kunde", { tone: "good" }),
        option("former", "Ehemalig", { en: "Former" }),
        option("other", "Andere"),
      ],
      { en: "Lifecycle", de: "Lebensphase" },
    ),
    consent: json({ de: "Einwilligungen" }),
  },
  {
    label: { en: ["Contact", "Contacts"], de: ["Kontakt", "Kontakte"] },
    icon: "address-book",
    search: ["name", "email", "phone", "title"],
    sort: ["name", "last_name", "email", "created_at", "updated_at"],
    filter: ["company_id", "owner_id", "lifecycle"],
    tags: true,
    custom: true,
    anyOf: ["first_name", "last_name", "email", "phone"],
    columns: ["name", "company_id", "email", "phone", "owner_id", "tags", "updated_at"],
  },
);

export type Contact = RecordOf<typeof contacts>;

/** What a contact is called. Not the e-mail or phone where there is no name: these may be hidden from a role that sees the name. */
function fullName({ first_name, last_name }: Readonly<Record<string, unknown>>): string | null {
  return [first_name, last_name].filter(Boolean).join(" ") || null;
}
