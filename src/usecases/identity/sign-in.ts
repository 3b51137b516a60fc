import { sessionEnd } from "../../domain/identity/lifetimes.ts";
import { signUpClosed } from "../../domain/identity/refusals.ts";
import { choice, email, option, text } from "../../domain/kit/fields.ts";
import { usecase } from "../kit/usecase.ts";
import {
  accountOf,
  brakeOn,
  enter,
  entered,
  enterWithFactors,
  entryShape,
  passwordInput,
  readPassword,
  signInFailed,
  whereFrom,
} from "./entering.ts";
import type { UsesIdentity } from "./ports.ts";
import { isCode } from "./second-factor.ts";

const language = choice([option("en", "Englisch", { en: "English" }), option("de", "Deutsch", { en: "German" })], { de: "Sprache" });

/** The first person of a workspace makes it and administers it. */
export const signUp = usecase({
  summary: "Sign up with a new workspace",
  description: "Open while there is no workspace, afterwards only where SIGN_UP=open.",
  allow: "public",
  status: 201,
  input: {
    email: email({ required: true }),
    password: passwordInput,
    name: text({ max: 200, required: true }),
    workspace: text({ max: 200, required: true, en: "Name of the workspace" }),
    language,
    country: text({ format: "country" }),
    currency: text({ format: "currency" }),
    time_zone: text({ format: "time_zone" }),
  },
  output: { value: entryShape },
  refuses: ["SIGN_UP_CLOSED", "EMAIL_TAKEN", "WORKSPACE_EXISTS", "TOO_MANY_ATTEMPTS"],
  run: async (ports: UsesIdentity, input) => {
    const { store, passwords, tokens, settings } = ports.identity;
    const onlyTheFirst = settings.sign_up === "closed";
    if (onlyTheFirst && (await store.hasWorkspace())) throw signUpClosed();
    await brakeOn(ports, "sign-up", null);
    const password = readPassword(input.password, input.email);
    const { token, hash } = tokens.make("session");
    const expires_at = sessionEnd(ports.now, ports.now);
    const user = {
      email: input.email,
      name: input.name,
      language: input.language ?? "en",
      password_hash: await passwords.hash(password),
    } as const;
    const made = await store.createWorkspace({
      workspace: {
        name: input.workspace,
        language: user.language,
        country: input.country,
        currency: input.currency,
        time_zone: input.time_zone,
      },
      user,
      onlyTheFirst,
      session: { hash, is_bound: false, expires_at, ...whereFrom(ports.caller) },
      now: ports.now,
      via: "api",
    });
    return entered(
      token,
      expires_at,
      { id: made.user_id, ...user },
      { id: made.tenant_id, name: input.workspace, member_id: made.member_id },
    );
  },
});

export const signIn = usecase({
  summary: "Sign in with e-mail and password",
  description: "Where the account has a second factor, the answer is a totp_token instead of a session.",
  allow: "public",
  input: { email: email({ required: true }), password: passwordInput },
  output: { value: entryShape },
  refuses: ["SIGN_IN_FAILED", "TOO_MANY_ATTEMPTS", "NO_WORKSPACE"],
  run: async (ports: UsesIdentity, input) => {
    const { store, passwords } = ports.identity;
    const user = await store.userByEmail(input.email);
    const { keys } = await brakeOn(ports, "sign-in", accountOf(input.email), user?.id);
    const matches = await passwords.verify(user?.password_hash ?? null, typeof input.password === "string" ? input.password : "");
    if (!user || !matches) throw signInFailed();
    await store.forgiveAttempts(keys);
    return enterWithFactors(ports, user);
  },
});

export const signInTotp = usecase({
  summary: "Give the second factor of a sign-in",
  description: "A code of the authenticator, or one of the recovery codes. Five tries, ten minutes.",
  allow: "public",
  input: { totp_token: text({ max: 100, required: true }), code: text({ max: 40, required: true }) },
  output: { value: entryShape },
  refuses: ["SIGN_IN_FAILED", "TOO_MANY_ATTEMPTS"],
  run: async (ports: UsesIdentity, { totp_token, code }) => {
    const { store, tokens } = ports.identity;
    const hash = tokens.hash(totp_token);
    const challenge = await store.tryToken(hash, "totp_challenge", ports.now);
    const { keys } = await brakeOn(ports, "totp", challenge?.user_id ?? null);
    const user = challenge?.user_id ? await store.user(challenge.user_id) : null;
    if (!challenge || !user) throw signInFailed("This sign-in has expired. Begin again with your password.");
    if (!(await isCode(ports, user, code))) throw signInFailed("This code is not right, or it was used before.");
    if (!(await store.redeem(hash, "totp_challenge", ports.now)))
      throw signInFailed("This sign-in has expired. Begin again with your password.");
    await store.forgiveAttempts(keys);
    return enter(ports, user, challenge.tenant_id);
  },
});

export const signOut = usecase({
  summary: "Sign out",
  description: "Ends this session; without one there is nothing to do.",
  allow: "public",
  status: 204,
  input: {},
  output: "nothing",
  run: async ({ identity: { store }, caller, now }: UsesIdentity) => {
    const session = caller.session ? await store.session(caller.session, now) : null;
    if (session) await store.closeSession(session.user_id, { hash: session.hash });
  },
});

export const signInOptions = usecase({
  summary: "What the sign-in page offers",
  allow: "public",
  writes: false,
  input: {},
  output: {
    value: { sign_up: choice(["open", "closed"], { required: true }), mail: choice(["configured", "missing"], { required: true }) },
  },
  run: async ({ identity: { store, settings, mail }, now: _ }: UsesIdentity) => ({
    sign_up: settings.sign_up === "open" || !(await store.hasWorkspace()) ? "open" : "closed",
    mail: mail.configured ? "configured" : "missing",
  }),
});
