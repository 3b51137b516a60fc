import type { Label } from "../../../src/domain/kit/fields.ts";
import type { Resource } from "../../../src/domain/kit/resource.ts";
import { type Language, preferences, usePreferences } from "./preferences.ts";
import { de } from "./words/de.ts";
import { type Word as CoreWord, en } from "./words/en.ts";
import type { enIdentity } from "./words/en-identity.ts";
import type { enSettings } from "./words/en-settings.ts";

/** Every sentence there is; those of the entrance and the settings arrive with their screens. */
export type Word = CoreWord | keyof typeof enIdentity | keyof typeof enSettings;
export type Params = Readonly<Record<string, string | number>>;

/** How one language says things. */
export type Words = {
  readonly language: Language;
  readonly locale: string;
  /** A sentence of the catalogue; `n` chooses between one and many and is written as the locale writes numbers. */
  readonly t: (word: Word, params?: Params) => string;
  /** The words of a declaration. */
  readonly label: (label: Label) => string;
  /** What one record of a resource is called, as it stands inside a sentence. */
  readonly one: (resource: Pick<Resource, "label">) => string;
  readonly many: (resource: Pick<Resource, "label">) => string;
  /** The noun that fits a number. */
  readonly noun: (resource: Pick<Resource, "label">, n: number) => string;
  readonly number: (value: number) => string;
};

const catalogues = { en: { ...en } as Catalogue, de: { ...de } as Catalogue };
type Catalogue = Partial<Record<Word, string>>;

/** Adds the sentences of screens that are loaded when they are needed. */
export function addWords(more: Readonly<Record<Language, Catalogue>>): void {
  Object.assign(catalogues.en, more.en);
  Object.assign(catalogues.de, more.de);
}

const made = { en: make("en", "en-GB", catalogues.en), de: make("de", "de-DE", catalogues.de) } satisfies Record<Language, Words>;

export const useWords = (): Words => made[usePreferences().language];

/** The words outside of a component. */
export const words = (): Words => made[preferences().language];

function make(language: Language, locale: string, catalogue: Catalogue): Words {
  const plural = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(language === "en" ? "en-US" : locale);
  const inSentence = (noun: string) => (language === "en" ? noun.charAt(0).toLowerCase() + noun.slice(1) : noun);
  const shown = (value: string | number) => (typeof value === "number" ? numbers.format(value) : value);
  return {
    language,
    locale,
    t: (word, params = {}) => {
      const [one = "", many = one] = (catalogue[word] ?? word).split("|");
      const text = typeof params.n === "number" && plural.select(params.n) !== "one" ? many : one;
      return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in params ? shown(params[name] as string | number) : whole));
    },
    label: (label) => label[language],
    one: ({ label }) => inSentence(label[language][0]),
    many: ({ label }) => inSentence(label[language][1]),
    noun: ({ label }, n) => inSentence(label[language][plural.select(n) === "one" ? 0 : 1]),
    number: (value) => numbers.format(value),
  };
}
