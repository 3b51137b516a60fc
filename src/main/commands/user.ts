import { openPasswords } from "../../adapters/identity/passwords.ts";
import { tokens } from "../../adapters/secrets/tokens.ts";
import { passwordFault } from "../../domain/identity/password.ts";
import { invalidInput } from "../../domain/kit/errors.ts";
import type { IdentityKit } from "../../usecases/identity/ports.ts";
import { resetPasswordByCommand } from "../../usecases/identity/setup.ts";
import { type Command, command } from "../command.ts";
import { inOffice } from "../office.ts";
import { Refused } from "../refused.ts";

/** Lets somebody in who cannot get in any more; whoever may run this command may do everything anyway. */
export const resetPassword: Command = command({
  name: "user reset-password",
  summary: "Let somebody in who has lost their password",
  options: {
    email: { takes: "ADDRESS", required: true, help: "Whose password" },
    password: { takes: "PASSWORD", help: "The new password; without it one is made and shown" },
    "remove-second-factor": { help: "Take away the authenticator and its recovery codes too" },
    json: { help: "Print the result as JSON" },
  },
  notes: ["Every session of the user ends."],
  run: async ({ given, configuration, print, say }) => {
    const email = given.option("email")?.trim() ?? "";
    const chosen = given.option("password");
    const fault = chosen === null ? null : passwordFault(chosen, email);
    if (fault) throw invalidInput([fault]);
    const password = chosen ?? tokens.recoveryCodes()[0] ?? "";
    const user = await inOffice(configuration(), say, async ({ identity }) => {
      const found = await identity.userByEmail(email);
      if (!found) throw new Refused(`There is no user with the e-mail address ${email}.`);
      const kit = { store: identity, passwords: await openPasswords() } as unknown as IdentityKit; // the command uses no more of it
      const removeSecondFactor = given.has("remove-second-factor");
      await resetPasswordByCommand(kit, { email: found.email, password, removeSecondFactor, now: new Date().toISOString() });
      return found;
    });
    const isMade = chosen === null;
    if (given.has("json")) print(JSON.stringify({ user_id: user.id, email: user.email, ...(isMade ? { password } : {}) }));
    else print(isMade ? `The new password of ${user.email}, shown this once: ${password}` : `${user.email} has a new password.`);
    if (user.totp_secret && !given.has("remove-second-factor")) {
      say("This user also needs a code from their authenticator. If that is lost, run this again with --remove-second-factor.");
    }
    return 0;
  },
});
