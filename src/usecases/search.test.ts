import { beforeAll, describe, expect, test } from "vitest";
import { aWorkspace, type Person, theKernel, type Workspace } from "../../test/support/workspace.ts";
import { statement } from "../adapters/postgres/flights/statement.ts";
import type { Call } from "../adapters/postgres/records/call.ts";
import { searchPort } from "../adapters/postgres/search/search.ts";
import { rebuildSearchWords, searchWordSteps } from "../adapters/postgres/search/search-words.ts";
import type { Role } from "../domain/access/access.ts";
import { perform } from "./kit/perform.ts";
import { type Hit, searched } from "./search.ts";

async function search(person: Person, q: string | null, more: object = {}): Promise<readonly Hit[]> {
  const { answer } = await perform((await theKernel()).app, person.actor, "search.all", { q, ...more }, { via: "api" });
  return (answer as { data: readonly Hit[] }).data;
}

const titles = async (person: Person, q: string, more?: object) => (await search(person, q, more)).map(({ title }) => title);

/** What the drain does with the events of a workspace. */
async function keepWords({ tenant, kernel }: Workspace): Promise<void> {
  const { rows } = await kernel.owner.query("select resource, after::text as after from events where tenant_id = $1", [tenant]);
  expect(rows.length).toBeGreaterThan(0);
  for (const _ of ["once", "and again"]) await kernel.flights.run(tenant, searchWordSteps(tenant, rows), "write");
}

const grants = (view: "none" | "own" | "all") =>
  ({ view, create: "all", edit: "all", delete: "all", export: "all", assign: "all" }) as const;
const role = (key: string, more: Partial<Role>): Role => ({ key, grants: { "*": grants("all") }, rights: [], denied: {}, ...more });

describe("in one workspace", () => {
  let workspace: Workspace;
  let admin: Person;
  beforeAll(async () => {
    workspace = await aWorkspace();
    admin = workspace.admin;
    const contacts = [
      { first_name: "Jörg", last_name: "Öztürk", email: "joerg.oeztuerk@halden.test", phone: "+49 30 901820", title: "Leiter Einkauf" },
      { first_name: "Ada", last_name: "Lovelace", email: "ada@lovelace.test", title: "Countess" },
      { first_name: "Berta", last_name: "Berg" },
      { first_name: "Carl", last_name: "Bergmann" },
      { first_name: "Anna", last_name: "Bergengruen" },
      { first_name: "Berg", last_name: "Fischer" },
      { first_name: "Olga", last_name: "Straße" },
      { first_name: "Иван", last_name: "Петров" },
      { first_name: "Pat", last_name: "O'Brien \\ & | ! : * (x) '" },
      { first_name: "Smile", last_name: "😀 Face" },
    ];
    for (const data of contacts) await admin.perform("contacts.create", { data });
    const gone = await admin.perform("contacts.create", { data: { first_name: "Gone", last_name: "Lovelace" } });
    await admin.perform("contacts.delete", { id: gone.id });
    await admin.perform("companies.create", { data: { name: "Halden Optics", domain: "halden-optics.example", phone: "+49 40 112233" } });
    await admin.perform("companies.create", { data: { name: "3M" } });
    await keepWords(workspace);
  });

  test("accents do not matter, on either side", async () => {
    for (const q of ["Öztürk", "ozturk", "OZTURK", "o\u0308ztu\u0308rk"]) expect(await titles(admin, q)).toEqual(["Jörg Öztürk"]);
    for (const q of ["strasse", "Straße", "STRASSE"]) expect(await titles(admin, q)).toEqual(["Olga Straße"]);
    expect(await titles(admin, "петр")).toEqual(["Иван Петров"]);
  });

  test("a slip of the keys is forgiven, and ranks below what was meant exactly", async () => {
    const [exact] = await search(admin, "lovelace");
    for (const q of ["lovlace", "lovellace", "lovexace", "lovealce", "ada lovlace", "Lovlace Ada", "aad lovelace"]) {
      const [hit, ...others] = await search(admin, q);
      expect(hit).toMatchObject({ title: "Ada Lovelace", matched: expect.arrayContaining(["name"]) });
      expect(others).toEqual([]);
      expect(hit?.rank).toBeLessThan(exact?.rank ?? 0);
    }
    expect(await titles(admin, "hallden")).toContain("Halden Optics");
    expect(await titles(admin, "qqqqqq")).toEqual([]);
  });

  test("beginnings are enough, of the last word first and then of all", async () => {
    expect(await titles(admin, "love")).toEqual(["Ada Lovelace"]);
    expect(await titles(admin, "ada lov")).toEqual(["Ada Lovelace"]);
    expect(await titles(admin, "love ad")).toEqual(["Ada Lovelace"]);
    expect(await titles(admin, "ad")).toEqual(["Ada Lovelace"]);
    expect(await titles(admin, "3m")).toEqual(["3M"]);
  });

  test("words come in any order", async () => {
    for (const q of ["Jörg Öztürk", "Öztürk Jörg", "einkauf ozturk", "halden jorg"])
      expect(await titles(admin, q)).toEqual(["Jörg Öztürk"]);
  });

  test("a telephone number is found in any format and by its end", async () => {
    for (const q of [
      "030 901820",
      "+49 (30) 90-1820",
      "0049 30 901820",
      "+4930901820",
      "030/90.18.20",
      "+49 (0)30 901820",
      "901820",
      "1820",
    ])
      expect(await search(admin, q)).toMatchObject([{ title: "Jörg Öztürk", matched: ["phone"], subtitle: "+4930901820" }]);
    expect(await titles(admin, "040 112233")).toEqual(["Halden Optics"]);
    expect(await titles(admin, "9018")).toEqual([]);
  });

  test("an e-mail address is found whole and in parts, a domain too", async () => {
    for (const q of ["joerg.oeztuerk@halden.test", "JOERG.OEZTUERK@HALDEN.TEST", "joerg.oez", "oeztuerk@halden", "@halden.test"])
      expect(await search(admin, q)).toMatchObject([{ title: "Jörg Öztürk", subtitle: "joerg.oeztuerk@halden.test" }]);
    for (const q of ["halden-optics.example", "halden-opt", "www.halden-optics.example".slice(4)])
      expect(await search(admin, q)).toMatchObject([{ resource: "companies", title: "Halden Optics", subtitle: "halden-optics.example" }]);
  });

  test("the best answer comes first: a whole word before a beginning", async () => {
    const found = await titles(admin, "berg");
    expect(found.slice(0, 2).sort()).toEqual(["Berg Fischer", "Berta Berg"]);
    expect(found.slice(2).sort()).toEqual(["Anna Bergengruen", "Carl Bergmann"]);
    const ranks = (await search(admin, "berg")).map(({ rank }) => rank);
    expect(ranks).toEqual([...ranks].sort((a, b) => b - a));
  });

  test("what is hostile to a query is only text", async () => {
    for (const q of [
      "o'brien",
      "O'Brien \\ & | ! : * (x) '",
      "brien & !x:*",
      "'brien'",
      "\\brien",
      "brien');drop table contacts;--".slice(0, 7),
    ])
      expect(await titles(admin, q)).toEqual(["Pat O'Brien \\ & | ! : * (x) '"]);
    for (const q of ["'", "\\", "&|!:*()", "%", "_", "''''", "😀", "‮", "\ud800", "<->", "a".repeat(60) + "'"])
      expect(await titles(admin, q)).toEqual([]);
    expect(await titles(admin, "smile 😀 face")).toEqual(["Smile 😀 Face"]);
    expect(await titles(admin, `lovelace ${"x".repeat(9_000)}`.slice(0, 9) + " ".repeat(9_991))).toEqual(["Ada Lovelace"]);
    expect(await titles(admin, `${"ada ".repeat(2_499)}zzz`)).toEqual(["Ada Lovelace"]);
    await expect(search(admin, "ada\0")).rejects.toMatchObject({ kind: "invalid" });
    await expect(search(admin, "a".repeat(10_001))).rejects.toMatchObject({ kind: "invalid" });
  });

  test("an empty question finds nothing", async () => {
    for (const q of [null, "", "   "]) expect(await search(admin, q)).toEqual([]);
  });

  test("only the resources asked for are searched, as many as asked for", async () => {
    expect((await search(admin, "halden")).map(({ resource }) => resource).sort()).toEqual(["companies", "contacts"]);
    expect(await titles(admin, "halden", { resources: "companies" })).toEqual(["Halden Optics"]);
    expect(await titles(admin, "berg", { limit: 1 })).toHaveLength(1);
    expect((await search(admin, "test member")).map(({ resource }) => resource)).toEqual([]);
    await expect(search(admin, "x", { resources: "contacts,teams" })).rejects.toMatchObject({ code: "UNKNOWN_RESOURCE" });
  });

  test("what lies in the trash is not found, by words, number or two letters", async () => {
    expect(await titles(admin, "gone")).toEqual([]);
    expect(await titles(admin, "go")).toEqual([]);
    expect(await titles(admin, "lovelace")).toEqual(["Ada Lovelace"]);
  });

  test("a list takes what was typed as a filter, together with others", async () => {
    const list = async (input: object) => {
      const { answer } = await perform((await theKernel()).app, admin.actor, "contacts.list", input, { via: "api" });
      return (answer as { data: { record: { name: string } }[] }).data.map(({ record }) => record.name);
    };
    expect(await list({ q: "lovlace" })).toEqual(["Ada Lovelace"]);
    expect(await list({ q: "berg", sort: "-name", limit: 2 })).toEqual(["Carl Bergmann", "Berta Berg"]);
    expect(await list({ q: "qqqqqq" })).toEqual([]);
    expect(await list({ q: "gone", trashed: "true" })).toEqual(["Gone Lovelace"]);
  });

  test("a field that is hidden from a role neither answers nor shows", async () => {
    const blind = await workspace.member(role("blind", { denied: { contacts: ["title", "phone", "email"] } }));
    for (const q of ["countess", "einkauf", "joerg.oeztuerk@halden.test", "030 901820", "ada countess", "countes"])
      expect(await titles(blind, q, { resources: "contacts" })).toEqual([]);
    expect(await search(blind, "ozturk")).toMatchObject([{ title: "Jörg Öztürk", subtitle: null, matched: ["name"] }]);
    const nameless = await workspace.member(role("nameless", { denied: { contacts: ["name"] } }));
    expect(await search(nameless, "ad", { resources: "contacts" })).toEqual([]);
    expect(await search(nameless, "lovelace", { resources: "contacts" })).toMatchObject([
      { title: null, subtitle: "ada@lovelace.test", matched: ["email"] },
    ]);
  });

  test("a resource out of a role's reach is left out", async () => {
    const outsider = await workspace.member(role("outsider", { grants: { contacts: grants("none"), "*": grants("all") } }));
    expect((await search(outsider, "halden")).map(({ resource }) => resource)).toEqual(["companies"]);
    expect(await search(outsider, "lovelace")).toEqual([]);
  });

  test("words that no record has any more go with a rebuild", async () => {
    const { tenant, kernel } = workspace;
    await kernel.owner.query("insert into search_words (tenant_id, word) values ($1, 'vanished')", [tenant]);
    const words = async () =>
      (await kernel.owner.query("select word from search_words where tenant_id = $1 order by word", [tenant])).rows.map(({ word }) => word);
    const before = await words();
    await rebuildSearchWords(kernel.flights, tenant);
    const after = await words();
    expect(before).toContain("vanished");
    expect(after).not.toContain("vanished");
    expect(after).toEqual(expect.arrayContaining(["lovelace", "ozturk", "oeztuerk", "halden", "optics", "einkauf"]));
    for (const word of after) expect(word).toMatch(/^\p{L}{3,60}$/u);
    expect(await titles(admin, "lovlace")).toEqual(["Ada Lovelace"]);
  });
});

test("a rep finds their own among many better ones of others", async () => {
  const workspace = await aWorkspace();
  const { admin } = workspace;
  const rep = await workspace.member(role("own", { grants: { "*": grants("own") } }));
  const data = (last_name: string) => ({ first_name: "Anna", last_name, phone: "+49 30 777888" });
  const operations = Array.from({ length: 220 }, () => ({ op: "create", data: data("Berg") }));
  await admin.perform("contacts.bulk", { mode: "atomic", operations });
  await rep.perform("contacts.create", { data: data("Bergmann") });
  for (const q of ["anna", "berg", "anna berg", "an", "030 777888", "7888"]) expect(await titles(rep, q)).toEqual(["Anna Bergmann"]);
  expect(await titles(admin, "berg", { limit: 100 })).toHaveLength(100);
  await keepWords(workspace);
  expect(await titles(rep, "bergmnan")).toEqual(["Anna Bergmann"]);
});

test("another workspace is never found, not even when it is named outright", async () => {
  const [mine, theirs] = [await aWorkspace(), await aWorkspace()];
  for (const { admin } of [mine, theirs])
    await admin.perform("contacts.create", { data: { first_name: "Ada", last_name: "Lovelace", phone: "+49 30 1234567" } });
  await keepWords(theirs);
  expect(await search(mine.admin, "lovelace")).toHaveLength(1);
  expect(await search(mine.admin, "030 1234567")).toHaveLength(1);
  expect(await search(mine.admin, "lovlace")).toEqual([]);

  const { flights, definitions } = mine.kernel;
  const { search_code } = await definitions.of(theirs.tenant);
  const ask = (tenant: string | null) =>
    flights.run(
      tenant,
      [
        [
          {
            name: "foreign-search",
            text: "select * from search_contacts($1::uuid, null, null, $2::tsquery, null, null, null, null, null)",
          },
          [theirs.tenant, `'${search_code}lovelace'`],
        ],
        [{ name: "foreign-words", text: "select * from correct_words($1::uuid, '{lovlace}')" }, [theirs.tenant]],
      ],
      "search",
    );
  expect((await ask(theirs.tenant)).map(({ rows }) => rows.length)).toEqual([1, 1]);
  for (const tenant of [mine.tenant, null]) expect((await ask(tenant)).map(({ rows }) => rows.length)).toEqual([0, 0]);
});

test("a search that takes too long is refused with what would help", async () => {
  const { tenant, kernel, admin } = await aWorkspace();
  const definitions = await kernel.definitions.of(tenant);
  const read: Call["read"] = (_, lane) => kernel.flights.run(tenant, [[statement("select pg_sleep(10)"), []]], lane);
  const slow = searchPort({ ...({ tenant, actor: admin.actor, definitions } as Call), read });
  await expect(slow.find("berg", searched, 20)).rejects.toMatchObject({ kind: "invalid", code: "SEARCH_TOO_BROAD" });
});
