import { afterAll, beforeAll, expect, test } from "vitest";
import { anAuthenticator } from "../../../test/support/authenticator.ts";
import { anInstallation, type Installation, PASSWORD, signUp } from "../../../test/support/identity.ts";

const ORIGIN = "https://crm.example";
let at: Installation;
beforeAll(async () => {
  at = await anInstallation({ public_url: ORIGIN, brake: false });
});
afterAll(() => at.close());

async function withPasskey() {
  const person = await signUp(at);
  const device = anAuthenticator(ORIGIN);
  const { token, options } = await at.call("auth.passkey_start", { password: PASSWORD }, { as: person.token });
  await at.call("auth.passkey_add", { token, name: "Laptop", response: device.register(options) }, { as: person.token });
  return { ...person, device };
}

const signIn = async (device: ReturnType<typeof anAuthenticator>, how: { from?: string; verified?: boolean } = {}) => {
  const { token, options } = await at.call("auth.passkey_sign_in_start", {});
  return at.call("auth.passkey_sign_in", { token, response: device.signIn(options, how) });
};

test("a passkey signs in without a password, and each challenge is good once", async () => {
  const { device, tenant, token: session } = await withPasskey();
  const { token, options } = await at.call("auth.passkey_sign_in_start", {});
  const response = device.signIn(options);
  const entry = await at.call("auth.passkey_sign_in", { token, response });
  expect(entry).toMatchObject({ session_token: expect.stringMatching(/^rps_/), workspace: { id: tenant } });
  await expect(at.call("auth.passkey_sign_in", { token, response })).rejects.toMatchObject({ code: "SIGN_IN_FAILED" });
  expect(await at.call("auth.passkeys", {}, { as: session })).toMatchObject({
    data: [{ id: device.id, name: "Laptop", last_used_at: expect.any(String) }],
  });
});

test("a passkey of another site, without proof of who is there, unknown, copied or removed is refused", async () => {
  const { device, token } = await withPasskey();
  const refused = { code: "SIGN_IN_FAILED" };
  await expect(signIn(device, { from: "https://evil.example" })).rejects.toMatchObject(refused);
  await expect(signIn(device, { verified: false })).rejects.toMatchObject(refused);
  await expect(signIn(anAuthenticator(ORIGIN))).rejects.toMatchObject(refused);
  expect((await signIn(device)).session_token).toBeTruthy();
  device.rewind(0);
  await expect(signIn(device)).rejects.toMatchObject(refused);
  device.rewind(50);
  expect((await signIn(device)).session_token).toBeTruthy();
  await at.call("auth.passkey_remove", { id: device.id }, { as: token });
  await expect(signIn(device)).rejects.toMatchObject(refused);
});

test("setting one up takes the password, its own challenge and the person who asked", async () => {
  const [anna, ben] = [await signUp(at), await signUp(at)];
  const device = anAuthenticator(ORIGIN);
  await expect(at.call("auth.passkey_start", { password: "not the password" }, { as: anna.token })).rejects.toMatchObject({
    code: "PASSWORD_WRONG",
  });
  const start = () => at.call("auth.passkey_start", { password: PASSWORD }, { as: anna.token });
  const stolen = await start();
  await expect(
    at.call("auth.passkey_add", { token: stolen.token, name: "x", response: device.register(stolen.options) }, { as: ben.token }),
  ).rejects.toMatchObject({ code: "PASSKEY_REFUSED" });
  const [one, two] = [await start(), await start()];
  await expect(
    at.call("auth.passkey_add", { token: one.token, name: "x", response: device.register(two.options) }, { as: anna.token }),
  ).rejects.toMatchObject({ code: "PASSKEY_REFUSED" });
  for (const how of [{ from: "https://evil.example" }, { verified: false }]) {
    const asked = await start();
    await expect(
      at.call("auth.passkey_add", { token: asked.token, name: "x", response: device.register(asked.options, how) }, { as: anna.token }),
    ).rejects.toMatchObject({ code: "PASSKEY_REFUSED" });
  }
  for (const response of [null, {}, "x", { id: "a", response: {} }]) {
    const asked = await start();
    await expect(at.call("auth.passkey_add", { token: asked.token, name: "x", response }, { as: anna.token })).rejects.toMatchObject({
      kind: "invalid",
    });
  }
  const signing = await at.call("auth.passkey_sign_in_start", {});
  await expect(
    at.call("auth.passkey_add", { token: signing.token, name: "x", response: device.register(signing.options) }, { as: anna.token }),
  ).rejects.toMatchObject({ code: "PASSKEY_REFUSED" });
  const last = await start();
  await at.call("auth.passkey_add", { token: last.token, name: "Mine", response: device.register(last.options) }, { as: anna.token });
  const again = await start();
  expect(JSON.stringify(again.options)).toContain(device.id);
  await expect(
    at.call("auth.passkey_add", { token: again.token, name: "Twice", response: device.register(again.options) }, { as: anna.token }),
  ).rejects.toMatchObject({ code: "PASSKEY_KNOWN" });
});
