import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import * as schema from "../../../src/db/schema/tables.ts";
import { colleague, speaker } from "../../support/chat.ts";
import { testDatabase } from "../../support/database.ts";
import { testDeps } from "../../support/deps.ts";
import * as insert from "../../support/insert.ts";

const { db } = await testDatabase();
const deps = testDeps(db, { forgotPasswordUrl: "https://login.example/forgot", loginUrl: "https://login.example/" });

let [organisationId, workspace] = [0, ""];

beforeEach(async () => {
  organisationId = (await insert.organisation(db)).id;
  ({ workspace } = await insert.workspace(db, organisationId));
});

/** Somebody of North in this state, linked in chat. */
async function employee(values: Parameters<typeof insert.user>[2]) {
  const user = await insert.user(db, organisationId, { name: "Anna Berg", company: "North", ...values });
  await insert.principal(db, organisationId, { person: "Anna", userId: user.id });
  return { user, anna: speaker(deps, workspace, "Anna") };
}
const told = () => db.select().from(schema.posts).where(eq(schema.posts.organisationId, organisationId));

describe("somebody who cannot log in and says so in plain words", () => {
  it.each([
    [
      "pending",
      {},
      /^Hi Anna! Your address .\*\*\*@\S+ is not confirmed yet, so you cannot log in\.$/,
      ["Send the mail again", "Wrong address?"],
    ],
    [
      "mailed a minute ago",
      { lastVerificationAt: new Date(Date.now() - 30_000) },
      /^Hi Anna! You got a mail at .* Press the button in it/,
      ["Wrong address?"],
    ],
    ["without an address", { loginAddress: null, loginAddressKey: null }, /^Hi Anna! You have no login address yet/, ["Tell my admin"]],
    ["bounced", { suppressedAt: new Date() }, /^Hi Anna! Our mail to .\*\*\*@\S+ came back/, ["Tell my admin"]],
    ["connected", { verifiedAt: new Date() }, /^Hi Anna! All is set up/, ["Set a new password", "Log in"]],
    ["deactivated", { activated: false }, /^Hi Anna! You are not active in the HR system/, []],
  ])("A person who is %s hears why, and has the one button that helps", async (_state, values, line, buttons) => {
    const { anna } = await employee(values);
    const reply = await anna.ask("hej, kan inte logga in!");
    expect(reply.lines[0]).toMatch(line);
    expect(reply.tone).toBe("info");
    expect(reply.personal).toBe(true);
    expect((reply.buttons ?? []).map(({ label }) => label)).toEqual(buttons);
  });

  it("A press on Send the mail again queues one mail to the stored address", async () => {
    const { anna, user } = await employee({});
    await anna.press(await anna.ask("I can't log in"), /^Send the mail again$/);
    const rows = await db.select().from(schema.deliveries).where(eq(schema.deliveries.organisationId, organisationId));
    expect(rows.map(({ userId }) => userId)).toEqual([user.id]);
  });

  it("A sentence changes nothing by itself", async () => {
    const { anna } = await employee({});
    await anna.ask("skicka mejlet till mig igen");
    expect(await db.$count(schema.deliveries, eq(schema.deliveries.organisationId, organisationId))).toBe(0);
  });

  it("Tell my admin reaches the admins of that company and the owner once a day, and nobody else", async () => {
    await colleague(db, organisationId, "Admin", "admin", ["North"]);
    await colleague(db, organisationId, "Other admin", "admin", ["South"]);
    await colleague(db, organisationId, "Owner", "owner");
    const { anna } = await employee({ loginAddress: null, loginAddressKey: null });
    expect((await anna.press(await anna.ask("kommer inte in"), /^Tell my admin$/)).lines).toEqual([
      "Done: 2 administrators know that you need help.",
    ]);
    expect((await anna.press(await anna.ask("kommer inte in"), /^Tell my admin$/)).lines[0]).toMatch(
      /^Your administrators were told already/,
    );
    const cards = await told();
    expect(cards).toHaveLength(2);
    expect(JSON.stringify(cards)).toContain("Set e-mail");
  });

  it("Two presses at once tell the admins once", async () => {
    await colleague(db, organisationId, "Owner", "owner");
    const { anna } = await employee({ loginAddress: null, loginAddressKey: null });
    const [first, second] = [await anna.ask("kommer inte in"), await anna.ask("kommer inte in")];
    await Promise.all([anna.press(first, /^Tell my admin$/), anna.press(second, /^Tell my admin$/)]);
    expect(await told()).toHaveLength(1);
  });

  it("A person whose admins cannot be reached is told whom to ask", async () => {
    const { anna } = await employee({ loginAddress: null, loginAddressKey: null });
    expect((await anna.press(await anna.ask("kommer inte in"), /^Tell my admin$/)).lines[0]).toMatch(/Ask your HR department/);
  });
});

describe("other plain words", () => {
  it("An admin's request is offered as a command and does nothing by itself", async () => {
    await colleague(db, organisationId, "Admin", "admin", ["North"]);
    await insert.user(db, organisationId, { name: "Kim Holm", company: "North" });
    const admin = speaker(deps, workspace, "Admin");
    const offer = await admin.ask("skicka mejlet till Kim Holm igen");
    expect(offer.lines).toEqual(["Do you want to send a verification mail to Kim Holm? Nothing is sent yet."]);
    expect(await db.$count(schema.deliveries, eq(schema.deliveries.organisationId, organisationId))).toBe(0);
    await admin.press(offer, /^Send the mail$/);
    expect(await db.$count(schema.deliveries, eq(schema.deliveries.organisationId, organisationId))).toBe(1);
  });

  it("An employee learns nothing about anybody else", async () => {
    await insert.user(db, organisationId, { name: "Kim Holm", company: "North" });
    const { anna } = await employee({});
    for (const line of ["skicka mejlet till Kim Holm igen", "min kollega kan inte logga in"])
      expect((await anna.ask(line)).lines).toEqual([
        "I can only help you with your own login. Your colleague can write to me from their own account.",
      ]);
  });

  it("A sentence that nobody understands gets three buttons, and is not quoted", async () => {
    const { anna } = await employee({});
    const reply = await anna.ask("vad blir det för mat");
    expect(reply.tone).toBe("info");
    expect(reply.lines.join(" ")).not.toContain("vad");
    expect(reply.buttons).toHaveLength(3);
    expect((await anna.press(reply, /^I cannot log in$/)).lines[0]).toMatch(/^Hi Anna!/);
  });

  it.each(["status", "resend me", "skicka mig", "resnd me", "help"])("The line %j stays a command", async (line) => {
    const { anna } = await employee({});
    const { lines } = await anna.ask(line);
    expect(lines.join(" ")).not.toMatch(/Hi Anna|not sure what you mean/);
  });
});
