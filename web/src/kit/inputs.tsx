import { Checkbox, Popover } from "@mantine/core";
import { IconSelector, IconX } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { resourceNamed } from "../../../src/domain/catalogue.ts";
import type { Address } from "../../../src/domain/kit/address.ts";
import { currencies } from "../../../src/domain/kit/currency.ts";
import type { Field, Kind, Link } from "../../../src/domain/kit/fields.ts";
import { formatMinor, isCurrency, parseMinor } from "../../../src/domain/kit/money.ts";
import type { Tag as TagValue } from "../../../src/domain/kit/resource.ts";
import { perform } from "./api.ts";
import { Avatar, isPeople } from "./avatar.tsx";
import { Cell, embeddedKey, isEmpty, type Values } from "./cells.tsx";
import { plainNumber } from "./format.ts";
import { Picker, type PickerItem } from "./picker.tsx";
import { useMembers, useSession } from "./session.ts";
import { Status, Tags } from "./signs.tsx";
import { useWords, type Word } from "./words.ts";

export type InputProps = {
  readonly name: string;
  readonly field: Field;
  readonly value: unknown;
  readonly record: Values;
  /** A new value; with a reference also the record it points to, so that its name is shown at once. */
  readonly onChange: (value: unknown, beside?: Values) => void;
  /** The value is final: chosen from a list, not typed. */
  readonly onCommit?: (value: unknown, beside?: Values) => void;
  readonly onCancel?: () => void;
  /** What was typed into the cell to begin with. */
  readonly seed?: string | undefined;
  readonly isOpen?: boolean;
  readonly id?: string;
  readonly describedBy?: string | undefined;
};

/** How a value of each kind is given, in a cell, an attribute, a form or a filter. */
const inputs = {
  text: TextInput,
  long_text: LongTextInput,
  email: TextInput,
  url: TextInput,
  phone: TextInput,
  integer: NumberInput,
  decimal: NumberInput,
  money: MoneyInput,
  date: DateInput,
  instant: InstantInput,
  boolean: BooleanInput,
  choice: ChoiceInput,
  choices: ChoicesInput,
  reference: ReferenceInput,
  references: ReferencesInput,
  address: AddressInput,
  json: JsonInput,
} satisfies Record<Kind, (props: InputProps) => ReactNode>;

/** An input for any field. */
export function Input(props: InputProps) {
  if (props.field.many) return <ManyInput {...props} />;
  const Control = props.field.to === "tags" ? TagsInput : inputs[props.field.kind];
  return <Control {...props} />;
}

/** Kinds that are chosen from a list; their editor opens one. */
export const isPicked = ({ kind, many }: Field): boolean => !many && ["choice", "choices", "reference", "references"].includes(kind);

const types: Partial<Record<Kind, string>> = { email: "email", url: "url", phone: "tel" };

function TextInput({ id, field, value, seed, onChange, isOpen, describedBy }: InputProps) {
  const [text, setText] = useState(seed ?? (isEmpty(value) ? "" : String(value)));
  return (
    <input
      id={id}
      className="input"
      // biome-ignore lint/a11y/noAutofocus: it was opened to be typed into.
      autoFocus={isOpen}
      data-autofocus={isOpen || undefined}
      // Browsers refuse selections in inputs of type email; the keyboard of a phone follows inputMode.
      inputMode={types[field.kind] as "email" | "url" | "tel" | undefined}
      autoComplete="off"
      spellCheck={false}
      aria-describedby={describedBy}
      placeholder={isOpen ? undefined : String(field.example ?? "")}
      value={text}
      onFocus={(event) => {
        if (isOpen && seed === undefined) event.currentTarget.select();
      }}
      onChange={(event) => {
        setText(event.currentTarget.value);
        onChange(event.currentTarget.value.trim() || null);
      }}
    />
  );
}

function LongTextInput({ id, value, seed, onChange, isOpen, describedBy }: InputProps) {
  return (
    <textarea
      id={id}
      className="input input-long"
      rows={4}
      // biome-ignore lint/a11y/noAutofocus: it was opened to be typed into.
      autoFocus={isOpen}
      data-autofocus={isOpen || undefined}
      aria-describedby={describedBy}
      defaultValue={seed ?? (isEmpty(value) ? "" : String(value))}
      onChange={(event) => onChange(event.currentTarget.value.trim() || null)}
    />
  );
}

function NumberInput({ id, field, value, seed, onChange, isOpen, describedBy }: InputProps) {
  const words = useWords();
  const initial = isEmpty(value) ? "" : typeof value === "number" ? words.number(value) : String(value);
  const read = (text: string): unknown => {
    const plain = plainNumber(text, words);
    if (plain === "") return null;
    return field.kind === "decimal" || !/^-?\d+$/.test(plain) ? plain : Number(plain);
  };
  return (
    <input
      id={id}
      className="input tabular input-end"
      // biome-ignore lint/a11y/noAutofocus: it was opened to be typed into.
      autoFocus={isOpen}
      data-autofocus={isOpen || undefined}
      inputMode="decimal"
      autoComplete="off"
      aria-describedby={describedBy}
      defaultValue={seed ?? initial}
      onFocus={(event) => {
        if (isOpen && seed === undefined) event.currentTarget.select();
      }}
      onChange={(event) => onChange(read(event.currentTarget.value))}
    />
  );
}

/** Money of a declared field is minor units of the currency beside it; an own field carries its currency with it. */
function MoneyInput({ id, field, value, record, seed, onChange, isOpen, describedBy }: InputProps) {
  const words = useWords();
  const { workspace } = useSession();
  const own = field.currency === undefined;
  const given = value as { amount_minor?: number; currency?: string } | number | null;
  const stored = typeof given === "object" ? given?.currency : record[field.currency ?? ""];
  const [currency, setCurrency] = useState(typeof stored === "string" && isCurrency(stored) ? stored : (workspace.currency ?? "EUR"));
  const amount = typeof given === "object" ? given?.amount_minor : given;
  const [text, setText] = useState(seed ?? (typeof amount === "number" ? formatMinor(amount, currency) : ""));
  const tellOf = (typed: string, code: string) => {
    const plain = plainNumber(typed, { ...words, language: /\.\d{1,3}$/.test(typed) ? "en" : words.language });
    const minor = plain === "" ? null : parseMinor(plain, code);
    if (plain === "") return onChange(null);
    if (minor === null) return onChange(typed);
    onChange(own ? { amount_minor: Number(minor), currency: code } : Number(minor));
  };
  return (
    <span className="input-pair">
      <input
        id={id}
        className="input tabular input-end"
        // biome-ignore lint/a11y/noAutofocus: it was opened to be typed into.
        autoFocus={isOpen}
        data-autofocus={isOpen || undefined}
        inputMode="decimal"
        aria-describedby={describedBy}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          tellOf(event.currentTarget.value, currency);
        }}
      />
      {own ? (
        <select
          className="input input-currency"
          aria-label={words.t("input.currency")}
          value={currency}
          onChange={(event) => {
            setCurrency(event.currentTarget.value);
            tellOf(text, event.currentTarget.value);
          }}
        >
          {currencies.map((code) => (
            <option key={code}>{code}</option>
          ))}
        </select>
      ) : null}
    </span>
  );
}

function DateInput({ id, value, onChange, isOpen, describedBy }: InputProps) {
  return (
    <input
      id={id}
      type="date"
      className="input tabular"
      // biome-ignore lint/a11y/noAutofocus: it was opened to be typed into.
      autoFocus={isOpen}
      data-autofocus={isOpen || undefined}
      aria-describedby={describedBy}
      defaultValue={isEmpty(value) ? "" : String(value)}
      onChange={(event) => onChange(event.currentTarget.value || null)}
    />
  );
}

function InstantInput({ id, value, onChange, isOpen, describedBy }: InputProps) {
  return (
    <input
      id={id}
      type="datetime-local"
      className="input tabular"
      // biome-ignore lint/a11y/noAutofocus: it was opened to be typed into.
      autoFocus={isOpen}
      data-autofocus={isOpen || undefined}
      aria-describedby={describedBy}
      defaultValue={isEmpty(value) ? "" : localMoment(String(value))}
      onChange={(event) => onChange(event.currentTarget.value ? new Date(event.currentTarget.value).toISOString() : null)}
    />
  );
}

function localMoment(instant: string): string {
  const date = new Date(instant);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function BooleanInput({ id, field, value, onChange, onCommit, isOpen }: InputProps) {
  const { label } = useWords();
  return (
    <span className="input-check">
      <Checkbox
        id={id}
        autoFocus={isOpen}
        aria-label={label(field.label)}
        defaultChecked={value === true}
        onChange={(event) => (onCommit ?? onChange)(event.currentTarget.checked)}
      />
    </span>
  );
}

type PickProps = {
  readonly props: InputProps;
  readonly shown: ReactNode;
  readonly items: readonly PickerItem[];
  readonly chosen: readonly string[];
  readonly onPick: (value: string) => void;
  readonly onSearch?: (text: string) => void;
  readonly onCreate?: (text: string) => void;
  readonly isMultiple?: boolean;
};

/** The value of a field chosen from a list, and the list below it. */
function Pick({ props, shown, items, chosen, onPick, onSearch, onCreate, isMultiple }: PickProps) {
  const { t, label } = useWords();
  const [isOpen, setOpen] = useState(props.isOpen ?? false);
  const close = () => {
    setOpen(false);
    if (isMultiple && props.onCommit) props.onCommit(props.value);
    else props.onCancel?.();
  };
  const isCleared = !props.field.required && chosen.length > 0;
  return (
    <Popover opened={isOpen} onChange={(open) => !open && close()} position="bottom-start" trapFocus returnFocus withinPortal>
      <Popover.Target>
        <button
          type="button"
          id={props.id}
          className="input input-pick"
          aria-haspopup="listbox"
          aria-describedby={props.describedBy}
          onClick={() => setOpen(true)}
        >
          <span className="input-pick-value">{shown ?? <span className="quiet">{t("input.choose")}</span>}</span>
          <IconSelector size={14} stroke={2} aria-hidden />
        </button>
      </Popover.Target>
      <Popover.Dropdown onKeyDown={(event) => event.key === "Escape" && (event.stopPropagation(), close())}>
        <Picker
          label={label(props.field.label)}
          items={items}
          chosen={chosen}
          seed={props.seed ?? ""}
          onPick={(value) => {
            onPick(value);
            if (!isMultiple) setOpen(false);
          }}
          {...(onSearch ? { onSearch } : {})}
          {...(onCreate ? { onCreate } : {})}
        />
        {isCleared ? (
          <button
            type="button"
            className="picker-clear"
            onClick={() => {
              (props.onCommit ?? props.onChange)(isMultiple ? [] : null);
              setOpen(false);
            }}
          >
            <IconX size={14} stroke={2} aria-hidden /> {t("do.clear")}
          </button>
        ) : null}
      </Popover.Dropdown>
    </Popover>
  );
}

function ChoiceInput(props: InputProps) {
  const { label } = useWords();
  const options = props.field.options ?? [];
  const option = options.find((one) => one.value === props.value);
  return (
    <Pick
      props={props}
      shown={option ? <Status option={option} /> : null}
      chosen={option ? [option.value] : []}
      items={options.map((one) => ({ value: one.value, text: label(one.label) }))}
      onPick={(value) => (props.onCommit ?? props.onChange)(value)}
    />
  );
}

function ChoicesInput(props: InputProps) {
  const { label } = useWords();
  const chosen = (props.value ?? []) as readonly string[];
  return (
    <Pick
      props={props}
      isMultiple
      shown={chosen.length ? <Cell {...props} /> : null}
      chosen={chosen}
      items={(props.field.options ?? []).map((one) => ({ value: one.value, text: label(one.label) }))}
      onPick={(value) => props.onChange(toggled(chosen, value))}
    />
  );
}

const toggled = (chosen: readonly string[], value: string) =>
  chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value];

/** Records of a resource whose title begins with what is typed; members come from the directory. */
function useFound(to: string, text: string): { items: readonly PickerItem[]; records: ReadonlyMap<string, Values> } {
  const members = useMembers();
  const target = resourceNamed(to);
  const isMembers = to === "members";
  const { data } = useQuery({
    queryKey: ["found", to, text],
    enabled: !isMembers && target !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    queryFn: ({ signal }) =>
      perform<{ data: readonly Values[] }>(
        `${to}.list`,
        {
          limit: 20,
          ...(text && target?.search.includes("name") ? { q: text } : {}),
          ...(target?.sort.includes(target.title) ? { sort: target.title } : {}),
        },
        { signal },
      ),
  });
  const rows: readonly Values[] = isMembers ? [...members.values()] : (data?.data ?? []);
  const title = target?.title ?? "name";
  const isPerson = isMembers || (target ? isPeople(target) : false);
  return {
    items: rows.map((row) => ({
      value: String(row.id),
      text: String(row[title] ?? ""),
      before: <Avatar id={String(row.id)} name={String(row[title] ?? "")} isPerson={isPerson} />,
    })),
    records: new Map(rows.map((row) => [String(row.id), row])),
  };
}

function ReferenceInput(props: InputProps) {
  const [text, setText] = useState(props.seed ?? "");
  const to = props.field.to ?? "";
  const { items, records } = useFound(to, text);
  const pick = (id: string) => {
    const found = records.get(id);
    (props.onCommit ?? props.onChange)(id, to === "members" || !found ? undefined : { [embeddedKey(props.name)]: found });
  };
  return (
    <Pick
      props={props}
      shown={isEmpty(props.value) ? null : <Cell {...props} />}
      chosen={isEmpty(props.value) ? [] : [String(props.value)]}
      items={items}
      onPick={pick}
      {...(to === "members" ? {} : { onSearch: setText })}
    />
  );
}

/** Several links, each with a role in words. */
function ReferencesInput(props: InputProps) {
  const { t } = useWords();
  const [text, setText] = useState("");
  const to = props.field.to ?? "";
  const { items, records } = useFound(to, text);
  const [names, setNames] = useState<Readonly<Record<string, string>>>({});
  const links = (props.value ?? []) as readonly Link[];
  const title = resourceNamed(to)?.title ?? "name";
  return (
    <div className="input-links">
      {links.map((link) => (
        <div className="input-link" key={link.id}>
          <LinkName to={to} id={link.id} known={names[link.id]} />
          <input
            className="input"
            placeholder={t("input.role")}
            aria-label={t("input.role")}
            defaultValue={link.role ?? ""}
            onBlur={(event) =>
              props.onChange(links.map((one) => (one.id === link.id ? { ...one, role: event.currentTarget.value.trim() || null } : one)))
            }
          />
          <button
            type="button"
            className="icon-button"
            aria-label={t("do.remove")}
            onClick={() => props.onChange(links.filter(({ id }) => id !== link.id))}
          >
            <IconX size={14} stroke={2} />
          </button>
        </div>
      ))}
      <Pick
        props={{ ...props, value: links }}
        isMultiple
        shown={null}
        chosen={links.map(({ id }) => id)}
        items={items}
        onSearch={setText}
        onPick={(id) => {
          setNames({ ...names, [id]: String(records.get(id)?.[title] ?? "") });
          props.onChange(links.some((one) => one.id === id) ? links.filter((one) => one.id !== id) : [...links, { id, role: null }]);
        }}
      />
    </div>
  );
}

function LinkName({ to, id, known }: { readonly to: string; readonly id: string; readonly known?: string | undefined }) {
  const members = useMembers();
  const title = resourceNamed(to)?.title ?? "name";
  const { data } = useQuery({
    queryKey: ["record", to, id],
    enabled: known === undefined && to !== "members",
    queryFn: ({ signal }) => perform<Values>(`${to}.get`, { id }, { signal }),
  });
  const name = known ?? members.get(id)?.name ?? String(data?.[title] ?? "…");
  return (
    <span className="cell-reference">
      <Avatar id={id} name={name} isPerson={to === "members"} />
      <span className="cell-text">{name}</span>
    </span>
  );
}

/** The tags of a record: chosen from those there are, made on the spot where the right allows. */
export function TagsInput(props: InputProps) {
  const { data } = useQuery({
    queryKey: ["tags"],
    staleTime: 60_000,
    queryFn: ({ signal }) => perform<{ data: readonly TagValue[] }>("tags.list", { limit: 100, sort: "name" }, { signal }),
  });
  const chosen = (props.value ?? []) as readonly TagValue[];
  const known = data?.data ?? [];
  const toggle = (id: string) => {
    const tag = known.find((one) => one.id === id);
    props.onChange(chosen.some((one) => one.id === id) ? chosen.filter((one) => one.id !== id) : tag ? [...chosen, tag] : chosen);
  };
  return (
    <Pick
      props={props}
      isMultiple
      shown={chosen.length ? <Tags tags={chosen} most={3} /> : null}
      chosen={chosen.map(({ id }) => id)}
      items={known.map((tag) => ({
        value: tag.id,
        text: tag.name,
        before: <span className="tag-dot" style={{ background: `var(--rp-${tag.colour}-dot)` }} />,
      }))}
      onPick={toggle}
      // A name that is no tag yet becomes one with the write.
      onCreate={(name) => props.onChange([...chosen, { id: name, name, colour: "slate" }])}
    />
  );
}

const addressParts = ["street", "postal_code", "city", "region", "country"] as const satisfies readonly (keyof Address)[];

function AddressInput({ id, value, onChange, isOpen }: InputProps) {
  const { t } = useWords();
  const [address, setAddress] = useState((value ?? {}) as Partial<Address>);
  return (
    <div className="input-address" id={id}>
      {addressParts.map((part, index) => (
        <input
          key={part}
          className="input"
          data-part={part}
          // biome-ignore lint/a11y/noAutofocus: it was opened to be typed into.
          autoFocus={isOpen && index === 0}
          data-autofocus={(isOpen && index === 0) || undefined}
          aria-label={t(`address.${part}` satisfies Word)}
          placeholder={t(`address.${part}` satisfies Word)}
          maxLength={part === "country" ? 2 : 255}
          defaultValue={address[part] ?? ""}
          onChange={(event) => {
            const next = { ...address, [part]: event.currentTarget.value.trim() || null };
            setAddress(next);
            onChange(Object.values(next).some(Boolean) ? next : null);
          }}
        />
      ))}
    </div>
  );
}

function JsonInput({ id, value, onChange, isOpen, describedBy }: InputProps) {
  const { t } = useWords();
  const [fault, setFault] = useState(false);
  return (
    <>
      <textarea
        id={id}
        className="input input-long mono"
        rows={3}
        // biome-ignore lint/a11y/noAutofocus: it was opened to be typed into.
        autoFocus={isOpen}
        data-autofocus={isOpen || undefined}
        aria-describedby={describedBy}
        aria-invalid={fault}
        defaultValue={isEmpty(value) ? "" : JSON.stringify(value, null, 1)}
        onChange={(event) => {
          const text = event.currentTarget.value.trim();
          try {
            onChange(text ? JSON.parse(text) : null);
            setFault(false);
          } catch {
            setFault(true);
          }
        }}
      />
      {fault ? <span className="input-error">{t("input.invalid_json")}</span> : null}
    </>
  );
}

/** Several values of one field, parted by commas. */
function ManyInput({ id, value, seed, onChange, isOpen }: InputProps) {
  const { t } = useWords();
  return (
    <input
      id={id}
      className="input"
      // biome-ignore lint/a11y/noAutofocus: it was opened to be typed into.
      autoFocus={isOpen}
      data-autofocus={isOpen || undefined}
      placeholder={t("input.list_hint")}
      defaultValue={seed ?? ((value ?? []) as readonly unknown[]).join(", ")}
      onChange={(event) =>
        onChange(
          event.currentTarget.value
            .split(/[,;]/)
            .map((part) => part.trim())
            .filter(Boolean),
        )
      }
    />
  );
}
