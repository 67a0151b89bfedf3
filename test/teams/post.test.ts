import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { actions, deliveries, posts } from "../../src/db/schema/tables.ts";
import type { ReadyReply } from "../../src/commands/reply.ts";
import type { WorkerDeps } from "../../src/deps.ts";
import { postDue } from "../../src/worker/progress.ts";
import { testDatabase } from "../support/database.ts";
import { testDeps } from "../support/deps.ts";
import { buttonOf, cardOf, execute, fakeTeams, invoke, message, objectIdOf, teamsWire, TENANT, textOf } from "../support/fake-teams.ts";
import * as insert from "../support/insert.ts";

const { db } = await testDatabase();
const teams = await fakeTeams();
const deps = testDeps(db);
const wire = await teamsWire(deps, teams);
const acme = await insert.organisation(db);
await insert.workspace(db, acme.id, { platform: "teams", workspace: TENANT });
const boss = await insert.user(db, acme.id, { name: "Olga Owner", verifiedAt: new Date() });
await insert.role(db, acme.id, boss.id, "owner");
await insert.principal(db, acme.id, { platform: "teams", workspace: TENANT, person: objectIdOf("29:boss"), userId: boss.id });
for (const name of ["Anna Berg", "Bo Ek", "Cia Dal"]) await insert.user(db, acme.id, { name, department: "Lager" });

const conversation = { serviceUrl: teams.serviceUrl, conversation: "a:chat", bot: "28:bot", tenant: TENANT };
const target = { platform: "teams", workspace: TENANT, person: "person-boss", conversation } as const;
const reply: ReadyReply = { tone: "info", lines: ["B-117: 61 of 96 sent, 1 failed."], progress: { done: 62, total: 96 }, personal: false };
const posted = { conversation: "a:chat", activity: "m-1" };

beforeEach(() => {
  teams.told.length = 0;
  for (const asked of ["send", "edit", "token", "member"] as const) teams.script(asked, undefined);
});

describe("postTo", () => {
  it("writes where it was told to, and says which message it was", async () => {
    const result = await wire.app.postTo(target, reply, null);
    expect(result).toEqual({
      kind: "posted",
      message: { conversation: "a:chat", activity: expect.stringMatching(/^message-/) as string },
      conversation,
    });
    expect(teams.toldTo("send")[0]?.body["summary"]).toBe(reply.lines[0]);
  });

  it("edits the message it is given", async () => {
    expect(await wire.app.postTo(target, reply, posted)).toMatchObject({ kind: "posted", message: posted });
    expect(teams.toldTo("edit").map(({ path }) => decodeURIComponent(path))).toEqual(["/connector/v3/conversations/a:chat/activities/m-1"]);
    expect(teams.toldTo("send")).toEqual([]);
  });

  it("writes anew when the message to edit is gone", async () => {
    teams.script("edit", () => ({ status: 404 }));
    expect(await wire.app.postTo(target, reply, posted)).toMatchObject({ kind: "posted" });
    expect(teams.toldTo("send")).toHaveLength(1);
  });

  const refused = (code: string) => ({ error: { code, message: "x" } });
  it.each([
    ["429 with its time", { status: 429, headers: { "retry-after": "30" } }, { kind: "later", afterMs: 30_000 }],
    ["429 without one", { status: 429 }, { kind: "later", afterMs: 15_000 }],
    ["412", { status: 412, body: refused("PreconditionFailed") }, { kind: "later", afterMs: 15_000 }],
    ["502", { status: 502 }, { kind: "later", afterMs: 15_000 }],
    ["503 with its time", { status: 503, headers: { "retry-after": "7" } }, { kind: "later", afterMs: 7_000 }],
    ["504", { status: 504 }, { kind: "later", afterMs: 15_000 }],
    ["403", { status: 403, body: refused("MessageWritesBlocked") }, { kind: "gone", why: "403 MessageWritesBlocked" }],
    ["404", { status: 404, body: refused("ConversationNotFound") }, { kind: "gone", why: "404 ConversationNotFound" }],
    ["413", { status: 413 }, { kind: "gone", why: "413" }],
  ])("tells %s apart, and tries once", async (_name, refusal, result) => {
    teams.script("send", () => refusal);
    expect(await wire.app.postTo(target, reply, null)).toEqual(result);
    expect(teams.toldTo("send")).toHaveLength(1);
  });

  it("waits when the login service gives no token, or nobody answers", async () => {
    const fresh = await teamsWire(deps, teams);
    teams.script("token", () => ({ status: 500 }));
    expect(await fresh.app.postTo(target, reply, null)).toEqual({ kind: "later", afterMs: 15_000 });
    await teams.listen(false);
    expect(await wire.app.postTo(target, reply, null)).toEqual({ kind: "later", afterMs: 15_000 });
    await teams.listen(true);
  });

  it("asks for a token once, also for many messages at once", async () => {
    const fresh = await teamsWire(deps, teams);
    await Promise.all(Array.from({ length: 5 }, () => fresh.app.postTo(target, reply, null)));
    const [asked, ...again] = teams.toldTo("token");
    expect(again).toEqual([]);
    expect(asked).toMatchObject({
      path: "/login/botframework.com/oauth2/v2.0/token",
      body: { scope: "https://api.botframework.com/.default" },
    });
  });

  it("asks the bot's own tenant where it is registered in one", async () => {
    const single = await teamsWire(deps, teams, { type: "SingleTenant", tenantId: TENANT });
    await single.app.postTo(target, reply, null);
    expect(teams.toldTo("token")[0]?.path).toBe(`/login/${TENANT}/oauth2/v2.0/token`);
  });

  it("takes the token nowhere but to the connector's hosts", async () => {
    const elsewhere = { ...conversation, serviceUrl: teams.serviceUrl.replace("127.0.0.1", "localhost") };
    expect(await wire.app.postTo({ ...target, conversation: elsewhere }, reply, null)).toEqual({
      kind: "gone",
      why: "service not allowed",
    });
    expect(teams.told).toEqual([]);
  });

  it("has no way to a person it has no chat with, nor into a tenant that is not ours", async () => {
    expect(await wire.app.postTo({ ...target, conversation: null }, reply, null)).toEqual({ kind: "gone", why: "no conversation" });
    expect(await wire.app.postTo({ ...target, workspace: "foreign" }, reply, null)).toEqual({ kind: "gone", why: "no such tenant" });
  });
});

describe("the progress of a bulk send", () => {
  const workerDeps = (chat: WorkerDeps["chat"]) => ({ ...deps, relay: "relay.example", chat }) as WorkerDeps;
  const due = () => db.update(posts).set({ nextAttemptAt: new Date(0) });
  const settle = (state: string) => db.update(deliveries).set({ state, settledAt: new Date() }).where(eq(deliveries.state, "queued"));

  it("is one card, edited in place by whichever process says it, also after being throttled", async () => {
    await wire.post(message(teams, "29:boss", "bulk department:Lager"));
    const send = buttonOf(cardOf(teams.toldTo("send")[0]?.body), /^Send/);
    await wire.post(execute(teams, "29:boss", String(send["verb"]), send["data"]));
    teams.told.length = 0;

    await due();
    await postDue(workerDeps({ teams: wire.app.postTo }));
    expect(textOf(cardOf(teams.toldTo("send")[0]?.body))).toMatch(/0 of 3 sent/);

    await settle("accepted");
    await db.update(posts).set({ nextAttemptAt: new Date(0) });
    teams.script("edit", () => ({ status: 429 }));
    await postDue(workerDeps({ teams: wire.app.postTo }));
    teams.script("edit", undefined);

    const restarted = await teamsWire(deps, teams);
    await due();
    await postDue(workerDeps({ teams: restarted.app.postTo }));
    expect(teams.toldTo("send")).toHaveLength(1);
    expect(new Set(teams.toldTo("edit").map(({ path }) => path)).size).toBe(1);
    expect(textOf(cardOf(teams.toldTo("edit").at(-1)?.body))).toMatch(/3 of 3/);
    expect(await db.select().from(deliveries)).toHaveLength(3);
  });
});

describe("a file", () => {
  const upload = `${teams.origin}/connector/v3/conversations/a:drive/activities/upload`;
  const consent = (context: unknown, over: object = {}) =>
    invoke(teams, "29:boss", "fileConsent/invoke", {
      type: "fileUpload",
      action: "accept",
      context,
      uploadInfo: {
        name: "B-1.csv",
        contentUrl: "https://acme-my.sharepoint.com/B-1.csv",
        uploadUrl: upload,
        uniqueId: "u-1",
        fileType: "csv",
        ...over,
      },
    });
  async function offered(): Promise<{ name: string; acceptContext: object }> {
    await wire.post(message(teams, "29:boss", "bulk department:Lager"));
    const list = buttonOf(cardOf(teams.toldTo("send").at(-1)?.body), "Show list");
    teams.told.length = 0;
    await wire.post(execute(teams, "29:boss", String(list["verb"]), list["data"]));
    const [, offer] = teams.toldTo("send");
    type Offer = { contentType: string; name: string; content: { acceptContext: object } };
    const [attachment] = (offer?.body["attachments"] ?? []) as Offer[];
    expect(attachment?.contentType).toBe("application/vnd.microsoft.teams.card.file.consent");
    return { name: attachment?.name ?? "", acceptContext: attachment?.content.acceptContext ?? {} };
  }

  it("is offered, and handed over once its reader agrees, without our token", async () => {
    const { name, acceptContext } = await offered();
    expect(name).toMatch(/^B-\d+\.csv$/);
    teams.told.length = 0;
    expect((await wire.post(consent(acceptContext))).status).toBe(200);
    const sent = await teams.until("send");
    expect(sent[0]?.body["attachments"]).toMatchObject([
      { contentType: "application/vnd.microsoft.teams.card.file.info", content: { uniqueId: "u-1" } },
    ]);
    const [put] = teams.toldTo("edit");
    expect(put).toMatchObject({ method: "PUT", token: undefined });
  });

  it("is not uploaded anywhere else, nor for anybody else, nor when it was declined", async () => {
    const { acceptContext } = await offered();
    teams.told.length = 0;
    await wire.post(consent(acceptContext, { uploadUrl: "https://evil.example/put" }));
    expect(textOf(cardOf((await teams.until("send"))[0]?.body))).toMatch(/Something went wrong/);
    await wire.post({ ...consent(acceptContext), from: { id: "29:other", aadObjectId: objectIdOf("29:other") } });
    expect(textOf(cardOf((await teams.until("send", 2))[1]?.body))).toMatch(/belong to someone else|not linked/);
    expect(await wire.post(invoke(teams, "29:boss", "fileConsent/invoke", { action: "decline", context: acceptContext }))).toMatchObject({
      status: 200,
    });
    expect(teams.toldTo("edit")).toEqual([]);
  });

  it("of an offer that is too old is refused in words", async () => {
    const { acceptContext } = await offered();
    await db.update(actions).set({ expiresAt: new Date(0) });
    teams.told.length = 0;
    await wire.post(consent(acceptContext));
    expect(textOf(cardOf((await teams.until("send"))[0]?.body))).toMatch(/too old/);
    expect(teams.toldTo("edit")).toEqual([]);
  });
});
