import { eq, sql } from "drizzle-orm";
import PostalMime from "postal-mime";
import { beforeEach, describe, expect, it } from "vitest";
import { inTransaction } from "../../src/db/client.ts";
import { changeLoginAddress, queueAddressNotice } from "../../src/db/login-addresses.ts";
import { switchMail } from "../../src/db/organisations.ts";
import { sends, deliveries, users } from "../../src/db/schema/tables.ts";
import { testDatabase } from "../support/database.ts";
import * as insert from "../support/insert.ts";
import { fakeRelay } from "../support/relay.ts";
import { deliveryBecomes, deliveryRow, emptyQueue, eventually, makeDue, startTestDelivery } from "../support/worker.ts";

const { db } = await testDatabase();
beforeEach(() => emptyQueue(db));

describe("the former address of a changed login", () => {
  it("is told, in the user's language, with nothing to log in by, and is not kept afterwards", async () => {
    const { id: organisationId } = await insert.organisation(db, { name: "Notice AB" });
    const anna = await insert.user(db, organisationId, {
      name: "Anna Berg",
      language: "sv",
      verifiedAt: new Date(),
      loginAddress: "old@acme.example",
    });
    const { id: principalId } = await insert.principal(db, organisationId);
    await inTransaction(db, async (tx) => {
      const change = await changeLoginAddress(tx, organisationId, anna.id, { address: "new@acme.example", key: "new@acme.example" });
      await queueAddressNotice(tx, organisationId, anna.id, change?.formerAddress ?? "", change?.version ?? 0, principalId);
    });
    const relay = await fakeRelay();
    startTestDelivery(db, relay.url);
    await eventually(() => relay.taken.length).toBe(1);
    const [taken] = relay.taken;
    expect(taken?.to).toBe("old@acme.example");
    const mail = await PostalMime.parse(taken?.source ?? "");
    expect(mail.subject).toBe("Din inloggningsadress hos Notice AB har ändrats");
    expect(`${mail.text}${mail.html}`).not.toMatch(/https?:|new@acme/);
    const row = await eventuallySettled(organisationId);
    expect(row).toMatchObject({ state: "accepted", address: null, challengeId: null });
    expect((await db.select().from(users).where(eq(users.id, anna.id)))[0]?.lastVerificationAt).toBeNull();
  });

  it("suppresses nobody when it is refused", async () => {
    const { id: organisationId } = await insert.organisation(db);
    const anna = await insert.user(db, organisationId);
    await insert.delivery(db, organisationId, anna.id, { purpose: "address-changed", address: "old@acme.example" });
    const relay = await fakeRelay((line) => (line.startsWith("RCPT") ? "550 5.1.1 gone" : undefined));
    startTestDelivery(db, relay.url);
    expect(await eventuallySettled(organisationId)).toMatchObject({ state: "failed", address: null });
    expect((await db.select().from(users).where(eq(users.id, anna.id)))[0]?.suppressedAt).toBeNull();
  });

  it("is tried to the end of the schedule, whatever a link's life would be", async () => {
    const { id: organisationId } = await insert.organisation(db);
    const anna = await insert.user(db, organisationId);
    const notice = {
      purpose: "address-changed",
      address: "old@acme.example",
      attempts: 6,
      createdAt: new Date(Date.now() - 5 * 86_400_000),
    };
    const row = await insert.delivery(db, organisationId, anna.id, notice);
    const relay = await fakeRelay((line) => (line.startsWith("RCPT") ? "450 4.2.0 greylisted" : undefined));
    startTestDelivery(db, relay.url);
    await deliveryBecomes(db, row, { state: "deferred", attempts: 7, dueIn: expect.closeTo(240 * 60, -2) });
    await makeDue(db, organisationId);
    expect(await eventuallySettled(organisationId)).toMatchObject({ state: "failed", attempts: 8, address: null });
  });

  async function eventuallySettled(organisationId: number) {
    const read = async () => (await db.select().from(deliveries).where(eq(deliveries.organisationId, organisationId)))[0];
    await eventually(async () => (await read())?.settledAt !== null).toBe(true);
    return read();
  }
});

describe("an organisation whose owner turned mail off", () => {
  it("gets nothing sent, single or bulk, until it is on again; others are not held up", async () => {
    const { id: stopped } = await insert.organisation(db);
    const { id: other } = await insert.organisation(db);
    const { id: principalId } = await insert.principal(db, stopped, { configuredOwner: true });
    await inTransaction(db, (tx) => switchMail(tx, stopped, false, principalId));
    const single = await insert.delivery(db, stopped, (await insert.user(db, stopped)).id);
    const bulk = await insert.bulkSend(db, stopped, { state: "running", createdBy: principalId });
    const ofBulk = await insert.delivery(db, stopped, (await insert.user(db, stopped)).id, {
      sendId: bulk.id,
      sending: "bulk",
      requestedBy: principalId,
    });
    const others = await insert.delivery(db, other, (await insert.user(db, other)).id);
    const relay = await fakeRelay();
    startTestDelivery(db, relay.url);
    await deliveryBecomes(db, others, { state: "accepted" });
    expect([(await deliveryRow(db, stopped, single.id)).state, (await deliveryRow(db, stopped, ofBulk.id)).state]).toEqual([
      "queued",
      "queued",
    ]);
    await inTransaction(db, (tx) => switchMail(tx, stopped, true, principalId));
    await deliveryBecomes(db, single, { state: "accepted" });
    await deliveryBecomes(db, ofBulk, { state: "accepted" });
    await db
      .update(sends)
      .set({ endedAt: sql`now()` })
      .where(eq(sends.id, bulk.id));
  });
});
