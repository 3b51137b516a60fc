import { describe, expect, test } from "vitest";
import { aWorkspace } from "../../test/support/workspace.ts";

const refused = (code: string, details: object = {}) => expect.objectContaining({ code, ...details });

describe("a record's life", () => {
  test("what is created is read back, with its event", async () => {
    const { admin, eventsOf } = await aWorkspace();
    const made = await admin.perform("contacts.create", {
      data: { first_name: " Jörg ", last_name: "Öztürk", email: "Joerg@Example.test", phone: "030 901820", tags: ["Key account"] },
    });
    expect(made).toMatchObject({
      name: "Jörg Öztürk",
      first_name: "Jörg",
      email: "Joerg@Example.test",
      phone: "+4930901820",
      phone_as_typed: "030 901820",
      version: 1,
      owner_id: admin.id,
      created_by: admin.id,
      custom: {},
    });
    expect(made.tags).toEqual([{ id: expect.any(String), name: "Key account", colour: expect.any(String) }]);
    expect(await admin.perform("contacts.get", { id: made.id })).toEqual(made);
    expect(await eventsOf(made)).toEqual(["contact.created"]);
  });

  test("a change names what changes, and writes nothing when nothing does", async () => {
    const { admin, eventsOf } = await aWorkspace();
    const made = await admin.perform("companies.create", { data: { name: "Halden", domain: "https://www.Halden.example/about" } });
    expect(made).toMatchObject({ domain: "halden.example", tier: "none" });
    const changed = await admin.perform("companies.update", {
      id: made.id,
      data: { tier: "gold", name: "Halden", version: 1, id: made.id },
    });
    expect(changed).toMatchObject({ version: 2, tier: "gold" });
    expect(await admin.perform("companies.update", { id: made.id, data: { tier: "gold" } })).toMatchObject({ version: 2 });
    expect(await eventsOf(made)).toEqual(["company.created", "company.updated"]);
  });

  test("a composed name follows its parts", async () => {
    const { admin } = await aWorkspace();
    const made = await admin.perform("contacts.create", { data: { email: "a@b.test" } });
    expect(made.name).toBe(null);
    expect(await admin.perform("contacts.update", { id: made.id, data: { last_name: "Noether" } })).toMatchObject({ name: "Noether" });
  });

  test("every fault of an input is named at once", async () => {
    const { admin } = await aWorkspace();
    const faults = admin.perform("companies.create", {
      data: { domain: "no domain", tier: "wooden", nme: "x", id: "1", phone: "12", parent_id: "x" },
    });
    await expect(faults).rejects.toEqual(
      refused("INVALID_INPUT", {
        faults: expect.arrayContaining([
          expect.objectContaining({ pointer: "/domain", code: "DOMAIN_INVALID" }),
          expect.objectContaining({ pointer: "/tier", code: "NOT_A_CHOICE" }),
          expect.objectContaining({ pointer: "/nme", code: "UNKNOWN_FIELD" }),
          expect.objectContaining({ pointer: "/id", code: "READ_ONLY" }),
          expect.objectContaining({ pointer: "/phone", code: "PHONE_INVALID" }),
          expect.objectContaining({ pointer: "/parent_id", code: "REFERENCE_NOT_FOUND" }),
          expect.objectContaining({ pointer: "/name", code: "REQUIRED" }),
        ]),
      }),
    );
  });

  test("a contact needs a name, an e-mail or a phone", async () => {
    const { admin } = await aWorkspace();
    await expect(admin.perform("contacts.create", { data: { title: "CTO" } })).rejects.toEqual(refused("REQUIRED"));
    const made = await admin.perform("contacts.create", { data: { first_name: "Ada" } });
    await expect(admin.perform("contacts.update", { id: made.id, data: { first_name: null } })).rejects.toEqual(refused("REQUIRED"));
  });

  test("an equal e-mail is refused with the record that has it, whatever its case", async () => {
    const { admin } = await aWorkspace();
    const first = await admin.perform("contacts.create", { data: { email: "Ada@Halden.test" } });
    await expect(admin.perform("contacts.create", { data: { email: "ada@halden.test" } })).rejects.toEqual(
      refused("DUPLICATE", { details: { existing_id: first.id } }),
    );
    const other = await admin.perform("contacts.create", { data: { email: "àda@halden.test" } });
    await expect(admin.perform("contacts.update", { id: other.id, data: { email: "ADA@halden.test" } })).rejects.toEqual(
      refused("DUPLICATE", { details: { existing_id: first.id } }),
    );
  });

  test("a reference to what is not there, not ours or in the trash is refused", async () => {
    const [{ admin }, other] = [await aWorkspace(), await aWorkspace()];
    const foreign = await other.admin.perform("companies.create", { data: { name: "Foreign" } });
    const gone = await admin.perform("companies.create", { data: { name: "Gone" } });
    await admin.perform("companies.delete", { id: gone.id });
    for (const company_id of ["01900000-0000-7000-8000-000000000000", foreign.id, gone.id]) {
      await expect(admin.perform("contacts.create", { data: { first_name: "Ada", company_id } })).rejects.toEqual(
        refused("REFERENCE_NOT_FOUND"),
      );
    }
    await expect(admin.perform("contacts.create", { data: { first_name: "Ada", other_companies: [{ id: foreign.id }] } })).rejects.toEqual(
      refused("REFERENCE_NOT_FOUND"),
    );
  });

  test("what is deleted lies in the trash, keeps its links, and comes back", async () => {
    const { admin, eventsOf } = await aWorkspace();
    const company = await admin.perform("companies.create", { data: { name: "Halden", domain: "halden.test" } });
    const contact = await admin.perform("contacts.create", { data: { first_name: "Ada", company_id: company.id } });
    await admin.perform("companies.delete", { id: company.id });
    await expect(admin.perform("companies.get", { id: company.id })).rejects.toEqual(refused("DELETED"));
    expect((await admin.perform("companies.list", { trashed: "true" })).data.map(({ id }: { id: string }) => id)).toEqual([company.id]);
    expect(await admin.perform("contacts.get", { id: contact.id })).toMatchObject({ company_id: company.id });
    expect(await admin.perform("companies.restore", { id: company.id })).toMatchObject({ deleted_at: null, version: 3 });
    expect(await eventsOf(company)).toEqual(["company.created", "company.deleted", "company.restored"]);
  });

  test("the twin of a trashed record is created and comes back with it as a possible duplicate; the restore collides", async () => {
    const { admin } = await aWorkspace();
    const first = await admin.perform("contacts.create", { data: { email: "ada@halden.test" } });
    await admin.perform("contacts.delete", { id: first.id });
    const twin = await admin.perform("contacts.create", { data: { email: "ADA@halden.test" } });
    expect(twin.possible_duplicates).toEqual([expect.objectContaining({ id: first.id, trashed: true })]);
    await expect(admin.perform("contacts.restore", { id: first.id })).rejects.toEqual(
      refused("DUPLICATE", { details: { existing_id: twin.id } }),
    );
  });

  test("a purge clears the links to a record, each with its event, and lifts child companies to the grandparent", async () => {
    const { admin, eventsOf } = await aWorkspace();
    const top = await admin.perform("companies.create", { data: { name: "Top" } });
    const middle = await admin.perform("companies.create", { data: { name: "Middle", parent_id: top.id } });
    const leaf = await admin.perform("companies.create", { data: { name: "Leaf", parent_id: middle.id } });
    const contact = await admin.perform("contacts.create", {
      data: { first_name: "Ada", company_id: middle.id, other_companies: [{ id: middle.id, role: "Board" }] },
    });
    await expect(admin.perform("companies.purge", { id: middle.id })).rejects.toEqual(refused("NOT_IN_TRASH"));
    await admin.perform("companies.delete", { id: middle.id });
    await admin.perform("companies.purge", { id: middle.id });
    await expect(admin.perform("companies.get", { id: middle.id })).rejects.toEqual(refused("NOT_FOUND"));
    expect(await admin.perform("companies.get", { id: leaf.id })).toMatchObject({ parent_id: top.id });
    expect(await admin.perform("contacts.get", { id: contact.id })).toMatchObject({ company_id: null, other_companies: [] });
    expect(await eventsOf(leaf)).toEqual(["company.created", "company.updated"]);
    expect(await eventsOf(contact)).toEqual(["contact.created", "contact.updated"]);
    expect((await eventsOf(middle)).at(-1)).toBe("company.purged");
  });
});

describe("trees and tags", () => {
  test("a tree is shown from its top down, whoever in it is asked", async () => {
    const { admin } = await aWorkspace();
    const top = await admin.perform("companies.create", { data: { name: "Top" } });
    const middle = await admin.perform("companies.create", { data: { name: "Middle", parent_id: top.id } });
    const leaf = await admin.perform("companies.create", { data: { name: "Leaf", parent_id: middle.id } });
    for (const { id } of [top, middle, leaf]) {
      const { data } = await admin.perform("companies.tree", { id });
      expect(data.map(({ title, depth }: { title: string; depth: number }) => [title, depth])).toEqual([
        ["Top", 0],
        ["Middle", 1],
        ["Leaf", 2],
      ]);
    }
  });

  test("a tag in use goes only when its count was confirmed, and is taken off every record with an event", async () => {
    const { admin, eventsOf } = await aWorkspace();
    const contact = await admin.perform("contacts.create", { data: { first_name: "Ada", tags: ["Old", "Kept"] } });
    const old = contact.tags.find(({ name }: { name: string }) => name === "Old");
    await expect(admin.perform("tags.delete", { id: old.id })).rejects.toEqual(refused("TAG_IN_USE", { details: { count: 1 } }));
    await admin.perform("tags.delete", { id: old.id, confirm: "true" });
    expect((await admin.perform("contacts.get", { id: contact.id })).tags.map(({ name }: { name: string }) => name)).toEqual(["Kept"]);
    expect(await eventsOf(contact)).toEqual(["contact.created", "contact.updated"]);
  });

  test("merged tags are one tag, found under either record's filter", async () => {
    const { admin } = await aWorkspace();
    const one = await admin.perform("contacts.create", { data: { first_name: "Ada", tags: ["Key account"] } });
    const two = await admin.perform("contacts.create", { data: { first_name: "Emmy", tags: ["VIP", "Key account"] } });
    const vip = two.tags.find(({ name }: { name: string }) => name === "VIP");
    const key = one.tags[0];
    await admin.perform("tags.merge", { id: vip.id, into: key.id });
    expect((await admin.perform("contacts.get", { id: two.id })).tags).toEqual([key]);
    expect((await admin.perform("contacts.list", { tag: "key ACCOUNT" })).data).toHaveLength(2);
  });

  test("a tag is put on by name and taken off by id", async () => {
    const { admin, eventsOf } = await aWorkspace();
    const company = await admin.perform("companies.create", { data: { name: "Halden" } });
    const tagged = await admin.perform("companies.tag", { id: company.id, name: "Partner" });
    expect(tagged.tags).toMatchObject([{ name: "Partner" }]);
    await admin.perform("companies.untag", { id: company.id, tag_id: tagged.tags[0].id });
    expect((await admin.perform("companies.get", { id: company.id })).tags).toEqual([]);
    expect(await eventsOf(company)).toEqual(["company.created", "company.tagged", "company.untagged"]);
    const reader = await (await aWorkspace()).member("read_only");
    await expect(reader.perform("companies.tag", { id: company.id, name: "New" })).rejects.toEqual(refused("FORBIDDEN"));
  });
});

describe("two people at once", () => {
  test("of 50 edits with the same expected version one wins, and 49 hear the current one", async () => {
    const { admin } = await aWorkspace();
    const made = await admin.perform("contacts.create", { data: { first_name: "Ada" } });
    const edits = await Promise.allSettled(
      Array.from({ length: 50 }, (_, n) =>
        admin.perform("contacts.update", { id: made.id, data: { title: `Title ${n}` } }, { expected: 1 }),
      ),
    );
    expect(edits.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const edit of edits)
      if (edit.status === "rejected") expect(edit.reason).toEqual(refused("VERSION_CONFLICT", { details: { current_version: 2 } }));
  });

  test("edits without an expected version all land, one after the other", async () => {
    const { admin, eventsOf } = await aWorkspace();
    const made = await admin.perform("contacts.create", { data: { first_name: "Ada" } });
    await Promise.all(
      ["title", "last_name", "lifecycle"].map((key) =>
        admin.perform("contacts.update", { id: made.id, data: { [key]: key === "lifecycle" ? "lead" : key } }),
      ),
    );
    expect(await admin.perform("contacts.get", { id: made.id })).toMatchObject({
      title: "title",
      last_name: "last_name",
      lifecycle: "lead",
      version: 4,
    });
    expect(await eventsOf(made)).toHaveLength(4);
  });

  test("no tree of companies bites its tail, whatever two writers do", async () => {
    const { admin, kernel, tenant } = await aWorkspace();
    const ids: string[] = [];
    for (let n = 0; n < 6; n++) ids.push((await admin.perform("companies.create", { data: { name: `Company ${n}` } })).id);
    const moves = Array.from({ length: 60 }, (_, n) => ({ id: ids[(n * 7) % 6] as string, parent_id: ids[(n * 5 + 1) % 6] as string }));
    const outcomes = await Promise.allSettled(
      moves.map(({ id, parent_id }) => admin.perform("companies.update", { id, data: { parent_id } })),
    );
    for (const outcome of outcomes) if (outcome.status === "rejected") expect(outcome.reason).toEqual(refused("HIERARCHY_CYCLE"));
    expect(outcomes.some(({ status }) => status === "fulfilled")).toBe(true);
    const { rows } = await kernel.owner.query("select id, parent_id from companies where tenant_id = $1", [tenant]);
    const parents = new Map(rows.map(({ id, parent_id }) => [id, parent_id]));
    for (const id of ids) {
      let steps = 0;
      for (let at = id as string | null; at; at = parents.get(at) ?? null) expect(++steps).toBeLessThan(10);
    }
  });
});
