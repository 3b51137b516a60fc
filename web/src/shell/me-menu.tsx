import { Menu, useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconLogout, IconMoon, IconSun } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { perform } from "../kit/api.ts";
import { type Language, prefer, usePreferences } from "../kit/preferences.ts";
import { refuse } from "../kit/toasts.tsx";
import { useWords } from "../kit/words.ts";

const schemes = { light: IconSun, dark: IconMoon, auto: IconDeviceDesktop } as const;
const languages: Readonly<Record<Language, string>> = { en: "English", de: "Deutsch" };

/** How the product looks to me, and the way out. */
export function MeMenu({ children }: { readonly children: ReactNode }) {
  const { t } = useWords();
  const client = useQueryClient();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { language, density } = usePreferences();
  const signOut = async () => {
    try {
      await perform("auth.sign_out");
      client.clear();
      location.assign("/");
    } catch (error) {
      refuse(error);
    }
  };
  return (
    <Menu position="top-start" width={216} closeOnItemClick={false}>
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("me.theme")}</Menu.Label>
        {(["light", "dark", "auto"] as const).map((scheme) => {
          const Icon = schemes[scheme];
          return (
            <Menu.Item
              key={scheme}
              leftSection={<Icon size={16} stroke={1.75} />}
              rightSection={colorScheme === scheme ? "✓" : null}
              onClick={() => setColorScheme(scheme)}
            >
              {t(`me.${scheme}`)}
            </Menu.Item>
          );
        })}
        <Menu.Label>{t("me.language")}</Menu.Label>
        {(["en", "de"] as const).map((one) => (
          <Menu.Item key={one} lang={one} rightSection={language === one ? "✓" : null} onClick={() => prefer({ language: one })}>
            {languages[one]}
          </Menu.Item>
        ))}
        <Menu.Label>{t("me.density")}</Menu.Label>
        {(["compact", "comfortable"] as const).map((one) => (
          <Menu.Item key={one} rightSection={density === one ? "✓" : null} onClick={() => prefer({ density: one })}>
            {t(`me.${one}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} stroke={1.75} />} onClick={() => void signOut()}>
          {t("me.sign_out")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
