import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { consumeVerifyChallenges, findChallenge, type ChallengeKey } from "../../src/db/challenges.ts";
import type { Db } from "../../src/db/client.ts";
import { auditEvents, deliveries, users } from "../../src/db/schema/tables.ts";
import { testDatabase } from "../support/database.ts";
import * as insert from "../support/insert.ts";

const { db } = await testDatabase();

const consumeVerifyChallenge = async (on: Db, key: ChallengeKey) => (await consumeVerifyChallenges(on, [key], true))[0];

async function pendingUser() {
  const { id: organisationId } = await insert.organisation(db);
  const user = await insert.user(db, organisationId);
  const challenge = await insert.challenge(db, organisationId, user.id);
  return { organisationId, user, challenge };
}

const userRow = async (id: number) => (await db.select().from(users).where(eq(users.id, id)))[0];

describe("using a verify challenge up", () => {
  it("connects the user, closes every other open challenge and notes it", async () => {
    const { organisationId, user, challenge } = await pendingUser();
    const other = await insert.challenge(db, organisationId, user.id);
    expect(await consumeVerifyChallenge(db, challenge)).toEqual({ id: challenge.id, before: false });
    expect((await userRow(user.id))?.verifiedAt).toBeInstanceOf(Date);
    expect((await findChallenge(db, challenge.id))?.used).toBe(true);
    expect(await findChallenge(db, other.id)).toMatchObject({ used: false, superseded: true });
    const noted = await db.select().from(auditEvents).where(eq(auditEvents.organisationId, organisationId));
    expect(noted).toMatchObject([{ action: "confirm", userId: user.id, detail: { challenge: challenge.id } }]);
  });

  it("happens once", async () => {
    const { challenge } = await pendingUser();
    expect(await consumeVerifyChallenge(db, challenge)).toBeDefined();
    expect(await consumeVerifyChallenge(db, challenge)).toBeUndefined();
  });

  it.each(["queued", "deferred"])("skips a %s mail as connected", async (state) => {
    const { organisationId, user, challenge } = await pendingUser();
    const mail = await insert.delivery(db, organisationId, user.id, { state });
    await consumeVerifyChallenge(db, challenge);
    const [row] = await db.select().from(deliveries).where(eq(deliveries.id, mail.id));
    expect(row).toMatchObject({ state: "skipped", skipReason: "connected" });
    expect(row?.settledAt).toBeInstanceOf(Date);
  });

  it("leaves a mail alone that a worker has in its hands, or that has ended", async () => {
    const { organisationId, user, challenge } = await pendingUser();
    const sent = await insert.delivery(db, organisationId, user.id, { state: "accepted", settledAt: new Date() });
    const sending = await insert.delivery(db, organisationId, user.id, { state: "sending" });
    await consumeVerifyChallenge(db, challenge);
    const rows = await db.select().from(deliveries).where(eq(deliveries.userId, user.id));
    expect(Object.fromEntries(rows.map((row) => [row.id, row.state]))).toEqual({ [sent.id]: "accepted", [sending.id]: "sending" });
  });

  it("touches nobody else", async () => {
    const { organisationId, challenge } = await pendingUser();
    const colleague = await insert.user(db, organisationId);
    const theirs = await insert.challenge(db, organisationId, colleague.id);
    const mail = await insert.delivery(db, organisationId, colleague.id);
    await consumeVerifyChallenge(db, challenge);
    expect((await userRow(colleague.id))?.verifiedAt).toBeNull();
    expect(await findChallenge(db, theirs.id)).toMatchObject({ used: false, superseded: false });
    expect((await db.select().from(deliveries).where(eq(deliveries.id, mail.id)))[0]?.state).toBe("queued");
  });

  it.each([
    ["expired", { expiresAt: new Date(Date.now() - 1000) }, {}],
    ["superseded", { supersededAt: new Date() }, {}],
    ["for a reset", { purpose: "reset" }, {}],
    ["for an earlier address", {}, { addressVersion: 2 }],
    ["of a deactivated user", {}, { activated: false }],
    ["of a user without an address", {}, { loginAddress: null }],
  ])("does nothing where it is %s", async (_what, ofChallenge, ofUser) => {
    const { id: organisationId } = await insert.organisation(db);
    const user = await insert.user(db, organisationId, ofUser);
    const challenge = await insert.challenge(db, organisationId, user.id, ofChallenge);
    expect(await consumeVerifyChallenge(db, challenge)).toBeUndefined();
    expect((await userRow(user.id))?.verifiedAt).toBeNull();
    expect((await findChallenge(db, challenge.id))?.used).toBe(false);
  });

  it("does nothing under another organisation's name", async () => {
    const { challenge } = await pendingUser();
    const { id: organisationId } = await insert.organisation(db);
    expect(await consumeVerifyChallenge(db, { ...challenge, organisationId })).toBeUndefined();
  });
});
