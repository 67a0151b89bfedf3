import { join } from "node:path";
import { eq } from "drizzle-orm";
import express from "express";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { users } from "../../src/db/schema/tables.ts";
import type { Deps } from "../../src/deps.ts";
import { LANGUAGES } from "../../src/domain/user.ts";
import { testDatabase } from "../support/database.ts";
import { testDeps } from "../support/deps.ts";
import * as insert from "../support/insert.ts";
import { mailedUser, servePublicWeb } from "../support/web.ts";
import { chromiumPath, findBarriers, openBrowser } from "./support/browser.ts";

const { db } = await testDatabase();

const LOOKS = {
  light: { colorScheme: "light", width: 1100, height: 800 },
  dark: { colorScheme: "dark", width: 1100, height: 800 },
  phone: { colorScheme: "light", width: 360, height: 740 },
  narrow: { colorScheme: "dark", width: 320, height: 480 },
} as const;

const broken = express.Router().get("/slack/broken", () => {
  throw new Error("broken on purpose");
});

const web: { url: string; deps: Deps; browser?: Browser } = { url: "", deps: testDeps(db) };
const expired = { challenge: { expiresAt: new Date(0) } };
const ofUser = (id: number) => eq(users.id, id);

const linkOf = async (wanted: Parameters<typeof mailedUser>[2] = {}) => {
  const mailed = await mailedUser(db, web.deps, { loginAddress: `a${crypto.randomUUID().slice(0, 6)}@nordvind.example`, ...wanted });
  return { ...mailed, link: `${web.url}/verify/${mailed.token}` };
};

async function openPage(look: BrowserContextOptions): Promise<Page> {
  if (!web.browser) throw new Error("no browser");
  const context = await web.browser.newContext({ locale: "en-GB", ...look });
  return context.newPage();
}

const pressed = (wanted?: Parameters<typeof mailedUser>[2]) => async (page: Page) => {
  await page.goto((await linkOf(wanted)).link);
  await page.getByRole("button").click();
};

const STATES: Record<string, (page: Page) => Promise<unknown>> = {
  confirm: async (page) => page.goto((await linkOf()).link),
  confirmed: pressed(),
  already: async (page) => page.goto((await linkOf({ verifiedAt: new Date() })).link),
  expired: async (page) => page.goto((await linkOf(expired)).link),
  "new-link": pressed(expired),
  wait: pressed({ ...expired, lastVerificationAt: new Date() }),
  "in-flight": async (page) => {
    const { link, organisation, user } = await linkOf(expired);
    await insert.delivery(db, organisation.id, user.id);
    await page.goto(link);
    await page.getByRole("button").click();
  },
  undeliverable: pressed({ ...expired, suppressedAt: new Date() }),
  changed: async (page) => page.goto((await linkOf({ addressVersion: 2 })).link),
  inactive: async (page) => page.goto((await linkOf({ activated: false })).link),
  missing: (page) => page.goto(`${web.url}/verify/v1.1.1.x`),
  fault: (page) => page.goto(`${web.url}/slack/broken`),
};

describe.runIf(chromiumPath)("the pages in a browser", () => {
  beforeAll(async () => {
    const login = { forgotPasswordUrl: "https://login.example/forgot", loginUrl: "https://login.example/" };
    Object.assign(web, await servePublicWeb({ ...web.deps, ...login }, { slack: broken }, afterAll));
    web.browser = await openBrowser();
  });

  it.each(Object.entries(STATES))("The page %s has no barriers and fits every screen", async (state, show) => {
    const page = await openPage({});
    const complaints: string[] = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    await show(page);
    for (const [look, { colorScheme, ...size }] of Object.entries(LOOKS)) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(size);
      expect(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")).toBe(0);
      await page.screenshot({ path: join(import.meta.dirname, `page-${state}-${look}.png`), fullPage: true });
      expect(await findBarriers(page)).toEqual([]);
    }
    expect(complaints.filter((text) => !text.startsWith("Failed to load resource"))).toEqual([]);
    await page.context().close();
  });

  it.each(LANGUAGES)("A person confirms with the keyboard alone and without JavaScript, in %s", async (language) => {
    const page = await openPage({ javaScriptEnabled: false });
    const { link, user } = await linkOf({ language });
    await page.goto(link);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("link").first().waitFor();
    const [row] = await db.select().from(users).where(ofUser(user.id));
    expect(row?.verifiedAt).toBeInstanceOf(Date);
    await page.goto(link);
    expect(await page.getByRole("button").count()).toBe(0);
    await page.context().close();
  });
});
