// The smallest metadata (80 kB, a third less in the browser than the next) knows the lengths of every plan. More would tell mobile from
// fixed and refuse number ranges that were opened after its release; a CRM must keep those.
import { isSupportedCountry, type PhoneNumber, parsePhoneNumberFromString } from "libphonenumber-js/min";
import { type Parsed, read, unread } from "./parsed.ts";

/** A typed phone number as E.164; a national number is read with the plan of the default country (ISO 3166 alpha-2). */
export function parsePhone(typed: string, defaultCountry: string | null): Parsed<{ e164: string }> {
  const text = typed.trim().replace(/^tel:/i, "");
  const country = defaultCountry !== null && isSupportedCountry(defaultCountry) ? defaultCountry : undefined;
  const phone = parsePhoneNumberFromString(text, { defaultCountry: country, extract: false });
  if (phone?.isPossible() && (phone.isValid() || readsBack(phone))) return read({ e164: phone.number });
  if (!phone && !country && looksNational(text)) return needsCountry;
  return unreadable;
}

/** A stored number as people read it: +49 30 123456. */
export const formatPhone = (e164: string): string => international(e164)?.formatInternational() ?? e164;

/** The digits of a text, Arabic, Persian and full-width ones included, for finding a number by a piece of it. */
export const digitsOf = (text: string): string =>
  // Each of these scripts has its zero at a multiple of sixteen.
  text.replace(/[\u0660-\u0669\u06f0-\u06f9\uff10-\uff19]/g, (digit) => String(digit.charCodeAt(0) & 15)).replace(/\D+/g, "");

const needsCountry = unread(
  "PHONE_NEEDS_COUNTRY",
  "Write the number with its country code, such as +49 30 123456, or set the country of the workspace.",
);
const unreadable = unread("PHONE_INVALID", "Write a phone number such as +49 30 123456.");

// Digits with the signs people put between them, enough of them to be a number and no country code in front.
const looksNational = (text: string): boolean => /^[\p{Nd}\s()./\u2010-\u2015-]+$/u.test(text) && digitsOf(text).length >= 3;

// A number of no known range may lose its leading zeros on the second reading: then it was none.
const readsBack = (phone: PhoneNumber): boolean => international(phone.number)?.number === phone.number;

const international = (e164: string): PhoneNumber | undefined => parsePhoneNumberFromString(e164, { extract: false });
