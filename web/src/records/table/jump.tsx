import { Button, Popover } from "@mantine/core";
import { useState } from "react";
import type { Criteria } from "../../../../src/domain/kit/criteria.ts";
import { Input } from "../../kit/inputs.tsx";
import { useWords } from "../../kit/words.ts";
import type { Column } from "../columns.ts";
import type { ListState } from "../list-state.ts";
import type { Rows } from "../rows.ts";

const LONG = 10_000;

/** A list too long to scroll through is entered at a value of the column it is sorted by. */
export function JumpTo({ columns, state, rows }: { readonly columns: readonly Column[]; readonly state: ListState; readonly rows: Rows }) {
  const { t, label } = useWords();
  const [value, setValue] = useState<unknown>(null);
  const [isOpen, setOpen] = useState(false);
  const key = state.sort?.replace("-", "");
  const column = columns.find((one) => one.key === key);
  if (!column || (rows.total ?? 0) <= LONG) return null;
  const isText = ["text", "email", "url", "phone"].includes(column.field.kind);
  const name = label(column.field.label);
  const jump = () => {
    if (value === null || !key) return;
    const isDown = state.sort?.startsWith("-");
    const leaf = { field: key, op: isText ? ("starts_with" as const) : isDown ? ("lte" as const) : ("gte" as const), value };
    const kept: readonly Criteria[] = state.filter === null ? [] : "all" in state.filter ? state.filter.all : [state.filter];
    setOpen(false);
    state.set({ filter: { all: [...kept, leaf] } });
  };
  return (
    <Popover opened={isOpen} onChange={setOpen} trapFocus returnFocus position="bottom-end">
      <Popover.Target>
        <Button variant="subtle" onClick={() => setOpen(true)}>
          {t("list.jump")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          className="filter-form"
          onSubmit={(event) => {
            event.preventDefault();
            jump();
          }}
        >
          <span className="quiet">{t("list.jump_example", { name })}</span>
          <Input name={column.key} field={column.field} value={value} record={{}} onChange={setValue} isOpen />
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
