import type { ReactNode } from "react";
import type { Option, Tone } from "../../../src/domain/kit/fields.ts";
import type { Tag as TagValue } from "../../../src/domain/kit/resource.ts";
import { isHue } from "./avatar.tsx";
import { useWords } from "./words.ts";

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
const glyphs: Readonly<Record<string, string>> = {
  Mod: isMac ? "⌘" : "Ctrl",
  Shift: "⇧",
  Enter: "↵",
  Tab: "⇥",
  Up: "↑",
  Down: "↓",
  Esc: "esc",
};

/** A key of the keyboard, such as `Mod Enter`. */
export function Key({ keys, tone }: { readonly keys: string; readonly tone?: "filled" | "invert" }) {
  const shown = keys.split(" ").map((key) => glyphs[key] ?? key);
  return (
    <kbd className="key" data-tone={tone}>
      {shown.join(isMac ? "" : " ")}
    </kbd>
  );
}

/** A tag: neutral, with a dot of its hue. */
export function Tag({ name, colour, children }: Pick<TagValue, "name" | "colour"> & { readonly children?: ReactNode }) {
  return (
    <span className="tag">
      <span className="tag-dot" aria-hidden style={{ background: `var(--rp-${isHue(colour) ? colour : "slate"}-dot)` }} />
      <span className="tag-name">{name}</span>
      {children}
    </span>
  );
}

/** At most some tags, then how many more there are. */
export function Tags({ tags, most = 2 }: { readonly tags: readonly Pick<TagValue, "name" | "colour">[]; readonly most?: number }) {
  const shown = tags.slice(0, most);
  return (
    <span className="tags">
      {shown.map((tag) => (
        <Tag key={tag.name} {...tag} />
      ))}
      {tags.length > most ? (
        <span className="tags-more" title={tags.map(({ name }) => name).join(", ")}>
          +{tags.length - most}
        </span>
      ) : null}
    </span>
  );
}

/** A choice as a badge: a tint only where it means something. */
export function Status({ option, tone }: { readonly option: Pick<Option, "label" | "tone">; readonly tone?: Tone | "accent" }) {
  const { label } = useWords();
  return (
    <span className="status" data-tone={tone ?? option.tone ?? "neutral"}>
      {label(option.label)}
    </span>
  );
}

/** What is not there, without information of its own. */
export const Nothing = () => <span className="nothing">–</span>;
