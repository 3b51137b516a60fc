import { email, fixed, instant, managed, reference, references, text } from "../kit/fields.ts";
import { type RecordOf, resource } from "../kit/resource.ts";

/** An offer to join the workspace, good for one person and one week. */
export const invitations = resource(
  "invitations",
  "invitation",
  {
    email: fixed(email({ required: true, en: "E-mail", de: "E-Mail", example: "jonas@halden.example" })),
    role: fixed(text({ format: "key", required: true, default: "rep", de: "Rolle" })),
    teams: fixed(references("teams", { de: "Teams" })),
    invited_by: managed(reference("members", { en: "Invited by", de: "Eingeladen von" })),
    expires_at: managed(instant({ required: true, en: "Expires", de: "Läuft ab" })),
    accepted_at: managed(instant({ en: "Accepted", de: "Angenommen" })),
    revoked_at: managed(instant({ en: "Revoked", de: "Widerrufen" })),
  },
  {
    label: { en: ["Invitation", "Invitations"], de: ["Einladung", "Einladungen"] },
    icon: "mail",
    title: "email",
    place: "workspace",
    base: "/api/v1",
    guard: "members.manage",
    isGuardedWhole: true,
    verbs: ["list", "get"],
    sort: ["email", "created_at"],
    trash: false,
  },
);

export type Invitation = RecordOf<typeof invitations>;
