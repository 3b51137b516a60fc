import { Select, type SelectProps } from "@mantine/core";
import { useMemo } from "react";
import { countries } from "../../../src/domain/kit/country.ts";
import { currencies } from "../../../src/domain/kit/currency.ts";
import { useWords } from "../kit/words.ts";

type Props = Omit<SelectProps, "data" | "value" | "onChange"> & {
  readonly value: string | null;
  readonly onChange: (value: string | null) => void;
};

/** Chooses a country by its name in the reader's language. */
export function CountrySelect(props: Props) {
  const { locale, t } = useWords();
  const data = useMemo(() => named(countries, "region", locale), [locale]);
  return <Select searchable nothingFoundMessage={t("value.none_found")} data={data} {...props} />;
}

/** Chooses a currency; its code is found as well as its name. */
export function CurrencySelect(props: Props) {
  const { locale, t } = useWords();
  const data = useMemo(
    () =>
      named(currencies, "currency", locale)
        .map(({ value, label }) => ({ value, label: `${value}, ${label}` }))
        .sort(byLabel(locale)),
    [locale],
  );
  return <Select searchable nothingFoundMessage={t("value.none_found")} data={data} {...props} />;
}

/** Chooses a time zone by its place. */
export function ZoneSelect(props: Props) {
  const { t } = useWords();
  const { value } = props;
  const data = useMemo(() => {
    const zones = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];
    const all = value && !zones.includes(value) ? [value, ...zones] : zones;
    return all.map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") }));
  }, [value]);
  return <Select searchable limit={200} nothingFoundMessage={t("value.none_found")} data={data} {...props} />;
}

function named(codes: readonly string[], type: "region" | "currency", locale: string): { value: string; label: string }[] {
  const names = new Intl.DisplayNames(locale, { type });
  return codes.map((value) => ({ value, label: names.of(value) ?? value })).sort(byLabel(locale));
}

const byLabel = (locale: string) => {
  const { compare } = new Intl.Collator(locale);
  return (a: { label: string }, b: { label: string }) => compare(a.label, b.label);
};
