/** What holds mail back until somebody else says so: another admin's approval, and the owner's switch. Over both wires. */
import { eq, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { sends, deliveries } from "../../src/db/schema/tables.ts";
import { testDatabase } from "../support/database.ts";
import { openStory, PLATFORMS } from "../support/story.ts";
import { states } from "../support/worker.ts";

const { db } = await testDatabase();
const { begin } = await openStory(db);

describe.each(PLATFORMS)("a send over the set size, in %s", (platform) => {
  async function asked() {
    const story = await begin(platform, { approvalOver: 2 });
    const maker = await story.person("Mia Maker", "admin", ["North", "South"]);
    const other = await story.person("Otto Other", "admin", ["North", "South"]);
    const narrow = await story.person("Nina Narrow", "admin", ["North"]);
    await story.user({ name: "Anna Berg" });
    await story.user({ name: "Bo Ek" });
    await story.user({ name: "Sven South", company: "South" });
    expect(await maker.say("bulk department:Lager")).toContain("Another admin has to approve a send of this size.");
    expect(await maker.press("Send 3")).toMatch(
      /^B-1 waits for another admin: 3 mails are more than the 2 that one person may send alone\.\n1 admin was asked\./,
    );
    return { story, maker, other, narrow };
  }

  it("goes when another admin whose companies cover it approves; nobody else can", async () => {
    const { story, maker, other, narrow } = await asked();
    expect(await story.told(other, /needs your approval/)).toMatch(/^B-1: Mia Maker wants to mail 3 users and needs your approval\./);
    expect(narrow.messages().some(({ text }) => /B-1\b/.test(text))).toBe(false);
    for (const line of ["approve B-1", "job B-1", "job B-1 report"])
      expect(await narrow.say(line)).toContain("There is no bulk send B-1 that you may see.");
    expect(await narrow.say("jobs")).not.toContain("B-1");
    expect(await maker.say("approve B-1")).toContain("You cannot decide on B-1");
    expect(await states(db, story.id)).toEqual({});

    expect(await other.press("Approve")).toContain("B-1 approved.");
    await story.told(maker, /^B-1 was approved by Otto Other\.$/);
    await story.told(maker, /^B-1 done.*: 3 of 3 users received mail\.$/);
    expect(story.sentTo()).toEqual(["anna.berg", "bo.ek", "sven.south"]);
    expect(await other.say("approve B-1")).toContain("there is nothing to do");
  });

  it("is stopped by the other's rejection, and its maker is told", async () => {
    const { story, maker, other } = await asked();
    await story.told(other, /needs your approval/);
    expect(await other.press("Reject")).toContain("B-1 rejected. Nothing was sent.");
    await story.told(maker, /^B-1 was rejected by Otto Other\. Nothing was sent\.$/);
    expect(await other.say("approve B-1")).toContain("B-1 is rejected; there is nothing to do.");
    expect(await states(db, story.id)).toEqual({});
  });

  it("lapses when nobody decides, and its maker is told", async () => {
    const { story, maker, other } = await asked();
    await story.told(other, /needs your approval/);
    await db
      .update(sends)
      .set({ lapsesAt: sql`now()` })
      .where(eq(sends.organisationId, story.id));
    expect(await other.press("Approve")).toContain("B-1 is lapsed; there is nothing to do.");
    await story.run(story.timers());
    await story.told(maker, /^B-1 lapsed: nobody approved it in 24 hours\. Nothing was sent\.$/);
    expect(await states(db, story.id)).toEqual({});
  });
});

describe.each(PLATFORMS)("the owner's mail switch, in %s", (platform) => {
  it("stops everything, says so in every answer, and lets it all go on again", async () => {
    const story = await begin(platform);
    const owner = await story.person("Olga Owner", "owner");
    const admin = await story.person("Adam Admin", "admin", ["North"]);
    for (const name of ["Anna Berg", "Bo Ek", "Cilla Dal"]) await story.user({ name });
    expect(await admin.say("mail off")).toContain("Your role does not include mail.");
    expect(await owner.say("mail off")).toContain("Mail is off");

    const shown = "Mail is off for the whole organisation.";
    for (const line of ["timers", "status anna.berg@acme.example", "report", "bulk department:Lager", "remind list"])
      expect(await admin.say(line)).toContain(shown);
    expect(await admin.press("Send 3")).toContain(shown);
    expect(await story.told(admin, /^B-1: 0 of 3 sent/)).toBeTruthy();
    expect(await states(db, story.id)).toEqual({ queued: 3 });
    expect(story.relay.taken).toEqual([]);

    expect(await owner.press("Turn mail on")).toContain("Mail is on.");
    await story.told(admin, /^B-1 done.*: 3 of 3 users received mail\.$/);
    expect(await admin.say("jobs")).not.toContain(shown);
    expect(await db.$count(deliveries, eq(deliveries.organisationId, story.id))).toBe(3);
  });
});
