/** The whole story in Teams, over real requests: an admin writes, mail goes out, a colleague confirms, and the bot says how many. */
import { eq } from "drizzle-orm";
import PostalMime from "postal-mime";
import { expect, it, onTestFinished } from "vitest";
import { users } from "../../src/db/schema/tables.ts";
import type { Deps, WorkerDeps } from "../../src/deps.ts";
import { openMailer } from "../../src/mail/smtp.ts";
import { temporaryFolder } from "../support/folder.ts";
import { startApp } from "../../src/teams/app.ts";
import { PACE } from "../../src/worker/deliver.ts";
import { startWorker } from "../../src/worker/worker.ts";
import { testDatabase } from "../support/database.ts";
import { testDeps } from "../support/deps.ts";
import {
  buttonOf,
  cardOf,
  execute,
  fakeTeams,
  invoke,
  mention,
  message,
  objectIdOf,
  TENANT,
  textOf,
  tokenOf,
  type Told,
} from "../support/fake-teams.ts";
import * as insert from "../support/insert.ts";
import { fakeRelay } from "../support/relay.ts";
import { press, servePublicWeb } from "../support/web.ts";

const { db } = await testDatabase();
const teams = await fakeTeams();
const acme = await insert.organisation(db, { name: "Acme" });
await insert.workspace(db, acme.id, { platform: "teams", workspace: TENANT });
const boss = await insert.user(db, acme.id, { name: "Olga Owner", verifiedAt: new Date() });
await insert.role(db, acme.id, boss.id, "owner");
await insert.principal(db, acme.id, { platform: "teams", workspace: TENANT, person: objectIdOf("29:olga"), userId: boss.id });
const anna = await insert.user(db, acme.id, { name: "Anna Berg", loginAddress: "anna@acme.example", department: "Kontor", language: "sv" });
for (const at of [1, 2, 3, 4])
  await insert.user(db, acme.id, { name: `Lager ${at}`, loginAddress: `lager${at}@acme.example`, department: "Lager" });
await insert.user(db, acme.id, { name: "Ready Already", department: "Lager", verifiedAt: new Date() });

const said = (told: Told | undefined) => textOf(cardOf(told?.body));
const lastSaid = () => said(teams.toldTo("send").at(-1));

/** Server, worker and mail relay until the end of the test. */
async function start() {
  const relay = await fakeRelay();
  const real: Deps = testDeps(db, { settleWaitMs: 3000, sleep: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 20))) });
  const app = await startApp(real, teams.settings());
  const { url, deps } = await servePublicWeb(real, { teams: app.router }, onTestFinished);
  const mailer = openMailer({ url: relay.url, connections: 2 });
  const workerDeps: WorkerDeps = {
    ...deps,
    mailer,
    relay: new URL(relay.url).host,
    rate: undefined,
    from: { name: "Acme HR", address: "hr@bot.example" },
    returnPaths: undefined,
    chat: { teams: app.postTo },
    dataDir: temporaryFolder(),
  };
  const worker = startWorker(workerDeps, { ...PACE, pollMs: 20, settleEveryMs: 20 });
  onTestFinished(async () => {
    await worker.stop();
    mailer.close();
  });
  const post = async (body: unknown) => {
    const response = await fetch(`${url}/api/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${await tokenOf(teams)}` },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
  };
  return { relay, deps, url, post };
}

it("an admin sends one mail and many, from message to confirmed address and final count", { timeout: 60_000 }, async () => {
  const { relay, deps, url, post } = await start();

  await post(message(teams, "29:olga", "verify resend anna@acme.example"));
  expect(lastSaid()).toMatch(/^✅ Sent to Anna Berg \(a\*\*\*@acme\.example\) in Swedish\./);
  const [mail] = relay.taken;
  expect(mail?.to).toBe("anna@acme.example");
  const { text = "" } = await PostalMime.parse(mail?.source ?? "");
  const [link = ""] = /https?:\/\/\S+\/verify\/\S+/.exec(text) ?? [];
  expect(link.startsWith(`${url}/verify/v1.`)).toBe(true);
  expect((await press(deps, link)).status).toBe(200);
  const [row] = await db.select().from(users).where(eq(users.id, anna.id));
  expect(row?.verifiedAt).not.toBeNull();
  await post(message(teams, "29:olga", "status anna@acme.example"));
  expect(lastSaid()).toMatch(/Anna Berg is connected/);

  teams.told.length = 0;
  relay.taken.length = 0;
  const opened = await post(invoke(teams, "29:olga", "composeExtension/fetchTask", { commandId: "bulk", commandContext: "compose" }));
  const form = (opened["task"] as { value: { card: { content: unknown } } }).value.card.content;
  const data = { ...(buttonOf(form, "Preview")["data"] as object), "search:department": "Lager" };
  await post(invoke(teams, "29:olga", "composeExtension/submitAction", { commandId: "bulk", data }));
  const [preview] = await teams.until("send");
  expect(said(preview)).toMatch(/B-1: 5 users match\. 4 will get mail\. 1 will not: 1 connected/);
  const send = buttonOf(cardOf(preview?.body), "Send");
  await post(execute(teams, "29:olga", String(send["verb"]), send["data"], { replyToId: "message-1" }));
  const words = () => teams.told.flatMap(({ body }) => ("attachments" in body ? textOf(body) : []));
  await expect.poll(words, { timeout: 20_000 }).toContainEqual(expect.stringMatching(/B-1 done in .*: 4 of 4 users received mail/));
  expect(relay.taken.map(({ to }) => to).toSorted()).toEqual([1, 2, 3, 4].map((at) => `lager${at}@acme.example`));
  const progress = teams.toldTo("send").filter(({ body }) => /B-1(?: done|: \d+ of)/.test(textOf(body)));
  expect(progress).toHaveLength(1);

  teams.told.length = 0;
  await post(mention(teams, "29:olga", "jobs"));
  await post(mention(teams, "29:olga", "status lager1@acme.example"));
  const channel = teams.toldTo("send").filter(({ path }) => decodeURIComponent(path).includes("19:"));
  expect(textOf(channel.map(({ body }) => body))).toMatch(/1 bulk send/);
  expect(JSON.stringify(channel)).not.toMatch(/Lager 1|lager1/);
});
