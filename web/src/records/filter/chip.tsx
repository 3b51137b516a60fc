import { Menu, Popover } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useRef, useState } from "react";
import type { Leaf } from "../../../../src/domain/kit/criteria.ts";
import type { Field } from "../../../../src/domain/kit/fields.ts";
import { useWords, type Word } from "../../kit/words.ts";
import { asking, isComplete, operandOf, operatorsOf } from "./operators.ts";
import { FilterValue, useValueText } from "./value.tsx";

type Props = {
  readonly leaf: Leaf;
  readonly field: Field;
  readonly onChange: (leaf: Leaf) => void;
  readonly onRemove: () => void;
  /** The chip was just added: its value is asked for at once. */
  readonly isNew?: boolean;
};

/** One condition: field, operator, value and the way to remove it. */
export function Chip({ leaf, field, onChange, onRemove, isNew = false }: Props) {
  const { t, label } = useWords();
  const [isOpen, setOpen] = useState(isNew && operandOf(leaf.op) !== "nothing");
  const name = label(field.label);
  const text = useValueText(leaf, field);
  // Leaving the value for the operator beside it does not give the condition up.
  const isAtOperator = useRef(false);
  const close = () => {
    setOpen(false);
    if (!isComplete(leaf) && !isAtOperator.current) onRemove();
    isAtOperator.current = false;
  };
  return (
    <span className="chip">
      <span className="chip-field">{name}</span>
      <Menu position="bottom-start">
        <Menu.Target>
          <button
            type="button"
            className="chip-op"
            onMouseDown={() => {
              isAtOperator.current = isOpen;
            }}
            onTouchStart={() => {
              isAtOperator.current = isOpen;
            }}
          >
            {t(`op.${leaf.op}` satisfies Word)}
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {operatorsOf(field).map((op) => (
            <Menu.Item
              key={op}
              onClick={() => {
                onChange(asking(leaf, op, field));
                setOpen(operandOf(op) !== "nothing");
              }}
            >
              {t(`op.${op}` satisfies Word)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {operandOf(leaf.op) === "nothing" ? null : (
        <Popover opened={isOpen} onChange={(open) => !open && close()} position="bottom-start" trapFocus returnFocus>
          <Popover.Target>
            <button
              type="button"
              className="chip-value"
              onClick={() => setOpen(true)}
              aria-label={`${name} ${t(`op.${leaf.op}` satisfies Word)} ${text}`}
            >
              {text || "…"}
            </button>
          </Popover.Target>
          <Popover.Dropdown onKeyDown={(event) => event.key === "Escape" && (event.stopPropagation(), close())}>
            <FilterValue leaf={leaf} field={field} onChange={(value) => onChange({ ...leaf, value })} onDone={() => setOpen(false)} />
          </Popover.Dropdown>
        </Popover>
      )}
      <button type="button" className="chip-remove" aria-label={t("filter.remove", { name })} onClick={onRemove}>
        <IconX size={12} stroke={2} />
      </button>
    </span>
  );
}
