/** Every colour of the interface by what it means: light, then dark. No other hex stands in a component. */
const colours = {
  app: ["#F5F5F3", "#0E0E10"],
  sheet: ["#FFFFFF", "#151517"],
  raised: ["#FFFFFF", "#1D1D20"],
  sunken: ["#FAFAF8", "#121214"],
  hover: ["#F6F6F4", "#1B1B1E"],
  press: ["#EDEDEA", "#26262A"],
  invert: ["#1F1F1D", "#ECECEE"],
  "on-invert": ["#FAFAF8", "#19191B"],
  "on-invert-2": ["#B4B3AC", "#5B5B63"],
  line: ["#E8E8E4", "#242428"],
  "line-2": ["#DADAD4", "#34343A"],
  control: ["#8A8981", "#74747D"],
  text: ["#1C1C1A", "#EDEDEF"],
  "text-2": ["#55544E", "#B2B2BA"],
  "text-3": ["#6B6A63", "#8F8F99"],
  "text-off": ["#A5A49C", "#5E5E67"],
  accent: ["#3B51D4", "#4F65E6"],
  "accent-hover": ["#3044BB", "#4459DA"],
  "on-accent": ["#FFFFFF", "#FFFFFF"],
  "accent-text": ["#3549C4", "#9EADFF"],
  "accent-soft": ["#EEF1FE", "#1B1E33"],
  "accent-soft-2": ["#DFE4FD", "#272C4E"],
  "accent-line": ["#B5C0F8", "#3A4585"],
  ring: ["#3B51D4", "#7C8FFA"],
  good: ["#1F9D63", "#34B277"],
  "good-text": ["#14734A", "#62CD98"],
  "good-soft": ["#E7F5ED", "#12241B"],
  "good-line": ["#B7DFC8", "#23503A"],
  warn: ["#C57A05", "#DB9A2E"],
  "warn-text": ["#8A5600", "#E8B564"],
  "warn-soft": ["#FEF7E9", "#241D12"],
  "warn-line": ["#F0DBB0", "#4A3A1C"],
  bad: ["#D23F3A", "#E5605A"],
  "bad-text": ["#B02A27", "#FF938C"],
  "bad-soft": ["#FDEEED", "#2B1817"],
  "bad-line": ["#F3C9C6", "#64302D"],
  "bad-fill": ["#C93732", "#C8443F"],
  quiet: ["#918F87", "#6C6C75"],
  c1: ["#3B51D4", "#7C8FFA"],
  c2: ["#7C8BE8", "#5566BF"],
  c3: ["#C9D0F7", "#353E70"],
  c4: ["#A3A29A", "#6C6C75"],
  c5: ["#D9D8D2", "#36363C"],
  scrim: ["rgba(28,28,26,.28)", "rgba(0,0,0,.56)"],
  edge: ["rgba(28,28,26,.08)", "rgba(255,255,255,.07)"],
  "shadow-1": ["0 1px 2px rgba(28,28,26,.05)", "0 1px 2px rgba(0,0,0,.4)"],
  "shadow-2": [
    "0 0 0 1px rgba(28,28,26,.06), 0 4px 12px -2px rgba(28,28,26,.08), 0 12px 28px -8px rgba(28,28,26,.10)",
    "0 0 0 1px rgba(255,255,255,.07), 0 8px 24px -4px rgba(0,0,0,.5)",
  ],
  "shadow-3": [
    "0 0 0 1px rgba(28,28,26,.06), 0 8px 24px -4px rgba(28,28,26,.10), 0 32px 64px -16px rgba(28,28,26,.22)",
    "0 0 0 1px rgba(255,255,255,.08), 0 24px 64px -8px rgba(0,0,0,.7)",
  ],
} as const;

/** The hues that tell records apart: ground, initials and dot, light then dark. They never carry status. */
const hues = {
  slate: ["#ECECE8 #56554E #85847B", "#2A2A2E #BDBDC5 #85858F"],
  rose: ["#FAE9EC #93354A #CF5C76", "#3A2027 #F0A3B3 #D4677F"],
  clay: ["#F8EBE3 #8A4523 #C4713F", "#382519 #E9AE88 #C87B4B"],
  olive: ["#F3F0DC #665A12 #A08F25", "#2E2A14 #D3C36F #A5952F"],
  moss: ["#E8F1E4 #3D6330 #6B9A57", "#1F2C1B #A6CB96 #729F5F"],
  teal: ["#E0F1EF #1F645E #379A90", "#15302D #7FCBC2 #3FA095"],
  sky: ["#E3EFF8 #245D86 #4590C4", "#172A38 #8FC2E8 #4C95C8"],
  iris: ["#EAEBFB #4347A0 #777CDB", "#24264A #B3B7F7 #8286E0"],
  plum: ["#F4E9F6 #763C83 #AE6ABD", "#32203A #D9A5E5 #B473C3"],
} as const;

export type Hue = keyof typeof hues;
export const hueNames = Object.keys(hues) as readonly Hue[];

/** The roles and hues as CSS variables of one theme. */
export function variablesOf(theme: "light" | "dark"): Record<string, string> {
  const index = theme === "light" ? 0 : 1;
  const roles = Object.entries(colours).map(([role, values]) => [`--rp-${role}`, values[index]]);
  const identity = Object.entries(hues).flatMap(([hue, values]) => {
    const [bg, fg, dot] = values[index].split(" ");
    return [
      [`--rp-${hue}-bg`, bg],
      [`--rp-${hue}-fg`, fg],
      [`--rp-${hue}-dot`, dot],
    ];
  });
  return Object.fromEntries([...roles, ...identity]);
}
