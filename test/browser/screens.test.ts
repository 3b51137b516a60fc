import { readFile } from "node:fs/promises";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { aBrowser, aPage, signUp, type Watched } from "../support/browser.ts";
import { aDataFolder, aProduct, type Product } from "../support/product.ts";

let data: Awaited<ReturnType<typeof aDataFolder>>;
let product: Product;
let browser: Browser;
let axe: string;
let mine: Watched;
beforeAll(async () => {
  data = await aDataFolder();
  axe = await readFile("node_modules/axe-core/axe.min.js", "utf8");
  browser = await aBrowser();
  product = await aProduct(data.folder);
  // The page's own policy lets no other script in; the one that looks at it is let in here.
  mine = await aPage(browser, `${product.url}/sign-up`, { bypassCSP: true });
  await signUp(mine.context, { sample: true });
});
afterAll(async () => {
  await browser?.close();
  await product?.end();
  await data?.remove();
});

type Screen = { readonly name: string; readonly show: (page: Page) => Promise<unknown>; readonly needs: string };

const screens: readonly Screen[] = [
  { name: "list", show: (page) => page.goto("/contacts"), needs: ".grid-body [role=row] .cell-title" },
  { name: "peek", show: (page) => page.locator(".cell-title").first().click(), needs: ".peek .attribute" },
  { name: "record page", show: (page) => page.getByRole("button", { name: "Open full page" }).click(), needs: "main [role=tab]" },
  { name: "create form", show: (page) => page.goto("/contacts?new=true"), needs: "[role=dialog] form input" },
  { name: "palette", show: openPalette, needs: "[role=dialog] [role=option]" },
  { name: "members", show: (page) => page.goto("/settings/members"), needs: "main h1, main h2" },
  { name: "roles", show: (page) => page.goto("/settings/roles"), needs: "main h1, main h2" },
];

test.for(["light", "dark"] as const)("no screen keeps anybody out, in %s", { timeout: 60_000 }, async (colorScheme) => {
  const { page } = mine;
  await page.emulateMedia({ colorScheme });
  const found: string[] = [];
  for (const { name, show, needs } of screens) {
    await show(page);
    await page.locator(needs).first().waitFor();
    found.push(...(await barriersOf(page)).map((barrier) => `${name}: ${barrier}`));
  }
  const nobody = await aPage(browser, `${product.url}/sign-in`, { bypassCSP: true, colorScheme });
  await nobody.page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  found.push(...(await barriersOf(nobody.page)).map((barrier) => `sign-in: ${barrier}`));
  await nobody.context.close();
  expect(await page.evaluate(() => document.documentElement.dataset.mantineColorScheme)).toBe(colorScheme);
  expect(found).toEqual([]);
});

test("the list of contacts has the sizes of the design language", async () => {
  const { page } = mine;
  await page.goto("/contacts");
  await page.locator(".cell-title").first().click();
  await page.locator(".peek .attribute").first().waitFor();
  const size = async (selector: string) => {
    const box = await page.locator(selector).first().boundingBox();
    return { width: Math.round(box?.width ?? 0), height: Math.round(box?.height ?? 0) };
  };
  expect({
    rail: (await size(".rail")).width,
    top: (await size(".top-bar")).height,
    views: (await size(".view-bar")).height,
    filters: (await size(".filter-bar")).height,
    head: (await size(".grid-head")).height,
    row: (await size(".grid-body [role=row]")).height,
    foot: (await size(".grid-foot")).height,
    peek: (await size(".peek")).width,
  }).toEqual({ rail: 232, top: 48, views: 36, filters: 44, head: 32, row: 32, foot: 36, peek: 420 });
});

test("nothing went wrong on the way, in the console or on the line", () => {
  expect(mine.faults()).toEqual([]);
});

async function openPalette(page: Page): Promise<void> {
  await page.goto("/contacts");
  await page.locator(".cell-title").first().waitFor();
  await page.keyboard.press("ControlOrMeta+k");
}

/** What axe calls serious or critical, each with the place and the reason. */
async function barriersOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const { violations, passes }: AxeResults = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })");
  expect(passes.map(({ id }) => id)).toContain("color-contrast");
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary}`));
}
