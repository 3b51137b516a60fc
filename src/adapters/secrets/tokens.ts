import { createHash, randomBytes, randomInt, timingSafeEqual } from "node:crypto";
import type { TokenKind, Tokens } from "../../usecases/identity/ports.ts";

/** Opaque tokens: what is kept is their SHA-256, which is enough for 32 random bytes. */
export const tokens: Tokens = {
  make(kind) {
    const token = `${prefixes[kind]}${randomBytes(32).toString("base64url")}`;
    return { token, hash: hashToken(token) };
  },
  hash: hashToken,
  recoveryCodes: () => Array.from({ length: 10 }, recoveryCode),
  equal: (a, b) => timingSafeEqual(digest(a), digest(b)),
};

/** The hash under which a token is looked up. */
export function hashToken(token: string): string {
  return digest(token).toString("base64url");
}

const prefixes: Readonly<Record<TokenKind, string>> = { session: "rps_", key: "rpk_", once: "rpo_" };

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Sixteen characters of an alphabet without look-alikes: 79 bits. */
function recoveryCode(): string {
  const characters = Array.from({ length: 16 }, () => alphabet[randomInt(alphabet.length)]).join("");
  return characters.match(/.{4}/g)?.join("-") ?? characters;
}
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
