import { and, eq, isNull, sql } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { lapseApproval } from "../../../src/commands/sends/approve.ts";
import { startScheduled } from "../../../src/commands/sends/launch.ts";
import type { ReadyReply } from "../../../src/commands/reply.ts";
import * as schema from "../../../src/db/schema/tables.ts";
import type { Timer } from "../../../src/deps.ts";
import { askerOf, conversation } from "../../support/chat.ts";
import { testDatabase } from "../../support/database.ts";
import { testDeps } from "../../support/deps.ts";
import * as insert from "../../support/insert.ts";

const { db } = await testDatabase();
const queued: Timer[] = [];
const deps = testDeps(db, { timers: { add: (_tx, timer) => Promise.resolve(void queued.push(timer)) } });

let organisationId: number;
let workspace: string;

const chat = conversation(deps);
const ask = (person: string, text: string) => chat.ask(askerOf(workspace, person), text);
const press = (person: string, reply: ReadyReply, label: RegExp) => chat.press(askerOf(workspace, person), reply, label);
const bulk = async () => (await db.select().from(schema.sends).where(eq(schema.sends.organisationId, organisationId)))[0];
const mails = () => db.select().from(schema.deliveries).where(eq(schema.deliveries.organisationId, organisationId));
/** What waits to be posted to a person. */
const told = async (person: string) => {
  const rows = await db
    .select({ reply: schema.posts.reply })
    .from(schema.posts)
    .innerJoin(schema.principals, eq(schema.principals.id, schema.posts.principalId))
    .where(and(eq(schema.principals.person, person), eq(schema.posts.organisationId, organisationId), isNull(schema.posts.sendId)));
  return rows.map((row) => row.reply as ReadyReply);
};

beforeEach(async () => {
  queued.length = 0;
  const organisation = await insert.organisation(db, { approvalOver: 2, timeZone: "Europe/Stockholm" });
  organisationId = organisation.id;
  workspace = (await insert.workspace(db, organisationId)).workspace;
  const north = await insert.company(db, organisationId, "North");
  const south = await insert.company(db, organisationId, "South");
  const admin = async (person: string, companies: number[]) => {
    const user = await insert.user(db, organisationId, { name: person, verifiedAt: new Date(), language: "en" });
    await insert.role(db, organisationId, user.id, "admin");
    for (const company of companies) await insert.authorisation(db, organisationId, user.id, company);
    await insert.principal(db, organisationId, { person, userId: user.id });
    return user;
  };
  const maker = await admin("Maker", [north, south]);
  await insert.principal(db, organisationId, { person: "MakersPhone", userId: maker.id });
  const other = await admin("Other", [north, south]);
  await insert.principal(db, organisationId, { person: "OthersPhone", userId: other.id });
  await admin("Narrow", [north]);
  for (const company of ["North", "North", "South"]) await insert.user(db, organisationId, { company, department: "Lager" });
});

describe("a send over the set size", () => {
  it("waits for another admin, asks those whose companies cover it, and sends nothing meanwhile", async () => {
    const preview = await ask("Maker", "bulk department:Lager");
    expect(preview.lines).toContain("Another admin has to approve a send of this size.");
    const [waits, asked] = (await press("Maker", preview, /^Send/)).lines;
    expect(waits).toContain("waits for another admin: 3 mails are more than the 2");
    expect(asked).toMatch(/^1 admin was asked\./);
    expect(await bulk()).toMatchObject({ state: "awaiting-approval" });
    expect(await mails()).toEqual([]);
    for (const account of ["Other", "OthersPhone"])
      expect((await told(account))[0]?.lines[0]).toBe("B-1: Maker wants to mail 3 users and needs your approval.");
    expect(await told("Narrow")).toEqual([]);
    expect(queued).toMatchObject([{ kind: "lapse-approval" }]);
  });

  it("goes to the frozen audience on another admin's press, and the maker is told", async () => {
    await press("Maker", await ask("Maker", "bulk department:Lager"), /^Send/);
    await insert.user(db, organisationId, { company: "North", department: "Lager" });
    const [request] = await told("Other");
    if (!request) throw new Error("nobody was asked");
    expect((await press("Other", request, /Approve/)).lines[0]).toBe("B-1 approved.");
    expect(await mails()).toHaveLength(3);
    expect((await told("Maker")).map((reply) => reply.lines[0])).toEqual(["B-1 was approved by Other."]);
    expect((await press("Other", request, /Approve/)).lines[0]).toContain("there is nothing to do");
    expect(await mails()).toHaveLength(3);
  });

  it.each([
    ["its maker", "Maker", "You cannot decide"],
    ["its maker from another chat account", "MakersPhone", "You cannot decide"],
    ["an admin whose companies do not cover it", "Narrow", "no bulk send B-1"],
  ])("is not approved by %s", async (_who, person, words) => {
    await press("Maker", await ask("Maker", "bulk department:Lager"), /^Send/);
    expect((await ask(person, "approve B-1")).lines[0]).toContain(words);
    expect(await mails()).toEqual([]);
  });

  it("shows its maker a way to take it back, and other admins what to decide, wherever they find it", async () => {
    await press("Maker", await ask("Maker", "bulk department:Lager"), /^Send/);
    const labels = ({ buttons = [] }: ReadyReply) => buttons.map(({ label }) => label);
    expect(labels(await ask("Other", "job B-1"))).toEqual(["Approve", "Reject", "Show list"]);
    expect(labels(await ask("MakersPhone", "job B-1"))).toEqual(["Cancel"]);
    const mine = await ask("Maker", "job B-1");
    expect(labels(mine)).toEqual(["Cancel"]);
    const cancelled = await press("Maker", mine, /Cancel/);
    expect(cancelled.lines[0]).toBe("B-1 is cancelled. Nothing was sent.");
    expect(labels(cancelled)).toEqual([]);
    expect((await ask("Other", "approve B-1")).lines[0]).toContain("nothing to do");
  });

  it("asks nobody whom it cannot reach", async () => {
    await db
      .update(schema.principals)
      .set({ platform: "teams" })
      .where(and(eq(schema.principals.organisationId, organisationId), eq(schema.principals.person, "OthersPhone")));
    await press("Maker", await ask("Maker", "bulk department:Lager"), /^Send/);
    expect(await told("OthersPhone")).toEqual([]);
    expect(await told("Other")).toHaveLength(1);
  });

  it("is stopped by a rejection", async () => {
    await press("Maker", await ask("Maker", "bulk department:Lager"), /^Send/);
    expect((await ask("Other", "reject B-1")).lines[0]).toBe("B-1 rejected. Nothing was sent.");
    expect((await told("Maker")).map((reply) => reply.lines[0])).toEqual(["B-1 was rejected by Other. Nothing was sent."]);
    expect((await ask("Other", "approve B-1")).lines[0]).toContain("nothing to do");
  });

  it("lapses, once, and cannot be approved any more", async () => {
    await press("Maker", await ask("Maker", "bulk department:Lager"), /^Send/);
    await db
      .update(schema.sends)
      .set({ lapsesAt: sql`now() - interval '1 second'` })
      .where(eq(schema.sends.organisationId, organisationId));
    expect((await ask("Other", "approve B-1")).lines[0]).toContain("lapsed");
    const id = (await bulk())?.id ?? 0;
    expect([await lapseApproval(deps, organisationId, id), await lapseApproval(deps, organisationId, id)]).toEqual([true, false]);
    expect((await told("Maker")).map((reply) => reply.lines[0])).toEqual(["B-1 lapsed: nobody approved it in 24 hours. Nothing was sent."]);
    expect(await mails()).toEqual([]);
  });

  it("is decided once, though approved and rejected at the same moment", async () => {
    await press("Maker", await ask("Maker", "bulk department:Lager"), /^Send/);
    await Promise.all([ask("Other", "approve B-1"), ask("Other", "reject B-1")]);
    const state = (await bulk())?.state;
    expect(await mails()).toHaveLength(state === "running" ? 3 : 0);
  });
});

describe("a send at a set time", () => {
  const future = () => `${new Date().getUTCFullYear() + 1}-07-01 08:00`;

  it("is kept for its hour in the organisation's time zone, then starts once", async () => {
    const preview = await ask("Maker", `bulk department:Lager company:South --at "${future()}"`);
    expect(preview.lines.some((line) => line.startsWith("Once confirmed, it starts 1 July"))).toBe(true);
    expect((await press("Maker", preview, /^Send/)).lines[0]).toMatch(/^B-1 starts 1 July/);
    const row = await bulk();
    expect(row).toMatchObject({ state: "scheduled" });
    expect(row?.scheduledAt?.toISOString()).toBe(`${future().slice(0, 10)}T06:00:00.000Z`);
    expect(queued).toMatchObject([{ kind: "start-bulk", sendId: row?.id }]);
    expect(await mails()).toEqual([]);
    expect([await startScheduled(deps, organisationId, row?.id ?? 0), await startScheduled(deps, organisationId, row?.id ?? 0)]).toEqual([
      true,
      false,
    ]);
    expect(await mails()).toHaveLength(1);
  });

  it("can be cancelled before", async () => {
    await press("Maker", await ask("Maker", `bulk department:Lager company:South --at "${future()}"`), /^Send/);
    await ask("Maker", "job B-1 cancel");
    expect(await startScheduled(deps, organisationId, (await bulk())?.id ?? 0)).toBe(false);
    expect(await mails()).toEqual([]);
  });

  it.each(["2020-01-01 08:00", "2031-02-30 08:00", "tomorrow"])("refuses %s", async (at) => {
    expect((await ask("Maker", `bulk department:Lager --at "${at}"`)).tone).toBe("refused");
    expect((await bulk())?.state).not.toBe("scheduled");
  });
});

describe("the end of a send", () => {
  const started = async () => press("Maker", await ask("Maker", "bulk department:Lager company:North"), /^Send/);

  it("is reported per recipient, privately, with a file", async () => {
    await started();
    await db.update(schema.deliveries).set({ state: "failed", settledAt: new Date(), serverAnswer: "550 no such user" });
    const report = await ask("Maker", "job B-1 report");
    expect(report.personal).toBe(true);
    expect(report.file?.text.split("\r\n")).toHaveLength(4);
    expect(report.file?.text).toContain("550 no such user");
  });

  it("lets the failed be tried again, and only those whose address still takes mail", async () => {
    await started();
    const [first] = await mails();
    await db
      .update(schema.deliveries)
      .set({ state: "failed", settledAt: new Date() })
      .where(eq(schema.deliveries.organisationId, organisationId));
    await db
      .update(schema.users)
      .set({ suppressedAt: new Date() })
      .where(eq(schema.users.id, first?.userId ?? 0));
    await db.update(schema.sends).set({ state: "completed", endedAt: new Date() }).where(eq(schema.sends.organisationId, organisationId));
    expect((await ask("Maker", "job B-1 retry")).lines[0]).toBe("B-1: 0 of 2 sent, 1 failed.");
    expect((await mails()).map((mail) => mail.state).toSorted()).toEqual(["failed", "queued"]);
    expect((await ask("Maker", "job B-1 retry")).lines[0]).toContain("Nothing of B-1 can be retried");
  });
});

describe("a send that was cancelled", () => {
  it("lets the failed be tried again, and leaves the cancelled as they are", async () => {
    await press("Maker", await ask("Maker", "bulk department:Lager company:North"), /^Send/);
    const [first] = await mails();
    await db
      .update(schema.deliveries)
      .set({ state: "failed", settledAt: new Date() })
      .where(eq(schema.deliveries.id, first?.id ?? 0));
    expect((await ask("Maker", "job b1 avbryt")).lines[0]).toContain("B-1 cancelled");
    expect((await ask("Maker", "job B-1 försök-igen")).lines[0]).toBe("B-1: 0 of 2 sent, 1 cancelled.");
    expect((await mails()).map((mail) => mail.state).toSorted()).toEqual(["cancelled", "queued"]);
  });
});

describe("the owner's mail switch", () => {
  it("is the owner's alone, and is shown in every reply while mail is off", async () => {
    await insert.principal(db, organisationId, { person: "Owner", configuredOwner: true });
    expect((await ask("Maker", "mail off")).tone).toBe("refused");
    expect((await ask("Owner", "mail off")).lines[0]).toContain("Mail is off");
    expect((await ask("Maker", "timers")).lines.at(-1)).toContain("Mail is off for the whole organisation");
    expect((await ask("Owner", "mail on")).lines[0]).toBe("Mail is on.");
    expect((await ask("Maker", "timers")).lines.join()).not.toContain("Mail is off");
  });
});
