import { and, eq, sql } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { runReminders } from "../../../src/commands/sends/remind-run.ts";
import * as schema from "../../../src/db/schema/tables.ts";
import { testDatabase } from "../../support/database.ts";
import { testDeps } from "../../support/deps.ts";
import * as insert from "../../support/insert.ts";
import { colleague, conversation, textOf } from "../../support/chat.ts";

const { db } = await testDatabase();
const deps = testDeps(db);
const { ask, press } = conversation(deps);
const ADD = "remind add after 7d every 3d max 2 department:Lager";
const ago = (days: number) => sql`now() - make_interval(days => ${days})`;

async function world() {
  await db.update(schema.reminders).set({ stoppedAt: sql`now()` });
  const organisation = await insert.organisation(db, { remindFrom: "00:00", remindUntil: "24:00" });
  await insert.workspace(db, organisation.id);
  const pending = (values: Parameters<typeof insert.user>[2] = {}) =>
    insert.user(db, organisation.id, { company: "North", department: "Lager", addressSetAt: ago(8) as never, ...values });
  return {
    id: organisation.id,
    owner: await colleague(db, organisation.id, "Olga Owner", "owner"),
    admin: await colleague(db, organisation.id, "Adam Admin", "admin", ["North"]),
    other: await colleague(db, organisation.id, "Bo Admin", "admin", ["North"]),
    pending,
    anna: await pending({ name: "Anna Berg" }),
  };
}
let w: Awaited<ReturnType<typeof world>>;
beforeEach(async () => {
  w = await world();
});

const runs = () => db.query.sends.findMany({ where: (t, { eq: is }) => is(t.organisationId, w.id), orderBy: (t) => t.id });
const mails = () => db.query.deliveries.findMany({ where: (t, { eq: is }) => is(t.organisationId, w.id), orderBy: (t) => t.id });
const reminder = async () => (await db.query.reminders.findMany({ where: (t, { eq: is }) => is(t.organisationId, w.id) }))[0];
const told = async (principalId: number) =>
  (await db.query.posts.findMany({ where: (t, { eq: is }) => is(t.principalId, principalId), orderBy: (t) => t.id })).map((post) =>
    JSON.stringify(post.reply),
  );

/** The mails of all runs arrive, and `days` pass. */
async function arriveAndWait(days: number, state = "accepted") {
  const ours = eq(schema.deliveries.organisationId, w.id);
  await db
    .update(schema.deliveries)
    .set({ state, settledAt: sql`now()` })
    .where(and(ours, sql`settled_at is null`));
  await db
    .update(schema.deliveries)
    .set({ createdAt: sql`created_at - make_interval(days => ${days})`, settledAt: sql`settled_at - make_interval(days => ${days})` })
    .where(ours);
  await db
    .update(schema.sends)
    .set({ state: "completed" })
    .where(and(eq(schema.sends.organisationId, w.id), sql`state = 'running'`));
  if (state === "failed") return;
  await db
    .update(schema.users)
    .set({ lastVerificationAt: sql`coalesce(last_verification_at, now()) - make_interval(days => ${days})` })
    .where(sql`id in (select user_id from deliveries where organisation_id = ${w.id})`);
}

describe("adding a reminder", () => {
  it("says what it will do, to how many, and sends nothing by itself", async () => {
    await w.pending({ addressSetAt: ago(2) as never });
    const reply = await ask(w.admin.asker, ADD);
    expect(reply.tone).toBe("done");
    expect(reply.lines).toEqual([
      "R-1 is on: after 7 days, then every 3 days, at most 2 mails. Selection: in Lager.",
      "2 pending users match now; 1 would get mail today.",
      "Mails leave between 00:00 and 24:00. After each run I tell you how many got one.",
      "Whoever verifies gets no more of them.",
    ]);
    expect(await mails()).toEqual([]);
  });

  it("keeps nothing on a dry run", async () => {
    expect(textOf(await ask(w.admin.asker, `${ADD} --dry-run`))).toMatch(/^Dry run: after 7 days[\s\S]*Nothing was sent, nothing is kept/);
    expect(await reminder()).toBeUndefined();
  });

  it("says when its runs will need another admin", async () => {
    await db.update(schema.organisations).set({ approvalOver: 0 }).where(eq(schema.organisations.id, w.id));
    expect(textOf(await ask(w.admin.asker, ADD))).toContain("Every run of more than 0 mails waits for another admin's approval.");
  });

  it.each([
    ["remind add after 7d every 3d", /^I need all of it/],
    ["remind add after 0d every 3d max 2", /^Days go from 1 to 365/],
    ["remind add after 7d every 3d max 21", /^Days go from 1 to 365, and mails from 1 to 20/],
    ["remind add after 7d every 3d max 2 department:Lagr", /^“Lagr” is not a value of department/],
    ["remind add after 7d every 3d max 2 --force", /^--force does not work with remind/],
    ["remind stop R-99", /^There is no reminder R-99/],
  ])("%s is refused", async (text, said) => {
    const reply = await ask(w.admin.asker, text);
    expect(textOf(reply)).toMatch(said);
    expect(reply.tone).toBe("refused");
    expect(await reminder()).toBeUndefined();
  });

  it("takes a saved selection as it is now", async () => {
    await ask(w.admin.asker, "save lagret department:Lager");
    await ask(w.admin.asker, "remind add after 7d every 3d max 2 saved:lagret");
    await ask(w.admin.asker, "saved remove lagret");
    await runReminders(deps);
    expect((await mails()).map((mail) => mail.userId)).toEqual([w.anna.id]);
  });
});

describe("listing and stopping", () => {
  it("shows the maker and the owner what is on, and stops it at a press", async () => {
    await ask(w.admin.asker, ADD);
    expect(textOf(await ask(w.other.asker, "remind"))).toMatch(/^No reminder is on/);
    expect(textOf(await ask(w.other.asker, "remind stop R-1"))).toMatch(/^There is no reminder R-1 that you may see/);
    const list = await ask(w.owner.asker, "remind list");
    expect(list.items?.rows).toEqual([
      { title: "R-1 · in Lager", detail: "after 7 days, then every 3 days, at most 2 mails · not run yet · Adam Admin" },
    ]);
    expect(textOf(await press(w.owner.asker, list, /Stop R-1/))).toBe("R-1 stopped.");
    expect(textOf(await ask(w.admin.asker, "remind stop R-1"))).toBe("R-1 was stopped already.");
    await runReminders(deps);
    expect(await mails()).toEqual([]);
  });

  it("says how to cancel the run under way", async () => {
    await ask(w.admin.asker, ADD);
    await runReminders(deps);
    expect(textOf(await ask(w.admin.asker, "remind stop R-1"))).toContain("type job B-1 cancel");
  });
});

describe("a run", () => {
  it("is a bulk send of the maker's to those who are due, once", async () => {
    await w.pending({ addressSetAt: ago(6) as never });
    await w.pending({ verifiedAt: new Date() });
    await w.pending({ lastVerificationAt: ago(2) as never });
    await w.pending({ suppressedAt: new Date() });
    await w.pending({ activated: false });
    await w.pending({ company: "South" });
    await w.pending({ department: "Butik" });
    const due = await w.pending({ lastVerificationAt: ago(4) as never });
    await ask(w.admin.asker, ADD);
    await Promise.all([runReminders(deps), runReminders(deps)]);
    await runReminders(deps);
    expect((await mails()).map((mail) => [mail.userId, mail.requestedBy, mail.state])).toEqual([
      [w.anna.id, w.admin.principal.id, "queued"],
      [due.id, w.admin.principal.id, "queued"],
    ]);
    expect(await runs()).toMatchObject([
      { number: 1, state: "running", reminderId: (await reminder())?.id, confirmedBy: w.admin.principal.id },
    ]);
    expect((await reminder())?.lastRunAt).toBeInstanceOf(Date);
  });

  it("leaves no trace where nobody is due", async () => {
    await db
      .update(schema.users)
      .set({ verifiedAt: sql`now()` })
      .where(eq(schema.users.id, w.anna.id));
    await ask(w.admin.asker, ADD);
    await runReminders(deps);
    expect(await runs()).toEqual([]);
    const [organisation] = await db.select().from(schema.organisations).where(eq(schema.organisations.id, w.id));
    expect(organisation?.lastSendNumber).toBe(0);
  });

  it("mails again after the days between, and at most so often", async () => {
    await ask(w.admin.asker, ADD);
    await runReminders(deps);
    await arriveAndWait(2);
    await runReminders(deps);
    expect(await mails()).toHaveLength(1);
    await arriveAndWait(2);
    await runReminders(deps);
    expect(await mails()).toHaveLength(2);
    await arriveAndWait(30);
    await runReminders(deps);
    expect(await mails()).toHaveLength(2);
  });

  it("counts anew for a new address, after its days", async () => {
    await ask(w.admin.asker, "remind add after 7d every 3d max 1 department:Lager");
    await runReminders(deps);
    await arriveAndWait(30);
    await db
      .update(schema.users)
      .set({ addressVersion: 2, addressSetAt: sql`now()` })
      .where(eq(schema.users.id, w.anna.id));
    await runReminders(deps);
    expect(await mails()).toHaveLength(1);
    await db
      .update(schema.users)
      .set({ addressSetAt: ago(7) })
      .where(eq(schema.users.id, w.anna.id));
    await runReminders(deps);
    expect(await mails()).toHaveLength(2);
  });

  it("counts the mails whose rows are no longer kept", async () => {
    await db.insert(schema.reminded).values({ organisationId: w.id, userId: w.anna.id, addressVersion: 1, mails: 2 });
    await ask(w.admin.asker, ADD);
    await runReminders(deps);
    expect(await mails()).toEqual([]);
  });

  it("does not try a failed mail again before its days", async () => {
    await ask(w.admin.asker, ADD);
    await runReminders(deps);
    await arriveAndWait(2, "failed");
    await runReminders(deps);
    expect(await mails()).toHaveLength(1);
    await arriveAndWait(2, "failed");
    await runReminders(deps);
    expect(await mails()).toHaveLength(2);
  });

  it("waits for the one before it", async () => {
    await ask(w.admin.asker, ADD);
    await runReminders(deps);
    await w.pending();
    await runReminders(deps);
    expect(await runs()).toHaveLength(1);
  });

  it.each([
    ["01:00", "02:00", 0],
    ["11:00", "14:00", 1],
    ["14:00", "12:00", 0],
    ["22:00", "14:00", 1],
  ])("keeps to the hours from %s until %s of its own time zone", async (remindFrom, remindUntil, count) => {
    const [row] = await db
      .select({ hour: sql<number>`extract(hour from now() at time zone 'utc')::int` })
      .from(schema.organisations)
      .limit(1);
    // A zone where it is past 12:00 now. POSIX counts west of Greenwich.
    const timeZone = `<+X>${(row?.hour ?? 0) - 12}`;
    await db.update(schema.organisations).set({ timeZone, remindFrom, remindUntil }).where(eq(schema.organisations.id, w.id));
    await db.insert(schema.reminders).values({
      organisationId: w.id,
      number: 1,
      selection: [],
      afterDays: 7,
      everyDays: 3,
      mostMails: 2,
      createdBy: w.admin.principal.id,
    });
    await runReminders(deps);
    expect(await runs()).toHaveLength(count);
  });

  it("waits while the owner has stopped all mail", async () => {
    await ask(w.admin.asker, ADD);
    await ask(w.owner.asker, "mail off");
    await runReminders(deps);
    expect(await runs()).toEqual([]);
  });
});

describe("a large run", () => {
  beforeEach(async () => {
    await db.update(schema.organisations).set({ approvalOver: 1 }).where(eq(schema.organisations.id, w.id));
    await w.pending();
    await ask(w.admin.asker, ADD);
    await runReminders(deps);
  });

  it("waits for another admin, who is asked, and its maker knows", async () => {
    expect(await runs()).toMatchObject([{ state: "awaiting-approval", confirmedBy: w.admin.principal.id }]);
    expect(await mails()).toEqual([]);
    expect((await told(w.other.principal.id)).join()).toContain("needs your approval");
    expect((await told(w.admin.principal.id)).join()).toContain("B-1 waits for another admin");
    expect(textOf(await ask(w.admin.asker, "approve B-1"))).toMatch(/^You cannot decide/);
    await ask(w.other.asker, "approve B-1");
    expect(await mails()).toHaveLength(2);
  });

  it.each(["reject B-1", "job B-1 cancel"])("ends the reminder with %s", async (text) => {
    await ask(text.startsWith("reject") ? w.other.asker : w.admin.asker, text);
    await runReminders(deps);
    await runReminders(deps);
    expect(await runs()).toHaveLength(1);
    expect((await reminder())?.stoppedAt).toBeInstanceOf(Date);
    expect((await told(w.admin.principal.id)).join()).toMatch(/R-1 stopped, because its run B-1 is/);
  });
});

describe("a reminder ends by itself", () => {
  it("when its maker may no longer send", async () => {
    await ask(w.admin.asker, ADD);
    await db.delete(schema.roleGrants).where(eq(schema.roleGrants.userId, w.admin.user.id));
    await runReminders(deps);
    expect(await runs()).toEqual([]);
    expect((await reminder())?.stoppedAt).toBeInstanceOf(Date);
    expect((await told(w.admin.principal.id)).join()).toContain("R-1 stopped: you may no longer send mails");
  });

  it("when one of its names is gone", async () => {
    await ask(w.admin.asker, "remind add after 7d every 3d max 2 -department:Lager");
    await db.update(schema.departments).set({ name: "Stock" }).where(eq(schema.departments.organisationId, w.id));
    await runReminders(deps);
    expect(await runs()).toEqual([]);
    expect((await told(w.admin.principal.id)).join()).toContain("department:Lager does not exist any more");
  });

  it("for the people its maker may no longer see", async () => {
    await ask(w.admin.asker, ADD);
    await db.delete(schema.authorisations).where(eq(schema.authorisations.userId, w.admin.user.id));
    await runReminders(deps);
    expect(await runs()).toEqual([]);
  });
});
