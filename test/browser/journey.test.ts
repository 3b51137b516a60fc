import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { aBrowser, aPage, type Watched } from "../support/browser.ts";
import { aDataFolder, aProduct, PASSWORD, type Product } from "../support/product.ts";

// One person's first quarter of an hour; each step goes on where the one before it ended.
let data: Awaited<ReturnType<typeof aDataFolder>>;
let product: Product;
let browser: Browser;
let mine: Watched;
let page: Page;
beforeAll(async () => {
  data = await aDataFolder();
  browser = await aBrowser();
  product = await aProduct(data.folder);
  mine = await aPage(browser, `${product.url}/sign-up`);
  page = mine.page;
});
afterAll(async () => {
  await browser?.close();
  await product?.end();
  await data?.remove();
});

const EMAIL = "anna@halden.example";

test("a person signs up, starts empty and stands before the list of contacts", async () => {
  await page.getByLabel("Name", { exact: true }).fill("Anna Berger");
  await page.getByLabel("E-mail").fill(EMAIL);
  await page.getByLabel("Choose a password").fill(PASSWORD);
  await page.getByLabel("Name of the workspace").fill("Halden Optics");
  await page.getByRole("button", { name: "Create workspace" }).click();

  await page.getByRole("heading", { name: "What shall it begin with?" }).waitFor();
  await page.getByRole("radio", { name: /Start empty/ }).click();
  await page.getByRole("button", { name: "Start empty" }).click();
  await page.getByRole("button", { name: "Later" }).click();
  await page.getByText("No contacts yet").waitFor();
  expect(new URL(page.url()).pathname).toBe("/contacts");
});

test("a company and a contact are added through the form", async () => {
  await page.getByRole("link", { name: "Companies" }).click();
  await page.getByText("No companies yet").waitFor();
  await page.keyboard.press("c");
  await create("company", { Name: "Nordlicht Energie" });
  await page.getByRole("complementary", { name: "Nordlicht Energie" }).waitFor();

  await page.getByRole("link", { name: "Contacts" }).click();
  for (const [first, last] of [
    ["Mathilde", "Oberländer"],
    ["Ruben", "Falk"],
  ] as const) {
    await page.getByRole("button", { name: "New contact" }).first().click();
    await create("contact", { "First name": first, "Last name": last, "E-mail": `${first.toLowerCase()}@nordlicht.example` });
    await page.getByRole("complementary", { name: `${first} ${last}` }).waitFor();
    await page.keyboard.press("Escape");
  }
  expect(await rows().count()).toBe(2);
});

test("a cell is edited by keys alone, and what was typed is kept", async () => {
  await moveTo("Mathilde Oberländer", "E-mail");
  await page.keyboard.type("mo@nordlicht.example");
  await page.keyboard.press("Enter");
  await cell("Mathilde Oberländer", "E-mail").getByText("mo@nordlicht.example").waitFor();
  await page.reload();
  await cell("Mathilde Oberländer", "E-mail").getByText("mo@nordlicht.example").waitFor();
});

test("another window of the same person shows a changed cell within two seconds", async () => {
  const theirs = await aPage(browser, `${product.url}/sign-in?next=/contacts`);
  await theirs.page.getByLabel("E-mail").fill(EMAIL);
  await theirs.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await theirs.page.getByRole("button", { name: "Sign in", exact: true }).click();
  const seen = cell("Ruben Falk", "E-mail", theirs.page);
  await seen.getByText("ruben@nordlicht.example").waitFor();

  await moveTo("Ruben Falk", "E-mail");
  await page.keyboard.type("falk@nordlicht.example");
  await page.keyboard.press("Enter");
  await seen.getByText("falk@nordlicht.example").waitFor({ timeout: 2_000 });
  expect(theirs.faults()).toEqual([]);
  await theirs.context.close();
});

test("a filter narrows the list and is kept as a view", async () => {
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await page.getByRole("combobox", { name: "Field" }).fill("E-mail");
  await page.keyboard.press("Enter");
  await page.locator(".chip-op").click();
  await page.getByRole("menuitem", { name: "contains", exact: true }).click();
  await page.locator(".filter-form input").fill("falk@");
  await page.getByRole("button", { name: "Apply" }).click();
  await rows().nth(1).waitFor({ state: "detached" });
  expect(await rows().allInnerTexts()).toEqual([expect.stringContaining("Ruben Falk")]);

  await page.getByRole("button", { name: "Save as new" }).click();
  await page.getByLabel("Name of the view").fill("Only Falk");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("tab", { name: "Only Falk", selected: true }).waitFor();
  await page.getByRole("tab", { name: "All contacts" }).click();
  await rows().nth(1).waitFor();
});

test("a contact is found by the palette, moved to the trash and brought back", async () => {
  await page.keyboard.press("ControlOrMeta+k");
  await page.getByRole("combobox", { name: "Search and actions" }).fill("oberlander");
  await page.getByRole("option", { name: /Mathilde Oberländer/ }).waitFor();
  await page.keyboard.press("Enter");
  const peek = page.getByRole("complementary", { name: "Mathilde Oberländer" });
  await peek.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "Move to trash" }).click();
  await rows().filter({ hasText: "Mathilde" }).waitFor({ state: "detached" });
  expect(await rows().count()).toBe(1);

  await page.getByRole("main").getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "Trash" }).click();
  await page.getByRole("listitem").filter({ hasText: "Mathilde Oberländer" }).getByRole("button", { name: "Restore" }).click();
  await page.getByText("The trash is empty").waitFor();
  await page.getByRole("navigation").getByRole("link", { name: "Contacts" }).click();
  await rows().filter({ hasText: "Mathilde Oberländer" }).waitFor();
});

test("nothing went wrong on the way, in the console or on the line", () => {
  expect(mine.faults()).toEqual([]);
});

const rows = (on = page) => on.locator(".grid-body [role=row]");

/** The cell of a record under the column of that name. */
function cell(name: string, column: string, on = page) {
  return rows(on)
    .filter({ hasText: name })
    .locator(`[aria-colindex="${COLUMNS.indexOf(column) + 2}"]`);
}

const COLUMNS = ["Name", "Company", "E-mail"];

/** Brings the focus of the table to a cell with the keys. */
async function moveTo(name: string, column: string): Promise<void> {
  await rows()
    .filter({ hasText: name })
    .getByRole("rowheader")
    .click({ position: { x: 4, y: 4 } });
  for (let step = 0; step < COLUMNS.indexOf(column); step++) await page.keyboard.press("ArrowRight");
}

async function create(one: string, values: Readonly<Record<string, string>>): Promise<void> {
  const form = page.getByRole("dialog", { name: `New ${one}` });
  for (const [label, value] of Object.entries(values)) await form.getByLabel(label).first().fill(value);
  await form.getByRole("button", { name: `Create ${one}` }).click();
  await form.waitFor({ state: "detached" });
}
