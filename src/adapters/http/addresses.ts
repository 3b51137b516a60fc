import { resources } from "../../domain/catalogue.ts";
import type { GenericVerb, Resource } from "../../domain/kit/resource.ts";
import type { ownVerbs } from "../../usecases/catalogue.ts";
import type { identityVerbs } from "../../usecases/identity/catalogue.ts";

// The web client reads this file too: nothing of a server is imported here.

export const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
export type Method = (typeof methods)[number];
/** A method and a path; a part in braces is an input of the verb. */
export type Address = `${Method} /${string}`;

/** The addresses of a verb, the first of which is the one we speak of. */
export function addressesOf(verb: string): readonly Address[] {
  return Object.hasOwn(addresses, verb) ? (addresses[verb] ?? []) : [];
}

/** The address of one record of a resource. */
export const pathOf = ({ base, name }: Pick<Resource, "base" | "name">, id: string): string => `${base}/${name}/${id}`;

/** What every resource has, below its own place. */
const generic = {
  list: ["GET "],
  create: ["POST "],
  bulk: ["POST /bulk"],
  get: ["GET /{id}"],
  update: ["PATCH /{id}", "PUT /{id}"],
  delete: ["DELETE /{id}"],
  restore: ["POST /{id}/restore"],
  purge: ["POST /{id}/purge"],
  timeline: ["GET /{id}/timeline"],
  access: ["GET /{id}/access"],
  tag: ["POST /{id}/tags"],
  untag: ["DELETE /{id}/tags/{tag_id}"],
  tree: ["GET /{id}/tree"],
} satisfies Record<GenericVerb, readonly `${Method} ${string}`[]>;

/** Where the verbs are that not every resource has; one that is missing here does not compile. */
const own = {
  "search.all": ["GET /api/v1/crm/search"],
  "workspace.get": ["GET /api/v1/workspace"],
  "workspace.update": ["PATCH /api/v1/workspace", "PUT /api/v1/workspace"],
  "jobs.dead_letters": ["GET /api/v1/jobs/dead-letters"],
  "jobs.retry": ["POST /api/v1/jobs/dead-letters/{id}/retry"],
  "sample_data.get": ["GET /api/v1/sample-data"],
  "sample_data.add": ["POST /api/v1/sample-data"],
  "sample_data.remove": ["DELETE /api/v1/sample-data"],
  "tags.delete": ["DELETE /api/v1/crm/tags/{id}"],
  "tags.merge": ["POST /api/v1/crm/tags/{id}/merge"],

  "auth.options": ["GET /api/auth/options"],
  "auth.sign_up": ["POST /api/auth/sign-up"],
  "auth.sign_in": ["POST /api/auth/sign-in"],
  "auth.sign_in_totp": ["POST /api/auth/sign-in/totp"],
  "auth.sign_out": ["POST /api/auth/sign-out"],
  "auth.me": ["GET /api/auth/me"],
  "auth.update_me": ["PATCH /api/auth/me", "PUT /api/auth/me"],
  "auth.sessions": ["GET /api/auth/sessions"],
  "auth.revoke_session": ["DELETE /api/auth/sessions/{id}"],
  "auth.revoke_other_sessions": ["DELETE /api/auth/sessions"],
  "auth.switch_workspace": ["POST /api/auth/switch-workspace"],
  "auth.change_password": ["POST /api/auth/password"],
  "auth.request_password_reset": ["POST /api/auth/password-reset"],
  "auth.reset_password": ["POST /api/auth/password-reset/confirm"],
  "auth.totp_start": ["POST /api/auth/totp"],
  "auth.totp_confirm": ["POST /api/auth/totp/confirm"],
  "auth.totp_disable": ["POST /api/auth/totp/disable"],
  "auth.recovery_codes": ["POST /api/auth/totp/recovery-codes"],
  "auth.passkeys": ["GET /api/auth/passkeys"],
  "auth.passkey_start": ["POST /api/auth/passkeys/start"],
  "auth.passkey_add": ["POST /api/auth/passkeys"],
  "auth.passkey_remove": ["DELETE /api/auth/passkeys/{id}"],
  "auth.passkey_sign_in_start": ["POST /api/auth/sign-in/passkey/start"],
  "auth.passkey_sign_in": ["POST /api/auth/sign-in/passkey"],
  "auth.oidc_start": ["POST /api/auth/oidc/start"],
  "auth.oidc_callback": ["GET /api/auth/oidc/callback"],
  "single_sign_on.get": ["GET /api/v1/single-sign-on"],
  "single_sign_on.set": ["PUT /api/v1/single-sign-on"],
  "single_sign_on.remove": ["DELETE /api/v1/single-sign-on"],
  "invitations.create": ["POST /api/v1/invitations"],
  "invitations.renew": ["POST /api/v1/invitations/{id}/renew"],
  "invitations.revoke": ["DELETE /api/v1/invitations/{id}"],
  "invitations.look": ["POST /api/auth/invitations/look"],
  "invitations.accept": ["POST /api/auth/invitations/accept"],
  "keys.create": ["POST /api/v1/keys"],
  "keys.revoke": ["DELETE /api/v1/keys/{id}"],
  "roles.create": ["POST /api/v1/roles"],
  "roles.update": ["PATCH /api/v1/roles/{id}", "PUT /api/v1/roles/{id}"],
  "roles.delete": ["DELETE /api/v1/roles/{id}"],
  "members.update": ["PATCH /api/v1/members/{id}", "PUT /api/v1/members/{id}"],
  "members.suspend": ["POST /api/v1/members/{id}/suspend"],
  "members.reactivate": ["POST /api/v1/members/{id}/reactivate"],
} satisfies Record<keyof typeof ownVerbs | keyof typeof identityVerbs, readonly Address[]>;

/** Every address by verb. */
export const addresses: Readonly<Record<string, readonly Address[]>> = {
  ...Object.fromEntries(resources.flatMap(addressesOfResource)),
  ...own,
};

function addressesOfResource({ base, name, verbs }: Resource): [string, readonly Address[]][] {
  return verbs.map((verb) => [
    `${name}.${verb}`,
    generic[verb].map((one) => one.replace(" ", ` ${base}/${name}`) as Address), // each begins with a method and a blank
  ]);
}
