import { addWords } from "../words.ts";
import { deSettings } from "./de-settings.ts";
import { enSettings } from "./en-settings.ts";

// Loaded together with the screens that say them.
addWords({ en: enSettings, de: deSettings });
