import { Button } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconX } from "@tabler/icons-react";
import { useWords } from "../kit/words.ts";
import { Tool } from "./parts.tsx";

/** An option of a choice, with an identity for the screen. */
export type StoredOption = {
  readonly id: number;
  readonly isStored: boolean;
  readonly value: string;
  readonly label?: string | null;
  readonly colour?: string | null;
};
type Props = {
  readonly options: readonly StoredOption[];
  readonly fault: string | null;
  readonly onChange: (options: readonly StoredOption[]) => void;
};

/** What can be chosen in a field, in its order; a word that records have already keeps its value when it is renamed. */
export function OptionsEditor({ options, fault, onChange }: Props) {
  const { t } = useWords();
  const rename = (id: number, word: string) => onChange(options.map((one) => (one.id === id ? renamed(one, word) : one)));
  const move = (from: number, to: number) => {
    const next = [...options];
    next.splice(to, 0, ...next.splice(from, 1));
    onChange(next);
  };
  return (
    <div>
      <div className="field-label">{t("field.options")}</div>
      <ol className="set-options">
        {options.map((option, index) => {
          const word = option.label ?? option.value;
          return (
            <li className="set-option" key={option.id}>
              <input
                className="input"
                aria-label={t("field.option", { n: index + 1 })}
                maxLength={255}
                // biome-ignore lint/a11y/noAutofocus: it was added to be typed into.
                autoFocus={word === ""}
                value={word}
                onChange={(event) => rename(option.id, event.currentTarget.value)}
                onKeyDown={(event) => {
                  if (event.key !== "Enter") return;
                  event.preventDefault();
                  onChange([...options, newOption()]);
                }}
              />
              <Tool label={t("list.column_up", { name: word })} isOff={index === 0} onClick={() => move(index, index - 1)}>
                <IconArrowUp size={14} stroke={2} />
              </Tool>
              <Tool
                label={t("list.column_down", { name: word })}
                isOff={index === options.length - 1}
                onClick={() => move(index, index + 1)}
              >
                <IconArrowDown size={14} stroke={2} />
              </Tool>
              <Tool label={t("do.remove")} onClick={() => onChange(options.filter(({ id }) => id !== option.id))}>
                <IconX size={14} stroke={2} />
              </Tool>
            </li>
          );
        })}
      </ol>
      {fault ? (
        <p className="settings-fault" role="alert">
          {fault}
        </p>
      ) : null}
      <Button size="xs" leftSection={<IconPlus size={12} stroke={2} />} onClick={() => onChange([...options, newOption()])}>
        {t("field.add_option")}
      </Button>
    </div>
  );
}

/** A new option is its word; one that is stored keeps its value and only shows another word. */
function renamed(option: StoredOption, word: string): StoredOption {
  return option.isStored ? { ...option, label: word } : { ...option, value: word };
}

let made = 0;

/** An option as it is stored: a word, or a value with a label. */
export function optionOf(stored: unknown): StoredOption {
  made += 1;
  const option = typeof stored === "string" ? { value: stored } : (stored as { value: string });
  return { ...option, id: made, isStored: true };
}

function newOption(): StoredOption {
  made += 1;
  return { id: made, isStored: false, value: "" };
}

/** An option as the server takes it. */
export function writtenOption({ value, label, colour }: StoredOption): { value: string; label?: string; colour?: string } {
  const word = label?.trim();
  return { value: value.trim(), ...(word && word !== value ? { label: word } : {}), ...(colour ? { colour } : {}) };
}
