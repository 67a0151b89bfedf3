/** Sends to many, from the first word to the last count, over both wires. */
import { eq, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { sends } from "../../src/db/schema/tables.ts";
import { testDatabase } from "../support/database.ts";
import type { Script } from "../support/relay.ts";
import { daysAgo, openStory, PLATFORMS } from "../support/story.ts";
import { eventually, states } from "../support/worker.ts";

const { db } = await testDatabase();
const { begin } = await openStory(db);

type Story = Awaited<ReturnType<typeof begin>>;

const bulk = async ({ id }: Story) => (await db.select().from(sends).where(eq(sends.organisationId, id)))[0];
const inState = async ({ id }: Story, state: string) => (await states(db, id))[state] ?? 0;

/** A relay that answers no mail after so many, until it is let on. */
function slowRelay() {
  let most = 0;
  let taken = 0;
  let held: { turn: number; go(): void } | undefined;
  const letOn = (count: number): void => {
    most += count;
    if (held && held.turn <= most) held.go();
  };
  const script: Script = async (line) => {
    if (line !== ".") return undefined;
    taken += 1;
    if (taken > most) await new Promise<void>((go) => (held = { turn: taken, go }));
    return undefined;
  };
  return { letOn, script };
}

describe.each(PLATFORMS)("a send to many, in %s", (platform) => {
  it("says whom it is for, is looked at, confirmed, followed, and told recipient by recipient", async () => {
    const story = await begin(platform, {}, (line) => (/^RCPT.*bo\.ek/.test(line) ? "550 5.1.1 no such user here" : undefined));
    const admin = await story.person("Adam Admin", "admin", ["North"]);
    await story.user({ name: "Anna Berg" });
    await story.user({ name: "Bo Ek", department: "Butik", office: "Lund" });
    await story.user({ name: "Cilla Dal" });
    await story.user({ name: "Mats Malm", office: "Malmö C" });
    await story.user({ name: "Nils Ny", addressSetAt: daysAgo(2) });
    await story.user({ name: "Kajsa Kall", lastVerificationAt: new Date() });
    await story.user({ name: "Stina Studs", suppressedAt: new Date() });
    await story.user({ name: "Sven South", company: "South" });
    await story.user({ name: "Klara Klar", verifiedAt: new Date() });

    const preview = await admin.say('bulk avdelning:Lager,Butik -kontor:"Malmö C" pending>7d');
    expect(preview).toContain("B-1: 5 users match. 3 will get mail. 2 will not: 1 bounced, 1 mailed in the last 24 h.");
    expect(preview).toContain("Selection: pending for more than 7 days in Lager or Butik, not Malmö C.");
    expect(preview).not.toMatch(/Anna|anna/);
    expect(admin.messages().at(-1)?.buttons).toEqual(["Send 3", "Show list", "Change", "Cancel"]);

    const list = await admin.press("Show list");
    expect(list).toContain("5 users in B-1.");
    expect(list).toMatch(/Anna Berg\s+a\*\*\*@acme\.example · will get mail/);
    const listed = await admin.file();
    expect(listed.name).toBe("B-1.csv");
    expect(listed.text).toMatch(/Anna Berg;anna\.berg@acme\.example;will get mail/);

    expect(await admin.press("Send 3")).toContain("B-1 started: 3 mails on the way.");
    const end = await story.told(admin, /^B-1 done/);
    expect(end).toMatch(/^B-1 done in .+: 2 of 3 users received mail\. 1 failed\.$/);
    expect(admin.messages().filter(({ text }) => /^B-1(?: done|: \d+ of)/.test(text))).toHaveLength(1);
    expect(admin.messages().findLast(({ text }) => text === end)?.buttons).toEqual(["Retry 1", "Report"]);
    expect(story.sentTo()).toEqual(["anna.berg", "cilla.dal"]);

    await admin.press("Report");
    const report = await admin.file();
    expect(report.name).toBe("B-1-report.csv");
    expect(report.text.trim().split("\r\n")).toHaveLength(6);
    expect(report.text).toMatch(/Bo Ek;bo\.ek@acme\.example;failed;.*no such user here/);
    expect(report.text).toMatch(/Kajsa Kall;.*;skipped;mailed in the last 24 h/);
  });

  it("is paused, resumed and cancelled half-way, by button and by word, and its counts add up", async () => {
    const { letOn, script } = slowRelay();
    const story = await begin(platform, {}, script);
    const admin = await story.person("Adam Admin", "admin", ["North"]);
    for (let at = 1; at <= 40; at += 1) await story.user({ name: `Lager ${at}` });
    await admin.say("bulk department:Lager");
    letOn(2);
    await admin.press("Send 40");
    await eventually(() => story.relay.taken.length).toBe(2);

    await story.told(admin, /^B-1: \d+ of 40 sent/);
    expect(await admin.press("Pause")).toMatch(/^B-1 paused: \d+ of 40 sent/);
    letOn(38);
    await eventually(() => inState(story, "sending")).toBe(0);
    const { length: before } = story.relay.taken;
    expect(before).toBeLessThan(40);
    expect(await admin.say("job B-1 pause")).toContain("B-1 is paused; there is nothing to do.");
    await story.told(admin, new RegExp(`^B-1 paused: ${before} of 40 sent\\.`));
    expect(story.relay.taken).toHaveLength(before);

    letOn(before - 40 + 1);
    expect(await admin.say("job B-1 resume")).toMatch(/^B-1: \d+ of 40 sent/);
    await eventually(() => story.relay.taken.length).toBe(before + 1);
    await story.told(admin, /^B-1: \d+ of 40 sent/);
    expect(await admin.press("Cancel")).toMatch(/^B-1 cancelled: \d+ of 40 users received mail/);
    letOn(40);
    await eventually(() => inState(story, "sending")).toBe(0);
    const sent = story.relay.taken.length;
    expect(sent).toBeLessThan(40);
    expect(await story.told(admin, new RegExp(`^B-1 cancelled: ${sent} of 40 users received mail\\.`))).toContain(
      `${40 - sent} cancelled.`,
    );
    expect(await states(db, story.id)).toEqual({ accepted: sent, cancelled: 40 - sent });
    expect(await admin.say("jobs")).toMatch(new RegExp(`B-1\\s+${sent} of 40 received mail · cancelled`));
  });

  it("has only the failed tried again, once their addresses take mail", async () => {
    let refused = /^RCPT.*lager\.[12]@/;
    const story = await begin(platform, {}, (line) => (refused.test(line) ? "550 5.1.1 no such user here" : undefined));
    const admin = await story.person("Adam Admin", "admin", ["North"]);
    for (const at of [1, 2, 3, 4]) await story.user({ name: `Lager ${at}` });
    await admin.say("bulk department:Lager");
    await admin.press("Send 4");
    await story.told(admin, /^B-1 done.*: 2 of 4 users received mail\. 2 failed\./);

    expect(await admin.press("Retry 2")).toMatch(
      /Nothing of B-1 can be retried\.\s+The addresses were refused for good\. Correct them first/,
    );
    refused = /^nothing/;
    expect(await admin.say("unsuppress lager.1@acme.example")).toContain("Write why mail should go there again");
    expect(await admin.say('unsuppress lager.1@acme.example --reason "the server was new"')).toContain("Mail can go to Lager 1");
    expect(await admin.press("Retry 2")).toMatch(/^B-1: 2 of 4 sent, 1 failed\./);
    await story.told(admin, /^B-1 done.*: 3 of 4 users received mail\. 1 failed\./);

    await admin.say("set-email lager.2@acme.example");
    const set = await admin.fillIn({ Email: "lager.zwei@acme.example", "Confirm email": "lager.zwei@acme.example" });
    expect(set).toMatch(/Lager 2 now logs in with l\*\*\*@acme\.example[\s\S]*Sent to Lager 2/);
    expect(await admin.say("job B-1 retry")).toContain("Nothing of B-1 can be retried");
    expect(story.sentTo()).toEqual(["lager.1", "lager.3", "lager.4", "lager.zwei"]);
  });

  it("stops at the counts when it is a dry run, with every reason there is", async () => {
    const story = await begin(platform);
    const admin = await story.person("Adam Admin", "admin", ["North"]);
    await story.user({ name: "Anna Berg" });
    await story.user({ name: "Klara Klar", verifiedAt: new Date() });
    await story.user({ name: "Kim Klar", verifiedAt: new Date() });
    await story.user({ name: "Ulla Utan", loginAddress: null });
    await story.user({ name: "Dora Deaktiv", activated: false });
    await story.user({ name: "Kajsa Kall", lastVerificationAt: new Date() });
    await story.user({ name: "Stina Studs", suppressedAt: new Date() });
    const said = await admin.say("bulk avdelning:lager --dry-run");
    expect(said).toMatch(/^Dry run: 7 users match\. 1 will get mail\. 6 will not: 2 connected, /);
    for (const reason of ["1 without address", "1 deactivated", "1 mailed in the last 24 h", "1 bounced"]) expect(said).toContain(reason);
    expect(said).toContain("Nothing was sent, nothing is kept.");
    expect(await bulk(story)).toBeUndefined();
  });

  it("waits for its hour in the organisation's time zone, and its timer starts it", async () => {
    const story = await begin(platform, { timeZone: "Europe/Helsinki" });
    const admin = await story.person("Adam Admin", "admin", ["North"]);
    await story.user({ name: "Anna Berg" });
    const year = new Date().getUTCFullYear() + 1;
    expect(await admin.say(`bulk department:Lager --at "${year}-07-01 08:00"`)).toContain("Once confirmed, it starts 1 July");
    expect(await admin.press("Send 1")).toMatch(/^B-1 starts 1 July/);
    expect((await bulk(story))?.scheduledAt?.toISOString()).toBe(`${year}-07-01T05:00:00.000Z`);
    const timer = story.timers();
    await story.run(timer);
    expect(await bulk(story)).toMatchObject({ state: "scheduled" });
    await db
      .update(sends)
      .set({ scheduledAt: sql`now()` })
      .where(eq(sends.organisationId, story.id));
    await story.run(timer);
    await story.told(admin, /^B-1 done.*: 1 of 1 user received mail\./);
  });

  it("takes the filters that were saved under a name", async () => {
    const story = await begin(platform);
    const admin = await story.person("Adam Admin", "admin", ["North"]);
    await story.user({ name: "Anna Berg" });
    await story.user({ name: "Bo Ek", department: "Butik" });
    expect(await admin.say("save lager department:Lager")).toContain("saved:lager stands for: in Lager.");
    const preview = await admin.say("bulk saved:lager");
    expect(preview).toContain("B-1: 1 user matches. 1 will get mail.");
    expect(preview).toContain("Selection: in Lager.");
    expect(await admin.say("bulk saved:lagar")).toMatch(/Nothing is saved as “lagar”\.[\s\S]*saved:lager/);
  });
});
