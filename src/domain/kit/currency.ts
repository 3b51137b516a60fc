import { invalid } from "./errors.ts";

/** How many decimal places a currency has: 0, 2 or 3. */
export function exponentOf(currency: string): number {
  const exponent = exponents.get(currency);
  if (exponent === undefined)
    throw invalid("CURRENCY_UNKNOWN", `Give a currency code of ISO 4217, such as EUR; ${JSON.stringify(currency)} is none.`);
  return exponent;
}

/** Whether a text is the upper-case ISO 4217 code of a currency people pay with. */
export const isCurrency = (code: string): boolean => exponents.has(code);

// ISO 4217, list one, without funds, metals and test codes (two of the funds have four places); BGN stays for deals made before 2026.
const byExponent: readonly (readonly [number, string])[] = [
  [0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"],
  [
    2,
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK " +
      "DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT " +
      "LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN " +
      "QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS " +
      "VED VES WST XCD XCG YER ZAR ZMW ZWG",
  ],
  [3, "BHD IQD JOD KWD LYD OMR TND"],
];

const exponents: ReadonlyMap<string, number> = new Map(
  byExponent.flatMap(([exponent, codes]) => codes.split(" ").map((code): [string, number] => [code, exponent])),
);

/** Every currency code, in alphabetical order, for choices. */
export const currencies: readonly string[] = [...exponents.keys()].sort();
