import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { resourceNamed } from "../../../../src/domain/catalogue.ts";
import { type Leaf, ME, MY_TEAM } from "../../../../src/domain/kit/criteria.ts";
import type { Field } from "../../../../src/domain/kit/fields.ts";
import type { Tag } from "../../../../src/domain/kit/resource.ts";
import { type Unit, units } from "../../../../src/domain/kit/rolling.ts";
import { perform } from "../../kit/api.ts";
import { Avatar, isPeople } from "../../kit/avatar.tsx";
import { textOf, type Values } from "../../kit/cells.tsx";
import { Input } from "../../kit/inputs.tsx";
import { Picker, type PickerItem } from "../../kit/picker.tsx";
import { useMembers } from "../../kit/session.ts";
import { useWords, type Word } from "../../kit/words.ts";
import { operandOf } from "./operators.ts";

type Props = { readonly leaf: Leaf; readonly field: Field; readonly onChange: (value: unknown) => void; readonly onDone: () => void };

/** The value of a condition, given the way its operator asks. */
export function FilterValue(props: Props) {
  const operand = operandOf(props.leaf.op);
  if (operand === "nothing") return null;
  if (operand === "roll") return <RollValue {...props} />;
  if (operand === "pair") return <PairValue {...props} />;
  if (operand === "tags") return <TagsValue {...props} />;
  if (operand === "list") return <ListValue {...props} />;
  return <OneValue {...props} />;
}

function OneValue({ leaf, field, onChange, onDone }: Props) {
  const { t } = useWords();
  const [value, setValue] = useState(leaf.value);
  const done = () => {
    onChange(value);
    onDone();
  };
  return (
    <form
      className="filter-form"
      onSubmit={(event) => {
        event.preventDefault();
        done();
      }}
    >
      <Input
        name={leaf.field}
        // A part of an address or of a phone number is plain text.
        field={field.kind === "address" || field.kind === "long_text" ? { ...field, kind: "text", many: false } : { ...field, many: false }}
        value={value ?? null}
        record={{}}
        onChange={setValue}
        isOpen
      />
      <Button type="submit" size="xs">
        {t("filter.apply")}
      </Button>
    </form>
  );
}

function PairValue({ leaf, field, onChange, onDone }: Props) {
  const { t } = useWords();
  const [[low, high], setPair] = useState(() => (Array.isArray(leaf.value) ? leaf.value : [null, null]) as [unknown, unknown]);
  return (
    <form
      className="filter-form"
      onSubmit={(event) => {
        event.preventDefault();
        onChange([low, high]);
        onDone();
      }}
    >
      <span className="quiet">{t("filter.from")}</span>
      <Input name={`${leaf.field}.from`} field={field} value={low} record={{}} onChange={(value) => setPair([value, high])} isOpen />
      <span className="quiet">{t("filter.to")}</span>
      <Input name={`${leaf.field}.to`} field={field} value={high} record={{}} onChange={(value) => setPair([low, value])} />
      <Button type="submit" size="xs">
        {t("filter.apply")}
      </Button>
    </form>
  );
}

function RollValue({ leaf, field, onChange, onDone }: Props) {
  const { t } = useWords();
  const roll = (leaf.value ?? { n: 30, unit: "day" }) as { n: number; unit: Unit };
  const [n, setN] = useState(String(roll.n));
  const [unit, setUnit] = useState<Unit>(roll.unit);
  return (
    <form
      className="filter-form"
      onSubmit={(event) => {
        event.preventDefault();
        onChange({ n: Math.max(1, Math.min(1000, Math.round(Number(n)) || 1)), unit });
        onDone();
      }}
    >
      <input
        className="input input-number"
        // biome-ignore lint/a11y/noAutofocus: the condition was opened to give its value.
        autoFocus
        type="number"
        min={1}
        max={1000}
        aria-label={t("filter.value")}
        value={n}
        onChange={(event) => setN(event.currentTarget.value)}
      />
      <select
        className="input"
        aria-label={t("filter.value")}
        value={unit}
        onChange={(event) => setUnit(event.currentTarget.value as Unit)}
      >
        {units
          .filter((one) => one !== "hour" || field.kind === "instant")
          .map((one) => (
            <option key={one} value={one}>
              {t(`unit.${one}` as Word, { n: Number(n) || 2 })}
            </option>
          ))}
      </select>
      <Button type="submit" size="xs">
        {t("filter.apply")}
      </Button>
    </form>
  );
}

const toggled = (list: readonly string[], value: string) => (list.includes(value) ? list.filter((one) => one !== value) : [...list, value]);
const asList = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(String) : value === undefined || value === null ? [] : [String(value)];

function TagsValue({ leaf, onChange }: Props) {
  const { t } = useWords();
  const { data } = useQuery({
    queryKey: ["tags"],
    staleTime: 60_000,
    queryFn: ({ signal }) => perform<{ data: readonly Tag[] }>("tags.list", { limit: 100, sort: "name" }, { signal }),
  });
  const chosen = asList(leaf.value);
  const items = (data?.data ?? []).map((tag) => ({
    value: tag.name,
    text: tag.name,
    before: <span className="tag-dot" style={{ background: `var(--rp-${tag.colour}-dot)` }} />,
  }));
  return <Picker label={t("tags.tags")} items={items} chosen={chosen} onPick={(name) => onChange(toggled(chosen, name))} />;
}

function ListValue({ leaf, field, onChange }: Props) {
  const { label, t } = useWords();
  const members = useMembers();
  const [text, setText] = useState("");
  const to = field.to ?? "";
  const target = resourceNamed(to);
  const isMembers = to === "members";
  const { data } = useQuery({
    queryKey: ["found", to, text],
    enabled: Boolean(target) && !isMembers,
    queryFn: ({ signal }) =>
      perform<{ data: readonly Values[] }>(`${to}.list`, { limit: 20, ...(text ? { q: text } : { sort: target?.title }) }, { signal }),
  });
  const chosen = asList(leaf.value);
  const people: readonly PickerItem[] = [
    { value: ME, text: t("value.me") },
    { value: MY_TEAM, text: t("value.my_team") },
    ...[...members.values()].map(({ id, name }) => ({ value: id, text: name, before: <Avatar id={id} name={name} /> })),
  ];
  const records = (data?.data ?? []).map((row): PickerItem => {
    const name = String(row[target?.title ?? "name"] ?? "");
    return {
      value: String(row.id),
      text: name,
      before: <Avatar id={String(row.id)} name={name} isPerson={target ? isPeople(target) : false} />,
    };
  });
  const options = (field.options ?? []).map((one): PickerItem => ({ value: one.value, text: label(one.label) }));
  return (
    <Picker
      label={label(field.label)}
      items={isMembers ? people : field.options ? options : records}
      chosen={chosen}
      onPick={(value) => onChange(toggled(chosen, value))}
      {...(target && !isMembers ? { onSearch: setText } : {})}
    />
  );
}

/** The value of a condition in words: at most two, then how many more. */
export function useValueText(leaf: Leaf, field: Field): string {
  const words = useWords();
  const { t } = words;
  const members = useMembers();
  const ids = field.to && field.to !== "members" && field.to !== "tags" ? asList(leaf.value) : [];
  const { data: names } = useQuery({
    queryKey: ["names", field.to, ids],
    enabled: ids.length > 0,
    staleTime: 300_000,
    queryFn: async ({ signal }) => {
      const records = await Promise.all(
        ids.slice(0, 2).map((id) => perform<Values>(`${field.to}.get`, { id }, { signal }).catch(() => ({}) as Values)),
      );
      return records.map((record) => String(record[resourceNamed(field.to ?? "")?.title ?? "name"] ?? "…"));
    },
  });
  const operand = operandOf(leaf.op);
  if (operand === "nothing") return "";
  if (operand === "roll") {
    const { n, unit } = leaf.value as { n: number; unit: Unit };
    return t("unit.some", { n, unit: t(`unit.${unit}` as Word, { n }) });
  }
  const one = (value: unknown): string => {
    if (value === ME) return t("value.me");
    if (value === MY_TEAM) return t("value.my_team");
    if (field.to === "members") return members.get(String(value))?.name ?? "…";
    if (field.to === "tags") return String(value);
    return textOf(value, { ...field, many: false }, {}, words, members, leaf.field);
  };
  const list = Array.isArray(leaf.value) ? leaf.value : [leaf.value];
  if (operand === "pair") return list.map(one).join(" – ");
  const shown = ids.length ? (names ?? ["…"]) : list.slice(0, 2).map(one);
  const isPseudo = list.length === 2 && list.every((value) => value === ME || value === MY_TEAM);
  return shown.join(isPseudo ? ` ${t("filter.or")} ` : ", ") + (list.length > 2 ? ` +${list.length - 2}` : "");
}
