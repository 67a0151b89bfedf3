import { and, eq, sql } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import * as schema from "../../../src/db/schema/tables.ts";
import { colleague, replyOf, speaker } from "../../support/chat.ts";
import { testDatabase } from "../../support/database.ts";
import { testDeps } from "../../support/deps.ts";
import * as insert from "../../support/insert.ts";

const { db } = await testDatabase();
const deps = testDeps(db);

type Speaker = ReturnType<typeof speaker>;
type User = Awaited<ReturnType<typeof insert.user>>;
let [organisationId, workspace] = [0, ""];
let owner: Speaker, admin: Speaker, auditor: Speaker, employee: Speaker;
let anna: User;

beforeEach(async () => {
  organisationId = (await insert.organisation(db)).id;
  ({ workspace } = await insert.workspace(db, organisationId));
  await colleague(db, organisationId, "Owner", "owner");
  await colleague(db, organisationId, "Admin", "admin", ["North"]);
  await colleague(db, organisationId, "Auditor", "auditor", ["North"]);
  await colleague(db, organisationId, "Employee", null);
  [owner, admin, auditor, employee] = ["Owner", "Admin", "Auditor", "Employee"].map((person) => speaker(deps, workspace, person)) as [
    Speaker,
    Speaker,
    Speaker,
    Speaker,
  ];
  anna = await insert.user(db, organisationId, { name: "Anna Berg", company: "North", department: "Lager", language: "sv" });
});

const userNow = async (id: number) =>
  (
    await db
      .select()
      .from(schema.users)
      .where(and(eq(schema.users.organisationId, organisationId), eq(schema.users.id, id)))
  )[0];
const mailsOf = (id: number) =>
  db
    .select()
    .from(schema.deliveries)
    .where(and(eq(schema.deliveries.organisationId, organisationId), eq(schema.deliveries.userId, id)));
const set = (by: Speaker, user: User, email: string, confirm = email) => by.fill(`set-email ${user.userId}`, { email, confirm });

describe("set-email", () => {
  it("saves the address and sends one mail there", async () => {
    const reply = replyOf(await set(admin, anna, "anna.new@acme.example"));
    expect(reply.lines[0]).toBe("Anna Berg now logs in with a***@acme.example.");
    expect(reply.lines[1]).toContain("Queued for Anna Berg");
    expect(await userNow(anna.id)).toMatchObject({ loginAddress: "anna.new@acme.example", addressVersion: 2, verifiedAt: null });
    expect(await mailsOf(anna.id)).toMatchObject([
      { purpose: "address-changed", state: "queued", address: anna.loginAddress },
      { purpose: "verify", state: "queued", addressVersion: 2 },
    ]);
  });

  it("kills open links, cancels queued mail, lifts a suppression and forgets the waiting time", async () => {
    await insert.delivery(db, organisationId, anna.id);
    await db
      .insert(schema.challenges)
      .values({ organisationId, userId: anna.id, purpose: "verify", addressVersion: 1, expiresAt: sql`now() + interval '1 day'` });
    await db.update(schema.users).set({ suppressedAt: new Date(), lastVerificationAt: new Date() }).where(eq(schema.users.id, anna.id));
    const reply = replyOf(await set(admin, anna, "anna.new@acme.example"));
    expect(reply.lines[0]).toBe("Anna Berg now logs in with a***@acme.example. Earlier links no longer work.");
    expect((await mailsOf(anna.id)).map((mail) => mail.state).toSorted()).toEqual(["cancelled", "queued"]);
    const [challenge] = await db.select().from(schema.challenges).where(eq(schema.challenges.userId, anna.id));
    expect(challenge?.supersededAt).not.toBeNull();
    expect((await userNow(anna.id))?.suppressedAt).toBeNull();
  });

  it("makes a connected user pending and tells the former address", async () => {
    await db.update(schema.users).set({ verifiedAt: new Date() }).where(eq(schema.users.id, anna.id));
    expect(replyOf(await set(admin, anna, "anna.new@acme.example")).lines.at(-1)).toContain("former address is told");
    const notices = (await mailsOf(anna.id)).filter((mail) => mail.purpose === "address-changed");
    expect(notices).toMatchObject([{ address: anna.loginAddress, state: "queued" }]);
  });

  it.each([
    ["no address", "anna", "anna", "email"],
    ["a header in disguise", "anna@acme.example\r\nBcc: x@y.example", "x", "email"],
    ["two different addresses", "anna@acme.example", "ana@acme.example", "confirm"],
  ])("asks again for %s and keeps everything as it was", async (_what, email, confirm, field) => {
    const answer = await set(admin, anna, email, confirm);
    if (answer.kind !== "form-again") throw new Error("the form was expected again");
    expect(answer.form.fields.filter((each) => each.error).map((each) => each.name)).toEqual([field]);
    expect(await userNow(anna.id)).toMatchObject({ addressVersion: 1 });
  });

  it("lets one win when two set one address on two employees at once, and tells the other", async () => {
    const eva = await insert.user(db, organisationId, { name: "Eva Ek", company: "North" });
    const said = await Promise.all([set(admin, anna, "same@acme.example"), set(owner, eva, "SAME@acme.example")]);
    const lines = said.map((answer) => replyOf(answer).lines[0] ?? "");
    expect(lines.filter((line) => line.includes("now logs in with"))).toHaveLength(1);
    expect(lines.filter((line) => line.includes("logs in with that address"))).toHaveLength(1);
  });

  it("does not name a holder outside the scope", async () => {
    await insert.user(db, organisationId, { name: "Sven South", company: "South", loginAddress: "sven@acme.example" });
    expect(replyOf(await set(admin, anna, "sven@acme.example")).lines[0]).toBe("Not saved: another user logs in with that address.");
  });

  it("warns of look-alike letters before it saves", async () => {
    const warned = replyOf(await set(admin, anna, "\u0430nna@acme.example"));
    expect(warned.lines[0]).toContain("mixes alphabets");
    expect(await userNow(anna.id)).toMatchObject({ addressVersion: 1 });
    expect((await admin.press(warned, /Use it/)).lines[0]).toContain("now logs in with");
  });

  it("finds nobody outside the scope, and is not for auditors or employees", async () => {
    const sven = await insert.user(db, organisationId, { name: "Sven South", company: "South" });
    expect((await admin.ask(`set-email ${sven.userId}`)).tone).toBe("refused");
    expect((await auditor.ask(`set-email ${anna.userId}`)).tone).toBe("refused");
    expect((await employee.ask(`set-email ${anna.userId}`)).tone).toBe("refused");
  });
});

describe("unsuppress", () => {
  it("needs a reason, keeps it, and lets mail go again", async () => {
    await db.update(schema.users).set({ suppressedAt: new Date() }).where(eq(schema.users.id, anna.id));
    expect((await admin.ask(`unsuppress ${anna.userId}`)).lines[0]).toContain("--reason");
    expect((await admin.ask(`unsuppress ${anna.userId} --reason "was full"`)).lines[0]).toContain("Mail can go to Anna Berg");
    expect((await userNow(anna.id))?.suppressedAt).toBeNull();
    expect((await admin.ask(`unsuppress ${anna.userId} --reason "again"`)).lines[0]).toContain("not held back");
    const events = await db.select().from(schema.auditEvents).where(eq(schema.auditEvents.userId, anna.id));
    expect(events).toMatchObject([{ action: "unsuppress", detail: { reason: "was full" } }]);
  });
});

describe("history and audit", () => {
  it("say who did what, to those who may read", async () => {
    await set(admin, anna, "anna.new@acme.example");
    const seen = await auditor.ask(`history ${anna.userId}`);
    expect(seen.items?.rows.map((row) => row.title.split(" · ")[1])).toEqual(["mail queued", "login address changed", "mail queued"]);
    expect(seen.items?.rows.map((row) => row.detail)).toEqual(["by Admin", expect.stringContaining("by Admin"), "by Admin"]);
    expect((await employee.ask("audit")).tone).toBe("refused");
  });

  it("show an admin only what concerns their companies or themselves", async () => {
    const sven = await insert.user(db, organisationId, { name: "Sven South", company: "South" });
    await set(owner, sven, "sven.new@acme.example");
    expect((await admin.ask("audit")).lines[0]).toBe("Nothing is recorded yet.");
    expect((await owner.ask("audit")).items?.rows).toHaveLength(2);
  });

  it("export the trail privately, without names of users or addresses, and note that", async () => {
    await set(owner, anna, "anna.new@acme.example");
    const reply = await owner.ask("audit export");
    expect(reply.personal).toBe(true);
    expect(reply.file?.text).toContain(anna.userId);
    expect(reply.file?.text).not.toMatch(/Anna Berg|acme\.example/);
    expect((await owner.ask("audit")).items?.rows[0]?.title).toContain("audit exported");
  });
});

describe("report", () => {
  it("counts who is connected per company and department, and says why the others are not", async () => {
    await insert.user(db, organisationId, { company: "North", department: "Lager", verifiedAt: new Date() });
    await insert.user(db, organisationId, { company: "North", department: "Lager", loginAddress: null });
    await insert.user(db, organisationId, { company: "South", department: "Butik", suppressedAt: new Date() });
    const reply = await admin.ask("report");
    expect(reply.lines).toEqual(["1 of 3 users are connected (33%).", expect.stringMatching(/^Not connected: 1 .*, 1 .*\.$/)]);
    expect(reply.items?.rows).toEqual([{ title: "North · Lager", detail: "1 of 3 connected (33%), 1 pending, 1 without address" }]);
    expect(reply.file?.text).not.toContain("South");
    expect((await owner.ask("report")).lines[1]).toContain("whose mail bounced");
  });
});

describe("somebody whose mail bounced", () => {
  const bounced = () =>
    db
      .update(schema.users)
      .set({ suppressedAt: new Date(), suppressedReason: "550 5.1.1 no such user" })
      .where(eq(schema.users.id, anna.id));

  it("is shown with the mail server's words and what to do, to those who can do it", async () => {
    await bounced();
    const reply = await admin.ask(`status ${anna.userId}`);
    expect(reply.facts?.map((fact) => fact.value)).toContain("550 5.1.1 no such user");
    expect(reply.lines.at(-1)).toContain(`unsuppress ${anna.userId} --reason`);
    expect((await admin.open(reply, /Set e-mail/)).fields.map((field) => field.name)).toEqual(["email", "confirm"]);
    const read = await auditor.ask(`status ${anna.userId}`);
    expect([read.lines.length, read.buttons]).toEqual([2, undefined]);
  });

  it("can be given another address from the refusal", async () => {
    await bounced();
    const reply = await admin.ask(`resend ${anna.userId}`);
    expect(reply.tone).toBe("refused");
    expect((await admin.open(reply, /Set e-mail/)).title).toBe("Set login address");
  });
});

it("a mail sent before its time is in the history with its reason", async () => {
  await db.update(schema.users).set({ lastVerificationAt: new Date() }).where(eq(schema.users.id, anna.id));
  await admin.ask(`resend ${anna.userId} --force --reason "lost the mail"`);
  const seen = await auditor.ask(`history ${anna.userId}`);
  expect(seen.items?.rows.map((row) => row.detail)).toContainEqual(expect.stringContaining("“lost the mail”"));
});

it("a notice to a former address is not taken for the last verification mail", async () => {
  await insert.delivery(db, organisationId, anna.id, { purpose: "address-changed", state: "accepted", settledAt: new Date() });
  expect((await admin.ask(`status ${anna.userId}`)).facts?.find((fact) => fact.label === "Last mail")?.value).toBe("never");
});
