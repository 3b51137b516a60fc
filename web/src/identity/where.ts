import { countries } from "../../../src/domain/kit/country.ts";
import { isCurrency } from "../../../src/domain/kit/currency.ts";

export type Where = { readonly country: string | null; readonly currency: string; readonly time_zone: string };

/** Where a browser seems to be: its zone says it best, its language fills in. */
export function whereIsBrowser(): Where {
  const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  const country = countryOf(time_zone);
  return { country, currency: currencyOf(country) ?? "EUR", time_zone };
}

/** What people pay with in a country, where we know it. */
export const currencyOf = (country: string | null): string | null => (country ? (byCountry.get(country) ?? null) : null);

type Zoned = Intl.Locale & { readonly getTimeZones?: () => readonly string[] | undefined; readonly timeZones?: readonly string[] };

function zonesOf(country: string): readonly string[] {
  const locale = new Intl.Locale(`und-${country}`) as Zoned; // newer than the types know
  return locale.getTimeZones?.() ?? locale.timeZones ?? [];
}

function countryOf(zone: string): string | null {
  const regions = navigator.languages.map((tag) => new Intl.Locale(tag).region ?? "");
  const spoken = regions.filter((region) => countries.includes(region));
  return [...spoken, ...countries].find((country) => zonesOf(country).includes(zone)) ?? spoken[0] ?? null;
}

const byCurrency =
  "EUR AD AT AX BE BG BL CY DE EE ES FI FR GF GP GR HR IE IT LT LU LV MC ME MF MQ MT NL PM PT RE SI SK SM TF VA XK YT;" +
  "USD AS BQ EC FM GU IO MH MP PR PW SV TC TL UM US VG VI;GBP GB GG IM JE;CHF CH LI;AUD AU CC CX HM KI NF NR TV;NZD CK NU NZ PN TK;" +
  "DKK DK FO GL;NOK BV NO SJ;MAD EH MA;ILS IL PS;XOF BF BJ CI GW ML NE SN TG;XAF CF CG CM GA GQ TD;XCD AG AI DM GD KN LC MS VC;XPF NC PF WF;XCG CW SX";

// Elsewhere a currency begins with the code of its country, as ISO 4217 has it; three that first guesses miss stand here.
const unlike: Readonly<Record<string, string>> = { NI: "NIO", UG: "UGX", VE: "VES" };

const byCountry: ReadonlyMap<string, string> = new Map([
  ...countries.flatMap((country): [string, string][] => {
    const guess = unlike[country] ?? [..."DRLNPSKFMTBHQAYUWZEGVC"].map((letter) => country + letter).find(isCurrency);
    return guess ? [[country, guess]] : [];
  }),
  ...byCurrency.split(";").flatMap((line): [string, string][] => {
    const [currency = "", ...places] = line.split(" ");
    return places.map((place): [string, string] => [place, currency]);
  }),
]);
