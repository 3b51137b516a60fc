import { later, lifetimes } from "../../domain/identity/lifetimes.ts";
import { invalid, notFound } from "../../domain/kit/errors.ts";
import { instant, text } from "../../domain/kit/fields.ts";
import { free, listOf, objectOf } from "../../domain/kit/shape.ts";
import { usecase } from "../kit/usecase.ts";
import { brakeOn, confirmPassword, enter, entryShape, myAccount, passwordInput, signInFailed } from "./entering.ts";
import type { UsesIdentity, UsesMyIdentity } from "./ports.ts";

const options = free<unknown, true>({ type: "object", description: "Options for navigator.credentials, as JSON." }, { required: true });
const response = free<unknown, true>({ type: "object", description: "What navigator.credentials answered, as JSON." }, { required: true });

export const passkeyStart = usecase({
  summary: "Begin to set up a passkey",
  allow: "member",
  input: { password: passwordInput },
  output: { value: { token: text({ required: true }), options } },
  refuses: ["PASSWORD_WRONG"],
  run: async (ports: UsesMyIdentity, { password }) => {
    const { store, passkeys } = ports.identity;
    const { user } = await myAccount(ports);
    await confirmPassword(ports, user, password);
    const { challenge, options: made } = await passkeys.registration(user, await store.passkeysOf(user.id));
    return { token: await keep(ports, challenge, user.id), options: made };
  },
});

export const passkeyAdd = usecase({
  summary: "Set up a passkey",
  allow: "member",
  status: 201,
  input: { token: text({ max: 100, required: true }), name: text({ max: 200, required: true, example: "Anna's laptop" }), response },
  output: { value: { id: text({ max: 2_000, required: true }), name: text({ required: true }) } },
  refuses: ["PASSKEY_REFUSED", "PASSKEY_KNOWN"],
  run: async (ports: UsesMyIdentity, input) => {
    const { store, passkeys, tokens } = ports.identity;
    const { user } = await myAccount(ports);
    const asked = await store.redeem(tokens.hash(input.token), "passkey_challenge", ports.now);
    const made = asked?.user_id === user.id ? await passkeys.verifyRegistration(input.response, String(asked.payload.challenge)) : null;
    if (!made) throw invalid("PASSKEY_REFUSED", "This passkey could not be checked. Begin again.", "/response");
    await store.addPasskey({ ...made, user_id: user.id, name: input.name }, ports.now);
    return { id: made.id, name: input.name };
  },
});

export const passkeyList = usecase({
  summary: "My passkeys",
  allow: "member",
  writes: false,
  input: {},
  output: {
    value: {
      data: listOf(
        objectOf({
          id: text({ max: 2_000, required: true }),
          name: text({ required: true }),
          created_at: instant({ required: true }),
          last_used_at: instant(),
        }),
        { required: true },
      ),
    },
  },
  run: async (ports: UsesMyIdentity) => {
    const { user } = await myAccount(ports);
    const mine = await ports.identity.store.passkeysOf(user.id);
    return { data: mine.map(({ id, name, created_at, last_used_at }) => ({ id, name, created_at, last_used_at })) };
  },
});

export const passkeyRemove = usecase({
  summary: "Take a passkey away",
  allow: "member",
  status: 204,
  input: { id: text({ max: 2_000, required: true }) },
  output: "nothing",
  run: async (ports: UsesMyIdentity, { id }) => {
    const { user } = await myAccount(ports);
    if (!(await ports.identity.store.removePasskey(user.id, id))) throw notFound("There is no such passkey.");
  },
});

export const passkeySignInStart = usecase({
  summary: "Begin to sign in with a passkey",
  allow: "public",
  input: {},
  output: { value: { token: text({ required: true }), options } },
  refuses: ["TOO_MANY_ATTEMPTS"],
  run: async (ports: UsesIdentity) => {
    const { keys } = await brakeOn(ports, "passkey-start", null);
    const { challenge, options: made } = await ports.identity.passkeys.authentication();
    const token = await keep(ports, challenge, null);
    // Opening the page is not a failure: what counts is how often nothing came of it, and that is counted below.
    await ports.identity.store.forgiveAttempts(keys);
    return { token, options: made };
  },
});

export const passkeySignIn = usecase({
  summary: "Sign in with a passkey",
  description: "A passkey proves who is there and what they hold, so no second factor is asked for.",
  allow: "public",
  input: { token: text({ max: 100, required: true }), response },
  output: { value: entryShape },
  refuses: ["SIGN_IN_FAILED", "TOO_MANY_ATTEMPTS", "NO_WORKSPACE"],
  run: async (ports: UsesIdentity, input) => {
    const { store, passkeys, tokens } = ports.identity;
    const { keys } = await brakeOn(ports, "passkey", null);
    const asked = await store.redeem(tokens.hash(input.token), "passkey_challenge", ports.now);
    const id = passkeys.credentialOf(input.response);
    const passkey = id ? await store.passkey(id) : null;
    if (!asked || asked.user_id !== null || !passkey) throw refused();
    const proven = await passkeys.verifyAuthentication(input.response, String(asked.payload.challenge), passkey);
    if (!proven || !(await store.touchPasskey(passkey.id, proven.counter, ports.now))) throw refused();
    const user = await store.user(passkey.user_id);
    if (!user) throw refused();
    await store.forgiveAttempts(keys);
    return enter(ports, user);
  },
});

const refused = () => signInFailed("This passkey is not known here, or the sign-in took too long. Try again.");

/** Keeps a challenge until the browser comes back with its answer. */
async function keep({ identity: { store, tokens }, now }: UsesIdentity, challenge: string, userId: string | null): Promise<string> {
  const { token, hash } = tokens.make("once");
  await store.issue(
    {
      hash,
      purpose: "passkey_challenge",
      user_id: userId,
      tenant_id: null,
      payload: { challenge },
      expires_at: later(now, lifetimes.passkey_challenge),
    },
    now,
  );
  return token;
}
