import { beforeAll, describe, expect, test } from "vitest";
import { definitionsCache } from "../src/adapters/postgres/records/definitions.ts";
import { openScopes } from "../src/adapters/postgres/records/scopes.ts";
import { type CustomType, customTypes } from "../src/domain/kit/definitions.ts";
import { type App, perform } from "../src/usecases/kit/perform.ts";
import { aWorkspace, type Plain, type Workspace } from "./support/workspace.ts";

const refused = (code: string, details: object = {}) => expect.objectContaining({ code, ...details });
const at = (pointer: string, code: string) =>
  expect.objectContaining({ faults: expect.arrayContaining([expect.objectContaining({ pointer, code })]) });
const define = ({ admin }: Workspace, key: string, type: CustomType, more: object = {}): Promise<Plain> =>
  admin.perform("fields.create", { data: { resource: "contacts", key, label: `The ${key}`, type, ...more } });
const valuesIn = async ({ tenant, kernel }: Workspace, condition = "true"): Promise<readonly Plain[]> =>
  (
    await kernel.owner.query(`select * from custom_values where tenant_id = $1 and ${condition} order by record_id, field_id, item`, [
      tenant,
    ])
  ).rows;

describe("a field of each type", () => {
  let workspace: Workspace;
  let target: Plain;
  /** For each type what is sent, what is answered, something greater, and what is not of that type. */
  const types: Readonly<
    Record<CustomType, { sent: unknown; answered?: unknown; other: unknown; bad: readonly (readonly [unknown, string])[]; more?: object }>
  > = {
    text: {
      sent: " Ölberg ",
      answered: "Ölberg",
      other: "zebra",
      bad: [
        [7, "TYPE"],
        ["x".repeat(256), "TOO_LONG"],
        ["a\0b", "NUL"],
      ],
    },
    long_text: { sent: "Once\nupon", other: "a time", bad: [[7, "TYPE"]] },
    integer: {
      sent: 42,
      other: 43,
      bad: [
        ["42", "TYPE"],
        [1.5, "TYPE"],
        [2 ** 53, "OUT_OF_RANGE"],
      ],
    },
    decimal: {
      sent: "010.50",
      answered: "10.5",
      other: "11",
      bad: [
        ["ten", "DECIMAL_INVALID"],
        ["1.1234567", "DECIMAL_INVALID"],
      ],
    },
    money: {
      sent: { amount_minor: 100, currency: "eur" },
      answered: { amount_minor: 100, currency: "EUR" },
      other: { amount_minor: 101, currency: "EUR" },
      bad: [
        [100, "TYPE"],
        [{ amount_minor: 1, currency: "XXY" }, "CURRENCY_INVALID"],
        [{ amount_minor: 1.5, currency: "EUR" }, "TYPE"],
      ],
    },
    date: {
      sent: "2026-02-28",
      other: "2026-03-01",
      bad: [
        ["2026-02-30", "DATE_INVALID"],
        [7, "DATE_INVALID"],
      ],
    },
    instant: {
      sent: "2026-02-28T13:00:00+01:00",
      answered: "2026-02-28T12:00:00Z",
      other: "2026-02-28T12:00:00.000001Z",
      bad: [["yesterday", "INSTANT_INVALID"]],
    },
    boolean: {
      sent: false,
      other: true,
      bad: [
        ["yes", "TYPE"],
        [1, "TYPE"],
      ],
    },
    choice: {
      sent: "red",
      other: "rot",
      bad: [["blue", "NOT_A_CHOICE"]],
      more: { options: ["red", { value: "rot", label: "Rot", colour: "rose" }] },
    },
    choices: {
      sent: ["red", "red", "rot"],
      answered: ["red", "rot"],
      other: ["rot"],
      bad: [
        ["red", "TYPE"],
        [["red", "blue"], "NOT_A_CHOICE"],
      ],
      more: { options: ["red", "rot"] },
    },
    url: {
      sent: "halden.example/x",
      answered: "https://halden.example/x",
      other: "https://z.example",
      bad: [["javascript:alert(1)", "URL_INVALID"]],
    },
    email: { sent: "Ada@Halden.example", other: "zoe@halden.example", bad: [["ada", "EMAIL_INVALID"]] },
    phone: { sent: "030 901820", answered: "+4930901820", other: "+4940901820", bad: [["12", "PHONE_INVALID"]] },
    reference: {
      sent: "",
      other: "",
      bad: [
        ["x", "REFERENCE_NOT_FOUND"],
        ["01900000-0000-7000-8000-000000000000", "REFERENCE_NOT_FOUND"],
      ],
      more: { to: "companies" },
    },
  };
  const sent = (type: CustomType) => (type === "reference" ? target.id : types[type].sent);
  const answered = (type: CustomType) => types[type].answered ?? sent(type);

  beforeAll(async () => {
    workspace = await aWorkspace();
    target = await workspace.admin.perform("companies.create", { data: { name: "Target" } });
    for (const type of customTypes) await define(workspace, `a_${type}`, type, types[type].more);
  });

  test.each(customTypes)("%s is written, read, found, sorted by, and cleared", async (type) => {
    const { admin } = workspace;
    const key = `a_${type}`;
    const made = await admin.perform("contacts.create", { data: { first_name: type, custom: { [key]: sent(type) } } });
    expect(made.custom).toEqual({ [key]: answered(type) });
    expect(await admin.perform("contacts.get", { id: made.id })).toEqual(made);
    const field = `custom.${key}`;
    const listed = async (query: object) => (await admin.perform("contacts.list", query)).data.map(({ id }: Plain) => id);
    const own = { field: "id", op: "eq", value: made.id };
    const meant = type === "money" ? 100 : type === "choices" ? "red" : answered(type);
    if (type !== "long_text") {
      expect(await listed({ filter: { field, op: "eq", value: meant } })).toEqual([made.id]);
      expect(await listed({ filter: { all: [{ field, op: "neq", value: meant }, own] } })).toEqual([]);
      expect((await listed({ sort: field, limit: 1 }))[0]).toBe(made.id);
    } else await expect(listed({ sort: field })).rejects.toEqual(refused("SORT_UNKNOWN"));
    expect(await listed({ filter: { all: [{ field, op: "is_not_empty" }, own] } })).toEqual([made.id]);
    if (type !== "reference") {
      const changed = await admin.perform("contacts.update", { id: made.id, data: { custom: { [key]: types[type].other } } });
      expect(changed).toMatchObject({ version: 2, custom: { [key]: types[type].other } });
    }
    const cleared = await admin.perform("contacts.update", { id: made.id, data: { custom: { [key]: null } } });
    expect(cleared.custom).toEqual({});
    expect(await valuesIn(workspace, `record_id = '${made.id}'`)).toEqual([]);
    expect(await listed({ filter: { all: [{ field, op: "is_empty" }, own] } })).toEqual([made.id]);
  });

  test.each(customTypes)("what is no %s is refused with its place", async (type) => {
    for (const [value, code] of types[type].bad) {
      const call = workspace.admin.perform("contacts.create", { data: { first_name: "Ada", custom: { [`a_${type}`]: value } } });
      await expect(call).rejects.toEqual(at(`/custom/a_${type}`, code));
    }
  });

  test("all faults of custom fields are named at once, and what is not there is unknown", async () => {
    const custom = { a_integer: "x", a_date: "x", "no/such~field": 1 };
    const error = await workspace.admin.perform("contacts.create", { data: { custom } }).catch((thrown) => thrown);
    expect(error.faults.map(({ pointer }: Plain) => pointer)).toEqual(["/custom/a_integer", "/custom/a_date", "/custom/no~1such~0field"]);
    await expect(workspace.admin.perform("companies.create", { data: { name: "x", custom: { a_integer: 1 } } })).rejects.toEqual(
      at("/custom/a_integer", "UNKNOWN_FIELD"),
    );
  });

  test("a blank clears, another key stays, and the same value writes nothing", async () => {
    const { admin } = workspace;
    const made = await admin.perform("contacts.create", { data: { first_name: "Ada", custom: { a_text: "x", a_integer: 1 } } });
    expect(await admin.perform("contacts.update", { id: made.id, data: { custom: { a_integer: 1 } } })).toMatchObject({ version: 1 });
    expect((await admin.perform("contacts.update", { id: made.id, data: { custom: { a_text: "  " } } })).custom).toEqual({ a_integer: 1 });
  });

  test("a reference keeps a link to what was trashed later, and loses it at the purge with an event", async () => {
    const { admin, eventsOf } = workspace;
    const company = await admin.perform("companies.create", { data: { name: "Passing" } });
    const made = await admin.perform("contacts.create", { data: { first_name: "Ada", custom: { a_reference: company.id, a_integer: 3 } } });
    await admin.perform("companies.delete", { id: company.id });
    expect(await admin.perform("contacts.update", { id: made.id, data: { custom: { a_integer: 4 } } })).toMatchObject({
      custom: { a_reference: company.id, a_integer: 4 },
    });
    await expect(admin.perform("contacts.create", { data: { first_name: "Eve", custom: { a_reference: company.id } } })).rejects.toEqual(
      at("/custom/a_reference", "REFERENCE_NOT_FOUND"),
    );
    await admin.perform("companies.purge", { id: company.id });
    expect(await admin.perform("contacts.get", { id: made.id })).toMatchObject({ version: 3, custom: { a_integer: 4 } });
    expect((await valuesIn(workspace, `record_id = '${made.id}'`)).map(({ int_value }) => int_value)).toEqual(["4"]);
    expect(await eventsOf(made)).toEqual(["contact.created", "contact.updated", "contact.updated"]);
  });
});

describe("a definition", () => {
  test("is refused where it cannot mean anything", async () => {
    const workspace = await aWorkspace();
    const cases: readonly (readonly [CustomType, object, string, string])[] = [
      ["text", { resource: "nothing" }, "/resource", "RESOURCE_UNKNOWN"],
      ["text", { resource: "tags" }, "/resource", "RESOURCE_UNKNOWN"],
      ["text", { key: "email" }, "/key", "KEY_TAKEN"],
      ["text", { key: "created_at" }, "/key", "KEY_TAKEN"],
      ["text", { key: "tags" }, "/key", "KEY_TAKEN"],
      ["text", { key: "Shoe size" }, "/key", "KEY_INVALID"],
      ["reference", {}, "/to", "REQUIRED"],
      ["reference", { to: "nothing" }, "/to", "RESOURCE_UNKNOWN"],
      ["choice", {}, "/options", "REQUIRED"],
      ["choices", { options: [] }, "/options", "REQUIRED"],
      ["choice", { options: ["red", { value: "red", label: "Red" }] }, "/options/1", "OPTION_TWICE"],
      ["choice", { options: ["red", { label: "Red" }] }, "/options/1", "OPTION_INVALID"],
      ["choice", { options: [7] }, "/options/0", "OPTION_INVALID"],
      ["choice", { options: ["red"], default: "blue" }, "/default", "NOT_A_CHOICE"],
      ["integer", { default: "7" }, "/default", "TYPE"],
      ["date", { default: "tomorrow" }, "/default", "DATE_INVALID"],
      ["money", { default: 7 }, "/default", "TYPE"],
      ["text", { unique: true, default: "x" }, "/default", "DEFAULT_NOT_UNIQUE"],
      ["long_text", { unique: true }, "/unique", "UNIQUE_NOT_OFFERED"],
      ["boolean", { unique: true }, "/unique", "UNIQUE_NOT_OFFERED"],
    ];
    for (const [type, more, pointer, code] of cases)
      await expect(define(workspace, "shoe_size", type, more)).rejects.toEqual(at(pointer, code));
    expect((await workspace.admin.perform("fields.list", {})).data).toEqual([]);
  });

  test("has a key of its own in its resource, also when two people make it at once", async () => {
    const workspace = await aWorkspace();
    const first = await define(workspace, "shoe_size", "integer");
    const again = define(workspace, "shoe_size", "text");
    await expect(again).rejects.toEqual(refused("DUPLICATE", { kind: "conflict", details: { existing_id: first.id } }));
    await expect(again).rejects.toEqual(at("/key", "DUPLICATE"));
    expect(await define(workspace, "shoe_size", "text", { resource: "companies" })).toMatchObject({ resource: "companies" });
    const raced = await Promise.allSettled([1, 2, 3].map(() => define(workspace, "hat_size", "integer")));
    expect(raced.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const one of raced) if (one.status === "rejected") expect(one.reason).toEqual(refused("DUPLICATE"));
  });

  test("may change its words, options and duties, but not its type, key or uniqueness", async () => {
    const workspace = await aWorkspace();
    const field = await define(workspace, "colour", "choice", { options: ["red", "blue"] });
    const made = await workspace.admin.perform("contacts.create", { data: { first_name: "Ada", custom: { colour: "red" } } });
    await workspace.admin.perform("fields.update", {
      id: field.id,
      data: { label: "Colour", options: ["blue", "green"], default: "green" },
    });
    expect(await workspace.admin.perform("contacts.update", { id: made.id, data: { title: "CTO" } })).toMatchObject({
      custom: { colour: "red" },
    });
    await expect(workspace.admin.perform("contacts.create", { data: { first_name: "Eve", custom: { colour: "red" } } })).rejects.toEqual(
      at("/custom/colour", "NOT_A_CHOICE"),
    );
    expect((await workspace.admin.perform("contacts.create", { data: { first_name: "Eve" } })).custom).toEqual({ colour: "green" });
    for (const data of [{ type: "text" }, { key: "hue" }, { unique: true }, { resource: "companies" }])
      await expect(workspace.admin.perform("fields.update", { id: field.id, data })).rejects.toEqual(
        at(`/${Object.keys(data)[0]}`, "READ_ONLY"),
      );
    await expect(workspace.admin.perform("fields.update", { id: field.id, data: { options: ["blue"] } })).rejects.toEqual(
      at("/default", "NOT_A_CHOICE"),
    );
  });

  test("a default stands in new records as if it had been sent, unless something else was", async () => {
    const workspace = await aWorkspace();
    await define(workspace, "rate", "decimal", { default: "010.50" });
    await define(workspace, "newsletter", "boolean", { default: false, required: true });
    const made = await workspace.admin.perform("contacts.create", { data: { first_name: "Ada" } });
    expect(made.custom).toEqual({ rate: "10.5", newsletter: false });
    expect(
      (await workspace.admin.perform("contacts.list", { filter: { field: "custom.rate", op: "eq", value: "10.5" } })).data,
    ).toHaveLength(1);
    expect(
      (await workspace.admin.perform("contacts.create", { data: { first_name: "Eve", custom: { rate: "2", newsletter: true } } })).custom,
    ).toEqual({ rate: "2", newsletter: true });
  });

  test("a required field binds new records, and an old one only where it is touched", async () => {
    const workspace = await aWorkspace();
    const { admin } = workspace;
    const old = await admin.perform("contacts.create", { data: { first_name: "Old" } });
    await define(workspace, "code", "text", { required: true });
    await expect(admin.perform("contacts.create", { data: { first_name: "New" } })).rejects.toEqual(at("/custom/code", "REQUIRED"));
    await expect(admin.perform("contacts.create", { data: { first_name: "New", custom: { code: " " } } })).rejects.toEqual(
      at("/custom/code", "REQUIRED"),
    );
    expect(await admin.perform("contacts.update", { id: old.id, data: { title: "still here" } })).toMatchObject({ version: 2 });
    await admin.perform("contacts.update", { id: old.id, data: { custom: { code: "A1" } } });
    await expect(admin.perform("contacts.update", { id: old.id, data: { custom: { code: null } } })).rejects.toEqual(
      at("/custom/code", "REQUIRED"),
    );
  });

  test("whoever may not see a required field is not asked for it", async () => {
    const workspace = await aWorkspace();
    await define(workspace, "secret", "text", { required: true });
    const all = { view: "all", create: "all", edit: "all", delete: "all", export: "all", assign: "all" } as const;
    const blind = await workspace.member({ key: "blind", grants: { "*": all }, rights: [], denied: { contacts: ["custom.secret"] } });
    expect(await blind.perform("contacts.create", { data: { first_name: "Ada" } })).toMatchObject({ custom: {} });
  });

  test("takes its values along when it goes, from answers and from what finds them, and its key is free again", async () => {
    const workspace = await aWorkspace();
    const { admin, eventsOf } = workspace;
    const [size, story] = [await define(workspace, "size", "integer"), await define(workspace, "story", "long_text")];
    const kept = await define(workspace, "kept", "text");
    const other = await aWorkspace();
    await define(other, "size", "integer");
    const theirs = await other.admin.perform("contacts.create", { data: { first_name: "Theirs", custom: { size: 1 } } });
    const made = await admin.perform("contacts.create", { data: { first_name: "Ada", custom: { size: 1, story: "Once", kept: "x" } } });
    const trashed = await admin.perform("contacts.create", { data: { first_name: "Gone", custom: { size: 2, story: "upon", kept: "y" } } });
    await admin.perform("contacts.delete", { id: trashed.id });
    const before = await admin.perform("contacts.get", { id: made.id });
    for (const { id } of [size, story]) await admin.perform("fields.delete", { id });
    expect(await eventsOf(size)).toEqual(["field.created", "field.deleted"]);
    expect(await admin.perform("contacts.get", { id: made.id })).toEqual({ ...before, custom: { kept: "x" } });
    expect(await admin.perform("contacts.restore", { id: trashed.id })).toMatchObject({ custom: { kept: "y" } });
    expect((await valuesIn(workspace)).map(({ field_id }) => field_id)).toEqual([kept.id, kept.id]);
    await expect(admin.perform("contacts.list", { sort: "custom.size" })).rejects.toEqual(refused("SORT_UNKNOWN"));
    await expect(admin.perform("contacts.update", { id: made.id, data: { custom: { size: 1 } } })).rejects.toEqual(
      at("/custom/size", "UNKNOWN_FIELD"),
    );
    await define(workspace, "size", "text");
    expect((await admin.perform("contacts.update", { id: made.id, data: { custom: { size: "large" } } })).custom).toEqual({
      size: "large",
      kept: "x",
    });
    expect((await other.admin.perform("contacts.get", { id: theirs.id })).custom).toEqual({ size: 1 });
  });
});

describe("a unique field", () => {
  test.each([
    ["text", "Ölberg", " OLBERG "],
    ["integer", 42, 42],
    ["decimal", "10.5", "010.50"],
    ["email", "Ada@Halden.example", "ada@halden.EXAMPLE"],
    ["phone", "030 901820", "+49 30 901820"],
    ["url", "halden.example", "https://halden.example"],
    ["date", "2026-02-28", "2026-02-28"],
    ["money", { amount_minor: 1, currency: "EUR" }, { currency: "eur", amount_minor: 1 }],
  ] as const)("refuses an equal %s with the record that has it", async (type, one, same) => {
    const workspace = await aWorkspace();
    const { admin } = workspace;
    await define(workspace, "code", type, { unique: true });
    const first = await admin.perform("contacts.create", { data: { first_name: "Ada", custom: { code: one } } });
    const duplicate = refused("DUPLICATE", {
      details: { existing_id: first.id },
      faults: [expect.objectContaining({ pointer: "/custom/code" })],
    });
    await expect(admin.perform("contacts.create", { data: { first_name: "Eve", custom: { code: same } } })).rejects.toEqual(duplicate);
    const other = await admin.perform("contacts.create", { data: { first_name: "Bob" } });
    await expect(admin.perform("contacts.update", { id: other.id, data: { custom: { code: same } } })).rejects.toEqual(duplicate);
    await expect(
      admin.perform("contacts.create", { data: { first_name: "Eve", custom: { code: same } } }, { idempotencyKey: "k" }),
    ).rejects.toEqual(duplicate);
    expect(await admin.perform("contacts.update", { id: first.id, data: { custom: { code: same } } })).toMatchObject({ id: first.id });
  });

  test("of twenty at once one wins", async () => {
    const workspace = await aWorkspace();
    await define(workspace, "code", "text", { unique: true });
    const tries = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) =>
        workspace.admin.perform("contacts.create", { data: { first_name: `C${n}`, custom: { code: "A1" } } }),
      ),
    );
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const one of tries) if (one.status === "rejected") expect(one.reason).toEqual(refused("DUPLICATE"));
  });

  test("holds a web address of any length and script", async () => {
    const workspace = await aWorkspace();
    await define(workspace, "link", "url", { unique: true });
    const long = `https://halden.example/${Array.from({ length: 1_900 }, (_, n) => String.fromCodePoint(0xac00 + ((n * 7_919) % 11_000))).join("")}`;
    const first = await workspace.admin.perform("contacts.create", { data: { first_name: "Ada", custom: { link: long } } });
    expect(first.custom.link).toBe(long);
    await expect(workspace.admin.perform("contacts.create", { data: { first_name: "Eve", custom: { link: long } } })).rejects.toEqual(
      refused("DUPLICATE"),
    );
    expect(await workspace.admin.perform("contacts.create", { data: { first_name: "Eve", custom: { link: `${long}x` } } })).toMatchObject({
      version: 1,
    });
  });

  test("is free while its record lies in the trash, and a restore then collides", async () => {
    const workspace = await aWorkspace();
    const { admin } = workspace;
    await define(workspace, "code", "text", { unique: true });
    const first = await admin.perform("contacts.create", { data: { first_name: "Ada", custom: { code: "A1" } } });
    await admin.perform("contacts.delete", { id: first.id });
    const second = await admin.perform("contacts.create", { data: { first_name: "Eve", custom: { code: "a1" } } });
    await expect(admin.perform("contacts.restore", { id: first.id })).rejects.toEqual(
      refused("DUPLICATE", { details: { existing_id: second.id } }),
    );
    await admin.perform("contacts.bulk", { operations: [{ op: "delete", id: second.id }] });
    await admin.perform("contacts.restore", { id: first.id });
    await expect(admin.perform("contacts.create", { data: { first_name: "Bob", custom: { code: "A1" } } })).rejects.toEqual(
      refused("DUPLICATE", { details: { existing_id: first.id } }),
    );
  });
});

describe("definitions that change while records are written", () => {
  /** One more node: it keeps definitions in memory and is told of nothing. */
  const anotherNode = ({ kernel }: Workspace): App => ({
    ...kernel.app,
    scopes: openScopes({ flights: kernel.flights, definitions: definitionsCache(kernel.flights), clock: Date.now, onWrite: () => {} }),
  });
  const create = (app: App, { admin }: Workspace, custom: object) =>
    perform(app, admin.actor, "contacts.create", { data: { first_name: "Ada", custom } }, { via: "api" }).then(({ answer }) =>
      JSON.parse((answer as { json(): string }).json()),
    );

  test("a write under outdated definitions decides again under those of now", async () => {
    const workspace = await aWorkspace();
    const size = await define(workspace, "size", "integer");
    const node = anotherNode(workspace);
    expect(await create(node, workspace, { size: 1 })).toMatchObject({ custom: { size: 1 } });
    await workspace.admin.perform("fields.delete", { id: size.id });
    await expect(create(node, workspace, { size: 2 })).rejects.toEqual(at("/custom/size", "UNKNOWN_FIELD"));
    await define(workspace, "size", "text", { required: true });
    await expect(create(node, workspace, { size: 2 })).rejects.toEqual(at("/custom/size", "TYPE"));
    expect(await create(node, workspace, { size: "large" })).toMatchObject({ custom: { size: "large" } });
  });

  test("a bulk write under outdated definitions decides again as a whole", async () => {
    const workspace = await aWorkspace();
    const size = await define(workspace, "size", "integer");
    await define(workspace, "kept", "integer");
    const node = anotherNode(workspace);
    await create(node, workspace, { size: 1 });
    await workspace.admin.perform("fields.delete", { id: size.id });
    const operations = [
      { op: "create", data: { first_name: "A", custom: { kept: 1 } } },
      { op: "create", data: { first_name: "B", custom: { size: 1 } } },
    ];
    const { answer } = await perform(node, workspace.admin.actor, "contacts.bulk", { operations }, { via: "api" });
    expect((answer as Plain).results.map(({ outcome }: Plain) => outcome)).toEqual(["created", "failed"]);
  });

  test("no value is left behind by writers that race with the end of its field", async () => {
    const workspace = await aWorkspace();
    const { admin, kernel, tenant } = workspace;
    const nodes = [anotherNode(workspace), anotherNode(workspace), kernel.app];
    let written = 0;
    for (let round = 0; round < 6; round++) {
      const field = await define(workspace, "size", "integer", { unique: round % 2 === 0 });
      const seeds = await Promise.all(
        [0, 1, 2].map((n) => admin.perform("contacts.create", { data: { first_name: "Seed", custom: { size: n } } })),
      );
      const writers = Array.from({ length: 30 }, (_, n) => {
        const seed = seeds[n % 3] as Plain;
        const call =
          n % 5 === 0
            ? perform(nodes[n % 3] as App, admin.actor, "contacts.delete", { id: seed.id }, { via: "api" })
            : n % 5 === 1
              ? perform(
                  nodes[n % 3] as App,
                  admin.actor,
                  "contacts.update",
                  { id: seed.id, data: { custom: { size: 500 + n } } },
                  { via: "api" },
                )
              : create(nodes[n % 3] as App, workspace, { size: 100 + n });
        return call.then(
          () => written++,
          (error) => expect(["UNKNOWN_FIELD", "DELETED", "BUSY"]).toContain(error.code),
        );
      });
      await new Promise((resolve) => setTimeout(resolve, round * 3));
      await admin.perform("fields.delete", { id: field.id });
      await Promise.all(writers);
      expect(await valuesIn(workspace)).toEqual([]);
      const { rows } = await kernel.owner.query("select count(*)::int as count from contacts where tenant_id = $1 and custom <> '{}'", [
        tenant,
      ]);
      expect(rows).toEqual([{ count: 0 }]);
    }
    expect(written).toBeGreaterThan(20);
  });
});
