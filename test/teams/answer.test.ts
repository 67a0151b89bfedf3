import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { actions, auditEvents, sends, deliveries, inboundIds, posts, principals, recipients } from "../../src/db/schema/tables.ts";
import { testDatabase } from "../support/database.ts";
import { testDeps } from "../support/deps.ts";
import {
  buttonOf,
  cardOf,
  CHANNEL_ID,
  execute,
  fakeTeams,
  inChannel,
  invoke,
  mention,
  message,
  nodesOf,
  objectIdOf,
  teamsWire,
  TENANT,
  textOf,
  type Told,
} from "../support/fake-teams.ts";
import * as insert from "../support/insert.ts";

const { db } = await testDatabase();
const teams = await fakeTeams();
const wire = await teamsWire(testDeps(db), teams);
const acme = await insert.organisation(db);
await insert.workspace(db, acme.id, { platform: "teams", workspace: TENANT });
const boss = await insert.user(db, acme.id, { name: "Olga Owner", loginAddress: "olga@acme.example", verifiedAt: new Date() });
await insert.role(db, acme.id, boss.id, "owner");
const anna = await insert.user(db, acme.id, { name: "Anna Berg", loginAddress: "anna@acme.example", department: "Lager, norr" });
await insert.user(db, acme.id, { name: "**x** [y](https://z.example)", loginAddress: "x@acme.example", department: "Lager, norr" });

const annasMails = () => db.select().from(deliveries).where(eq(deliveries.userId, anna.id));
const said = (told: Told | undefined) => textOf(cardOf(told?.body));

/** People are told apart by new accounts, so that no test sees what was remembered of another's. */
let people = 0;
async function linked(userId: number | null): Promise<string> {
  const account = `29:${(people += 1)}`;
  await insert.principal(db, acme.id, { platform: "teams", workspace: TENANT, person: objectIdOf(account), userId });
  return account;
}

let owner = "";
beforeEach(async () => {
  await db.delete(posts);
  await db.delete(auditEvents);
  await db.delete(deliveries);
  await db.delete(recipients);
  await db.delete(sends);
  await db.delete(actions);
  await db.delete(inboundIds);
  owner = await linked(boss.id);
  teams.told.length = 0;
  for (const asked of ["send", "edit", "member", "open", "token"] as const) teams.script(asked, undefined);
});

const tell = async (text: string, account = owner) => {
  expect((await wire.post(message(teams, account, text))).status).toBe(200);
  return teams.toldTo("send").at(-1);
};

describe("a message in a chat of two", () => {
  it("is answered there with a card that stands alone as a notification", async () => {
    const told = await tell("verify status anna@acme.example");
    expect(decodeURIComponent(told?.path ?? "")).toContain(`/v3/conversations/a:chat-${owner}/activities`);
    expect(told?.token).toMatch(/^token-/);
    expect(told?.body["summary"]).toMatch(/^Anna Berg is pending/);
    expect(cardOf(told?.body)).toMatchObject({
      type: "AdaptiveCard",
      version: "1.5",
      fallbackText: expect.stringMatching(/^Anna Berg/) as string,
    });
  });

  it.each([
    ["a non-breaking space", "status&nbsp;anna@acme.example"],
    ["a line break of Windows", "status\r\nanna@acme.example"],
    ["a mail link", 'status <a href="mailto:anna@acme.example">anna@acme.example</a>'],
    ["a paragraph", "<p>verify status anna@acme.example</p>"],
  ])("is understood with %s", async (_name, text) => {
    expect(said(await tell(text))).toMatch(/Anna Berg is pending/);
  });

  it("is understood with a person's mention, by their object id", async () => {
    const mentioned = await linked(anna.id);
    const entities = [{ type: "mention", text: "<at>Anna</at>", mentioned: { id: mentioned, name: "Anna" } }];
    await wire.post(message(teams, owner, "status <at>Anna</at>", { entities }));
    expect(said(teams.toldTo("send")[0])).toMatch(/Anna Berg is pending/);
  });

  it("takes effect once when the connector sends it again", async () => {
    const body = message(teams, owner, "resend anna@acme.example");
    await Promise.all([wire.post(body), wire.post(body)]);
    expect((await wire.post(body)).status).toBe(200);
    expect(teams.toldTo("send")).toHaveLength(1);
    expect(await annasMails()).toHaveLength(1);
  });

  it("shows a name that is markdown as it is, in a text run", async () => {
    const card = cardOf((await tell("status x@acme.example"))?.body);
    const texts = nodesOf(card).filter(({ type }) => type === "TextBlock");
    expect(texts).toEqual([]);
    expect(textOf(card)).toMatch(/\*\*x\*\* \[y\]\(https:\/\/z\.example\) is pending/);
  });

  it("has the chat remembered, for what is said later", async () => {
    await tell("help");
    const [row] = await db
      .select()
      .from(principals)
      .where(eq(principals.person, objectIdOf(owner)));
    expect(row?.privateConversation).toEqual({
      serviceUrl: teams.serviceUrl,
      conversation: `a:chat-${owner}`,
      bot: expect.stringMatching(/^28:/) as string,
      tenant: TENANT,
    });
  });

  it("by an edit, a reaction or a bot is not an order", async () => {
    await wire.post({ ...message(teams, owner, "resend anna@acme.example"), type: "messageUpdate" });
    await wire.post({ ...message(teams, owner, ""), type: "messageReaction", reactionsAdded: [{ type: "like" }] });
    await wire.post({ ...message(teams, owner, "resend anna@acme.example"), from: { id: "28:another-bot" } });
    expect(teams.toldTo("send")).toEqual([]);
    expect(await annasMails()).toEqual([]);
  });
});

describe("a mention in a channel", () => {
  it("is answered about a person in the asker's own chat, and the channel hears only that", async () => {
    await tell("help");
    teams.told.length = 0;
    await wire.post(mention(teams, owner, "status anna@acme.example"));
    const [apart, here] = teams.toldTo("send");
    expect(decodeURIComponent(apart?.path ?? "")).toContain(`a:chat-${owner}`);
    expect(said(apart)).toMatch(/Anna Berg is pending/);
    expect(decodeURIComponent(here?.path ?? "")).toContain(CHANNEL_ID);
    expect(JSON.stringify(here?.body)).not.toMatch(/Anna|acme/);
    expect(said(here)).toMatch(/private chat/);
  });

  it("has a private chat opened for somebody who never wrote in one", async () => {
    await wire.post(mention(teams, owner, "resend anna@acme.example"));
    expect(teams.toldTo("open")[0]?.body).toMatchObject({
      members: [{ id: owner }],
      tenantId: TENANT,
      channelData: { tenant: { id: TENANT } },
    });
    expect(decodeURIComponent(teams.toldTo("send")[0]?.path ?? "")).toContain(`a:opened-${owner}`);
    expect(await annasMails()).toHaveLength(1);
  });

  it("says where to ask when no private chat can be had, and names nobody", async () => {
    teams.script("open", () => ({ status: 403, body: { error: { code: "BotNotInConversationRoster" } } }));
    await wire.post(mention(teams, owner, "status anna@acme.example"));
    expect(teams.toldTo("send")).toHaveLength(1);
    expect(said(teams.toldTo("send")[0])).toMatch(/a chat of our own/);
    expect(JSON.stringify(teams.toldTo("send")[0]?.body)).not.toMatch(/Anna/);
  });

  it("is answered with counts where it is", async () => {
    await wire.post(mention(teams, owner, 'bulk department:"Lager, norr"'));
    const told = teams.toldTo("send").at(-1);
    expect(decodeURIComponent(told?.path ?? "")).toContain(CHANNEL_ID);
    expect(said(told)).toMatch(/B-\d+: 2 users match/);
    expect(JSON.stringify(told?.body)).not.toMatch(/Anna/);
  });
});

describe("a form", () => {
  const dialog = (body: Record<string, unknown>) =>
    (body["task"] as { value: { title: string; card: { content: unknown } } } | undefined)?.value;
  /** In a channel, the form is behind a button. */
  const formFrom = async () => {
    await wire.post(mention(teams, owner, "bulk"));
    const open = buttonOf(cardOf(teams.toldTo("send").at(-1)?.body), /./);
    const answer = await wire.post(invoke(teams, owner, "task/fetch", { data: open["data"], context: { theme: "default" } }, inChannel));
    return dialog(answer.body);
  };
  const fields = { "search:department": encodeURIComponent("Lager, norr"), "choice:status": "any", "choice:connection": "pending" };

  it("opens as a dialog from a card's button, and its submit shows the preview in the asker's own chat", async () => {
    const form = await formFrom();
    expect(form).toMatchObject({ title: "Send to many", height: "large" });
    const submit = buttonOf(form?.card.content, "Preview");
    expect(submit["type"]).toBe("Action.Submit");
    const data = { ...(submit["data"] as object), ...fields };
    const answer = await wire.post(invoke(teams, owner, "task/submit", { data }, inChannel));
    expect(answer.body).toEqual({ task: { type: "message", value: "I have answered in our private chat." } });
    const told = teams.toldTo("send").at(-1);
    expect(decodeURIComponent(told?.path ?? "")).toContain(`a:opened-${owner}`);
    expect(said(told)).toMatch(/B-\d+: 2 users match/);
  });

  it("stands in a chat of two as it is, and its submit puts the preview in its place", async () => {
    const card = cardOf((await tell("bulk"))?.body);
    const submit = buttonOf(card, "Preview");
    expect(submit["type"]).toBe("Action.Execute");
    const data = { ...(submit["data"] as object), ...fields };
    const answer = await wire.post(execute(teams, owner, String(submit["verb"]), data, { replyToId: "message-1" }));
    expect(textOf(answer.body["value"])).toMatch(/B-\d+: 2 users match/);
    const [edited] = await teams.until("edit");
    expect(cardOf(edited?.body)).toEqual(answer.body["value"]);
  });

  it("opens as a dialog from the message extension, and its preview goes to the asker's own chat", async () => {
    await tell("help");
    const command = { commandId: "bulk", commandContext: "compose" };
    const opened = await wire.post(invoke(teams, owner, "composeExtension/fetchTask", command, inChannel));
    const submit = buttonOf(dialog(opened.body)?.card.content, "Preview");
    teams.told.length = 0;
    const value = { ...command, data: { ...(submit["data"] as object), ...fields } };
    const answer = await wire.post(invoke(teams, owner, "composeExtension/submitAction", value, inChannel));
    expect(answer.body).toEqual({ task: { type: "message", value: "I have answered in our private chat." } });
    const sent = teams.toldTo("send");
    expect(sent.map(({ path }) => decodeURIComponent(path))).toEqual([expect.stringContaining(`a:chat-${owner}`)]);
    expect(said(sent[0])).toMatch(/B-\d+: 2 users match/);
  });

  it("that was opened in a chat of two closes there", async () => {
    const submit = buttonOf((await formFrom())?.card.content, "Preview");
    const answer = await wire.post(invoke(teams, owner, "task/submit", { data: { ...(submit["data"] as object), ...fields } }));
    expect(answer).toEqual({ status: 200, body: {} });
    await teams.until("send", 2);
  });

  it("of a message extension in somebody else's chat of two never speaks there", async () => {
    await tell("help");
    teams.told.length = 0;
    const conversation = { id: "19:anna_olga@unq.gbl.spaces", tenantId: TENANT, conversationType: "personal" };
    teams.script("member", ({ path }) => (decodeURIComponent(path).includes("19:anna_olga") ? { status: 403 } : undefined));
    const opened = await wire.post(invoke(teams, owner, "composeExtension/fetchTask", { commandId: "bulk" }, { conversation }));
    expect(dialog(opened.body)?.title).toBe("Send to many");
    const [row] = await db
      .select()
      .from(principals)
      .where(eq(principals.person, objectIdOf(owner)));
    expect(row?.privateConversation).toMatchObject({ conversation: `a:chat-${owner}` });
    expect(teams.toldTo("send")).toEqual([]);
  });

  const expectCounted = (card: unknown) => {
    const inputs = new Map(nodesOf(card).map((node) => [node["id"], node]));
    expect(inputs.get("search:department")).toMatchObject({
      value: encodeURIComponent("Lager, norr"),
      choices: [{ title: "Lager, norr" }],
    });
    expect(inputs.get("choice:connection")).toMatchObject({ value: "pending" });
    expect(textOf(card)).toMatch(/2 users match, 2 will get mail/);
  };

  it("counts anew on its own button, with what was chosen kept, in the chat", async () => {
    const again = buttonOf(cardOf((await tell("bulk"))?.body), "Count again");
    expect(again["type"]).toBe("Action.Execute");
    const answer = await wire.post(execute(teams, owner, String(again["verb"]), { ...(again["data"] as object), ...fields }));
    expect(answer.body).toMatchObject({ statusCode: 200, type: "application/vnd.microsoft.card.adaptive" });
    expectCounted(answer.body["value"]);
    expect(await db.select().from(sends)).toEqual([]);
  });

  it("counts anew in a dialog, which stays open", async () => {
    const again = buttonOf((await formFrom())?.card.content, "Count again");
    expect(again["type"]).toBe("Action.Submit");
    const answer = await wire.post(invoke(teams, owner, "task/submit", { data: { ...(again["data"] as object), ...fields } }, inChannel));
    expectCounted(dialog(answer.body)?.card.content);
    expect(await db.select().from(sends)).toEqual([]);
  });

  it("gives the departments that hold what is typed, to those who may send", async () => {
    const asked = { queryText: "lag", queryOptions: { skip: 0, top: 15 }, dataset: "departments" };
    const mine = await wire.post(invoke(teams, owner, "application/search", asked));
    expect(mine.body).toMatchObject({
      statusCode: 200,
      type: "application/vnd.microsoft.search.searchResponse",
      value: { results: [{ title: "Lager, norr", value: encodeURIComponent("Lager, norr") }] },
    });
    const nobodys = await wire.post(invoke(teams, await linked(anna.id), "application/search", asked));
    expect(nobodys.body).toMatchObject({ value: { results: [] } });
  });

  it("is refused to someone else, in the dialog", async () => {
    const form = await formFrom();
    const submit = buttonOf(form?.card.content, "Preview");
    const { length } = teams.toldTo("send");
    const answer = await wire.post(invoke(teams, await linked(boss.id), "task/submit", { data: submit["data"] }));
    expect(answer.status).toBe(200);
    expect(said((await teams.until("send", length + 1))[length])).toMatch(/belong to someone else/);
    expect(await db.select().from(sends)).toEqual([]);
  });
});

describe("a button", () => {
  const preview = async (account = owner) => buttonOf(cardOf((await tell('bulk department:"Lager, norr"', account))?.body), /^Send/);
  const press = (button: Record<string, unknown>, account = owner, over = {}) =>
    wire.post(execute(teams, account, String(button["verb"]), button["data"], { replyToId: "message-1", ...over }));

  it("pressed twice at once starts one send, and says so the second time", async () => {
    const button = await preview();
    const answers = await Promise.all([press(button), press(button)]);
    expect(answers.filter(({ body }) => /already/i.test(JSON.stringify(body)))).toHaveLength(1);
    expect(await db.select().from(deliveries)).toHaveLength(2);
  });

  it("asks first where the press cannot be taken back", async () => {
    const card = cardOf((await tell('bulk department:"Lager, norr"'))?.body);
    const asks = nodesOf(card).filter(({ type }) => type === "Action.ShowCard");
    expect(asks).toEqual([expect.objectContaining({ title: "Send 2" })]);
    expect(textOf(asks)).toMatch(/Send 2 mails\?/);
  });

  it("that replaces its card does so in the answer, and in the message, to last", async () => {
    const card = cardOf((await tell('bulk department:"Lager, norr"'))?.body);
    const answer = await press(buttonOf(card, "Cancel"));
    expect(answer.body).toMatchObject({ statusCode: 200, type: "application/vnd.microsoft.card.adaptive" });
    const [edited] = await teams.until("edit");
    expect(edited?.path).toMatch(/\/message-1$/);
    expect(cardOf(edited?.body)).toEqual(answer.body["value"]);
  });

  it("is refused to someone else, to them alone, and the try is on record", async () => {
    const button = await preview();
    const other = await linked(boss.id);
    const { length } = teams.toldTo("send");
    const answer = await press(button, other, inChannel);
    expect(answer.body).toMatchObject({
      type: "application/vnd.microsoft.activity.message",
      value: expect.stringMatching(/belong to someone else/) as string,
    });
    expect(teams.toldTo("send")).toHaveLength(length);
    expect(await db.select().from(deliveries)).toEqual([]);
    expect((await db.select().from(auditEvents)).map(({ action }) => action)).toContain("foreign-button-refused");
  });

  it("works as a message too, in clients that know no Action.Execute", async () => {
    const button = await preview();
    await wire.post(message(teams, owner, "", { text: undefined, value: button["data"] }));
    expect(await db.select().from(deliveries)).toHaveLength(2);
  });

  it("about people, in a channel, is answered in the presser's own chat", async () => {
    await tell("help");
    await wire.post(mention(teams, owner, 'bulk department:"Lager, norr"'));
    const list = buttonOf(cardOf(teams.toldTo("send").at(-1)?.body), "Show list");
    teams.told.length = 0;
    const answer = await press(list, owner, inChannel);
    expect(JSON.stringify(answer.body)).not.toMatch(/Anna/);
    const places = teams.toldTo("send").map(({ path }) => decodeURIComponent(path));
    expect(new Set(places)).toEqual(new Set([`/connector/v3/conversations/a:chat-${owner}/activities`]));
    expect(said(teams.toldTo("send")[0])).toMatch(/Anna Berg/);
  });
});

describe("somebody who is no full member", () => {
  const REFUSAL = "I can only help members of this organisation's own workspace.";
  const own = { aadObjectId: "x", userPrincipalName: "x@acme.example", tenantId: TENANT, userRole: "user" };

  it.each([
    ["a guest by their name in the directory", { userPrincipalName: "x_corp.example#EXT#@acme.example" }],
    ["a guest by role", { userRole: "guest" }],
    ["an anonymous person of a meeting", { userRole: "anonymous" }],
    ["someone of another tenant", { tenantId: "bbbbbbbb-0000-4000-8000-000000000002" }],
    ["someone else than the activity says", { aadObjectId: "person-of-another-name" }],
    ["someone without a name in the directory", { userPrincipalName: undefined }],
  ])("is refused alike and told nothing: %s", async (_name, traits) => {
    teams.script("member", () => ({ body: { ...own, aadObjectId: objectIdOf(owner), ...traits } }));
    expect(said(await tell("status anna@acme.example"))).toBe(`⛔ ${REFUSAL}`);
    await wire.post(message(teams, owner, "resend anna@acme.example"));
    expect(await annasMails()).toEqual([]);
  });

  it("is refused when the account is not among the members", async () => {
    teams.script("member", () => ({ status: 404, body: { error: { code: "MemberNotFoundInConversation" } } }));
    expect(said(await tell("status anna@acme.example"))).toBe(`⛔ ${REFUSAL}`);
  });

  it.each([
    [
      "a tenant that is not ours",
      { conversation: { id: "a:x", tenantId: "foreign", conversationType: "personal" }, channelData: { tenant: { id: "foreign" } } },
    ],
    ["two tenants at once", { channelData: { tenant: { id: "foreign" } } }],
    ["no tenant", { conversation: { id: "a:x", conversationType: "personal" }, channelData: null }],
    ["no object id", { from: { id: "29:x", name: "Olga Owner" } }],
  ])("is refused in the same words, without asking Teams anything: %s", async (_name, over) => {
    await wire.post(message(teams, owner, "status anna@acme.example", over));
    expect(said(teams.toldTo("send")[0])).toBe(`⛔ ${REFUSAL}`);
    expect(teams.toldTo("member")).toEqual([]);
  });

  it("is refused in a tenant that is ours but not among the allowed ones", async () => {
    const strict = await teamsWire(testDeps(db), teams, { tenants: ["cccccccc-0000-4000-8000-000000000003"] });
    await strict.post(message(teams, owner, "resend anna@acme.example"));
    expect(said(teams.toldTo("send")[0])).toBe(`⛔ ${REFUSAL}`);
    expect(await annasMails()).toEqual([]);
  });

  it("gets neither a link nor a role from a name or an address", async () => {
    const stranger = await linked(null);
    teams.script("member", () => ({ body: { ...own, aadObjectId: objectIdOf(stranger), name: "Olga Owner", email: "olga@acme.example" } }));
    await wire.post(
      message(teams, stranger, "resend anna@acme.example", {
        from: { id: stranger, name: "Olga Owner", aadObjectId: objectIdOf(stranger) },
      }),
    );
    expect(await annasMails()).toEqual([]);
    const [row] = await db
      .select()
      .from(principals)
      .where(eq(principals.person, objectIdOf(stranger)));
    expect(row?.userId).toBeNull();
  });

  it("nor does anyone do anything while Teams cannot say who they are", async () => {
    teams.script("member", () => ({ status: 502 }));
    expect(said(await tell("resend anna@acme.example"))).toMatch(
      /^🚨 Something went wrong on our side\. Nothing was sent\. Reference [0-9a-f]{6}\.$/,
    );
    expect(await annasMails()).toEqual([]);
  });
});

describe("an answer that Teams does not take", () => {
  const queued = async () => (await db.select().from(posts)).filter(({ reply }) => reply !== null);

  it.each([429, 412, 500, 502, 503, 504])("for %s is kept for later, and what was done is done once", async (status) => {
    teams.script("send", () => ({ status }));
    await tell("resend anna@acme.example");
    expect(JSON.stringify(await queued())).toContain("for Anna Berg");
    expect(teams.toldTo("send")).toHaveLength(1);
    expect(await annasMails()).toHaveLength(1);
  });

  it("because there is no token is kept for later", async () => {
    const shut = await teamsWire(testDeps(db), teams, { appPassword: "wrong" });
    teams.script("token", () => ({ status: 401, body: { error: "invalid_client" } }));
    teams.script("member", undefined);
    await shut.post(message(teams, owner, "status anna@acme.example"));
    expect(teams.toldTo("send")).toEqual([]);
  });

  it("because the conversation is closed to us is not tried again", async () => {
    teams.script("send", () => ({ status: 403, body: { error: { code: "MessageWritesBlocked", message: "x" } } }));
    await tell("status anna@acme.example");
    expect(teams.toldTo("send")).toHaveLength(1);
    expect(await queued()).toEqual([]);
  });
});

it("greets whoever installs it with what they may use, and only warns of a tenant that is not ours", async () => {
  await wire.post({ ...message(teams, owner, ""), type: "installationUpdate", action: "add", text: undefined });
  expect(textOf(cardOf(teams.toldTo("send")[0]?.body))).toContain("resend");
  await wire.post({ ...message(teams, owner, ""), type: "conversationUpdate", membersAdded: [{ id: owner }] });
  expect(teams.toldTo("send")).toHaveLength(1);
});
