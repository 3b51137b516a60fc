import { addWords } from "../words.ts";
import { deIdentity } from "./de-identity.ts";
import { enIdentity } from "./en-identity.ts";

// Loaded together with the screens that say them.
addWords({ en: enIdentity, de: deIdentity });
