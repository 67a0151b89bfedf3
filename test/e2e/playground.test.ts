import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isNotNull } from "drizzle-orm";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../src/db/open.ts";
import { organisations, users } from "../../src/db/schema/tables.ts";
import { chromiumPath, findBarriers, openBrowser } from "./support/browser.ts";
import { type Product, removeData, startProduct } from "./support/product.ts";

const ANNA = "anna.berg@acme.example";
/** Slow enough for the progress to be seen. */
const MAILS_A_SECOND = "6";

type Captured = { total: number; mails: { to: string; subject: string; language: string }[] };

describe.runIf(chromiumPath)("the playground in a browser", () => {
  let product: Product;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const noise: string[] = [];
  const pictures = process.env["E2E_PICTURES"] ?? mkdtempSync(join(tmpdir(), "verify-bot-pictures-"));

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    [product, browser] = await Promise.all([startProduct({ SMTP_RATE: MAILS_A_SECOND }), openBrowser()]);
    context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      locale: "en-GB",
      colorScheme: "light",
      reducedMotion: "reduce",
    });
    page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && noise.push(message.text()));
    page.on("pageerror", (error) => noise.push(error.message));
  });
  afterAll(async () => {
    await product.stop();
    removeData(product);
  });

  const inbox = async () => (await (await fetch(`${product.url}/playground/inbox`)).json()) as Captured;
  const replies = () => page.locator(".message.app");
  const picture = (name: string) => page.screenshot({ path: join(pictures, `${name}.png`) });

  async function say(line: string): Promise<void> {
    await page.getByRole("textbox", { name: "Message" }).click();
    await page.keyboard.type(line);
    await page.keyboard.press("Enter");
    await page.locator(".message.person", { hasText: line }).last().waitFor();
  }

  it("The front door leads to the playground", async () => {
    await page.goto(product.url);
    expect(page.url()).toMatch(/\/playground(#|$)/);
    await page.getByText("Hello Olivia").waitFor();
    await page.getByText("No mail yet.").waitFor();
  });

  it("A resend mails Anna, and the button in her mail connects her", async () => {
    await say(`/verify resend ${ANNA}`);
    await replies().filter({ hasText: "Anna Berg" }).first().waitFor();
    const mail = page.frameLocator("iframe");
    await expect.poll(async () => (await inbox()).total).toBe(1);

    const [tab] = await Promise.all([context.waitForEvent("page"), mail.getByRole("link", { name: "Bekräfta min adress" }).click()]);
    await tab.waitForLoadState();
    expect(tab.url()).toMatch(`${product.url}/verify/`);
    await tab.getByRole("button").click();
    await tab.getByText("Klart!").waitFor();
    await tab.close();

    await say(`/verify status ${ANNA}`);
    await replies().filter({ hasText: "Anna Berg is connected" }).waitFor();
    await picture("status");
  });

  it("The inbox shows a mail as text and as headers", async () => {
    await page.getByRole("tab", { name: "Text" }).click();
    await expect.poll(() => page.getByRole("link", { name: /\/verify\/v1\./ }).count()).toBe(1);
    await page.getByRole("tab", { name: "Headers" }).click();
    await expect.poll(() => page.getByRole("row", { name: "Message-ID" }).count()).toBe(1);
    await page.getByRole("tab", { name: "Mail", exact: true }).click();
  });

  let sent = 0;
  let mails: Captured["mails"] = [];
  it("An admin sends to a department: a preview with every reason, a confirmation, progress, the final count", async () => {
    await say("/verify bulk department:Lager");
    const preview = replies().filter({ hasText: "users match" });
    const text = await preview.innerText();
    const [, matched = 0, mailed = 0, skipped = 0, reasons = ""] =
      /(\d+) users match\. (\d+) will get mail\. (\d+) will not: (.+)\./.exec(text) ?? [];
    sent = Number(mailed);
    expect(sent).toBeGreaterThan(10);
    expect(sent + Number(skipped)).toBe(Number(matched));
    const counted = reasons.split(", ").map((reason) => Number.parseInt(reason, 10));
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(Number(skipped));
    expect(reasons).toContain("connected");
    await picture("preview");

    await preview.getByRole("button", { name: `Send ${sent}` }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Send", exact: true }).click();
    // A machine in a hurry may be done before the first word.
    const progress = replies().filter({ hasText: new RegExp(`\\d+ of ${sent} (?:sent|users received mail)`) });
    await progress.waitFor();
    await picture("progress");
    const posted = await progress.getAttribute("data-ts");
    const end = replies().filter({ hasText: `${sent} of ${sent} users received mail` });
    await end.waitFor();
    expect(await end.getAttribute("data-ts")).toBe(posted);
    await expect.poll(async () => (await inbox()).total).toBe(1 + sent);
    ({ mails } = await inbox());
    await picture("playground");
  });

  it("The form sends the same and counts as it is filled in", async () => {
    await say("/verify bulk");
    const form = page.getByRole("dialog");
    await form.getByText(/^240 users match/).waitFor();
    await form.getByLabel("Department").click();
    await page.keyboard.type("but");
    await form.getByRole("option", { name: "Butik" }).waitFor();
    await page.keyboard.press("Enter");
    await form.getByText(/^(?!240 )\d+ users match/).waitFor();
    await form.getByLabel("Login connection").selectOption({ label: "pending" });
    await picture("form");
    expect(await findBarriers(page)).toEqual([]);
    await form.getByRole("button", { name: "Preview" }).click();
    await form.waitFor({ state: "detached" });
    await expect.poll(() => replies().filter({ hasText: "B-2:" }).count()).toBe(1);
  });

  it.each(["light", "dark"] as const)("The playground can be used by everybody, when %s", async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    expect(await findBarriers(page)).toEqual([]);
    await picture(colorScheme);
    await page.emulateMedia({ colorScheme: "light" });
  });

  it("The bot says less to those who may do less", async () => {
    await page.getByText("Tuomas Koski").click();
    await page.getByText("Hello Tuomas").waitFor();
    await say("/verify bulk department:Lager");
    await replies().last().waitFor();
    expect(await replies().getByRole("button").count()).toBe(0);
    expect((await inbox()).total).toBe(1 + sent);
  });

  it("The playground works on a phone, one pane at a time", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole("button", { name: /^Inbox/ }).click();
    await page.getByRole("list", { name: "Mails" }).waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    await picture("phone");
  });

  it("The whole visit raised nothing in the browser's console and ends cleanly", async () => {
    expect(noise).toEqual([]);
    await page.goto("about:blank");
    expect(await product.stop()).toBe(0);
    expect(product.output()).not.toMatch(/"level":"(?:error|fatal)"/);
  });

  it("The inbox holds each mail in its reader's own language, and none for anybody connected", async () => {
    const opened = await openDatabase({ url: undefined, dataDir: product.dataDir });
    if (opened.kind !== "open") throw new Error("the data directory is still in use");
    const { db, close } = opened.database;
    const [organisation] = await db.select({ language: organisations.language }).from(organisations);
    const people = await db
      .select({ address: users.loginAddress, language: users.language, verifiedAt: users.verifiedAt })
      .from(users)
      .where(isNotNull(users.loginAddress));
    await close();
    const byAddress = new Map(people.map((one) => [one.address, one]));
    expect(mails.length).toBe(1 + sent);
    expect(new Set(mails.map(({ to }) => to)).size).toBe(1 + sent);
    for (const mail of mails) {
      const person = byAddress.get(mail.to);
      expect(mail.language).toBe(person?.language ?? organisation?.language);
      expect(person?.verifiedAt === null || mail.to === ANNA).toBe(true);
    }
  });
});
