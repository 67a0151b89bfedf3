import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, findBarriers, openBrowser } from "./support/browser.ts";
import { removeData, startProduct, type Product } from "./support/product.ts";

const ANNA = "anna.berg@acme.example";

describe.runIf(chromiumPath)("the playground's Teams in a browser", () => {
  let product: Product;
  let browser: Browser;
  let page: Page;
  const pictures = process.env["E2E_PICTURES"] ?? mkdtempSync(join(tmpdir(), "verify-bot-pictures-"));

  const bot = () => page.locator(".message.app");
  const say = async (line: string) => {
    await page.getByRole("textbox", { name: "Message" }).click();
    await page.keyboard.type(line);
    await page.keyboard.press("Enter");
    await page.locator(".message.person", { hasText: line }).last().waitFor();
  };

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    [product, browser] = await Promise.all([startProduct(), openBrowser()]);
    page = await browser.newPage({
      viewport: { width: 1280, height: 800 },
      locale: "en-GB",
      colorScheme: "light",
      reducedMotion: "reduce",
    });
    await page.goto(`${product.url}/playground`);
    await page.getByText("Teams", { exact: true }).click();
    await page.getByRole("button", { name: "Send to many" }).waitFor();
  });
  afterAll(async () => {
    await product.stop();
    removeData(product);
  });

  it("A resend sends a mail whose button confirms the address", async () => {
    await say(`verify resend ${ANNA}`);
    await bot().filter({ hasText: "Sent to Anna Berg" }).waitFor();
    const link = page.frameLocator("iframe").getByRole("link", { name: "Bekräfta min adress" });
    const [confirm] = await Promise.all([page.context().waitForEvent("page"), link.click()]);
    await confirm.getByRole("button").click();
    await confirm.getByText("Klart!").waitFor();
    await confirm.close();
    await say(`verify status ${ANNA}`);
    await bot()
      .filter({ hasText: /Anna Berg is connected/ })
      .waitFor();
    expect(await page.locator(".messages").innerText()).toContain("a***@acme.example");
  });

  it("A channel is told counts, and people are named only in the asker's own chat", async () => {
    await page.getByRole("tab", { name: /people-ops/ }).click();
    await say(`status ${ANNA}`);
    await bot().filter({ hasText: "private chat" }).waitFor();
    expect(await page.locator(".messages").innerText()).not.toMatch(/Anna Berg is/);
    await page.getByRole("tab", { name: /Verify/ }).click();
  });

  it("The message extension's dialog sends to many, with search, live count, confirmation and one edited card", async () => {
    await page.getByRole("button", { name: "Send to many" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(/240 users match/).waitFor();
    await dialog.getByPlaceholder("Type to search").fill("ekon");
    await dialog.getByLabel("Ekonomi").check();
    await dialog.getByRole("button", { name: "Count again" }).click();
    await dialog.getByText(/^(?!240 )\d+ users match/).waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Preview" }).click();
    await dialog.waitFor({ state: "detached" });
    const preview = bot().filter({ hasText: /B-1: \d+ users match/ });
    await preview.getByRole("button", { name: /^Send \d+/ }).click();
    await preview.getByRole("button", { name: "Send", exact: true }).click();
    const done = bot().filter({ hasText: /B-1 done in .*: (\d+) of \1 users received mail/ });
    await done.waitFor({ timeout: 20_000 });
    expect(await done.count()).toBe(1);
  });

  it.each(["light", "dark"] as const)("The Teams tab has no barriers when %s", async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    expect(await findBarriers(page)).toEqual([]);
    await page.screenshot({ path: join(pictures, `teams-${colorScheme}.png`) });
  });
});
