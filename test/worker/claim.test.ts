import { and, eq, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { claimDue, completeSends, extendLeases, settleClaims, type Claimed, type Settlement } from "../../src/db/claims.ts";
import { sends, challenges, deliveries, roleGrants, users } from "../../src/db/schema/tables.ts";
import { testDatabase } from "../support/database.ts";
import * as insert from "../support/insert.ts";
import { deliveryRow } from "../support/worker.ts";

const { db } = await testDatabase();

const claim = (over: Partial<Parameters<typeof claimDue>[1]> = {}) =>
  claimDue(db, { relay: "relay.example:25", singles: 100, bulk: 100, probe: false, ...over });
const idsOf = (claimed: Claimed[]) => claimed.map(({ id }) => id);

async function queued(values: Parameters<typeof insert.delivery>[3] = {}, user: Parameters<typeof insert.user>[2] = {}) {
  const { id: organisationId } = await insert.organisation(db);
  const { id: userId } = await insert.user(db, organisationId, user);
  const { id } = await insert.delivery(db, organisationId, userId, values);
  return { organisationId, userId, id };
}

const settled = (mail: Claimed, over: Partial<Settlement> = {}): Settlement => ({
  organisationId: mail.organisationId,
  id: mail.id,
  fence: mail.fence,
  state: "accepted",
  settled: true,
  dueInMs: 0,
  counts: true,
  answer: "250 ok",
  mailed: true,
  suppress: false,
  ...over,
});

const expireLease = (id: number) =>
  db
    .update(deliveries)
    .set({ leasedUntil: sql`now() - interval '1 second'` })
    .where(eq(deliveries.id, id));

describe("what happened since it was queued", () => {
  it.each<[string, Partial<typeof users.$inferInsert>, object]>([
    ["verified", { verifiedAt: new Date() }, { state: "skipped", skipReason: "connected" }],
    ["deactivated", { activated: false }, { state: "skipped", skipReason: "deactivated" }],
    ["suppressed", { suppressedAt: new Date() }, { state: "skipped", skipReason: "suppressed" }],
    ["mailed by someone else", { lastVerificationAt: new Date() }, { state: "skipped", skipReason: "cooldown" }],
    ["given another address", { addressVersion: 2 }, { state: "cancelled", skipReason: null }],
  ])("%s", async (_name, change, expected) => {
    const row = await queued();
    await db.update(users).set(change).where(eq(users.id, row.userId));
    const { claimed, dropped } = await claim();
    expect(idsOf(claimed)).not.toContain(row.id);
    expect(dropped).toBe(1);
    expect(await deliveryRow(db, row.organisationId, row.id)).toMatchObject({ ...expected, open: false });
  });

  it("a forced mail passes the cooldown, and nothing else", async () => {
    const recent = await queued({ forced: true }, { lastVerificationAt: new Date() });
    const connected = await queued({ forced: true }, { verifiedAt: new Date() });
    const { claimed } = await claim();
    expect(idsOf(claimed)).toEqual([recent.id]);
    expect(await deliveryRow(db, connected.organisationId, connected.id)).toMatchObject({ skipReason: "connected" });
  });
});

describe("the rights of whoever asked are read again", () => {
  async function asked(
    who: { role?: string; company?: string; owner?: boolean; activated?: boolean },
    sending: "single" | "self" = "single",
  ) {
    const { id: organisationId } = await insert.organisation(db);
    const asker = await insert.user(db, organisationId, { activated: who.activated ?? true });
    if (who.role) await insert.role(db, organisationId, asker.id, who.role);
    if (who.company) await insert.authorisation(db, organisationId, asker.id, await insert.company(db, organisationId, who.company));
    const principal = await insert.principal(db, organisationId, { userId: asker.id, configuredOwner: who.owner ?? false });
    const target = sending === "self" ? asker : await insert.user(db, organisationId, { company: "North" });
    const { id } = await insert.delivery(db, organisationId, target.id, { requestedBy: principal.id, sending });
    const { claimed } = await claim();
    return { organisationId, asker, id, sent: idsOf(claimed).includes(id) };
  }

  it.each<[string, Parameters<typeof asked>[0], boolean]>([
    ["an owner", { role: "owner" }, true],
    ["an owner by configuration", { owner: true }, true],
    ["an admin of the user's company", { role: "admin", company: "North" }, true],
    ["an admin of another company", { role: "admin", company: "South" }, false],
    ["an auditor", { role: "auditor", company: "North" }, false],
    ["someone whose roles were taken away", { company: "North" }, false],
    ["an owner who was deactivated", { role: "owner", activated: false }, false],
  ])("%s", async (_name, who, sent) => {
    const result = await asked(who);
    expect(result.sent).toBe(sent);
    const row = await deliveryRow(db, result.organisationId, result.id);
    expect(row).toMatchObject(sent ? { state: "sending", open: true } : { state: "cancelled", open: false });
  });

  it("anyone may have mail sent to themselves, and only that", async () => {
    expect((await asked({}, "self")).sent).toBe(true);
    expect((await asked({}, "single")).sent).toBe(false);
  });

  it("an admin who loses the role before the claim sends nothing", async () => {
    const { id: organisationId } = await insert.organisation(db);
    const admin = await insert.user(db, organisationId);
    await insert.role(db, organisationId, admin.id, "owner");
    const principal = await insert.principal(db, organisationId, { userId: admin.id });
    const target = await insert.user(db, organisationId);
    const { id } = await insert.delivery(db, organisationId, target.id, { requestedBy: principal.id });
    await db.delete(roleGrants).where(eq(roleGrants.userId, admin.id));
    expect(idsOf((await claim()).claimed)).not.toContain(id);
  });
});

describe("leases", () => {
  it("a claimed mail is nobody else's until its lease runs out", async () => {
    const row = await queued();
    expect(idsOf((await claim()).claimed)).toEqual([row.id]);
    expect((await deliveryRow(db, row.organisationId, row.id)).dueIn).toBeGreaterThan(58);
    expect(idsOf((await claim()).claimed)).toEqual([]);
    await expireLease(row.id);
    expect((await claim()).claimed).toMatchObject([{ id: row.id, before: "sending", fence: 2 }]);
  });

  it("who lost the lease changes nothing any more", async () => {
    const row = await queued();
    const [late] = (await claim()).claimed;
    await expireLease(row.id);
    const [now] = (await claim()).claimed;
    if (!late || !now) throw new Error("nothing claimed");
    expect(await settleClaims(db, [settled(late, { state: "failed", suppress: true, mailed: false })])).toEqual([]);
    expect(await extendLeases(db, [late])).toEqual([]);
    expect(await extendLeases(db, [now])).toHaveLength(1);
    expect(await settleClaims(db, [settled(now)])).toHaveLength(1);
    expect(await settleClaims(db, [settled(now, { state: "failed" })])).toEqual([]);
    expect(await deliveryRow(db, row.organisationId, row.id)).toMatchObject({ state: "accepted", attempts: 1 });
    expect((await db.select().from(users).where(eq(users.id, row.userId)))[0]?.suppressedAt).toBeNull();
  });

  it("a retry keeps the link of the first try while it has life left, and gets a new one when it has not", async () => {
    const row = await queued();
    const [first] = (await claim()).claimed;
    if (!first) throw new Error("nothing claimed");
    await settleClaims(db, [settled(first, { state: "deferred", settled: false, mailed: false })]);
    const [second] = (await claim()).claimed;
    expect(second?.challengeId).toBe(first.challengeId);
    await db
      .update(challenges)
      .set({ expiresAt: sql`now() + interval '1 hour'` })
      .where(eq(challenges.id, first.challengeId ?? 0));
    await expireLease(row.id);
    const [third] = (await claim()).claimed;
    expect(third?.challengeId).not.toBe(first.challengeId);
    expect(third?.leftMs).toBeGreaterThan(23 * 3_600_000);
  });

  it("a bounce of an older address suppresses nobody", async () => {
    const row = await queued();
    const [mail] = (await claim()).claimed;
    if (!mail) throw new Error("nothing claimed");
    await db.update(users).set({ addressVersion: 2 }).where(eq(users.id, row.userId));
    await settleClaims(db, [settled(mail, { state: "failed", suppress: true, mailed: false })]);
    expect((await db.select().from(users).where(eq(users.id, row.userId)))[0]?.suppressedAt).toBeNull();
  });
});

describe("bulk sends", () => {
  async function bulk(count: number, values: Parameters<typeof insert.bulkSend>[2] = {}) {
    const { id: organisationId } = await insert.organisation(db);
    const send = await insert.bulkSend(db, organisationId, values);
    const ids: number[] = [];
    for (let index = 0; index < count; index += 1) {
      const { id: userId } = await insert.user(db, organisationId);
      const row = await insert.delivery(db, organisationId, userId, { sendId: send.id, requestedBy: send.createdBy, sending: "bulk" });
      ids.push(row.id);
    }
    return { organisationId, id: send.id, ids };
  }
  const move = (id: number, state: string) => db.update(sends).set({ state }).where(eq(sends.id, id));

  it.each(["previewed", "paused", "cancelled", "completed"])("a %s one is not claimed from", async (state) => {
    const { id } = await bulk(2, { state });
    expect((await claim()).claimed).toEqual([]);
    await move(id, "cancelled");
  });

  it("single mails come first, and several bulk sends share", async () => {
    const [one, two] = [await bulk(30), await bulk(30)];
    const single = await queued();
    const { claimed } = await claim({ bulk: 20 });
    expect(claimed[0]?.id).toBe(single.id);
    expect(claimed.filter(({ organisationId }) => organisationId === one.organisationId)).toHaveLength(10);
    expect(claimed.filter(({ organisationId }) => organisationId === two.organisationId)).toHaveLength(10);
    await move(one.id, "cancelled");
    await move(two.id, "cancelled");
  });

  it("one is completed by the end of its last open mail, not before", async () => {
    const { organisationId, id } = await bulk(2);
    const { claimed } = await claim();
    const [first, second] = claimed;
    if (!first || !second) throw new Error("nothing claimed");
    await settleClaims(db, [settled(first)]);
    expect(await completeSends(db)).toEqual([]);
    await settleClaims(db, [settled(second, { state: "failed", mailed: false })]);
    expect(await completeSends(db)).toEqual([{ organisationId, id }]);
    expect(await completeSends(db)).toEqual([]);
  });

  it("a mail's language is the send's, else the person's, else the organisation's", async () => {
    const { id: organisationId } = await insert.organisation(db, { language: "da" });
    const own = await insert.user(db, organisationId, { language: "fi" });
    const none = await insert.user(db, organisationId);
    const said = await insert.user(db, organisationId, { language: "fi" });
    for (const [user, language] of [
      [own, null],
      [none, null],
      [said, "sv"],
    ] as const)
      await insert.delivery(db, organisationId, user.id, { language });
    const { claimed } = await claim();
    const of = (userId: number) => claimed.find((mail) => mail.userId === userId)?.language;
    expect([of(own.id), of(none.id), of(said.id)]).toEqual(["fi", "da", "sv"]);
  });

  it("a claim never crosses organisations", async () => {
    const row = await queued({}, { name: "Only Here" });
    const { claimed } = await claim();
    const [mail] = claimed.filter(({ id }) => id === row.id);
    expect(mail).toMatchObject({ organisationId: row.organisationId, userId: row.userId, name: "Only Here" });
    const [challenge] = await db
      .select()
      .from(challenges)
      .where(and(eq(challenges.organisationId, row.organisationId), eq(challenges.id, mail?.challengeId ?? 0)));
    expect(challenge).toMatchObject({ userId: row.userId, purpose: "verify", addressVersion: 1 });
  });
});
