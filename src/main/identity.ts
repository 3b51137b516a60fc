import type { OpenMail } from "../adapters/mail/mail.ts";
import type { OpenIdentity } from "../adapters/postgres/identity/identity.ts";
import { tokens } from "../adapters/secrets/tokens.ts";
import type { IdentityKit } from "../usecases/identity/ports.ts";
import type { Configuration } from "./configuration.ts";

/** Everything identity needs of the outside, and the mail that is waited for at the end. */
export async function identityKit(
  store: OpenIdentity,
  configuration: Configuration,
  onMailFailure: (failure: { kind: string; attempts: number; cause: string }) => void,
): Promise<{ readonly kit: IdentityKit; readonly mail: OpenMail }> {
  const [{ openMail }, { openPasswords }, { totp }, { openPasskeys }, { openOidc }, { openSecrets }, { keysFor }] = await Promise.all([
    import("../adapters/mail/mail.ts"),
    import("../adapters/identity/passwords.ts"),
    import("../adapters/identity/totp.ts"),
    import("../adapters/identity/passkeys.ts"),
    import("../adapters/identity/oidc.ts"),
    import("../adapters/secrets/secrets.ts"),
    import("../adapters/secrets/key-file.ts"),
  ]);
  const { key, previous_keys: previous, data_dir: dataDir, smtp_url, mail_from, public_url, sign_up, rate_limit } = configuration;
  const [passwords, keys] = await Promise.all([openPasswords(), keysFor({ key, previous, dataDir })]);
  const mail = openMail({ url: smtp_url, from: mail_from, onFailure: onMailFailure });
  const kit: IdentityKit = {
    store,
    passwords,
    tokens,
    totp,
    passkeys: openPasskeys(public_url),
    oidc: openOidc(),
    secrets: openSecrets(keys),
    mail,
    settings: { sign_up, public_url, brake: rate_limit },
  };
  return { kit, mail };
}
