import { Sheet } from "../kit/dialogs.tsx";
import { useActiveShortcuts } from "../kit/shortcuts.ts";
import { Key } from "../kit/signs.tsx";
import { useWords } from "../kit/words.ts";
import { showShortcuts } from "./palette-state.ts";

/** The shortcuts that work on this screen. */
export function ShortcutSheet() {
  const { t } = useWords();
  const shortcuts = useActiveShortcuts();
  const groups = [...new Set(shortcuts.map(({ group }) => group))].sort((a) => (a === "keys.everywhere" ? 1 : -1));
  return (
    <Sheet title={t("keys.title")} isOpen onClose={() => showShortcuts(false)} size={520}>
      <div className="shortcut-groups">
        {groups.map((group) => (
          <section key={group}>
            <h3 className="peek-title">{t(group)}</h3>
            <dl className="shortcut-list">
              {shortcuts
                .filter((one) => one.group === group)
                .map(({ keys, what }) => (
                  <div key={`${keys} ${what}`}>
                    <dt>{what}</dt>
                    <dd>
                      {keys.split(" ").map((key) => (
                        <Key key={key} keys={key.length === 1 ? key.toUpperCase() : key === "Escape" ? "Esc" : key} />
                      ))}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Sheet>
  );
}
