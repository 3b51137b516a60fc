import { Button, Popover } from "@mantine/core";
import { IconFilter2, IconX } from "@tabler/icons-react";
import { Fragment, useEffect, useState } from "react";
import { type Criteria, type Leaf, leavesOf } from "../../../../src/domain/kit/criteria.ts";
import { Picker } from "../../kit/picker.tsx";
import { useWords } from "../../kit/words.ts";
import type { Column } from "../columns.ts";
import { Chip } from "./chip.tsx";
import { begin, isComplete } from "./operators.ts";
import { criteriaOf, type Group, groupOf, type Item, replaced, without } from "./tree.ts";

type Props = {
  readonly filter: Criteria | null;
  readonly columns: readonly Column[];
  readonly onChange: (filter: Criteria | null) => void;
};

/** The conditions of a list as chips, with and, or between them, and the way to add one. */
export function FilterChips({ filter, columns, onChange }: Props) {
  const { t } = useWords();
  // A condition whose value is not given yet is ours alone until it is.
  const [group, setGroup] = useState<Group>(() => groupOf(filter));
  const [fresh, setFresh] = useState<Leaf | null>(null);
  const told = JSON.stringify(filter);
  useEffect(() => setGroup(groupOf(JSON.parse(told) as Criteria | null)), [told]);

  const change = (next: Group) => {
    setGroup(next);
    const complete = criteriaOf(onlyComplete(next));
    if (JSON.stringify(complete) !== told) onChange(complete);
  };
  return (
    <>
      <Run group={group} columns={columns} fresh={fresh} onChange={change} onFresh={setFresh} />
      <AddFilter
        columns={columns}
        isBare={group.items.length === 0}
        onAdd={(leaf) => {
          setFresh(leaf);
          change({ ...group, items: [...group.items, { leaf }] });
        }}
        onAddGroup={
          group.items.length
            ? (leaf) => {
                setFresh(leaf);
                change({ ...group, items: [...group.items, { group: { join: group.join === "all" ? "any" : "all", items: [{ leaf }] } }] });
              }
            : undefined
        }
      />
      {group.items.length ? <span className="sr-only">{t("filter.switch")}</span> : null}
    </>
  );
}

type RunProps = {
  readonly group: Group;
  readonly columns: readonly Column[];
  readonly fresh: Leaf | null;
  readonly onChange: (group: Group) => void;
  readonly onFresh: (leaf: Leaf | null) => void;
};

function Run({ group, columns, fresh, onChange, onFresh }: RunProps) {
  const { t } = useWords();
  const flip = () => onChange({ ...group, join: group.join === "all" ? "any" : "all" });
  return group.items.map((item, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a condition is known by its place among the others.
    <Fragment key={index}>
      {index ? (
        <button type="button" className="chip-join" onClick={flip} title={t("filter.switch")}>
          {t(group.join === "all" ? "filter.and" : "filter.or")}
        </button>
      ) : null}
      <One
        item={item}
        columns={columns}
        fresh={fresh}
        onFresh={onFresh}
        onChange={(next) => onChange(next ? replaced(group, index, next) : without(group, index))}
      />
    </Fragment>
  ));
}

type OneProps = Omit<RunProps, "group" | "onChange"> & { readonly item: Item; readonly onChange: (item: Item | null) => void };

function One({ item, columns, fresh, onFresh, onChange }: OneProps) {
  const { t } = useWords();
  if ("tree" in item) {
    const text = t("filter.tree", { n: leavesOf(item.tree).length });
    return (
      <span className="chip">
        <span className="chip-field">{text}</span>
        <button type="button" className="chip-remove" aria-label={t("filter.remove", { name: text })} onClick={() => onChange(null)}>
          <IconX size={12} stroke={2} />
        </button>
      </span>
    );
  }
  if ("group" in item) {
    return (
      <span className="chip-group">
        <Run
          group={item.group}
          columns={columns}
          fresh={fresh}
          onFresh={onFresh}
          onChange={(group) => onChange(group.items.length ? { group } : null)}
        />
        <AddFilter
          columns={columns}
          isSmall
          onAdd={(leaf) => {
            onFresh(leaf);
            onChange({ group: { ...item.group, items: [...item.group.items, { leaf }] } });
          }}
        />
      </span>
    );
  }
  const column = columns.find(({ key }) => key === item.leaf.field);
  if (!column) return null;
  return (
    <Chip
      leaf={item.leaf}
      field={column.field}
      isNew={fresh === item.leaf}
      onChange={(leaf) => onChange({ leaf })}
      onRemove={() => onChange(null)}
    />
  );
}

type AddProps = {
  readonly columns: readonly Column[];
  readonly onAdd: (leaf: Leaf) => void;
  readonly onAddGroup?: ((leaf: Leaf) => void) | undefined;
  readonly isSmall?: boolean;
  readonly isBare?: boolean;
};

function AddFilter({ columns, onAdd, onAddGroup, isSmall, isBare }: AddProps) {
  const { t, label } = useWords();
  const [isOpen, setOpen] = useState(false);
  const [inGroup, setInGroup] = useState(false);
  const items = columns.map(({ key, field }) => ({ value: key, text: label(field.label) }));
  const pick = (key: string) => {
    const column = columns.find((one) => one.key === key);
    setOpen(false);
    if (!column) return;
    const leaf = begin(key, column.field);
    (inGroup && onAddGroup ? onAddGroup : onAdd)(leaf);
    setInGroup(false);
  };
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-start" trapFocus returnFocus>
      <Popover.Target>
        {isSmall ? (
          <button type="button" className="chip-add" aria-label={t("filter.add")} onClick={() => setOpen(true)}>
            +
          </button>
        ) : (
          <Button
            variant="subtle"
            data-filter-add
            data-bare={isBare || undefined}
            leftSection={<IconFilter2 size={16} stroke={1.75} />}
            onClick={() => setOpen(true)}
          >
            {t("filter.filter")}
          </Button>
        )}
      </Popover.Target>
      <Popover.Dropdown>
        <Picker label={t("filter.where")} items={items} onPick={pick} />
        {onAddGroup ? (
          <label className="picker-option">
            <input type="checkbox" checked={inGroup} onChange={(event) => setInGroup(event.currentTarget.checked)} />{" "}
            {t("filter.add_group")}
          </label>
        ) : null}
      </Popover.Dropdown>
    </Popover>
  );
}

function onlyComplete({ join, items }: Group): Group {
  return {
    join,
    items: items.flatMap((item): readonly Item[] => {
      if ("leaf" in item) return isComplete(item.leaf) ? [item] : [];
      return "group" in item ? [{ group: onlyComplete(item.group) }] : [item];
    }),
  };
}
