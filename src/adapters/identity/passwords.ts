import { hash, verify } from "@node-rs/argon2";
import { normalPassword } from "../../domain/identity/password.ts";
import type { Passwords } from "../../usecases/identity/ports.ts";

/** argon2id (the algorithm the library numbers 2) with what OWASP recommends at least: 19 MiB, two passes. */
const strength = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Passwords as argon2id hashes; where there is no hash to compare with, one nobody knows the password of is. */
export async function openPasswords(): Promise<Passwords> {
  const nobody = await hash(crypto.randomUUID(), strength);
  return {
    hash: (password) => hash(normalPassword(password), strength),
    async verify(known, password) {
      const matches = await verify(known ?? nobody, normalPassword(password));
      return known !== null && matches;
    },
  };
}
