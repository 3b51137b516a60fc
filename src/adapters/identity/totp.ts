import { Secret, TOTP } from "otpauth";
import { msOf } from "../../domain/kit/instant.ts";
import type { Totp } from "../../usecases/identity/ports.ts";

/** Time-based codes as every authenticator makes them: SHA-1, six digits, thirty seconds. */
export const totp: Totp = {
  make(account) {
    const secret = new Secret({ size: 20 });
    return { secret: secret.base32, uri: new TOTP({ ...form, issuer: "Rapport", label: account, secret }).toString() };
  },
  stepOf(secret, code, now) {
    const timestamp = msOf(now);
    const token = code.replace(/\s/g, "");
    if (!/^\d{6}$/.test(token)) return null;
    const delta = TOTP.validate({ ...form, secret: Secret.fromBase32(secret), token, timestamp, window: 1 });
    return delta === null ? null : TOTP.counter({ period: form.period, timestamp }) + delta;
  },
};

const form = { algorithm: "SHA1", digits: 6, period: 30 };
