import { Button, Popover } from "@mantine/core";
import { IconEyeOff, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { CustomField } from "../../../src/domain/custom-fields/custom-field.ts";
import type { Resource } from "../../../src/domain/kit/resource.ts";
import { Picker, type PickerItem } from "../kit/picker.tsx";
import { useWords } from "../kit/words.ts";
import { fieldsQuery } from "./fields-data.ts";
import { Group } from "./parts.tsx";
import { type Draft, governed } from "./role-draft.ts";

type Props = {
  readonly stored: Draft;
  readonly draft: Draft;
  readonly isFixed: boolean;
  readonly onToggle: (resource: string, field: string) => void;
};

/** Fields that do not exist for a role: not in answers, filters, search or exports. */
export function HiddenFields({ stored, draft, isFixed, onToggle }: Props) {
  const { t, label } = useWords();
  return (
    <Group title={t("role.hidden")} text={t("role.hidden_text")}>
      {governed.map((resource) => (
        <div className="set-line" key={resource.name}>
          <div className="set-line-words">
            <span className="set-line-label">{label({ en: resource.label.en[1], de: resource.label.de[1] })}</span>
          </div>
          <HiddenOf
            resource={resource}
            before={stored.denied[resource.name] ?? []}
            hidden={draft.denied[resource.name] ?? []}
            isFixed={isFixed}
            onToggle={(field) => onToggle(resource.name, field)}
          />
        </div>
      ))}
    </Group>
  );
}

type OfProps = {
  readonly resource: Resource;
  readonly before: readonly string[];
  readonly hidden: readonly string[];
  readonly isFixed: boolean;
  readonly onToggle: (field: string) => void;
};

function HiddenOf({ resource, before, hidden, isFixed, onToggle }: OfProps) {
  const { t } = useWords();
  const [isOpen, setOpen] = useState(false);
  const items = useFieldItems(resource);
  const nameOf = (field: string) => items.find(({ value }) => value === field)?.text ?? field;
  const all = [...hidden, ...before.filter((field) => !hidden.includes(field))];
  return (
    <div className="set-line-value hidden-fields">
      {all.length === 0 ? <span className="quiet">{t("role.hidden_none")}</span> : null}
      {all.map((field) => {
        const isGone = !hidden.includes(field);
        return (
          <span key={field} className="tag" data-changed={isGone || !before.includes(field) || undefined}>
            <IconEyeOff size={12} stroke={2} aria-hidden />
            {isGone ? <s>{nameOf(field)}</s> : <span>{nameOf(field)}</span>}
            {isFixed || isGone ? null : (
              <button
                type="button"
                className="tag-remove"
                aria-label={t("role.show_field", { field: nameOf(field) })}
                onClick={() => onToggle(field)}
              >
                <IconX size={12} stroke={2} />
              </button>
            )}
          </span>
        );
      })}
      {isFixed ? null : (
        <Popover opened={isOpen} onChange={setOpen} position="bottom-start" trapFocus returnFocus>
          <Popover.Target>
            <Button size="xs" onClick={() => setOpen(!isOpen)}>
              {t("role.hide_field")}
            </Button>
          </Popover.Target>
          <Popover.Dropdown>
            <Picker label={t("role.hide_field")} items={items} chosen={hidden} onPick={onToggle} />
          </Popover.Dropdown>
        </Popover>
      )}
    </div>
  );
}

function useFieldItems({ name, fields, tags }: Resource): readonly PickerItem[] {
  const { t, label } = useWords();
  const { data: custom = none } = useQuery(fieldsQuery(name));
  return [
    ...Object.entries(fields).map(([value, field]) => ({ value, text: label(field.label) })),
    ...(tags ? [{ value: "tags", text: t("tags.tags") }] : []),
    ...custom.map(({ key, label: text }) => ({ value: `custom.${key}`, text })),
  ];
}
const none: readonly CustomField[] = [];
