import { type CSSVariablesResolver, createTheme, type MantineColorsTuple, rem } from "@mantine/core";
import { variablesOf } from "./roles.ts";

const ink: MantineColorsTuple = [
  "#EEF1FE",
  "#DFE4FD",
  "#CAD2FB",
  "#A6B3F7",
  "#7C8FFA",
  "#4F65E6",
  "#3B51D4",
  "#3044BB",
  "#293A9C",
  "#222F7A",
];
const gray: MantineColorsTuple = [
  "#FAFAF8",
  "#F5F5F3",
  "#EDEDEA",
  "#E8E8E4",
  "#DADAD4",
  "#A5A49C",
  "#8A8981",
  "#6B6A63",
  "#55544E",
  "#1C1C1A",
];
const dark: MantineColorsTuple = [
  "#EDEDEF",
  "#B2B2BA",
  "#8F8F99",
  "#74747D",
  "#34343A",
  "#26262A",
  "#1D1D20",
  "#151517",
  "#121214",
  "#0E0E10",
];

type Size = string | number | undefined;
const px = (size: Size, sizes: Readonly<Record<string, number>>, rest: number) => rem(sizes[String(size)] ?? rest);

/** The design language in the words of Mantine. */
export const theme = createTheme({
  fontFamily: "'Inter Variable', Inter, system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, monospace",
  primaryColor: "ink",
  primaryShade: { light: 6, dark: 5 },
  white: "#FFFFFF",
  black: "#1C1C1A",
  colors: { ink, gray, dark },
  autoContrast: false,
  fontSizes: { xs: rem(11), sm: rem(12), md: rem(13), lg: rem(14), xl: rem(16) },
  lineHeights: { xs: "16px", sm: "16px", md: "20px", lg: "20px", xl: "24px" },
  spacing: { xs: rem(4), sm: rem(8), md: rem(12), lg: rem(16), xl: rem(24) },
  radius: { xs: rem(3), sm: rem(4), md: rem(6), lg: rem(8), xl: rem(12) },
  defaultRadius: "md",
  shadows: {
    xs: "var(--rp-shadow-1)",
    sm: "var(--rp-shadow-1)",
    md: "var(--rp-shadow-2)",
    lg: "var(--rp-shadow-2)",
    xl: "var(--rp-shadow-3)",
  },
  headings: {
    fontWeight: "600",
    sizes: {
      h1: { fontSize: rem(24), lineHeight: "32px" },
      h2: { fontSize: rem(20), lineHeight: "28px" },
      h3: { fontSize: rem(16), lineHeight: "24px" },
      h4: { fontSize: rem(14), lineHeight: "20px" },
    },
  },
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    Button: {
      defaultProps: { size: "sm", variant: "default" },
      vars: (_: unknown, { size }: { size?: Size }) => ({
        root: {
          "--button-height": px(size, { xs: 24, md: 32, lg: 40 }, 28),
          "--button-padding-x": px(size, { xs: 8, md: 12, lg: 16 }, 10),
          "--button-fz": px(size, { xs: 12, lg: 14 }, 13),
        },
      }),
    },
    ActionIcon: {
      defaultProps: { variant: "subtle", color: "gray" },
      vars: (_: unknown, { size }: { size?: Size }) => ({ root: { "--ai-size": px(size, { xs: 20, sm: 24, lg: 32, xl: 40 }, 28) } }),
    },
    Input: {
      defaultProps: { size: "sm" },
      vars: (_: unknown, { size }: { size?: Size }) => ({
        wrapper: { "--input-height": px(size, { xs: 28, md: 36 }, 32), "--input-fz": rem(13), "--input-padding": rem(10) },
      }),
    },
    TextInput: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "sm", checkIconPosition: "right" } },
    Checkbox: { defaultProps: { size: "xs", radius: "sm" }, vars: () => ({ root: { "--checkbox-size": rem(16) } }) },
    Switch: { defaultProps: { size: "xs" } },
    SegmentedControl: { defaultProps: { size: "xs", withItemsBorders: false } },
    Progress: { defaultProps: { size: 4, radius: 2 } },
    Skeleton: { defaultProps: { radius: "sm" } },
    Tooltip: { defaultProps: { openDelay: 400, withArrow: false, offset: 6 } },
    Notification: { defaultProps: { radius: "lg", withBorder: true } },
    Menu: { defaultProps: { shadow: "md", radius: "lg", offset: 4 } },
    Popover: { defaultProps: { shadow: "md", radius: "lg", offset: 4 } },
    Modal: {
      defaultProps: {
        radius: "xl",
        shadow: "xl",
        overlayProps: { color: "var(--rp-scrim)", backgroundOpacity: 1 },
        transitionProps: { transition: "pop", duration: 160 },
      },
    },
  },
});

const mapped: Readonly<Record<string, string>> = {
  body: "sheet",
  text: "text",
  dimmed: "text-3",
  placeholder: "text-3",
  default: "raised",
  "default-color": "text",
  "default-hover": "hover",
  "default-border": "line-2",
  anchor: "accent-text",
  error: "bad-text",
  disabled: "press",
  "disabled-color": "text-off",
  "ink-filled": "accent",
  "ink-filled-hover": "accent-hover",
  "gray-light-color": "text-2",
  "gray-light-hover": "press",
  ...meaning("red", "bad", "bad-fill"),
  ...meaning("green", "good", "good"),
  ...meaning("yellow", "warn", "warn"),
};

function meaning(colour: string, role: string, fill: string): Record<string, string> {
  return {
    [`${colour}-filled`]: fill,
    [`${colour}-light`]: `${role}-soft`,
    [`${colour}-light-hover`]: `${role}-soft`,
    [`${colour}-light-color`]: `${role}-text`,
    // Menu.Item reads shade 6.
    [`${colour}-6`]: `${role}-text`,
  };
}

/** The colour roles as CSS variables, and Mantine's own in terms of them. */
export const cssVariablesResolver: CSSVariablesResolver = () => {
  const own = Object.fromEntries(Object.entries(mapped).map(([name, role]) => [`--mantine-color-${name}`, `var(--rp-${role})`]));
  return { variables: {}, light: { ...variablesOf("light"), ...own }, dark: { ...variablesOf("dark"), ...own } };
};
