import { eq } from "drizzle-orm";
import { createTransport } from "nodemailer";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { takeBounce } from "../../src/commands/people/bounce.ts";
import type { ReadyReply } from "../../src/commands/reply.ts";
import * as schema from "../../src/db/schema/tables.ts";
import { readReturnPath, returnPath } from "../../src/domain/verp.ts";
import { readReturned } from "../../src/mail/bounce-intake.ts";
import { listenForBounces } from "../../src/mail/bounce-listener.ts";
import { createWeb } from "../../src/web/server.ts";
import { listen } from "../../src/web/listen.ts";
import { dsn, outOfOffice, PATHS } from "../support/bounces.ts";
import { colleague, speaker } from "../support/chat.ts";
import { testDatabase } from "../support/database.ts";
import { testDeps } from "../support/deps.ts";
import * as insert from "../support/insert.ts";

const { db } = await testDatabase();
const deps = testDeps(db);

const take = async (recipients: string[], message: Buffer) => {
  const returned = await readReturned(PATHS, recipients, message);
  return returned ? takeBounce(deps, returned) : false;
};
const app = createWeb(deps, {
  bounces: { secret: PATHS.secret, take },
  ready: () => Promise.resolve({ ok: true }),
});
const web = await listen(app, { host: "127.0.0.1", port: 0 });
const lmtp = await listenForBounces({
  host: "127.0.0.1",
  port: 0,
  lmtp: true,
  isReturnPath: (address) => readReturnPath(address, PATHS.domain, PATHS.secret) !== undefined,
  take: async (recipients, message) => void (await take(recipients, message)),
});
afterAll(async () => {
  await lmtp.close();
  await web.close();
});

let organisationId: number;
let anna: Awaited<ReturnType<typeof insert.user>>;
let path: string;
let deliveryId: number;

beforeEach(async () => {
  organisationId = (await insert.organisation(db)).id;
  await insert.workspace(db, organisationId);
  await colleague(db, organisationId, "Admin", "admin", ["North"]);
  const [admin] = await db.select().from(schema.principals).where(eq(schema.principals.organisationId, organisationId));
  anna = await insert.user(db, organisationId, { name: "Anna Berg", company: "North" });
  const mail = await insert.delivery(db, organisationId, anna.id, {
    state: "accepted",
    settledAt: new Date(),
    requestedBy: admin?.id ?? null,
  });
  deliveryId = mail.id;
  path = returnPath({ organisationId, deliveryId }, PATHS.domain, PATHS.secret);
});

const post = (body: string, over: { secret?: string; recipient?: string } = {}) =>
  fetch(`http://127.0.0.1:${web.port}/bounces${over.recipient ? `?recipient=${encodeURIComponent(over.recipient)}` : ""}`, {
    method: "POST",
    headers: { authorization: `Bearer ${over.secret ?? PATHS.secret}`, "content-type": "message/rfc822" },
    body,
  });
const stateNow = async () => {
  const [mail] = await db.select().from(schema.deliveries).where(eq(schema.deliveries.id, deliveryId));
  const [user] = await db.select().from(schema.users).where(eq(schema.users.id, anna.id));
  return { state: mail?.state, suppressed: user?.suppressedAt !== null, answer: mail?.serverAnswer };
};
const told = async () =>
  (await db.select().from(schema.posts).where(eq(schema.posts.organisationId, organisationId))).map((row) => row.reply as ReadyReply);

const UNTOUCHED = { state: "accepted", suppressed: false, answer: null };

describe("a bounce by POST /bounces", () => {
  it("marks the mail, suppresses the address and tells the admin, with the button that helps", async () => {
    expect((await post(dsn({ to: path }))).status).toBe(202);
    expect(await stateNow()).toEqual({ state: "bounced", suppressed: true, answer: "550 5.1.1 <address>: no such user" });
    const [reply] = await told();
    expect(reply?.lines[0]).toMatch(/^The mail to Anna Berg \(u\*\*\*@acme\.example\) came back\.$/);
    expect(reply?.buttons).toMatchObject([{ label: "Set e-mail", opens: "form" }]);
  });

  it("counts once, though it comes twice", async () => {
    await Promise.all([post(dsn({ to: path })), post(dsn({ to: path }))]);
    expect(await told()).toHaveLength(1);
  });

  it("believes the envelope where the headers say something else", async () => {
    await post(dsn({ to: "someone@else.example" }), { recipient: path });
    expect(await stateNow()).toMatchObject({ state: "bounced" });
  });

  it.each([
    ["a forged tag", () => dsn({ to: path.replace(/-[0-9a-f]{20}@/, `-${"0".repeat(20)}@`) })],
    ["an out-of-office reply", () => outOfOffice(path)],
    ["a delay", () => dsn({ to: path, action: "delayed", status: "4.4.1" })],
    ["a temporary failure", () => dsn({ to: path, status: "4.2.2" })],
    ["a success", () => dsn({ to: path, action: "delivered", status: "2.0.0" })],
    ["noise", () => "\u0000\u0001 not a mail at all"],
  ])("ignores %s", async (_what, message) => {
    expect((await post(message())).status).toBe(202);
    expect(await stateNow()).toEqual(UNTOUCHED);
    expect(await told()).toEqual([]);
  });

  it("refuses a wrong secret, another method and an empty body", async () => {
    expect((await post(dsn({ to: path }), { secret: "wrong" })).status).toBe(401);
    expect((await fetch(`http://127.0.0.1:${web.port}/bounces`)).status).toBe(405);
    expect((await post("")).status).toBe(400);
    expect(await stateNow()).toEqual(UNTOUCHED);
  });

  it("leaves an address alone that was changed since", async () => {
    await db.update(schema.users).set({ addressVersion: 2 }).where(eq(schema.users.id, anna.id));
    await post(dsn({ to: path }));
    expect(await stateNow()).toMatchObject({ state: "bounced", suppressed: false });
  });
});

describe("a bounce by LMTP", () => {
  const send = (to: string) =>
    createTransport({ host: "127.0.0.1", port: lmtp.port, lmtp: true, ignoreTLS: true }).sendMail({
      envelope: { from: "", to: [to] },
      raw: dsn({ to }),
    });

  it("is taken for a return path of ours", async () => {
    await send(path);
    expect(await stateNow()).toMatchObject({ state: "bounced" });
  });

  it("is refused for any other recipient", async () => {
    await expect(send(`postmaster@${PATHS.domain}`)).rejects.toThrow(/no such return path/);
  });
});

describe("bounces of a bulk send", () => {
  it("tell its admin once and show in its message", async () => {
    const { workspace } = (await db.select().from(schema.workspaces).where(eq(schema.workspaces.organisationId, organisationId)))[0] ?? {
      workspace: "",
    };
    const admin = speaker(deps, workspace, "Admin");
    await db.update(schema.deliveries).set({ state: "cancelled" }).where(eq(schema.deliveries.organisationId, organisationId));
    await insert.user(db, organisationId, { company: "North" });
    await admin.press(await admin.ask("bulk connection:pending"), /^Send/);
    await db.update(schema.deliveries).set({ state: "accepted", settledAt: new Date() }).where(eq(schema.deliveries.state, "queued"));
    await db.update(schema.sends).set({ state: "completed", endedAt: new Date() }).where(eq(schema.sends.organisationId, organisationId));
    await db.update(schema.posts).set({ doneAt: new Date() }).where(eq(schema.posts.organisationId, organisationId));
    for (const mail of await db.select().from(schema.deliveries).where(eq(schema.deliveries.state, "accepted"))) {
      if (mail.organisationId !== organisationId) continue;
      await post(dsn({ to: returnPath({ organisationId, deliveryId: mail.id }, PATHS.domain, PATHS.secret) }));
    }
    const replies = (await told()).filter((reply) => reply !== null);
    expect(replies).toHaveLength(1);
    expect(replies[0]?.lines[0]).toContain("B-1: the mail to");
    expect((await admin.ask("job B-1")).lines[0]).toContain("0 of 2 users received mail. 2 failed.");
    const open = await db.select().from(schema.posts).where(eq(schema.posts.organisationId, organisationId));
    expect(open.filter((post) => post.sendId !== null)).toMatchObject([{ doneAt: null }]);
  });
});
