import { describe, expect, test } from "vitest";
import { aWorkspace, type Workspace } from "../../../test/support/workspace.ts";
import { resourceNamed } from "../../domain/catalogue.ts";
import { change } from "../../domain/kit/change.ts";
import { reference, text } from "../../domain/kit/fields.ts";
import type { AnyRecord, Resource } from "../../domain/kit/resource.ts";
import { type App, perform } from "./perform.ts";
import type { Uses } from "./ports.ts";
import { type Usecase, usecase } from "./usecase.ts";

const [contacts, companies] = [resourceNamed("contacts") as Resource, resourceNamed("companies") as Resource];
const refused = (code: string, details: object = {}) => expect.objectContaining({ code, ...details });
const id = reference("", { required: true });

const appWith = ({ kernel }: Workspace, verbs: Readonly<Record<string, Usecase>>): App => ({ ...kernel.app, verbs });
const via = { via: "api" } as const;

/** Takes the title of a contact from the industry of its company, as long as the company stays what it was. */
const copyIndustry = (between: (tries: number, company: AnyRecord) => Promise<unknown>) => {
  let tries = 0;
  return usecase({
    summary: "Copy the industry",
    allow: { resource: contacts, action: "edit" },
    input: { id },
    output: { one: contacts },
    run: async ({ records }: Uses<"records">, input) => {
      const contact = await records(contacts).get(input.id);
      const company = await records(companies).get(String(contact.company_id));
      await between(++tries, company);
      return records(contacts).apply(contact, change("contact.updated", { title: String(company.industry) }), {
        while: [{ resource: companies, record: company }],
      });
    },
  });
};

async function aPair(workspace: Workspace) {
  const company = await workspace.admin.perform("companies.create", { data: { name: "Halden", industry: "Optics" } });
  const contact = await workspace.admin.perform("contacts.create", { data: { first_name: "Ada", company_id: company.id } });
  return { company, contact };
}

describe("the one door", () => {
  test("asks for the right before it reads the input", async () => {
    const workspace = await aWorkspace();
    const reader = await workspace.member("read_only");
    await expect(reader.perform("contacts.create", "no object")).rejects.toEqual(refused("FORBIDDEN", { kind: "forbidden" }));
    await expect(reader.perform("fields.create", null)).rejects.toEqual(refused("FORBIDDEN", { details: { right: "fields.manage" } }));
    await expect(workspace.admin.perform("contacts.create", "no object")).rejects.toMatchObject({ kind: "invalid" });
  });

  test("lets nobody in who has not signed in, but to what is public", async () => {
    const workspace = await aWorkspace();
    const open = usecase({
      summary: "Say hello",
      allow: "public",
      writes: false,
      input: {},
      output: { value: {} },
      run: async () => ({ said: "hello" }),
    });
    const app = appWith(workspace, { open, closed: { ...open, allow: "member" } });
    expect((await perform(app, null, "open", {}, via)).answer).toEqual({ said: "hello" });
    await expect(perform(app, null, "closed", {}, via)).rejects.toEqual(refused("UNAUTHENTICATED"));
  });

  test("names every fault of an input before the verb begins", async () => {
    const workspace = await aWorkspace();
    let begun = 0;
    const verb = usecase({
      summary: "Begin",
      allow: "member",
      input: { id, name: text({ max: 3 }) },
      output: "nothing",
      run: async () => void begun++,
    });
    const call = perform(appWith(workspace, { verb }), workspace.admin.actor, "verb", { id: "x", name: "long", more: 1 }, via);
    await expect(call).rejects.toMatchObject({ faults: [{ pointer: "/more" }, { pointer: "/id" }, { pointer: "/name" }] });
    expect(begun).toBe(0);
  });

  test("knows no verb that is not in its table", async () => {
    const workspace = await aWorkspace();
    for (const name of ["contacts.launch", "", "toString", "__proto__"]) await expect(workspace.admin.perform(name, {})).rejects.toThrow();
  });

  test("lets a plain verb write once", async () => {
    const workspace = await aWorkspace();
    const twice = (atomic: boolean) =>
      usecase({
        summary: "Write twice",
        allow: { resource: contacts, action: "create" },
        atomic,
        input: {},
        output: "nothing",
        run: async ({ records }: Uses<"records">) => {
          await records(contacts).add({ first_name: "One" });
          await records(contacts).add({ first_name: "Two" });
        },
      });
    const app = appWith(workspace, { plain: twice(false), atomic: twice(true) });
    const count = async () => (await workspace.admin.perform("contacts.list", { count: "exact" })).total;
    await expect(perform(app, workspace.admin.actor, "plain", {}, via)).rejects.toThrow("declares `atomic`");
    expect(await count()).toBe(1);
    await perform(app, workspace.admin.actor, "atomic", {}, via);
    expect(await count()).toBe(3);
  });

  test("keeps nothing of an atomic verb that fails half-way, events included", async () => {
    const workspace = await aWorkspace();
    const fails = usecase({
      summary: "Fail half-way",
      allow: { resource: contacts, action: "create" },
      atomic: true,
      input: {},
      output: "nothing",
      run: async ({ records }: Uses<"records">) => {
        await records(contacts).add({ first_name: "One", tags: ["New"] });
        throw new Error("half-way");
      },
    });
    await expect(perform(appWith(workspace, { fails }), workspace.admin.actor, "fails", {}, via)).rejects.toThrow("half-way");
    for (const table of ["contacts", "tags", "events", "outbox"]) {
      const { rows } = await workspace.kernel.owner.query(`select count(*)::int as count from ${table} where tenant_id = $1`, [
        workspace.tenant,
      ]);
      expect([table, rows[0].count]).toEqual([table, 0]);
    }
  });
});

describe("what changed between reading and writing", () => {
  test("is decided again on what is there now", async () => {
    const workspace = await aWorkspace();
    const made = await workspace.admin.perform("contacts.create", { data: { first_name: "Ada", title: "a" } });
    const seen: unknown[] = [];
    const verb = usecase({
      summary: "Append",
      allow: { resource: contacts, action: "edit" },
      input: { id },
      output: { one: contacts },
      run: async ({ records }: Uses<"records">, input) => {
        const record = await records(contacts).get(input.id);
        seen.push(record.title);
        if (seen.length <= 2) await workspace.admin.perform("contacts.update", { id: record.id, data: { title: `${record.title}+` } });
        return records(contacts).apply(record, change("contact.updated", { title: `${record.title}!` }));
      },
    });
    await perform(appWith(workspace, { verb }), workspace.admin.actor, "verb", { id: made.id }, via);
    expect(seen).toEqual(["a", "a+", "a++"]);
    expect(await workspace.admin.perform("contacts.get", { id: made.id })).toMatchObject({ title: "a++!", version: 4 });
    expect(await workspace.eventsOf(made)).toHaveLength(4);
  });

  test("without an end is a refusal that says so", async () => {
    const workspace = await aWorkspace();
    const { contact, company } = await aPair(workspace);
    let tries = 0;
    const verb = copyIndustry(async () => {
      await workspace.admin.perform("companies.update", { id: company.id, data: { industry: `Industry ${++tries}` } });
    });
    await expect(perform(appWith(workspace, { verb }), workspace.admin.actor, "verb", { id: contact.id }, via)).rejects.toEqual(
      refused("BUSY", { kind: "conflict" }),
    );
    expect(tries).toBe(12);
    expect(await workspace.eventsOf(contact)).toEqual(["contact.created"]);
  });

  test("in a record that the decision rests on holds the write back", async () => {
    const workspace = await aWorkspace();
    const { company, contact } = await aPair(workspace);
    const decided: unknown[] = [];
    const verb = copyIndustry(async (tries, read) => {
      decided.push(read.industry);
      if (tries === 1) await workspace.admin.perform("companies.update", { id: company.id, data: { industry: "Lasers" } });
    });
    await perform(appWith(workspace, { verb }), workspace.admin.actor, "verb", { id: contact.id }, via);
    expect(decided).toEqual(["Optics", "Lasers"]);
    expect(await workspace.admin.perform("contacts.get", { id: contact.id })).toMatchObject({ title: "Lasers", version: 2 });
    expect(await workspace.eventsOf(contact)).toEqual(["contact.created", "contact.updated"]);
  });

  test("at the same moment never lets a decision through on what was no longer so", async () => {
    const workspace = await aWorkspace();
    const { company, contact } = await aPair(workspace);
    const verb = copyIndustry(async () => {});
    const app = appWith(workspace, { verb });
    for (let round = 0; round < 10; round++) {
      const copies = Array.from({ length: 5 }, () => perform(app, workspace.admin.actor, "verb", { id: contact.id }, via));
      await Promise.all([
        ...copies,
        workspace.admin.perform("companies.update", { id: company.id, data: { industry: `Industry ${round}` } }),
      ]);
    }
    // A copy that was decided before a change of the company is written before it: titles never go back to an older industry.
    const { rows } = await workspace.kernel.owner.query(
      "select after ->> 'title' as title from events where tenant_id = $1 and type = 'contact.updated' order by version",
      [workspace.tenant],
    );
    const titles = rows.map(({ title }) => (title === "Optics" ? -1 : Number(title.split(" ")[1])));
    expect(titles.length).toBeGreaterThan(1);
    expect(titles).toEqual([...titles].sort((a, b) => a - b));
  });

  test("is told to a caller who named a version, and nothing is written", async () => {
    const workspace = await aWorkspace();
    const made = await workspace.admin.perform("contacts.create", { data: { first_name: "Ada" } });
    await workspace.admin.perform("contacts.update", { id: made.id, data: { title: "CTO" } }, { expected: 1 });
    for (const verb of ["update", "delete"])
      await expect(
        workspace.admin.perform(
          `contacts.${verb}`,
          { id: made.id, ...(verb === "update" ? { data: { title: "CEO" } } : {}) },
          { expected: 1 },
        ),
      ).rejects.toEqual(refused("VERSION_CONFLICT", { details: { current_version: 2 } }));
    expect(await workspace.eventsOf(made)).toHaveLength(2);
  });

  test("of twelve who change one record at once all get through", async () => {
    const workspace = await aWorkspace();
    const made = await workspace.admin.perform("contacts.create", { data: { first_name: "Ada" } });
    await Promise.all(
      Array.from({ length: 12 }, (_, n) => workspace.admin.perform("contacts.update", { id: made.id, data: { title: `Title ${n}` } })),
    );
    expect(await workspace.admin.perform("contacts.get", { id: made.id })).toMatchObject({ version: 13 });
    expect(await workspace.eventsOf(made)).toHaveLength(13);
  });

  test("twenty who name the same new tag at once all carry it", async () => {
    const workspace = await aWorkspace();
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        n % 4 === 0
          ? workspace.admin.perform("contacts.bulk", { operations: [{ op: "create", data: { first_name: `C${n}`, tags: ["Brand new"] } }] })
          : workspace.admin.perform("contacts.create", { data: { first_name: `C${n}`, tags: ["brand NEW"] } }),
      ),
    );
    expect(made).toHaveLength(20);
    expect((await workspace.admin.perform("tags.list", {})).data).toHaveLength(1);
    expect((await workspace.admin.perform("contacts.list", { tag: "Brand new", count: "exact", limit: 1 })).total).toBe(20);
  });
});
