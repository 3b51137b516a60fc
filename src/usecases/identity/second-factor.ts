import { later, lifetimes } from "../../domain/identity/lifetimes.ts";
import { conflict, invalid, notFound } from "../../domain/kit/errors.ts";
import { list, text } from "../../domain/kit/fields.ts";
import { usecase } from "../kit/usecase.ts";
import { brakeOn, confirmPassword, myAccount, passwordInput } from "./entering.ts";
import type { User, UsesIdentity, UsesMyIdentity } from "./ports.ts";

/** Whether a code is the authenticator's of now or one of the recovery codes; either is good once. */
export async function isCode(
  { identity: { store, totp, secrets, tokens }, now }: UsesIdentity,
  user: User,
  code: string,
): Promise<boolean> {
  if (user.totp_secret === null) return false;
  const step = totp.stepOf(secrets.open(user.totp_secret, contextOf(user.id)), code, now);
  if (step !== null) return store.spendTotpStep(user.id, step);
  const plain = plainCode(code);
  return plain.length === 16 && store.spendRecoveryCode(user.id, tokens.hash(`${user.id}:${plain}`));
}

export const totpStart = usecase({
  summary: "Begin to set up a second factor",
  description: "Show the address as a QR code, then confirm with a code of the authenticator.",
  allow: "member",
  input: { password: passwordInput },
  output: { value: { token: text({ required: true }), secret: text({ required: true }), uri: text({ required: true, max: 1_000 }) } },
  refuses: ["PASSWORD_WRONG"],
  run: async (ports: UsesMyIdentity, { password }) => {
    const { store, totp, tokens, secrets } = ports.identity;
    const { user } = await myAccount(ports);
    if (user.totp_secret) throw conflict("TOTP_ACTIVE", "A second factor is set up already. Take it away first.");
    await confirmPassword(ports, user, password);
    const { secret, uri } = totp.make(user.email);
    const { token, hash } = tokens.make("once");
    const payload = { secret: secrets.seal(secret, contextOf(user.id)) };
    await store.issue(
      { hash, purpose: "totp_setup", user_id: user.id, tenant_id: null, payload, expires_at: later(ports.now, lifetimes.totp_setup) },
      ports.now,
    );
    return { token, secret, uri };
  },
});

export const totpConfirm = usecase({
  summary: "Set up the second factor",
  description: "Answers ten recovery codes, shown once; each is good for one sign-in without the authenticator.",
  allow: "member",
  input: { token: text({ max: 100, required: true }), code: text({ max: 20, required: true }) },
  output: { value: { recovery_codes: list(text({ required: true })) } },
  refuses: ["CODE_WRONG"],
  run: async (ports: UsesMyIdentity, { token, code }) => {
    const { store, totp, tokens, secrets } = ports.identity;
    const { user } = await myAccount(ports);
    const setup = await store.tryToken(tokens.hash(token), "totp_setup", ports.now);
    if (!setup || setup.user_id !== user.id) throw notFound("This took too long. Begin again.", "TOTP_SETUP_EXPIRED");
    const secret = String(setup.payload.secret);
    const step = totp.stepOf(secrets.open(secret, contextOf(user.id)), code, ports.now);
    if (step === null) throw codeWrong();
    if (!(await store.redeem(setup.hash, "totp_setup", ports.now)))
      throw notFound("This took too long. Begin again.", "TOTP_SETUP_EXPIRED");
    const recovery_codes = tokens.recoveryCodes();
    await store.setTotp(user.id, { secret, recovery: hashesOf(ports, user, recovery_codes), step });
    return { recovery_codes };
  },
});

export const totpDisable = usecase({
  summary: "Take the second factor away",
  allow: "member",
  status: 204,
  input: { password: passwordInput, code: text({ max: 40, required: true }) },
  output: "nothing",
  refuses: ["PASSWORD_WRONG", "CODE_WRONG"],
  run: async (ports: UsesMyIdentity, { password, code }) => {
    const { user } = await confirmBoth(ports, password, code);
    await ports.identity.store.setTotp(user.id, null);
  },
});

export const recoveryCodes = usecase({
  summary: "Make new recovery codes",
  description: "The old ones stop working.",
  allow: "member",
  input: { password: passwordInput, code: text({ max: 40, required: true }) },
  output: { value: { recovery_codes: list(text({ required: true })) } },
  refuses: ["PASSWORD_WRONG", "CODE_WRONG"],
  run: async (ports: UsesMyIdentity, { password, code }) => {
    const { user } = await confirmBoth(ports, password, code);
    const recovery_codes = ports.identity.tokens.recoveryCodes();
    await ports.identity.store.setRecoveryCodes(user.id, hashesOf(ports, user, recovery_codes));
    return { recovery_codes };
  },
});

async function confirmBoth(ports: UsesMyIdentity, password: unknown, code: string): Promise<{ user: User }> {
  const { user } = await myAccount(ports);
  if (!user.totp_secret) throw conflict("TOTP_INACTIVE", "No second factor is set up.");
  await confirmPassword(ports, user, password);
  const { keys } = await brakeOn(ports, "totp", user.id);
  if (!(await isCode(ports, user, code))) throw codeWrong();
  await ports.identity.store.forgiveAttempts(keys);
  return { user };
}

/** What the secret of a user is sealed for. */
const contextOf = (userId: string): string => `totp:${userId}`;
const plainCode = (code: string): string => code.toLowerCase().replace(/[^a-z0-9]/g, "");
const hashesOf = ({ identity: { tokens } }: UsesIdentity, { id }: User, codes: readonly string[]): string[] =>
  codes.map((code) => tokens.hash(`${id}:${plainCode(code)}`));
const codeWrong = () => invalid("CODE_WRONG", "This code is not right, or it was used before.", "/code");
