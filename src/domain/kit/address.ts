import { isCountry } from "./country.ts";
import type { Fault } from "./errors.ts";
import { type Parsed, read, type Unread } from "./parsed.ts";

/** A postal address; the country is an ISO 3166 alpha-2 code. */
export type Address = {
  street: string | null;
  city: string | null;
  region: string | null;
  postal_code: string | null;
  country: string | null;
};

export type AddressField = keyof Address;

const fields: readonly string[] = ["street", "city", "region", "postal_code", "country"] satisfies AddressField[];

/** An address from input, trimmed and complete (blank parts are null), or every fault with its pointer; nothing but blanks is null. */
export function parseAddress(value: unknown): Parsed<Address | null> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return faulty([notAnAddress]);
  const address: Address = { street: null, city: null, region: null, postal_code: null, country: null };
  const faults: Fault[] = [];
  for (const [name, given] of Object.entries(value)) {
    if (!isAddressField(name)) {
      faults.push(fault(name, "UNKNOWN_FIELD", "Leave this out: an address has street, city, region, postal_code and country."));
      continue;
    }
    const text = name === "country" && typeof given === "string" ? given.toUpperCase() : given;
    const found = faultOf(name, text);
    if (found) faults.push(found);
    else address[name] = typeof text === "string" ? text.trim().toWellFormed() || null : null;
  }
  if (faults.length > 0) return faulty(faults);
  return read(Object.values(address).some((part) => part !== null) ? address : null);
}

/** An address in one line: street, postal code and city, region, country. */
export function formatAddress(address: Partial<Address>): string {
  const { street, city, region, postal_code: postalCode, country } = address;
  return [street, [postalCode, city].filter(Boolean).join(" "), region, country].filter(Boolean).join(", ");
}

const notAnAddress: Fault = {
  pointer: "",
  code: "TYPE",
  message: "Give the address as an object of street, city, region, postal_code and country.",
};

const faulty = (faults: Fault[]): Unread => ({
  ok: false,
  code: faults[0]?.code ?? notAnAddress.code,
  message: faults[0]?.message ?? notAnAddress.message,
  faults,
});

const isAddressField = (name: string): name is AddressField => fields.includes(name);

function faultOf(name: AddressField, value: unknown): Fault | null {
  if (value === null || value === undefined) return null;
  if (typeof value !== "string") return fault(name, "TYPE", "Send a text.");
  const text = value.trim();
  if (text.includes("\0")) return fault(name, "NUL", "Take out the NUL character.");
  if (name === "country" && text !== "" && !isCountry(text))
    return fault(name, "COUNTRY_UNKNOWN", "Give the country as its two-letter code of ISO 3166, such as DE.");
  return [...text].length > 255 ? fault(name, "TOO_LONG", "At most 255 characters.") : null;
}

const fault = (name: string, code: string, message: string): Fault => ({
  pointer: `/${name.toWellFormed().replaceAll("~", "~0").replaceAll("/", "~1")}`,
  code,
  message,
});
