// Takes the pictures of the interface: four for the documentation, all others to look at, under dist/screenshots.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { aBrowser, aPage, signUp } from "../test/support/browser.ts";
import { aDataFolder, aProduct } from "../test/support/product.ts";
import { root } from "./build.mjs";

const desk = { viewport: { width: 1440, height: 900 }, deviceScaleFactor: 2 };
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 3, isMobile: true, hasTouch: true };

/** Each picture: the way to it, what is there when it may be taken. */
const shots = [
  { name: "contacts", show: (page) => page.goto("/contacts"), needs: ".grid-body .cell-title" },
  { name: "peek", show: (page) => page.locator(".cell-title").nth(2).click(), needs: ".peek .attribute" },
  { name: "record", show: (page) => page.getByRole("button", { name: "Open full page" }).click(), needs: "main [role=tab]" },
  { name: "bulk", show: selectThree, needs: ".bulk-bar" },
  { name: "palette", show: search, needs: "[role=dialog] [role=option]" },
  { name: "roles", show: (page) => page.goto("/settings/roles"), needs: "main h1, main h2" },
  { name: "first-run", show: (page) => page.goto("/welcome"), needs: "[role=radio]" },
  { name: "phone", show: (page) => page.goto("/contacts"), needs: ".phone-row", as: phone },
];
const documented = new Set(["contacts-light", "contacts-dark", "record-light", "phone-light"]);

const data = await aDataFolder();
const browser = await aBrowser();
const product = await aProduct(data.folder);
try {
  const first = await aPage(browser, `${product.url}/sign-up`);
  await signUp(first.context, { sample: true });
  const storageState = await first.context.storageState();
  for (const colorScheme of ["light", "dark"]) {
    for (const as of [desk, phone]) {
      const mine = shots.filter((shot) => (shot.as ?? desk) === as);
      await take(mine, colorScheme, { ...as, storageState }, "dist/screenshots", () => true);
      await take(mine, colorScheme, { ...as, storageState, deviceScaleFactor: 1 }, "docs/pictures", (name) => documented.has(name));
    }
  }
} finally {
  await browser.close();
  await product.end();
  await data.remove();
}

async function take(list, colorScheme, options, folder, isWanted) {
  await mkdir(join(root, folder), { recursive: true });
  const { page, context } = await aPage(browser, `${product.url}/contacts`, { ...options, colorScheme });
  // The list of first steps is put away once, as everybody does.
  const away = page.getByRole("button", { name: "Put the list away" });
  if (!options.isMobile) await away.click();
  for (const { name, show, needs } of list) {
    await show(page);
    await page.locator(needs).first().waitFor();
    await page.waitForLoadState("networkidle");
    await page.evaluate(() => document.fonts.ready);
    const path = join(root, folder, `${name}-${colorScheme}.png`);
    if (isWanted(`${name}-${colorScheme}`)) await page.screenshot({ path, animations: "disabled", caret: "hide" });
  }
  await context.close();
}

async function selectThree(page) {
  await page.goto("/contacts");
  for (const row of [1, 2, 4]) {
    const line = page.locator(".grid-body [role=row]").nth(row);
    await line.hover();
    await line.getByRole("checkbox").click();
  }
}

async function search(page) {
  await page.goto("/contacts");
  await page.locator(".cell-title").first().waitFor();
  await page.keyboard.press("ControlOrMeta+k");
  await page.getByRole("combobox", { name: "Search and actions" }).fill("an");
}
