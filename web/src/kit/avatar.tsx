import type { Resource } from "../../../src/domain/kit/resource.ts";
import { type Hue, hueNames } from "./roles.ts";

type Props = { readonly id: string; readonly name: string; readonly size?: number; readonly isPerson?: boolean };

/** Initials on the hue of an id: round is a person, square a company or another thing. */
export function Avatar({ id, name, size = 18, isPerson = true }: Props) {
  const hue = hueOf(id);
  return (
    <span
      aria-hidden
      className="avatar"
      data-initials={isPerson ? initialsOf(name) : firstLetter(name)}
      style={{
        inlineSize: size,
        blockSize: size,
        // One letter on a mark has the room that two have on an avatar.
        fontSize: Math.round(size * (isPerson ? 42 : 54)) / 100,
        borderRadius: isPerson ? "50%" : size * 0.24,
        background: `var(--rp-${hue}-bg)`,
        color: `var(--rp-${hue}-fg)`,
      }}
    />
  );
}

/** Whether records of a resource are people: they have an e-mail address of their own. */
export const isPeople = (resource: Pick<Resource, "fields">): boolean => "email" in resource.fields;

/** The hue of a record, always the same one. */
export function hueOf(id: string): Hue {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  return hueNames[(hash >>> 0) % hueNames.length] ?? "slate";
}

export const isHue = (text: string): text is Hue => (hueNames as readonly string[]).includes(text);

const titles = /^(dr|prof|mr|mrs|ms|herr|frau)\.?\s+/i;

export function initialsOf(name: string): string {
  const parts = name
    .replace(titles, "")
    .split(/[\s@]+/)
    .filter(Boolean);
  const first = parts[0] ?? "?";
  const last = parts.length > 1 ? (parts.at(-1) ?? "") : "";
  return (letterOf(first) + (last ? letterOf(last) : "")).toUpperCase();
}

const letterOf = (word: string) => [...word.replace(/^[^\p{L}\p{N}]+/u, "")][0] ?? "?";
const firstLetter = (name: string) => letterOf(name || "?").toUpperCase();
