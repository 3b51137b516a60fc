import { execFile } from "node:child_process";
import { promisify } from "node:util";
import chromium from "@sparticuz/chromium";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium as driver, type Page } from "playwright-core";
import { PASSWORD } from "./product.ts";

/** A page with what went wrong on it: words in the console, exceptions, requests without an answer. */
export type Watched = { readonly page: Page; readonly context: BrowserContext; readonly faults: () => readonly string[] };

/** Builds the interface where it is missing or older than its sources, so it comes before the product, and starts one Chromium. */
export async function aBrowser(): Promise<Browser> {
  await buildInterface();
  const installed = process.env.CHROMIUM;
  return driver.launch({ executablePath: installed || (await chromium.executablePath()), headless: true, args: flags });
}

/** Opens an address in a context of its own, as a person with fresh cookies. */
export async function aPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width: 1440, height: 900 },
    locale: "en-US",
    timezoneId: "Europe/Berlin",
    reducedMotion: "reduce",
    ...options,
  });
  context.setDefaultTimeout(10_000);
  return { context, ...(await anotherPage(context, url)) };
}

/** A second tab of the same person. */
export async function anotherPage(context: BrowserContext, url: string): Promise<Omit<Watched, "context">> {
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`${message.text()} ${message.location().url}`);
  });
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText;
    // Leaving a page, and typing on in a search, end what is still being asked.
    if (why !== "net::ERR_ABORTED") faults.push(`${request.method()} ${request.url()} ${why}`);
  });
  await page.goto(url);
  return { page, faults: () => faults };
}

/** Makes a workspace and signs its first member in, without the way through the screens. */
export async function signUp(context: BrowserContext, { sample = false } = {}): Promise<void> {
  const post = async (path: string, data: unknown) => {
    const answer = await context.request.post(path, { data, headers: { "X-Rapport": "1" } });
    if (!answer.ok()) throw new Error(`${path}: ${await answer.text()}`);
  };
  await post("/api/auth/sign-up", {
    name: "Anna Berger",
    email: "anna@halden.example",
    password: PASSWORD,
    workspace: "Halden Optics",
    country: "DE",
    currency: "EUR",
    time_zone: "Europe/Berlin",
    language: "en",
  });
  if (sample) await post("/api/v1/sample-data", {});
}

// Not the package's own list: that is for functions in the cloud, in one process and without the rules of origin.
const flags = [
  "--no-sandbox", // Chromium refuses to start as root with it
  "--disable-dev-shm-usage",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--no-default-browser-check",
  "--font-render-hinting=none",
  "--force-color-profile=srgb",
];

/** Two test files may build at once, and the one that is second to put its build into place tries again and finds it there. */
async function buildInterface(): Promise<void> {
  const build = () => promisify(execFile)(process.execPath, ["scripts/build.mjs"]);
  await build().catch(build);
}
