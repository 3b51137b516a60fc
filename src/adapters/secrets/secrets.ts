import { createCipheriv, createDecipheriv, createHash, randomBytes, scryptSync } from "node:crypto";
import type { Secrets } from "../../usecases/identity/ports.ts";

/** A key of 32 bytes and the short name that envelopes carry of it. */
export type Key = { readonly id: string; readonly bytes: Buffer };

/** Seals under the first key and opens under any: a new key goes in front, and old envelopes stay readable. */
export function openSecrets(keys: readonly Key[]): Secrets {
  const [current] = keys;
  if (!current) throw new Error("There is no key to seal with.");
  const byId = new Map(keys.map((key) => [key.id, key.bytes]));

  return {
    seal(plain, context) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", current.bytes, nonce);
      cipher.setAAD(bound(current.id, context));
      const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
      return [version, current.id, Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64url")].join(".");
    },
    open(sealed, context) {
      const [kind, id = "", text = ""] = sealed.split(".");
      const key = byId.get(id);
      if (kind !== version) throw new Error("This is not a sealed secret of a version known here.");
      if (!key)
        throw new Error(`A secret was sealed with the key ${id}, which is not among the keys given: add it to RAPPORT_KEY_PREVIOUS.`);
      const bytes = Buffer.from(text, "base64url");
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12), { authTagLength: 16 });
      decipher.setAAD(bound(id, context));
      decipher.setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
    },
  };
}

/** 32 bytes in base64, or a passphrase stretched with scrypt. */
export function keyFrom(text: string): Key {
  const trimmed = text.trim();
  const raw = /^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed) ? Buffer.from(trimmed, "base64url") : null;
  if (raw?.length === 32) return named(raw);
  if (trimmed.length < 16) throw new Error("RAPPORT_KEY is too short: give 32 bytes in base64, or a passphrase of at least 16 characters.");
  return named(scryptSync(trimmed.normalize("NFKC"), "rapport sealed secrets 1", 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }));
}

const version = "v1";
const bound = (id: string, context: string): Buffer => Buffer.from(`${version}.${id}.${context}`);
const named = (bytes: Buffer): Key => ({ id: createHash("sha256").update("key id").update(bytes).digest("base64url").slice(0, 8), bytes });
