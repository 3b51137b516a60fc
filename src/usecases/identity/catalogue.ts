import * as account from "./account.ts";
import * as invitations from "./invitations.ts";
import * as keys from "./keys.ts";
import * as members from "./members.ts";
import * as passkeys from "./passkeys.ts";
import * as roles from "./roles.ts";
import * as factor from "./second-factor.ts";
import * as signing from "./sign-in.ts";
import * as signOn from "./single-sign-on.ts";

/** Every verb of identity by name; those of members and roles take the place of the generic ones. */
export const identityVerbs = {
  "auth.options": signing.signInOptions,
  "auth.sign_up": signing.signUp,
  "auth.sign_in": signing.signIn,
  "auth.sign_in_totp": signing.signInTotp,
  "auth.sign_out": signing.signOut,
  "auth.me": account.me,
  "auth.update_me": account.updateMe,
  "auth.sessions": account.sessions,
  "auth.revoke_session": account.revokeSession,
  "auth.revoke_other_sessions": account.revokeOtherSessions,
  "auth.switch_workspace": account.switchWorkspace,
  "auth.change_password": account.changePassword,
  "auth.request_password_reset": account.requestPasswordReset,
  "auth.reset_password": account.resetPassword,
  "auth.totp_start": factor.totpStart,
  "auth.totp_confirm": factor.totpConfirm,
  "auth.totp_disable": factor.totpDisable,
  "auth.recovery_codes": factor.recoveryCodes,
  "auth.passkeys": passkeys.passkeyList,
  "auth.passkey_start": passkeys.passkeyStart,
  "auth.passkey_add": passkeys.passkeyAdd,
  "auth.passkey_remove": passkeys.passkeyRemove,
  "auth.passkey_sign_in_start": passkeys.passkeySignInStart,
  "auth.passkey_sign_in": passkeys.passkeySignIn,
  "auth.oidc_start": signOn.oidcStart,
  "auth.oidc_callback": signOn.oidcCallback,
  "single_sign_on.get": signOn.singleSignOn,
  "single_sign_on.set": signOn.setSingleSignOn,
  "single_sign_on.remove": signOn.removeSingleSignOn,
  "invitations.create": invitations.invite,
  "invitations.renew": invitations.renewInvitation,
  "invitations.revoke": invitations.revokeInvitation,
  "invitations.look": invitations.lookAtInvitation,
  "invitations.accept": invitations.acceptInvitation,
  "keys.create": keys.createKey,
  "keys.revoke": keys.revokeKey,
  "roles.create": roles.createRole,
  "roles.update": roles.updateRole,
  "roles.delete": roles.deleteRole,
  "members.update": members.updateMember,
  "members.suspend": members.suspendMember,
  "members.reactivate": members.reactivateMember,
};

/** Verbs whose input or answer nobody keeps, not even for an Idempotency-Key: passwords, codes, and keys that are shown once. */
export const isUnkept = (verb: string): boolean => verb.startsWith("auth.") || unkept.has(verb);

const unkept = new Set<string>([
  "single_sign_on.set",
  "invitations.create",
  "invitations.renew",
  "invitations.look",
  "invitations.accept",
  "keys.create",
]);
