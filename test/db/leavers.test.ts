import { and, eq, inArray, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { removeOld } from "../../src/db/housekeeping.ts";
import { disconnectLeavers } from "../../src/db/leavers.ts";
import * as schema from "../../src/db/schema/tables.ts";
import { testDatabase } from "../support/database.ts";
import * as insert from "../support/insert.ts";
import { findUser, loaded, loadOn } from "../support/roster.ts";

const { db } = await testDatabase();

const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
const userNow = async (organisationId: number, id: number) =>
  (
    await db
      .select()
      .from(schema.users)
      .where(and(eq(schema.users.organisationId, organisationId), eq(schema.users.id, id)))
  )[0];

describe("a leaver", () => {
  it("loses the connection some days after the last day, and every open link and queued mail with it", async () => {
    const { id: organisationId } = await insert.organisation(db, { leaverDays: 5 });
    const gone = await insert.user(db, organisationId, { lastDayOn: day(-7), verifiedAt: new Date() });
    const pending = await insert.user(db, organisationId, { lastDayOn: day(-7) });
    const lately = await insert.user(db, organisationId, { lastDayOn: day(-3), verifiedAt: new Date() });
    const stays = await insert.user(db, organisationId, { verifiedAt: new Date() });
    await insert.delivery(db, organisationId, pending.id);
    await db
      .insert(schema.challenges)
      .values({ organisationId, userId: pending.id, purpose: "verify", addressVersion: 1, expiresAt: sql`now() + interval '1 day'` });
    expect(await disconnectLeavers(db, 100)).toBe(2);
    expect(await userNow(organisationId, gone.id)).toMatchObject({ activated: false, verifiedAt: null });
    for (const { id } of [lately, stays]) expect((await userNow(organisationId, id))?.verifiedAt).not.toBeNull();
    const [mail] = await db.select().from(schema.deliveries).where(eq(schema.deliveries.organisationId, organisationId));
    expect(mail?.state).toBe("cancelled");
    const [challenge] = await db.select().from(schema.challenges).where(eq(schema.challenges.organisationId, organisationId));
    expect(challenge?.supersededAt).not.toBeNull();
    expect(await disconnectLeavers(db, 100)).toBe(0);
  });

  it("without a last day counts from the full load that missed them", async () => {
    const { id: organisationId } = await insert.organisation(db, { leaverDays: 5 });
    await insert.user(db, organisationId, { leaverSince: new Date(Date.now() - 8 * 86_400_000), verifiedAt: new Date() });
    expect(await disconnectLeavers(db, 100)).toBe(1);
  });
});

describe("a roster that still lists a leaver as active", () => {
  const file = (lastDay: string, status = "active") => `User-ID;Employee;Status;Last day\n1001;Anna Berg;${status};${lastDay}\n`;
  const load = loadOn(db);
  async function aLeaver() {
    const organisation = await insert.organisation(db, { leaverDays: 5 });
    const { id } = await insert.user(db, organisation.id, {
      userId: "1001",
      name: "Anna Berg",
      lastDayOn: day(-7),
      verifiedAt: new Date(),
    });
    await disconnectLeavers(db, 100);
    return { organisation, activated: async () => (await userNow(organisation.id, id))?.activated };
  }

  it.each([day(-7), day(-6)])("does not undo it while the last day has passed (%s)", async (lastDay) => {
    const { organisation, activated } = await aLeaver();
    const { counts } = loaded(await load(organisation, file(lastDay)));
    expect(await activated()).toBe(false);
    expect(counts.rows).toBe(1);
    loaded(await load(organisation, "User-ID;Status\n1001;active\n"));
    expect(await activated()).toBe(false);
  });

  it("lets a new last day or none bring them back, not connected", async () => {
    for (const lastDay of [day(30), day(-2)]) {
      const { organisation, activated } = await aLeaver();
      loaded(await load(organisation, file(lastDay)));
      expect(await activated()).toBe(true);
      expect(await disconnectLeavers(db, 100)).toBe(0);
    }
  });

  it("adds somebody who left long ago without letting them in", async () => {
    const organisation = await insert.organisation(db, { leaverDays: 5 });
    loaded(await load(organisation, file(day(-30))));
    expect(await findUser(db, organisation.id, "1001")).toMatchObject({ activated: false });
    loaded(await load(organisation, file(day(-1))));
    expect(await findUser(db, organisation.id, "1001")).toMatchObject({ activated: true });
  });
});

describe("what is kept no longer", () => {
  it("goes when it is old enough, and not before", async () => {
    const { id: organisationId } = await insert.organisation(db);
    const ago = (days: number) => sql`now() - make_interval(days => ${days})`;
    const user = await insert.user(db, organisationId);
    for (const days of [6, 8])
      await db.insert(schema.inboundIds).values({ platform: "slack", workspace: "T1", inboundId: `${days}`, receivedAt: ago(days) });
    for (const days of [91, 89]) {
      const at = new Date(Date.now() - days * 86_400_000);
      await insert.delivery(db, organisationId, user.id, { state: "accepted", createdAt: at, settledAt: at });
    }
    for (const days of [760, 700]) await db.insert(schema.auditEvents).values({ organisationId, action: "resend", happenedAt: ago(days) });
    const removed = await removeOld(db, { most: 1, batches: 10 });
    expect(removed).toMatchObject({ inboundIds: 1, deliveries: 1, auditEvents: 1 });
    expect(await removeOld(db, { most: 100, batches: 10 })).toEqual({});
    expect(await db.select().from(schema.inboundIds)).toMatchObject([{ inboundId: "6" }]);
  });

  it("is walked by age in every organisation, past what is still open, and no further than it may be old", async () => {
    const ago = (days: number) => new Date(Date.now() - days * 86_400_000);
    const kept: number[] = [];
    for (let count = 0; count < 2; count += 1) {
      const { id: organisationId } = await insert.organisation(db);
      const mail = async (createdAt: Date, settledAt: Date | null) => {
        const user = await insert.user(db, organisationId);
        return (await insert.delivery(db, organisationId, user.id, { state: settledAt ? "accepted" : "queued", createdAt, settledAt })).id;
      };
      kept.push(await mail(ago(200), null), await mail(ago(120), ago(89)));
      for (const days of [119, 118, 117]) await mail(ago(days), ago(days));
      kept.push(await mail(ago(89), ago(89)));
    }
    expect(await removeOld(db, { most: 2, batches: 4 })).toEqual({ deliveries: 3 });
    expect(await removeOld(db, { most: 2, batches: 20 })).toEqual({ deliveries: 3 });
    const left = await db.select({ id: schema.deliveries.id }).from(schema.deliveries).where(inArray(schema.deliveries.id, kept));
    expect(left).toHaveLength(kept.length);
    expect(await removeOld(db, { most: 2, batches: 20 })).toEqual({});
  });

  it("takes proofs a month after their end, the oldest first", async () => {
    await db.delete(schema.challenges);
    const { id: organisationId } = await insert.organisation(db);
    const user = await insert.user(db, organisationId);
    const ago = (days: number) => new Date(Date.now() - days * 86_400_000);
    for (const days of [33, 31, 29])
      await insert.challenge(db, organisationId, user.id, {
        createdAt: ago(days),
        expiresAt: ago(days - 1),
        usedAt: days === 31 ? ago(31) : null,
      });
    expect(await removeOld(db, { most: 10, batches: 10 })).toEqual({ challenges: 2 });
  });

  it("takes a bulk send after its mails, and a preview that nobody confirmed sooner", async () => {
    const { id: organisationId } = await insert.organisation(db);
    const { id: by } = await insert.principal(db, organisationId);
    const user = await insert.user(db, organisationId);
    let number = 0;
    const bulk = async (state: string, days: number, confirmed = true) => {
      number += 1;
      const at = sql`now() - make_interval(days => ${days})`;
      const values = { organisationId, number, state, selection: [], createdBy: by, confirmedBy: confirmed ? by : null };
      const [row] = await db
        .insert(schema.sends)
        .values({ ...values, lapsesAt: at, endedAt: at })
        .returning();
      if (!row) throw new Error("not inserted");
      await db.insert(schema.recipients).values({ organisationId, sendId: row.id, userId: user.id, addressVersion: 1 });
      return row;
    };
    await bulk("completed", 91);
    await bulk("lapsed", 8, false);
    const kept = [await bulk("completed", 89), await bulk("lapsed", 6, false), await bulk("paused", 200)];
    const waiting = await bulk("completed", 91);
    await insert.delivery(db, organisationId, user.id, { sendId: waiting.id, state: "accepted", settledAt: new Date() });
    expect(await removeOld(db, { most: 1, batches: 10 })).toEqual({ recipients: 2, sends: 2 });
    const left = await db.select().from(schema.sends).where(eq(schema.sends.organisationId, organisationId));
    expect(left.map((row) => row.id).toSorted((a, b) => a - b)).toEqual([...kept, waiting].map((row) => row.id));
    expect(await db.$count(schema.recipients, eq(schema.recipients.organisationId, organisationId))).toBe(4);
  });

  it("counts the reminder mails of a pending address before they go, and forgets the count with the address", async () => {
    const { id: organisationId } = await insert.organisation(db);
    const { id: createdBy } = await insert.principal(db, organisationId);
    const user = await insert.user(db, organisationId);
    const rule = { organisationId, number: 1, selection: [], afterDays: 7, everyDays: 3, mostMails: 3, createdBy };
    const [reminder] = await db.insert(schema.reminders).values(rule).returning();
    const old = new Date(Date.now() - 91 * 86_400_000);
    const run = { organisationId, selection: [], createdBy, confirmedBy: createdBy, state: "completed", lapsesAt: old, endedAt: old };
    for (const [number, state] of ["accepted", "failed", "unknown"].entries()) {
      const [row] = await db
        .insert(schema.sends)
        .values({ ...run, number: number + 1, reminderId: reminder?.id ?? 0 })
        .returning();
      await insert.delivery(db, organisationId, user.id, { sendId: row?.id ?? 0, state, createdAt: old, settledAt: old });
    }
    await insert.delivery(db, organisationId, user.id, { state: "accepted", createdAt: old, settledAt: old });
    expect(await removeOld(db, { most: 1, batches: 10 })).toMatchObject({ deliveries: 4, sends: 3 });
    const counts = () => db.select().from(schema.reminded).where(eq(schema.reminded.organisationId, organisationId));
    expect(await counts()).toMatchObject([{ userId: user.id, addressVersion: 1, mails: 2 }]);
    await db.update(schema.users).set({ addressVersion: 2 }).where(eq(schema.users.id, user.id));
    expect(await removeOld(db, { most: 10, batches: 10 })).toEqual({ reminded: 1 });
    expect(await counts()).toEqual([]);
  });
});
