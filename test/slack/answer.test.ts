import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { actions, auditEvents, sends, deliveries, inboundIds, posts, principals, recipients } from "../../src/db/schema/tables.ts";
import { testDatabase } from "../support/database.ts";
import { testDeps } from "../support/deps.ts";
import {
  buttonValue,
  command,
  directMessage,
  event,
  fakeSlack,
  press,
  signed,
  slackWire,
  submission,
  triggerId,
  viewOf,
} from "../support/fake-slack.ts";
import * as insert from "../support/insert.ts";

const { db } = await testDatabase();
const slack = await fakeSlack();
const wire = await slackWire(testDeps(db), slack);
const acme = await insert.organisation(db);
await insert.workspace(db, acme.id, { workspace: "T1" });
const boss = await insert.user(db, acme.id, { name: "Olga Owner", loginAddress: "olga@acme.example", verifiedAt: new Date() });
await insert.role(db, acme.id, boss.id, "owner");
const anna = await insert.user(db, acme.id, { name: "Anna Berg", loginAddress: "anna@acme.example", department: "Lager" });
await insert.user(db, acme.id, { name: "*x* <!channel>", loginAddress: "x@acme.example", department: "Lager" });

const asUser = (id: string) => ({ user_id: id });
const text = (message: Record<string, unknown> | undefined) => String(message?.["text"]);
const annasMails = () => db.select().from(deliveries).where(eq(deliveries.userId, anna.id));

/** Slack caches nothing for us: people are told apart by new ids, so that no test sees another's answer. */
let people = 0;
async function linked(userId: number | null): Promise<string> {
  const person = `U${(people += 1)}X`;
  await insert.principal(db, acme.id, { workspace: "T1", person, userId });
  return person;
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
  slack.told.length = 0;
  for (const method of ["users.info", "respond", "chat.postMessage", "views.open"]) slack.script(method, undefined);
});

describe("a slash command", () => {
  it("is acknowledged with nothing, and answered where it was typed, to the asker only", async () => {
    expect(await wire.command("status anna@acme.example", asUser(owner))).toEqual({ status: 200, text: "" });
    const [said] = await slack.until("respond");
    expect(said).toMatchObject({ response_type: "ephemeral", replace_original: false });
    expect(text(said)).toMatch(/^Anna Berg is pending/);
  });

  it("takes effect once when it is sent again, byte for byte", async () => {
    const request = signed(new URLSearchParams({ ...command(slack, "resend anna@acme.example"), ...asUser(owner) }).toString());
    expect((await wire.post(...request)).status).toBe(200);
    expect((await wire.post(...request)).status).toBe(200);
    await slack.until("respond");
    await wire.command("help", asUser(owner));
    await slack.until("respond", 2);
    expect(await annasMails()).toHaveLength(1);
  });

  it("opens a form, and answers its submit where the command was typed", async () => {
    const responseUrl = slack.responseUrl();
    await wire.command("bulk", { ...asUser(owner), response_url: responseUrl });
    const [opened] = await slack.until("views.open");
    const view = opened?.["view"] as Record<string, unknown>;
    const values = { department: { "search:departments": { type: "multi_external_select", selected_options: [{ value: "Lager" }] } } };
    const answer = await wire.interact(submission(viewOf(view, values), { user: { id: owner, team_id: "T1" } }));
    expect(answer).toEqual({ status: 200, text: "" });
    const [said] = await slack.until("respond");
    expect(text(said)).toMatch(/^B-1: 2 users match/);
  });

  it("offers the form by a button when Slack opens none", async () => {
    slack.script("views.open", () => ({ body: { ok: false, error: "expired_trigger_id" } }));
    await wire.command("bulk", asUser(owner));
    const [said] = await slack.until("respond");
    const actionId = buttonValue(said ?? {}, /./);
    slack.script("views.open", undefined);
    await wire.interact(press(slack, actionId, { user: { id: owner, team_id: "T1" } }));
    expect((await slack.until("views.open", 2))[1]?.["view"]).toMatchObject({ type: "modal" });
  });

  it("shows a name that is markup as it is", async () => {
    await wire.command("status x@acme.example", asUser(owner));
    const [said] = await slack.until("respond");
    expect(text(said)).toMatch(/^\*x\* &lt;!channel&gt; is pending/);
  });
});

describe("a form in hand", () => {
  async function opened() {
    await wire.command("bulk", asUser(owner));
    const [told] = await slack.until("views.open");
    return told?.["view"] as Record<string, unknown>;
  }
  const by = () => ({ user: { id: owner, team_id: "T1" } });

  it("is drawn again with its live count when a list changes, and only over the drawing it was made for", async () => {
    const view = await opened();
    const chosen = { type: "multi_external_select", selected_options: [{ value: "Lager" }] };
    const change = { actions: [{ type: "multi_external_select", block_id: "department", action_id: "search:departments" }] };
    await wire.interact(
      press(slack, "", {
        ...by(),
        ...change,
        response_url: undefined,
        view: viewOf(view, { department: { "search:departments": chosen } }),
      }),
    );
    const [drawn] = await slack.until("views.update");
    expect(drawn).toMatchObject({ view_id: "V1", hash: "1.h" });
    expect(JSON.stringify(drawn?.["view"])).toContain("2 users match");
  });

  it("gives the departments that hold what is typed, to those who may send", async () => {
    const asked = { type: "block_suggestion", team: { id: "T1" }, action_id: "search:departments", block_id: "department", value: "lag" };
    const mine = await wire.interact({ ...asked, ...by() });
    expect(JSON.parse(mine.text)).toEqual({ options: [{ text: { type: "plain_text", text: "Lager", emoji: false }, value: "Lager" }] });
    const nobodys = await wire.interact({ ...asked, user: { id: await linked(anna.id), team_id: "T1" } });
    expect(JSON.parse(nobodys.text)).toEqual({ options: [] });
  });

  it("is refused to someone else", async () => {
    const view = await opened();
    const other = await linked(boss.id);
    await wire.interact(submission(viewOf(view, {}), { user: { id: other, team_id: "T1" } }));
    const [said] = await slack.until("respond");
    expect(text(said)).toMatch(/belong to someone else/);
    expect(await db.select().from(sends)).toEqual([]);
  });
});

describe("a button", () => {
  async function preview(): Promise<string> {
    await wire.command("bulk department:Lager", asUser(owner));
    const [said] = await slack.until("respond");
    return buttonValue(said ?? {}, /^Send/);
  }
  const by = (person: string) => ({ user: { id: person, team_id: "T1" } });

  it("pressed twice with one trigger starts one send", async () => {
    const actionId = await preview();
    const pressed = { ...by(owner), trigger_id: triggerId() };
    await Promise.all([wire.interact(press(slack, actionId, pressed)), wire.interact(press(slack, actionId, pressed))]);
    await slack.until("respond", 2);
    expect(await db.select().from(deliveries)).toHaveLength(2);
  });

  it("pressed twice with two triggers starts one send, and says so the second time", async () => {
    const actionId = await preview();
    await Promise.all([wire.interact(press(slack, actionId, by(owner))), wire.interact(press(slack, actionId, by(owner)))]);
    const [, first, second] = await slack.until("respond", 3);
    expect([text(first), text(second)].filter((each) => /already/i.test(each))).toHaveLength(1);
    expect(await db.select().from(deliveries)).toHaveLength(2);
  });

  it("is refused to someone else, and the try is on record", async () => {
    const actionId = await preview();
    const other = await linked(boss.id);
    await wire.interact(press(slack, actionId, by(other)));
    const [, said] = await slack.until("respond", 2);
    expect(text(said)).toMatch(/belong to someone else/);
    expect(await db.select().from(deliveries)).toEqual([]);
    const tries = await db.select().from(auditEvents);
    expect(tries.map(({ action }) => action)).toContain("foreign-button-refused");
  });

  it("in the bot's own conversation is answered there to stay", async () => {
    const actionId = await preview();
    await wire.interact(
      press(slack, actionId, { ...by(owner), container: { type: "message", is_ephemeral: false }, channel: { id: "D9" } }),
    );
    const [, said] = await slack.until("respond", 2);
    expect(said).toMatchObject({ response_type: "in_channel" });
  });
});

describe("a direct message", () => {
  it("takes effect once however often Slack repeats the event", async () => {
    const body = event(directMessage("verify resend anna@acme.example", { user: owner, channel: "D5" }));
    for (const retry of ["", "1", "2", "3"]) {
      const answer = await wire.event(body, retry === "" ? {} : { "x-slack-retry-num": retry });
      expect(answer.status).toBe(200);
    }
    const [said] = await slack.until("chat.postMessage");
    expect(said).toMatchObject({ channel: "D5" });
    await wire.command("help", asUser(owner));
    await slack.until("respond");
    expect(slack.toldTo("chat.postMessage")).toHaveLength(1);
    expect(await annasMails()).toHaveLength(1);
  });

  it("is understood with the bot's mention in front", async () => {
    const body = event(directMessage("<@UBOT> status anna@acme.example", { user: owner }), {
      authorizations: [{ team_id: "T1", user_id: "UBOT" }],
    });
    await wire.event(body);
    expect(text((await slack.until("chat.postMessage"))[0])).toMatch(/^Anna Berg is pending/);
  });
});

describe("somebody who is no full member", () => {
  const variants: [string, object][] = [
    ["a guest", { is_restricted: true }],
    ["a single-channel guest", { is_ultra_restricted: true }],
    ["a stranger", { is_stranger: true }],
    ["a bot", { is_bot: true }],
    ["a deleted user", { deleted: true }],
    ["someone of another workspace", { team_id: "T9" }],
  ];

  it.each(variants)("is refused alike and told nothing: %s", async (_, traits) => {
    slack.script("users.info", ({ user }) => ({ body: { user: { id: user, team_id: "T1", ...traits } } }));
    await wire.command("status anna@acme.example", asUser(owner));
    const [said] = await slack.until("respond");
    expect(text(said)).toBe("I can only help members of this organisation's own workspace.");
    await wire.command("resend anna@acme.example", asUser(owner));
    await slack.until("respond", 2);
    expect(await annasMails()).toEqual([]);
  });

  it("is refused in the same words when the workspace is not ours, without asking Slack anything", async () => {
    await wire.command("status anna@acme.example", { user_id: owner, team_id: "T404" });
    const [said] = await slack.until("respond");
    expect(text(said)).toBe("I can only help members of this organisation's own workspace.");
    expect(slack.toldTo("users.info")).toEqual([]);
  });

  it("gets neither a link nor a role from the e-mail address of a profile", async () => {
    const stranger = await linked(null);
    slack.script("users.info", ({ user }) => ({ body: { user: { id: user, team_id: "T1", profile: { email: "olga@acme.example" } } } }));
    await wire.command("resend anna@acme.example", asUser(stranger));
    await slack.until("respond");
    expect(await annasMails()).toEqual([]);
    const [row] = await db.select().from(principals).where(eq(principals.person, stranger));
    expect(row?.userId).toBeNull();
  });

  it("nor does anyone do anything while Slack cannot say who they are", async () => {
    slack.script("users.info", () => ({ status: 500 }));
    await wire.command("resend anna@acme.example", asUser(owner));
    const [said] = await slack.until("respond");
    expect(text(said)).toMatch(/^Something went wrong on our side\. Nothing was sent\. Reference [0-9a-f]{6}\.$/);
    expect(await annasMails()).toEqual([]);
  });
});

describe("an answer that Slack does not take", () => {
  const queued = () => db.select().from(posts).where(eq(posts.organisationId, acme.id));
  const untilQueued = () =>
    vi.waitUntil(async () => {
      const waiting = (await queued()).filter(({ reply }) => reply !== null);
      return waiting.length > 0 && waiting;
    });

  it.each([
    ["too many requests", { status: 429, headers: { "retry-after": "30" } }],
    ["a fault of its own", { status: 500 }],
  ])("for %s is kept for later, and what was done is done once", async (_, refusal) => {
    slack.script("respond", () => refusal);
    await wire.command("resend anna@acme.example", asUser(owner));
    const [waiting] = await untilQueued();
    expect(JSON.stringify(waiting?.reply)).toContain("for Anna Berg");
    expect(await annasMails()).toHaveLength(1);
    expect(slack.toldTo("chat.postMessage")).toEqual([]);
  });

  it("is not kept for somebody who is no full member", async () => {
    const guest = `U${(people += 1)}X`;
    slack.script("users.info", ({ user }) => ({ body: { user: { id: user, team_id: "T1", is_restricted: true } } }));
    slack.script("respond", () => ({ status: 429 }));
    await wire.command("help", asUser(guest));
    await slack.until("respond");
    await wire.app.stop();
    expect(await queued()).toEqual([]);
    expect(await db.select().from(principals).where(eq(principals.person, guest))).toEqual([]);
  });

  it("because the response URL is used up is said in the person's own conversation", async () => {
    slack.script("respond", () => ({ status: 404 }));
    await wire.command("status anna@acme.example", asUser(owner));
    const [said] = await slack.until("chat.postMessage");
    expect(said).toMatchObject({ channel: owner });
    expect(text(said)).toMatch(/^Anna Berg is pending/);
  });

  it("is never sent to an address that is not Slack's", async () => {
    await wire.command("status anna@acme.example", { ...asUser(owner), response_url: "https://evil.example/hooks/1" });
    expect((await slack.until("chat.postMessage"))[0]).toMatchObject({ channel: owner });
  });
});

it("shows on the home tab what the person may use", async () => {
  await wire.event(event({ type: "app_home_opened", user: owner, tab: "home" }));
  const [shown] = await slack.until("views.publish");
  expect(shown).toMatchObject({ user_id: owner, view: { type: "home" } });
  expect(JSON.stringify(shown?.["view"])).toContain("resend");
});
