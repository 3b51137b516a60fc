import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { aDatabase, type Database } from "./support/nodes.ts";
import { aDataFolder, aProduct, ask, aWorkspaceIn, command, freePort, PASSWORD, type Product, postmasterOf } from "./support/product.ts";

let data: Awaited<ReturnType<typeof aDataFolder>>;
const toDo: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  data = await aDataFolder();
});
afterEach(async () => {
  for (const work of toDo.splice(0).reverse()) await work();
});
afterAll(() => data.remove());

const rapport = (...args: string[]) => command(args, { DATA_DIR: data.folder, LOG_LEVEL: "error" });
const signIn = (product: Product, email: string, password: string) =>
  fetch(`${product.url}/api/auth/sign-in`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-rapport": "1" },
    body: JSON.stringify({ email, password }),
  });

test("a workspace is set up while nothing runs, and its key and its administrator get in", async () => {
  const { tenant_id, api_key } = await aWorkspaceIn(data.folder, "Before");
  expect(tenant_id).toMatch(/^[0-9a-f-]{36}$/);
  expect(await postmasterOf(data.folder)).toBeNull();

  const product = await aProduct(data.folder);
  toDo.push(() => product.end());
  const { status, body } = await ask(product.url, api_key, "GET", "/api/v1/workspace");
  expect([status, body.name]).toEqual([200, "Before"]);
  expect((await signIn(product, "before@halden.example", PASSWORD)).status).toBe(200);
}, 60_000);

test("a server that runs lets one more workspace be made beside it, and sees new keys and passwords at once", async () => {
  const product = await aProduct(data.folder);
  toDo.push(() => product.end());
  const made = await rapport(
    ...["setup", "--workspace", "Beside", "--email", "beside@halden.example", "--password", PASSWORD, "--name", "Anna Berger"],
    ...["--country", "DE", "--currency", "CHF", "--time-zone", "Europe/Berlin", "--language", "de", "--json"],
  );
  const { api_key, tenant_id } = JSON.parse(made.out);
  const workspace = (await ask(product.url, api_key, "GET", "/api/v1/workspace")).body;
  expect(workspace).toMatchObject({ id: tenant_id, country: "DE", currency: "CHF", time_zone: "Europe/Berlin", language: "de" });

  const key = await rapport(
    "api-key",
    "create",
    "--workspace",
    "beside",
    "--role",
    "read_only",
    "--name",
    "Reports",
    "--expires-in",
    "30",
    "--json",
  );
  expect(key.err).not.toContain("Error");
  const reader = JSON.parse(key.out).api_key;
  expect((await ask(product.url, reader, "GET", "/api/v1/crm/contacts")).status).toBe(200);
  expect((await ask(product.url, reader, "POST", "/api/v1/crm/contacts", { last_name: "Berger" })).status).toBe(403);

  expect((await signIn(product, "beside@halden.example", PASSWORD)).status).toBe(200);
  const reset = await rapport("user", "reset-password", "--email", "Beside@halden.example", "--json");
  const { password } = JSON.parse(reset.out);
  expect((await signIn(product, "beside@halden.example", PASSWORD)).status).toBe(401);
  expect((await signIn(product, "beside@halden.example", password)).status).toBe(200);

  expect(await postmasterOf(data.folder)).not.toBeNull();
}, 60_000);

test("what cannot be set up is told in sentences", async () => {
  const setup = (...args: string[]) => rapport("setup", ...args);
  await setup("--workspace", "Taken", "--email", "taken@halden.example", "--password", PASSWORD);
  const sameName = await setup("--workspace", "TAKEN", "--email", "other@halden.example", "--password", PASSWORD);
  expect([sameName.code, sameName.out]).toEqual([1, ""]);
  expect(sameName.err).toContain("There is already a workspace of this name. Choose another name.");
  const sameAddress = await setup("--workspace", "Other", "--email", "TAKEN@halden.example", "--password", PASSWORD);
  expect([sameAddress.code, sameAddress.err]).toEqual([
    1,
    expect.stringContaining("There is already an account with this e-mail address."),
  ]);
  const faulty = await setup(
    "--workspace",
    " ",
    "--email",
    "nobody",
    "--password",
    "short",
    "--country",
    "Germany",
    "--currency",
    "DM",
    "--time-zone",
    "CET+1",
  );
  expect(faulty.code).toBe(1);
  for (const part of ["workspace:", "email:", "password:", "country:", "currency:", "time-zone:"])
    expect(faulty.err).toContain(`  ${part}`);
  const missing = await setup("--workspace", "Alone");
  expect([missing.code, missing.err]).toEqual([2, "Give --email and --password. Run rapport setup --help to see how it is called.\n"]);

  const noRole = await rapport("api-key", "create", "--workspace", "Taken", "--role", "emperor", "--name", "X");
  expect([noRole.code, noRole.err]).toEqual([1, expect.stringContaining('There is no role "emperor" in this workspace.')]);
  const noPlace = await rapport("api-key", "create", "--workspace", "Nowhere", "--role", "admin", "--name", "X");
  expect([noPlace.code, noPlace.err]).toEqual([1, expect.stringContaining('There is no workspace "Nowhere". There is ')]);
  const noUser = await rapport("user", "reset-password", "--email", "ghost@halden.example");
  expect([noUser.code, noUser.err]).toEqual([1, expect.stringContaining("ghost@halden.example")]);
}, 60_000);

test("every command explains itself, and a wrong one is refused", async () => {
  const overview = await command(["--help"]);
  expect(overview.code).toBe(0);
  const names = [...overview.out.matchAll(/^ {2}(\S+(?: \S+)*) {2,}/gm)].map(([, name = ""]) => name);
  expect(names).toContain("user reset-password");
  expect(names.length).toBeGreaterThanOrEqual(10);
  for (const name of names) {
    const { code, out } = await command([...name.split(" "), "--help"]);
    expect([name, code]).toEqual([name, 0]);
    expect(out).toContain(`Usage: rapport ${name}`);
  }
  expect((await command(["--version"])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(await command(["conquer"])).toEqual({ code: 2, out: "", err: expect.stringContaining('There is no command "conquer".') });
  expect(await command(["serve", "--fast"])).toMatchObject({ code: 2, err: expect.stringContaining("--fast") });
  expect(await command(["new-resource", "dragons"])).toMatchObject({
    code: 1,
    err: expect.stringContaining('There is no resource "dragons".'),
  });
  const printed = await command(["new-resource", "companies"]);
  expect(printed.out).toContain("create table companies (");
  expect(printed.out).toContain("create policy companies_tenant on companies");
}, 60_000);

test("all faults of the environment are told at once, and nothing starts", async () => {
  const { code, err } = await command(["serve", "--no-interface"], {
    DATA_DIR: data.folder,
    PORT: "eighty",
    DATABASE_URL: "mysql://host/db",
    LOG_LEVEL: "loud",
  });
  expect(code).toBe(1);
  expect(err.trim().split("\n")).toEqual([
    expect.stringMatching(/^PORT /),
    expect.stringMatching(/^DATABASE_URL /),
    expect.stringMatching(/^LOG_LEVEL /),
  ]);
  expect(await postmasterOf(data.folder)).toBeNull();
});

test("migrate says what it would do, does it, and finds nothing to do the second time", async () => {
  const database = await aDatabase();
  toDo.push(() => database.drop());
  await database.owner.query("create database " + database.url.split("/").at(-1) + "_fresh");
  const fresh = `${database.url}_fresh`;
  toDo.push(() => database.owner.query(`drop database ${fresh.split("/").at(-1)} with (force)`));
  const settings = { DATA_DIR: data.folder, DATABASE_URL: fresh };

  const dry = await command(["migrate", "--dry-run", "--json"], settings);
  const { outstanding } = JSON.parse(dry.out);
  expect(outstanding[0]).toBe("0001_foundation.sql");
  expect((await command(["migrate"], settings)).out).toBe(`${outstanding.length} migrations were applied.\n`);
  expect((await command(["migrate"], settings)).out).toBe("The database is up to date.\n");
}, 60_000);

type Findings = readonly { about: string; state: string; sentence: string }[];
async function doctor(
  settings: Readonly<Record<string, string>>,
): Promise<{ code: number | null; about: (name: string) => Findings[number] }> {
  const { code, out, err } = await command(["doctor", "--json"], { DATA_DIR: data.folder, PORT: String(await freePort()), ...settings });
  if (!out) throw new Error(err);
  const findings = JSON.parse(out) as Findings;
  return {
    code,
    about: (name) => findings.find(({ about }) => about === name) ?? { about: name, state: "missing", sentence: JSON.stringify(findings) },
  };
}

test("the doctor finds a sound installation sound, also while it runs", async () => {
  const before = await doctor({});
  expect([before.code, before.about("database").state, before.about("migrations").state, before.about("port").state]).toEqual([
    0,
    "good",
    "good",
    "good",
  ]);
  expect(before.about("mail")).toMatchObject({ state: "advice", sentence: expect.stringContaining("No mail is sent: set SMTP_URL.") });
  expect(before.about("clock").state).toBe("good");
  expect(await postmasterOf(data.folder)).toBeNull();

  const product = await aProduct(data.folder);
  toDo.push(() => product.end());
  const running = await doctor({ PORT: new URL(product.url).port });
  expect(running.about("port")).toMatchObject({ state: "good", sentence: expect.stringMatching(/^Rapport runs on port/) });
  expect(running.code).toBe(0);
  const words = await command(["doctor"], { DATA_DIR: data.folder, PORT: new URL(product.url).port });
  expect(words.out).toContain("Nothing stops the product.");
}, 60_000);

test("the doctor names a taken port, a database that is away, a wrong password and a database that is not there", async () => {
  const port = await freePort();
  const other = createServer((_, answer) => answer.end("something else")).listen(port, "127.0.0.1");
  toDo.push(async () => other.close());
  const url = new URL(process.env.TEST_DATABASE_URL ?? "");
  const changed = (change: Partial<URL>) => Object.assign(new URL(url), change).href;

  const away = await doctor({ PORT: String(port), DATABASE_URL: changed({ port: String(await freePort()) }) });
  expect(away.code).toBe(1);
  expect(away.about("port").sentence).toBe(`Port ${port} is taken by another program: stop that one, or set PORT to another number.`);
  expect(away.about("database").sentence).toContain("The database does not answer at the address in DATABASE_URL");
  const wrong = await doctor({ DATABASE_URL: changed({ password: "wrong" }) });
  expect(wrong.about("database").sentence).toContain("refuses the user or the password in DATABASE_URL");
  const none = await doctor({ DATABASE_URL: changed({ pathname: "/nothing_here" }) });
  expect(none.about("database").sentence).toContain("The database named in DATABASE_URL does not exist");
}, 60_000);

test("the doctor names a role that may not own the product, and migrations that are outstanding", async () => {
  const database: Database = await aDatabase();
  toDo.push(() => database.drop());
  const { user = "", password = "" } = database.logins.tenant as pg.ClientConfig & { password: string };
  const asTenant = Object.assign(new URL(database.url), { username: user, password }).href;
  const wrong = await doctor({ DATABASE_URL: asTenant });
  expect([wrong.code, wrong.about("role").state]).toEqual([1, "fault"]);
  expect(wrong.about("role").sentence).toMatch(/belong to another user|put the owner of the database into DATABASE_URL/);

  await database.owner.query("delete from migrations where number = (select max(number) from migrations)");
  const behind = await doctor({ DATABASE_URL: database.url });
  expect(behind.about("migrations")).toMatchObject({ state: "advice", sentence: expect.stringContaining("1 migration is outstanding") });
  await database.owner.query("insert into migrations (number, name, hash, at) values (9999, '9999_tomorrow.sql', 'x', now())");
  const ahead = await doctor({ DATABASE_URL: database.url });
  expect(ahead.about("migrations")).toMatchObject({ state: "fault", sentence: expect.stringContaining("9999_tomorrow.sql") });
}, 60_000);

test("the doctor names a data folder that cannot be written and a key that is empty", async () => {
  const file = join(data.folder, "a-file");
  await writeFile(file, "");
  const folder = await doctor({ DATA_DIR: join(file, "data") });
  expect([folder.code, folder.about("data folder").state]).toEqual([1, "fault"]);
  expect(folder.about("data folder").sentence).toContain("cannot be written: give it to this user, or set DATA_DIR to another folder.");

  const keys = join(data.folder, "keys");
  await mkdir(keys);
  await writeFile(join(keys, "secret-key"), "\n");
  await chmod(join(keys, "secret-key"), 0o600);
  const empty = await doctor({ DATA_DIR: keys, DATABASE_URL: process.env.TEST_DATABASE_URL ?? "" });
  expect(empty.about("secrets key").sentence).toContain("is empty: bring it back");
  expect(await readFile(join(keys, "secret-key"), "utf8")).toBe("\n");
}, 60_000);
