import { choice, email, fixed, json, list, managed, option, reference, references, text } from "../kit/fields.ts";
import { type RecordOf, resource } from "../kit/resource.ts";

/** A person's place in one workspace: what the role allows and which teams they are in. */
export const members = resource(
  "members",
  "member",
  {
    name: text({ max: 200, required: true, de: "Name", example: "Anna Berger" }),
    email: managed(email({ en: "E-mail", de: "E-Mail", required: true, unique: true })),
    user_id: managed(reference("", { en: "User", de: "Benutzer", required: true })),
    role: text({ format: "key", required: true, default: "rep", de: "Rolle" }),
    teams: references("teams", { de: "Teams" }),
    title: text({ de: "Position" }),
    language: choice([option("en", "Englisch", { en: "English" }), option("de", "Deutsch", { en: "German" })], { de: "Sprache" }),
    time_zone: text({ format: "time_zone", en: "Time zone", de: "Zeitzone" }),
    status: managed(
      choice([option("active", "Aktiv", { tone: "good" }), option("suspended", "Gesperrt", { tone: "warn" })], {
        required: true,
        default: "active",
        de: "Status",
      }),
    ),
  },
  {
    label: { en: ["Member", "Members"], de: ["Mitglied", "Mitglieder"] },
    icon: "users",
    place: "workspace",
    base: "/api/v1",
    guard: "members.manage",
    verbs: ["list", "get", "update"],
    search: ["name", "email"],
    sort: ["name", "email", "created_at"],
    filter: ["role", "status"],
    trash: false,
  },
);

export type Member = RecordOf<typeof members>;

/** A group of members; teams form a tree, and a right over a team reaches every team below it. */
export const teams = resource(
  "teams",
  "team",
  {
    name: text({ max: 200, required: true, unique: true, de: "Name", example: "Sales DACH" }),
    parent_id: reference("teams", { en: "Part of", de: "Teil von" }),
  },
  {
    label: { en: ["Team", "Teams"], de: ["Team", "Teams"] },
    icon: "users-group",
    place: "workspace",
    base: "/api/v1",
    guard: "teams.manage",
    verbs: ["list", "get", "create", "update", "delete"],
    sort: ["name", "created_at"],
    filter: ["parent_id"],
    parent: "parent_id",
    trash: false,
  },
);

export type Team = RecordOf<typeof teams>;

/** A role of the workspace's own, beside the ready-made ones. */
export const roles = resource(
  "roles",
  "role",
  {
    key: fixed(text({ format: "key", required: true, unique: true, de: "Schlüssel", example: "inside_sales" })),
    name: text({ max: 200, required: true, unique: true, de: "Name", example: "Inside sales" }),
    grants: json({
      required: true,
      de: "Rechte",
      help: {
        en: "For each resource or *, how far each action reaches: none, own, team or all.",
        de: "Je Ressource oder *, wie weit jede Handlung reicht: none, own, team oder all.",
      },
    }),
    rights: list(text({ de: "Einzelrechte" })),
    denied: json({ en: "Hidden fields", de: "Verborgene Felder" }),
  },
  {
    label: { en: ["Role", "Roles"], de: ["Rolle", "Rollen"] },
    icon: "shield",
    place: "workspace",
    base: "/api/v1",
    guard: "roles.manage",
    verbs: ["list", "get", "create", "update", "delete"],
    sort: ["name", "created_at"],
    trash: false,
  },
);
