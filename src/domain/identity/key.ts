import { fixed, instant, managed, reference, text } from "../kit/fields.ts";
import { type RecordOf, resource } from "../kit/resource.ts";

/** A key with which a program works in the workspace; the key itself is shown once and kept as its hash. */
export const keys = resource(
  "keys",
  "key",
  {
    name: text({ max: 200, required: true, de: "Name", example: "Website forms" }),
    prefix: managed(text({ max: 20, required: true, en: "Begins with", de: "Beginnt mit" })),
    role: fixed(text({ format: "key", required: true, de: "Rolle", example: "read_only" })),
    acts_for: fixed(reference("members", { en: "Acts for", de: "Handelt für" })),
    expires_at: fixed(instant({ en: "Expires", de: "Läuft ab" })),
    last_used_at: managed(instant({ en: "Last used", de: "Zuletzt benutzt" })),
    revoked_at: managed(instant({ en: "Revoked", de: "Widerrufen" })),
  },
  {
    label: { en: ["API key", "API keys"], de: ["API-Schlüssel", "API-Schlüssel"] },
    icon: "key",
    place: "workspace",
    base: "/api/v1",
    guard: "keys.manage",
    isGuardedWhole: true,
    verbs: ["list", "get"],
    sort: ["name", "created_at"],
    trash: false,
  },
);

export type Key = RecordOf<typeof keys>;
