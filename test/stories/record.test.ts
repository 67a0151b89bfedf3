/** Reminders that end by themselves, and what the bot can tell afterwards. Over both wires. */
import { eq, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { takeBounce } from "../../src/commands/people/bounce.ts";
import { runReminders } from "../../src/commands/sends/remind-run.ts";
import { deliveries, organisations, users } from "../../src/db/schema/tables.ts";
import { readReturnPath } from "../../src/domain/verp.ts";
import { PATHS } from "../support/bounces.ts";
import { testDatabase } from "../support/database.ts";
import { openStory, PLATFORMS } from "../support/story.ts";

const { db } = await testDatabase();
const { deps, begin } = await openStory(db);

const ALL_DAY = { remindFrom: "00:00", remindUntil: "24:00" };

/** An hour from now and the one after it, as the organisation's clocks show them. */
async function laterToday(timeZone: string): Promise<{ remindFrom: string; remindUntil: string }> {
  const hour = (hours: number) =>
    new Intl.DateTimeFormat("sv-SE", { timeZone, hour: "2-digit", minute: "2-digit" }).format(new Date(Date.now() + hours * 3_600_000));
  return { remindFrom: hour(1), remindUntil: hour(2) };
}

async function daysPass(organisationId: number, days: number): Promise<void> {
  const earlier = (column: unknown) => sql`${column} - make_interval(days => ${days})`;
  await db
    .update(deliveries)
    .set({ createdAt: earlier(deliveries.createdAt), settledAt: earlier(deliveries.settledAt) })
    .where(eq(deliveries.organisationId, organisationId));
  await db
    .update(users)
    .set({ lastVerificationAt: earlier(users.lastVerificationAt) })
    .where(eq(users.organisationId, organisationId));
}

describe.each(PLATFORMS)("a reminder, in %s", (platform) => {
  it("mails again after its days, in its hours, until somebody verifies, and tells its maker once a run", async () => {
    const story = await begin(platform, { timeZone: "Europe/Stockholm", ...(await laterToday("Europe/Stockholm")) });
    const admin = await story.person("Adam Admin", "admin", ["North"]);
    const anna = await story.user({ name: "Anna Berg" });
    await story.user({ name: "Bo Ek" });
    await story.user({ name: "Berit Butik", department: "Butik" });
    const added = await admin.say("remind add after 7d every 3d max 3 department:Lager");
    expect(added).toMatch(/^R-1 is on: after 7 days, then every 3 days, at most 3 mails\. Selection: in Lager\./);
    expect(added).toContain("2 pending users match now; 2 would get mail today.");

    await runReminders(deps);
    expect(await db.$count(deliveries, eq(deliveries.organisationId, story.id))).toBe(0);
    await db.update(organisations).set(ALL_DAY).where(eq(organisations.id, story.id));
    await runReminders(deps);
    expect(await story.told(admin, /^Reminder R-1/)).toBe("Reminder R-1: 2 of 2 users received mail (B-1).");

    await daysPass(story.id, 3);
    await db
      .update(users)
      .set({ verifiedAt: sql`now()` })
      .where(eq(users.id, anna.id));
    await runReminders(deps);
    await story.told(admin, /^Reminder R-1: 1 of 1 user received mail \(B-2\)\.$/);
    await runReminders(deps);
    expect(story.sentTo()).toEqual(["anna.berg", "bo.ek", "bo.ek"]);
    expect(admin.messages().filter(({ text }) => text.startsWith("Reminder R-1"))).toHaveLength(2);

    expect(await admin.say("remind list")).toMatch(/R-1 · in Lager/);
    expect(await admin.press("Stop R-1")).toContain("R-1 stopped.");
    await daysPass(story.id, 3);
    await runReminders(deps);
    expect(story.sentTo()).toHaveLength(3);
  });
});

describe.each(PLATFORMS)("what is on record, in %s", (platform) => {
  it("gives the right numbers to those who may ask, and no people to a channel", async () => {
    const story = await begin(platform, {}, (line) => (/^RCPT.*bo\.ek/.test(line) ? "550 5.1.1 no such user here" : undefined));
    const admin = await story.person("Adam Admin", "admin", ["North"]);
    const auditor = await story.person("Agda Auditor", "auditor", ["North"]);
    for (const name of ["Anna Berg", "Bo Ek", "Cilla Dal"]) await story.user({ name });
    await story.user({ name: "Klara Klar", verifiedAt: new Date() });
    await story.user({ name: "Ulla Utan", loginAddress: null });
    await story.user({ name: "Sven South", company: "South" });
    await admin.say("bulk department:Lager");
    await admin.press("Send 3");
    await story.told(admin, /^B-1 done.*: 2 of 3 users received mail\. 1 failed\./);
    const path = readReturnPath(story.relay.taken.find(({ to }) => to.startsWith("anna"))?.from ?? "", PATHS.domain, PATHS.secret);
    if (!path) throw new Error("no return path");
    await takeBounce(deps, { of: path, status: "5.2.2", answer: "550 5.2.2 mailbox full" });

    expect(await admin.say("jobs")).toMatch(/^1 bulk send, newest first\.[\s\S]*B-1\s+1 of 3 received mail · done/);
    expect(await admin.say("status anna.berg@acme.example")).toMatch(/^Anna Berg is pending\.\nMail to this address bounced/);
    expect(await admin.say("status bo.ek@acme.example")).toMatch(/^Bo Ek is pending\.[\s\S]*failed/);

    const report = await admin.say("report");
    expect(report).toMatch(/^1 of 5 users are connected \(20\s?%\)\./);
    for (const part of ["2 whose mail bounced", "1 without address", "1 mailed"]) expect(report).toContain(part);
    expect(report).toMatch(/North · Lager\s+1 of 5 connected \(20\s?%\), 3 pending, 1 without address/);
    const stuck = await admin.file();
    expect(stuck.name).toBe("not-connected.csv");
    expect(stuck.text).toMatch(/Anna Berg;North;Lager;whose mail bounced/);
    expect(stuck.text).not.toMatch(/Sven South|Klara/);

    const history = await auditor.say("history anna.berg@acme.example");
    expect(history).toMatch(/mail bounced[\s\S]*by Adam Admin · B-1 · 550 5\.2\.2 mailbox full/);
    await auditor.say("audit export");
    const trail = await auditor.file();
    expect(trail.name).toBe("audit.csv");
    expect(trail.text).toMatch(/;bounce;/);
    expect(await auditor.say("bulk department:Lager")).toContain("Your role does not include bulk.");

    const own: string[] = [];
    for (const line of [
      "jobs",
      "report",
      "history anna.berg@acme.example",
      "status bo.ek@acme.example",
      "job B-1",
      "bulk department:Lager",
    ]) {
      const said = await admin.sayInChannel(line);
      own.push(said.own);
      expect(said.everybody).not.toMatch(/Anna|Bo Ek|bo\.ek|@acme|mailbox full/);
    }
    expect(own.join("\n")).toMatch(/Anna Berg[\s\S]*Bo Ek is pending/);
  });
});
