import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll } from "vitest";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/opt/google/chrome/chrome"];

/** Where Chromium is on this machine; undefined where there is none, and the browser tests are left out. */
export const chromiumPath = [process.env["CHROMIUM_PATH"], ...PLACES].find((path) => path !== undefined && existsSync(path));

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A headless Chromium of this test file's own. */
export async function openBrowser(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error("no Chromium on this machine");
  const browser = await chromium.launch({ executablePath: chromiumPath, args: FLAGS });
  afterAll(() => browser.close());
  return browser;
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const AXE_RUN = `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => [id, html, failureSummary].join(" "))))`;

/** What axe-core holds against the page as it stands, one line each: WCAG 2.2 AA and good practice. */
export async function findBarriers(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(AXE_RUN);
}
