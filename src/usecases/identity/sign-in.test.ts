import { Secret, TOTP } from "otpauth";
import { afterAll, beforeAll, expect, test } from "vitest";
import { anInstallation, type Installation, join, PASSWORD, signUp } from "../../../test/support/identity.ts";

let at: Installation;
beforeAll(async () => {
  at = await anInstallation();
});
afterAll(() => at.close());

const minutes = (count: number) => {
  at.clock.ms += count * 60_000;
};

test("whoever signs up has a workspace, is its administrator and is signed in", async () => {
  const anna = await signUp(at, "anna@first.example");
  const me = await at.call("auth.me", {}, { as: anna.token });
  expect(me).toMatchObject({
    user: { email: "anna@first.example", has_password: true, has_totp: false },
    member: { id: anna.member },
    role: { key: "admin" },
    workspaces: [{ id: anna.tenant, is_current: true }],
  });
  const events = await at.owner.query(
    "select type from events e where tenant_id = $1 and exists (select 1 from outbox o where o.tenant_id = e.tenant_id and o.event_id = e.id) order by type",
    [anna.tenant],
  );
  expect(events.rows.map(({ type }) => type)).toEqual(["member.created", "workspace.created"]);
  const tables = await at.owner.query(
    "select (select code from tenants where id = $1) as code, (select search_code from definitions where tenant_id = $1) as search, (select count(*) from feed_heads where tenant_id = $1)::int as heads",
    [anna.tenant],
  );
  expect(tables.rows[0]).toEqual({ code: expect.stringMatching(/^[a-z2-7]{5}$/), search: tables.rows[0].code, heads: 1 });
});

test("of many sign-ups with one e-mail address at once exactly one wins, and nothing of the others stays", async () => {
  const tries = await Promise.allSettled(
    Array.from({ length: 8 }, (_, index) =>
      at.call(
        "auth.sign_up",
        { email: index % 2 ? "TWIN@first.example" : "twin@first.example", password: PASSWORD, name: "Twin", workspace: `Twin ${index}` },
        { from: `192.0.2.${index}` },
      ),
    ),
  );
  expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const one of tries) if (one.status === "rejected") expect(one.reason).toMatchObject({ kind: "conflict", code: "EMAIL_TAKEN" });
  expect((await at.owner.query("select count(*)::int as count from tenants where name like 'Twin %'")).rows[0].count).toBe(1);
});

test("two workspaces cannot have the same name, however it is written", async () => {
  await at.call("auth.sign_up", { email: "a@same.example", password: PASSWORD, name: "A", workspace: "Ölberg" });
  await expect(
    at.call("auth.sign_up", { email: "b@same.example", password: PASSWORD, name: "B", workspace: " OLBERG" }),
  ).rejects.toMatchObject({ code: "WORKSPACE_EXISTS" });
});

test("a password that is too short, too common or the e-mail address is refused", async () => {
  const refused = async (password: unknown, code: string) =>
    expect(
      at.call(
        "auth.sign_up",
        { email: "weak@first.example", password, name: "W", workspace: "Weak" },
        { from: `192.0.2.${Math.floor(Math.random() * 250)}` },
      ),
    ).rejects.toMatchObject({ code });
  await refused("short", "PASSWORD_TOO_SHORT");
  await refused("password123", "PASSWORD_TOO_COMMON");
  await refused("Weak@first.example", "PASSWORD_IS_EMAIL");
  await refused("x".repeat(201), "PASSWORD_TOO_LONG");
  await refused(1234567890, "TYPE");
});

test("sign-in answers a wrong password and an unknown address in the same words", async () => {
  const { email } = await signUp(at);
  const wrong = await at.call("auth.sign_in", { email, password: "not the password" }).catch((error) => error);
  const unknown = await at.call("auth.sign_in", { email: "nobody@first.example", password: "not the password" }).catch((error) => error);
  expect(wrong).toMatchObject({ kind: "forbidden", code: "SIGN_IN_FAILED" });
  expect({ ...unknown, message: unknown.message }).toEqual({ ...wrong, message: wrong.message });
  expect((await at.call("auth.sign_in", { email: email.toUpperCase(), password: PASSWORD })).session_token).toMatch(/^rps_/);
});

test("an account signed up elsewhere has no rights here: a session answers for its own workspace", async () => {
  const [one, two] = [await signUp(at), await signUp(at)];
  const actor = await at.store.authenticate(one.token);
  expect(actor?.tenant_id).toBe(one.tenant);
  await expect(at.call("auth.switch_workspace", { workspace_id: two.tenant }, { as: one.token })).rejects.toMatchObject({
    kind: "not_found",
  });
});

test("the eleventh failure in a minute waits, for the account and for the address, and after the minute it goes on", async () => {
  const { email } = await signUp(at);
  const failing = (from: string, mail = email) =>
    at.call("auth.sign_in", { email: mail, password: "not the password" }, { from }).catch((error) => error);
  for (let count = 0; count < 10; count++) expect(await failing(`2001:db8::${count}:0:0:0:1`)).toMatchObject({ code: "SIGN_IN_FAILED" });
  const refused = await failing("203.0.113.99");
  expect(refused).toMatchObject({ kind: "unavailable", code: "TOO_MANY_ATTEMPTS" });
  expect(refused.details.retry_after).toBeGreaterThan(0);
  minutes(1);
  for (let count = 0; count < 10; count++)
    expect(await failing("198.18.0.1", `someone${count}@first.example`)).toMatchObject({ code: "SIGN_IN_FAILED" });
  expect(await failing("198.18.0.1", "another@first.example")).toMatchObject({ code: "TOO_MANY_ATTEMPTS" });
  expect(await failing("198.18.0.2", "another@first.example")).toMatchObject({ code: "SIGN_IN_FAILED" });
  minutes(1);
  expect((await at.call("auth.sign_in", { email, password: PASSWORD }, { from: "198.18.0.1" })).session_token).toBeTruthy();
});

test("of many attempts at once no more than ten are let through", async () => {
  const { email } = await signUp(at);
  const all = await Promise.all(
    Array.from({ length: 25 }, () =>
      at.call("auth.sign_in", { email, password: "not the password" }, { from: "198.18.3.3" }).catch((error) => error.code),
    ),
  );
  expect(all.filter((code) => code === "SIGN_IN_FAILED")).toHaveLength(10);
  expect(all.filter((code) => code === "TOO_MANY_ATTEMPTS")).toHaveLength(15);
  minutes(1);
});

test("whoever hammers at an account does not lock out its owner, and success is not counted", async () => {
  const { email } = await signUp(at);
  for (let count = 0; count < 15; count++) await at.call("auth.sign_in", { email, password: PASSWORD }, { from: "198.18.7.7" });
  for (let count = 0; count < 15; count++)
    await at.call("auth.sign_in", { email, password: "not the password" }, { from: `198.18.8.${count}` }).catch(() => {});
  await expect(at.call("auth.sign_in", { email, password: PASSWORD }, { from: "198.18.9.9" })).rejects.toMatchObject({
    code: "TOO_MANY_ATTEMPTS",
  });
  expect((await at.call("auth.sign_in", { email, password: PASSWORD }, { from: "198.18.7.7" })).session_token).toBeTruthy();
  minutes(1);
});

test("signing out ends the session at once, on this node and on the other", async () => {
  const { token } = await signUp(at);
  expect(await at.other.authenticate(token)).not.toBeNull();
  await at.call("auth.sign_out", {}, { as: token });
  expect(await at.store.authenticate(token)).toBeNull();
  await expect.poll(() => at.other.authenticate(token)).toBeNull();
  await at.call("auth.sign_out", {});
});

test("sessions are listed without what would open them, and each can be ended", async () => {
  const { token, email } = await signUp(at);
  const second = await at.call("auth.sign_in", { email, password: PASSWORD });
  const { data } = await at.call("auth.sessions", {}, { as: token });
  expect(data).toHaveLength(2);
  expect(JSON.stringify(data)).not.toContain(at.kit.tokens.hash(token));
  const other = data.find(({ is_current }: { is_current: boolean }) => !is_current);
  await at.call("auth.revoke_session", { id: other.id }, { as: token });
  expect(await at.store.authenticate(second.session_token)).toBeNull();
  expect(await at.store.authenticate(token)).not.toBeNull();
  const stranger = await signUp(at);
  await expect(at.call("auth.revoke_session", { id: data[0].id }, { as: stranger.token })).rejects.toMatchObject({ kind: "not_found" });
});

test("a session slides with its use for thirty days and ends after ninety", async () => {
  const { token } = await signUp(at);
  const start = at.clock.ms;
  const day = 86_400_000;
  for (let days = 20; days < 90; days += 20) {
    at.clock.ms = start + days * day;
    expect(await at.store.authenticate(token), `day ${days}`).not.toBeNull();
  }
  at.clock.ms = start + 90 * day + 1;
  expect(await at.store.authenticate(token)).toBeNull();
  const idle = await signUp(at);
  at.clock.ms += 31 * day;
  expect(await at.store.authenticate(idle.token)).toBeNull();
});

test("a changed password ends the other sessions and not this one", async () => {
  const { token, email } = await signUp(at);
  const second = await at.call("auth.sign_in", { email, password: PASSWORD });
  await expect(
    at.call("auth.change_password", { current_password: "wrong wrong wrong", password: "four words I remember" }, { as: token }),
  ).rejects.toMatchObject({ code: "PASSWORD_WRONG", faults: [{ pointer: "/current_password" }] });
  await at.call("auth.change_password", { current_password: PASSWORD, password: "four words I remember" }, { as: token });
  expect(await at.store.authenticate(second.session_token)).toBeNull();
  expect(await at.store.authenticate(token)).not.toBeNull();
  expect(at.letters.at(-1)).toMatchObject({ kind: "password_changed", to: email });
  await expect(at.call("auth.sign_in", { email, password: PASSWORD })).rejects.toMatchObject({ code: "SIGN_IN_FAILED" });
});

test("a reset link works once, ends every session, and asking tells nobody whether there is an account", async () => {
  const { token, email } = await signUp(at);
  const before = at.letters.length;
  expect(await at.call("auth.request_password_reset", { email: "nobody@else.example" })).toBeUndefined();
  expect(at.letters).toHaveLength(before);
  expect(await at.call("auth.request_password_reset", { email })).toBeUndefined();
  const letter = at.letters.at(-1);
  const link = letter && "link" in letter ? letter.link : "";
  expect(link).toMatch(/^https:\/\/crm\.example\/reset-password#token=rpo_/);
  const reset = link.split("#token=")[1];
  await expect(at.call("auth.reset_password", { token: reset, password: "short" })).rejects.toMatchObject({ code: "PASSWORD_TOO_SHORT" });
  const both = await Promise.allSettled(
    ["first new password", "second new password"].map((password) => at.call("auth.reset_password", { token: reset, password })),
  );
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(await at.store.authenticate(token)).toBeNull();
  await expect(at.call("auth.reset_password", { token: reset, password: "third new password" })).rejects.toMatchObject({
    code: "RESET_LINK_EXPIRED",
  });
});

test("a reset link is good for an hour, and the letters to one mailbox are few", async () => {
  const { email } = await signUp(at);
  const before = at.letters.length;
  for (let count = 0; count < 8; count++) await at.call("auth.request_password_reset", { email });
  expect(at.letters.length - before).toBe(3);
  const letter = at.letters.at(-1);
  minutes(61);
  await expect(
    at.call("auth.reset_password", {
      token: letter && "link" in letter ? letter.link.split("#token=")[1] : "",
      password: "another password",
    }),
  ).rejects.toMatchObject({ code: "RESET_LINK_EXPIRED" });
});

async function withTotp() {
  const person = await signUp(at);
  const { token, secret } = await at.call("auth.totp_start", { password: PASSWORD }, { as: person.token });
  const code = () => TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: at.clock.ms });
  const { recovery_codes } = await at.call("auth.totp_confirm", { token, code: code() }, { as: person.token });
  at.clock.ms += 60_000;
  return { ...person, code, recovery_codes: recovery_codes as string[] };
}

test("with a second factor the password alone opens nothing, and each code is good once", async () => {
  const { email, code, recovery_codes } = await withTotp();
  const first = await at.call("auth.sign_in", { email, password: PASSWORD });
  expect(first).toMatchObject({ session_token: null, user: null, totp_token: expect.stringMatching(/^rpo_/) });
  expect((await at.call("auth.sign_in_totp", { totp_token: first.totp_token, code: code() })).session_token).toMatch(/^rps_/);
  const second = await at.call("auth.sign_in", { email, password: PASSWORD });
  await expect(at.call("auth.sign_in_totp", { totp_token: second.totp_token, code: code() })).rejects.toMatchObject({
    code: "SIGN_IN_FAILED",
  });
  await expect(at.call("auth.sign_in_totp", { totp_token: first.totp_token, code: recovery_codes[0] })).rejects.toMatchObject({
    code: "SIGN_IN_FAILED",
  });
  expect(
    (await at.call("auth.sign_in_totp", { totp_token: second.totp_token, code: recovery_codes[0]?.toUpperCase() })).session_token,
  ).toMatch(/^rps_/);
  const third = await at.call("auth.sign_in", { email, password: PASSWORD });
  await expect(at.call("auth.sign_in_totp", { totp_token: third.totp_token, code: recovery_codes[0] })).rejects.toMatchObject({
    code: "SIGN_IN_FAILED",
  });
});

test("a challenge has five tries and ten minutes", async () => {
  const { email, code } = await withTotp();
  const challenge = await at.call("auth.sign_in", { email, password: PASSWORD });
  for (let count = 0; count < 5; count++)
    await expect(at.call("auth.sign_in_totp", { totp_token: challenge.totp_token, code: "000000" })).rejects.toMatchObject({
      code: "SIGN_IN_FAILED",
    });
  await expect(at.call("auth.sign_in_totp", { totp_token: challenge.totp_token, code: code() })).rejects.toMatchObject({
    code: "SIGN_IN_FAILED",
  });
  const late = await at.call("auth.sign_in", { email, password: PASSWORD });
  minutes(11);
  await expect(at.call("auth.sign_in_totp", { totp_token: late.totp_token, code: code() })).rejects.toMatchObject({
    code: "SIGN_IN_FAILED",
  });
});

test("nothing that opens a door is readable in the database", async () => {
  const { token, recovery_codes } = await withTotp();
  const key = await at.call("keys.create", { name: "Reader", role: "read_only" }, { as: token });
  const dump: string[] = [];
  for (const table of ["users", "sessions", "tokens", "one_time_tokens", "keys", "events", "invitations", "passkeys"]) {
    dump.push(...(await at.owner.query(`select to_jsonb(t)::text as row from ${table} t`)).rows.map(({ row }) => row));
  }
  const all = dump.join("\n");
  expect(all.length).toBeGreaterThan(1_000);
  for (const secret of [token, key.key, PASSWORD, ...recovery_codes, recovery_codes[0]?.replaceAll("-", "") ?? ""])
    expect(all).not.toContain(secret);
});

test("taking the second factor away needs password and code", async () => {
  const { token, email, code } = await withTotp();
  await expect(at.call("auth.totp_disable", { password: "wrong wrong wrong", code: code() }, { as: token })).rejects.toMatchObject({
    code: "PASSWORD_WRONG",
  });
  await expect(at.call("auth.totp_disable", { password: PASSWORD, code: "000000" }, { as: token })).rejects.toMatchObject({
    code: "CODE_WRONG",
  });
  const { recovery_codes } = await at.call("auth.recovery_codes", { password: PASSWORD, code: code() }, { as: token });
  await at.call("auth.totp_disable", { password: PASSWORD, code: recovery_codes[3] }, { as: token });
  expect((await at.call("auth.sign_in", { email, password: PASSWORD })).session_token).toMatch(/^rps_/);
});

test("an API key is nobody's account", async () => {
  const admin = await signUp(at);
  const member = await join(at, admin);
  const { key } = await at.call("keys.create", { name: "Bot", role: "rep", acts_for: member.member }, { as: admin.token });
  for (const [verb, input] of [
    ["auth.sessions", {}],
    ["auth.change_password", { current_password: PASSWORD, password: "four words I remember" }],
    ["auth.totp_start", { password: PASSWORD }],
  ] as const) {
    await expect(at.call(verb, input, { as: key }), verb).rejects.toMatchObject({ code: "PERSON_REQUIRED" });
  }
});
