import { and, eq, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { removeOld } from "../../src/db/housekeeping.ts";
import { disconnectLeavers } from "../../src/db/leavers.ts";
import * as schema from "../../src/db/schema.ts";
import { testDatabase } from "../support/database.ts";
import * as insert from "../support/insert.ts";

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

describe("what is kept no longer", () => {
  it("goes when it is old enough, and not before", async () => {
    const { id: organisationId } = await insert.organisation(db);
    const ago = (days: number) => sql`now() - make_interval(days => ${days})`;
    const user = await insert.user(db, organisationId);
    for (const days of [6, 8])
      await db.insert(schema.inboundIds).values({ platform: "slack", workspace: "T1", inboundId: `${days}`, receivedAt: ago(days) });
    for (const days of [89, 91])
      await insert.delivery(db, organisationId, user.id, { state: "accepted", settledAt: new Date(Date.now() - days * 86_400_000) });
    for (const days of [700, 760]) await db.insert(schema.auditEvents).values({ organisationId, action: "resend", happenedAt: ago(days) });
    const removed = await removeOld(db, { most: 1, batches: 10 });
    expect(removed).toMatchObject({ inboundIds: 1, deliveries: 1, auditEvents: 1 });
    expect(await removeOld(db, { most: 100, batches: 10 })).toEqual({});
    expect(await db.select().from(schema.inboundIds)).toMatchObject([{ inboundId: "6" }]);
  });
});
