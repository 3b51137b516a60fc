import type { Words } from "../kit/words.ts";

// The first that fits: Edge and Opera call themselves Chrome, Chrome calls itself Safari.
const browsers: readonly (readonly [RegExp, string])[] = [
  [/Edg[A-Za-z]*\//, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox\/|FxiOS\//, "Firefox"],
  [/Chrome\/|CriOS\//, "Chrome"],
  [/Safari\//, "Safari"],
  [/curl\//, "curl"],
];
const systems: readonly (readonly [RegExp, string])[] = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Mac OS X|Macintosh/, "macOS"],
  [/CrOS/, "ChromeOS"],
  [/Linux/, "Linux"],
];

/** What a user agent says of a device, in the words people use. */
export function deviceOf(agent: string | null, t: Words["t"]): { readonly name: string; readonly isPhone: boolean } {
  const found = (list: typeof browsers) => list.find(([form]) => form.test(agent ?? ""))?.[1];
  const browser = found(browsers);
  const system = found(systems);
  const name = browser && system ? t("sessions.on", { browser, system }) : (browser ?? system ?? t("sessions.unknown"));
  return { name, isPhone: system === "iPhone" || system === "Android" };
}
