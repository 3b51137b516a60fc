import { openPasswords } from "../../adapters/identity/passwords.ts";
import { tokens } from "../../adapters/secrets/tokens.ts";
import { passwordFault } from "../../domain/identity/password.ts";
import { isCountry } from "../../domain/kit/country.ts";
import { isCurrency } from "../../domain/kit/currency.ts";
import { parseEmail } from "../../domain/kit/email.ts";
import { type Fault, invalidInput } from "../../domain/kit/errors.ts";
import { isTimeZone } from "../../domain/kit/instant.ts";
import { type Command, command, type Given } from "../command.ts";
import { inOffice } from "../office.ts";

/** Makes one more workspace with its administrator and an API key, whether a server runs or not. */
export const setup: Command = command({
  name: "setup",
  summary: "Make a workspace with its administrator and an API key",
  options: {
    workspace: { takes: "NAME", required: true, help: "What the workspace is called" },
    email: { takes: "ADDRESS", required: true, help: "The administrator's e-mail address" },
    password: { takes: "PASSWORD", required: true, help: "The administrator's password, ten characters at least" },
    name: { takes: "NAME", help: "The administrator's name; without it, the part of the address before the @" },
    country: { takes: "CODE", help: "The country of phone numbers without a country code, such as DE" },
    currency: { takes: "CODE", help: "The currency of the workspace, EUR unless told" },
    "time-zone": { takes: "ZONE", help: "The time zone of the workspace, UTC unless told, such as Europe/Berlin" },
    language: { takes: "en|de", help: "The language of the workspace and the administrator, en unless told" },
    json: { help: "Print the ids and the key as JSON" },
  },
  notes: ["The API key has the role admin and is shown this once."],
  run: async ({ given, configuration, print, say }) => {
    const { workspace, user, password } = read(given);
    const { token, hash } = tokens.make("key");
    const made = await inOffice(configuration(), say, async ({ identity }) =>
      identity.createWorkspace({
        workspace,
        user: { ...user, password_hash: await (await openPasswords()).hash(password) },
        onlyTheFirst: false,
        key: { hash, prefix: token.slice(0, PREFIX), name: "Setup", role: "admin", acts_for: null, expires_at: null },
        now: new Date().toISOString(),
        via: "command",
      }),
    );
    const { tenant_id, user_id, member_id, key_id } = made;
    if (given.has("json"))
      print(JSON.stringify({ tenant_id, user_id, member_id, key_id, api_key: token, workspace: workspace.name, email: user.email }));
    else {
      print(`The workspace "${workspace.name}" is ready: ${tenant_id}`);
      print(`Sign in as ${user.email}.`);
      print(`API key, shown this once: ${token}`);
    }
    return 0;
  },
});

/** As much of a key as settings show, to tell it from others. */
export const PREFIX = 10;

function read(given: Given) {
  const text = (name: string) => given.option(name)?.trim() || null;
  const faults: Fault[] = [];
  const check = (name: string, isGood: (value: string) => boolean, code: string, message: string): string | null => {
    const value = text(name);
    if (value !== null && !isGood(value)) faults.push({ pointer: `/${name}`, code, message });
    return value;
  };
  const address = parseEmail(given.option("email") ?? "");
  const email = address.ok ? address.value : "";
  if (!address.ok) faults.push({ pointer: "/email", code: "EMAIL_INVALID", message: "Write an e-mail address such as jane@example.com." });
  const password = given.option("password") ?? "";
  const weak = passwordFault(password, email);
  if (weak) faults.push(weak);
  const fits = (value: string) => value.length <= 200 && !/\p{Cc}/u.test(value);
  const name = check("workspace", fits, "TOO_LONG", "Name the workspace in at most 200 characters.") ?? "";
  if (!name) faults.push({ pointer: "/workspace", code: "REQUIRED", message: "Name the workspace." });
  const person = check("name", fits, "TOO_LONG", "Give a name of at most 200 characters.") ?? email.split("@")[0] ?? "";
  const country = check("country", isCountry, "COUNTRY_UNKNOWN", "Give the country's two letters, such as DE.");
  const currency = check("currency", isCurrency, "CURRENCY_UNKNOWN", "Give the currency's three letters, such as EUR.");
  const time_zone = check("time-zone", isTimeZone, "TIME_ZONE_UNKNOWN", "Name the time zone as in Europe/Berlin.");
  const language = check("language", (value) => value === "en" || value === "de", "LANGUAGE_UNKNOWN", "The language is en or de.");
  if (faults.length) throw invalidInput(faults);
  const spoken = language === "de" ? ("de" as const) : ("en" as const);
  return { workspace: { name, country, currency, time_zone, language: spoken }, user: { email, name: person, language: spoken }, password };
}
