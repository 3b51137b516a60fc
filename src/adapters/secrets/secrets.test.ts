import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { keysFor } from "./key-file.ts";
import { keyFrom, openSecrets } from "./secrets.ts";
import { tokens } from "./tokens.ts";

const key = keyFrom(randomBytes(32).toString("base64"));
const other = keyFrom(randomBytes(32).toString("base64"));
const secrets = openSecrets([key]);

test("what was sealed opens again, and only in the same context", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string(), (plain, context) => {
      const sealed = secrets.seal(plain, context);
      expect(secrets.open(sealed, context)).toBe(plain.toWellFormed());
      expect(() => secrets.open(sealed, `${context}x`)).toThrow();
    }),
  );
});

test("the same secret is never sealed to the same text", () => {
  expect(secrets.seal("a", "c")).not.toBe(secrets.seal("a", "c"));
});

test("a sealed secret that was changed anywhere does not open", () => {
  const sealed = secrets.seal("the secret", "here");
  for (let at = 0; at < sealed.length; at++) {
    const changed = `${sealed.slice(0, at)}${sealed[at] === "A" ? "Q" : "A"}${sealed.slice(at + 1)}`;
    expect(() => secrets.open(changed, "here"), `position ${at}`).toThrow();
  }
  expect(() => secrets.open("", "here")).toThrow();
  expect(() => secrets.open(sealed.slice(0, -8), "here")).toThrow();
});

test("after a new key was put in front, old secrets still open and new ones need it", () => {
  const old = secrets.seal("before", "c");
  const rotated = openSecrets([other, key]);
  expect(rotated.open(old, "c")).toBe("before");
  expect(() => secrets.open(rotated.seal("after", "c"), "c")).toThrow(/RAPPORT_KEY_PREVIOUS/);
});

test("a passphrase makes the same key each time, and a short one is refused", () => {
  expect(keyFrom("correct horse battery")).toEqual(keyFrom(" correct horse battery "));
  expect(keyFrom("correct horse battery")).not.toEqual(keyFrom("correct horse batterz"));
  expect(() => keyFrom("short")).toThrow(/RAPPORT_KEY/);
});

test("without configuration a key file is made once, for its owner alone", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "rapport-key-"));
  try {
    const [first, second] = await Promise.all([
      keysFor({ key: null, previous: null, dataDir }),
      keysFor({ key: null, previous: null, dataDir }),
    ]);
    expect(first).toEqual(second);
    expect(await keysFor({ key: null, previous: null, dataDir })).toEqual(first);
    expect((await stat(join(dataDir, "secret-key"))).mode & 0o777).toBe(0o600);
    expect((await readFile(join(dataDir, "secret-key"), "utf8")).trim()).toHaveLength(44);
    const moved = await keysFor({ key: "a passphrase of some length", previous: null, dataDir });
    expect(openSecrets(moved).open(openSecrets(first).seal("x", "c"), "c")).toBe("x");
  } finally {
    await rm(dataDir, { recursive: true });
  }
});

test("tokens are long, differ, and are recognised; comparing them tells the truth", () => {
  const made = tokens.make("session");
  expect(made.token).toMatch(/^rps_[\w-]{43}$/);
  expect(tokens.hash(made.token)).toBe(made.hash);
  expect(made.hash).not.toContain(made.token.slice(4));
  expect(tokens.equal("a", "a")).toBe(true);
  expect(tokens.equal("a", "ab")).toBe(false);
  expect(new Set(tokens.recoveryCodes()).size).toBe(10);
});
