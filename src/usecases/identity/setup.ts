import { passwordFault } from "../../domain/identity/password.ts";
import { parseEmail } from "../../domain/kit/email.ts";
import { invalidInput, notFound } from "../../domain/kit/errors.ts";
import type { IdentityKit, Language } from "./ports.ts";

type Setup = {
  readonly workspace: string;
  readonly email: string;
  readonly password: string;
  readonly name?: string;
  readonly language?: Language;
  readonly now: string;
};

/** The command `setup`: a workspace with its administrator and an API key of theirs; refused where the workspace or the address exists. */
export async function setUpWorkspace(
  { store, passwords, tokens }: IdentityKit,
  given: Setup,
): Promise<{ readonly tenant_id: string; readonly member_id: string; readonly key: string }> {
  const { workspace, email, password, name = email.split("@")[0] ?? email, language = "en", now } = given;
  check({ workspace, email, password });
  const { token, hash } = tokens.make("key");
  const { tenant_id, member_id } = await store.createWorkspace({
    workspace: { name: workspace.trim(), language },
    user: { email: email.trim(), name, language, password_hash: await passwords.hash(password) },
    onlyTheFirst: false,
    key: { hash, prefix: token.slice(0, 10), name: "setup", role: "admin", acts_for: null, expires_at: null },
    now,
    via: "command",
  });
  return { tenant_id, member_id, key: token };
}

/** The command `user reset-password`, for the day nobody can sign in: a new password, all sessions ended and, if asked, the second factor gone. */
export async function resetPasswordByCommand(
  { store, passwords }: IdentityKit,
  given: { email: string; password: string; removeSecondFactor: boolean; now: string },
): Promise<void> {
  const user = await store.userByEmail(given.email);
  if (!user) throw notFound(`There is no account with the e-mail address ${given.email}.`);
  check({ workspace: "-", email: user.email, password: given.password });
  await store.setPassword(user.id, { password_hash: await passwords.hash(given.password), keep: null, now: given.now });
  if (given.removeSecondFactor) await store.setTotp(user.id, null);
}

function check({ workspace, email, password }: { workspace: string; email: string; password: string }): void {
  const address = parseEmail(email);
  const fault = passwordFault(password, email);
  const faults = [
    ...(workspace.trim() && workspace.length <= 200
      ? []
      : [{ pointer: "/workspace", code: "REQUIRED", message: "Give the workspace a name of at most 200 characters." }]),
    ...(address.ok ? [] : [{ pointer: "/email", code: address.code, message: address.message }]),
    ...(fault ? [fault] : []),
  ];
  if (faults.length) throw invalidInput(faults);
}
