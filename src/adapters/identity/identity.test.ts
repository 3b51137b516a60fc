import { Secret, TOTP } from "otpauth";
import { expect, test } from "vitest";
import { openPasswords } from "./passwords.ts";
import { totp } from "./totp.ts";

test("a password opens what was hashed with it, and nothing else does", async () => {
  const passwords = await openPasswords();
  const hash = await passwords.hash("three unrelated words");
  expect(hash).toMatch(/^\$argon2id\$/);
  expect(await passwords.verify(hash, "three unrelated words")).toBe(true);
  expect(await passwords.verify(hash, "three unrelated word")).toBe(false);
  expect(await passwords.verify(null, "three unrelated words")).toBe(false);
  expect(await passwords.hash("Gru\u0308n gru\u0308n gru\u0308n")).toMatch(/argon2id/);
  expect(await passwords.verify(await passwords.hash("Gr\u00fcn gr\u00fcn gr\u00fcn"), "Gru\u0308n gru\u0308n gru\u0308n")).toBe(true);
});

test("comparing with no hash takes as long as comparing with one", async () => {
  const passwords = await openPasswords();
  const hash = await passwords.hash("three unrelated words");
  const timeOf = async (known: string | null) => {
    const start = performance.now();
    for (let count = 0; count < 5; count++) await passwords.verify(known, "something else");
    return performance.now() - start;
  };
  await timeOf(hash);
  // Far apart on purpose: a missing comparison would take a thousandth of it.
  expect(await timeOf(null)).toBeGreaterThan((await timeOf(hash)) / 4);
});

test("a code is good in its half minute and the ones beside it, and names its step", () => {
  const { secret, uri } = totp.make("anna@halden.example");
  expect(uri).toMatch(/^otpauth:\/\/totp\/Rapport:anna/);
  const now = "2026-11-21T12:00:00Z";
  const step = Date.parse(now) / 30_000;
  const codeAt = (at: number) => TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: at * 30_000 });
  expect(totp.stepOf(secret, codeAt(step), now)).toBe(step);
  expect(totp.stepOf(secret, codeAt(step - 1), now)).toBe(step - 1);
  expect(totp.stepOf(secret, codeAt(step + 1), now)).toBe(step + 1);
  const wrong = ["000000", "111111", "222222", "333333"].find((code) => ![-1, 0, 1].some((delta) => codeAt(step + delta) === code)) ?? "";
  expect(totp.stepOf(secret, wrong, now)).toBeNull();
  expect(totp.stepOf(secret, "12345", now)).toBeNull();
  expect(totp.stepOf(secret, "abcdef", now)).toBeNull();
});
