import { eq, sql } from "drizzle-orm";
import PostalMime from "postal-mime";
import { beforeEach, describe, expect, it } from "vitest";
import type { Db } from "../../src/db/client.ts";
import { deliveries, relays, users } from "../../src/db/schema/tables.ts";
import { testDatabase } from "../support/database.ts";
import * as insert from "../support/insert.ts";
import { fakeRelay, type Script } from "../support/relay.ts";
import {
  deliveryBecomes,
  deliveryRow,
  emptyQueue,
  eventually,
  makeDue,
  relayName,
  relayRow,
  startTestDelivery,
  statesBecome,
} from "../support/worker.ts";

const { db } = await testDatabase();
beforeEach(() => emptyQueue(db));

async function queued(values: Parameters<typeof insert.delivery>[3] = {}, user: Parameters<typeof insert.user>[2] = {}) {
  const { id: organisationId } = await insert.organisation(db);
  const { id: userId, loginAddress } = await insert.user(db, organisationId, user);
  const { id } = await insert.delivery(db, organisationId, userId, values);
  return { organisationId, userId, id, loginAddress };
}

async function queuedMany(count: number, addressOf = (index: number) => `person${index}@acme.example`) {
  const { id: organisationId } = await insert.organisation(db);
  for (let index = 0; index < count; index += 1) {
    const { id } = await insert.user(db, organisationId, { loginAddress: addressOf(index) });
    await insert.delivery(db, organisationId, id);
  }
  return organisationId;
}

const userRow = async (database: Db, id: number) => (await database.select().from(users).where(eq(users.id, id)))[0];
const at =
  (start: string, answer: string | null): Script =>
  (line) =>
    line.startsWith(start) ? answer : undefined;
const linkIn = async (source: string | undefined) => /https:\S+/.exec((await PostalMime.parse(source ?? "")).text ?? "")?.[0];

it("sends what is queued, in the recipient's language, and starts the cooldown", async () => {
  const relay = await fakeRelay();
  const row = await queued({}, { name: "Anna Berg", language: "sv" });
  startTestDelivery(db, relay.url);
  await deliveryBecomes(db, row, { state: "accepted", open: false, attempts: 1, serverAnswer: "250 2.0.0 taken" });
  const [taken] = relay.taken;
  expect(taken?.to).toBe(row.loginAddress);
  const mail = await PostalMime.parse(taken?.source ?? "");
  expect(mail.text).toContain("Hej Anna!");
  expect(mail.messageId).toBe(`<delivery.${row.organisationId}.${row.id}@bot.example>`);
  expect(await linkIn(taken?.source)).toMatch(/^https:\/\/verify\.example\/verify\/v1\.1\.\d+\.[\w-]{43}$/);
  expect((await userRow(db, row.userId))?.lastVerificationAt).not.toBeNull();
});

describe("the server's answer becomes the row's state", () => {
  it.each<[string, Script, object]>([
    ["a network error before the data", at("RCPT", null), { state: "deferred", open: true, attempts: 1 }],
    [
      "451 for the recipient",
      at("RCPT", "451 4.7.1 greylisted"),
      { state: "deferred", open: true, attempts: 1, serverAnswer: "451 4.7.1 greylisted" },
    ],
    [
      "550 for the recipient",
      at("RCPT", "550 5.1.1 nobody"),
      { state: "failed", open: false, attempts: 1, serverAnswer: "550 5.1.1 nobody" },
    ],
    ["a connection cut after the final dot", at(".", null), { state: "unknown", open: true, attempts: 1 }],
    ["454 for the recipient", at("RCPT", "454 4.7.0 slower"), { state: "queued", open: true, attempts: 0 }],
    ["421 as greeting", at("GREETING", "421 4.3.2 busy"), { state: "queued", open: true, attempts: 0 }],
    ["550 for the sender", at("MAIL", "550 5.7.1 not you"), { state: "queued", open: true, attempts: 0 }],
  ])("%s", async (_name, script, expected) => {
    const relay = await fakeRelay(script);
    const row = await queued();
    startTestDelivery(db, relay.url);
    await eventually(async () => (await deliveryRow(db, row.organisationId, row.id)).serverAnswer).not.toBeNull();
    await deliveryBecomes(db, row, expected);
    expect(relay.taken).toHaveLength(0);
  });

  it("a refused address is suppressed with the server's words, an unreachable one is not", async () => {
    const refusing = await fakeRelay((line) =>
      line.includes("gone@") ? "550 5.1.1 <gone@acme.example> nobody" : line.includes("later@") ? "450 4.2.1 later" : undefined,
    );
    const gone = await queued({}, { loginAddress: "gone@acme.example" });
    const later = await queued({}, { loginAddress: "later@acme.example" });
    startTestDelivery(db, refusing.url);
    await deliveryBecomes(db, gone, { state: "failed" });
    await deliveryBecomes(db, later, { state: "deferred" });
    expect(await userRow(db, gone.userId)).toMatchObject({ suppressedReason: "550 5.1.1 <address> nobody" });
    expect((await userRow(db, gone.userId))?.suppressedAt).not.toBeNull();
    expect((await userRow(db, later.userId))?.suppressedAt).toBeNull();
  });

  it("a relay that cannot carry an address fails that mail and suppresses nobody", async () => {
    const relay = await fakeRelay();
    const row = await queued({}, { loginAddress: "åsa@acme.example" });
    startTestDelivery(db, relay.url);
    await deliveryBecomes(db, row, { state: "failed", serverAnswer: "the relay cannot carry this address" });
    expect((await userRow(db, row.userId))?.suppressedAt).toBeNull();
    expect(relay.lines.filter((line) => line.startsWith("MAIL"))).toEqual([]);
  });

  it("an address that no import would have let in gets no mail", async () => {
    const relay = await fakeRelay();
    const row = await queued({}, { loginAddress: "a@acme.example\r\nBcc: eve@evil.example" });
    startTestDelivery(db, relay.url);
    await deliveryBecomes(db, row, { state: "failed" });
    expect(relay.connections()).toBe(0);
  });
});

describe("trying again", () => {
  it("a mail server that is away costs no mail: it goes out when the server is back, with the same link", async () => {
    const relay = await fakeRelay();
    await relay.close();
    const row = await queued();
    const delivery = startTestDelivery(db, relay.url);
    await deliveryBecomes(db, row, { state: "deferred", attempts: 1 });
    const { dueIn, challengeId } = await deliveryRow(db, row.organisationId, row.id);
    expect(dueIn).toBeGreaterThan(45);
    expect(dueIn).toBeLessThanOrEqual(72);
    const back = await fakeRelay(undefined, { port: relay.port });
    await makeDue(db, row.organisationId);
    await deliveryBecomes(db, row, { state: "accepted", attempts: 2, challengeId });
    expect(back.taken).toHaveLength(1);
    await delivery.stop();
  });

  it("greylisting ends in one mail", async () => {
    let tries = 0;
    const relay = await fakeRelay((line) => (line.startsWith("RCPT") && (tries += 1) < 3 ? "451 4.7.1 greylisted" : undefined));
    const row = await queued();
    startTestDelivery(db, relay.url);
    await deliveryBecomes(db, row, { state: "deferred", attempts: 1 });
    await makeDue(db, row.organisationId);
    await deliveryBecomes(db, row, { state: "deferred", attempts: 2 });
    await makeDue(db, row.organisationId);
    await deliveryBecomes(db, row, { state: "accepted", attempts: 3 });
    expect(relay.taken).toHaveLength(1);
  });

  it("gives up after the last try", async () => {
    const relay = await fakeRelay(at("RCPT", "451 4.7.1 greylisted"));
    const row = await queued({ attempts: 7, state: "deferred" });
    startTestDelivery(db, relay.url);
    await deliveryBecomes(db, row, { state: "failed", open: false, attempts: 8 });
    expect((await userRow(db, row.userId))?.suppressedAt).toBeNull();
  });

  it("without an answer to the data it tries once more after 10 minutes, as the same mail, then leaves it unknown", async () => {
    const sources: string[] = [];
    const relay = await fakeRelay(at(".", null), { onData: (source) => sources.push(source) });
    const row = await queued();
    startTestDelivery(db, relay.url);
    await deliveryBecomes(db, row, { state: "unknown", open: true });
    const { dueIn } = await deliveryRow(db, row.organisationId, row.id);
    expect(dueIn).toBeGreaterThan(590);
    await makeDue(db, row.organisationId);
    await deliveryBecomes(db, row, { state: "unknown", open: false, attempts: 2 });
    await makeDue(db, row.organisationId);
    expect(sources).toHaveLength(2);
    const [first, second] = await Promise.all(sources.map((source) => PostalMime.parse(source)));
    expect(second?.messageId).toBe(first?.messageId);
    expect(await linkIn(sources[1])).toBe(await linkIn(sources[0]));
  });
});

describe("the relay's trouble", () => {
  it("454 rests the relay, longer each time; no attempt is used up, and all goes out in the end", async () => {
    let busy = true;
    const relay = await fakeRelay((line) => (busy && line.startsWith("RCPT") ? "454 4.7.0 slower" : undefined));
    const organisationId = await queuedMany(5);
    startTestDelivery(db, relay.url);
    await eventually(async () => (await relayRow(db, relay.url))?.pauseMs).toBe(30_000);
    await statesBecome(db, organisationId, { queued: 5 });
    await endRest(relay.url);
    await eventually(async () => (await relayRow(db, relay.url))?.pauseMs).toBe(60_000);
    await statesBecome(db, organisationId, { queued: 5 });
    busy = false;
    await endRest(relay.url);
    await statesBecome(db, organisationId, { accepted: 5 });
    const rows = await db.select({ attempts: deliveries.attempts }).from(deliveries).where(eq(deliveries.organisationId, organisationId));
    expect(rows.map(({ attempts }) => attempts)).toEqual([1, 1, 1, 1, 1]);
    await eventually(async () => (await relayRow(db, relay.url))?.pauseMs).toBe(0);
  });

  it("a refused sender stops the relay after a try or two, and a later probe that gets through starts it again", async () => {
    let refusing = true;
    const relay = await fakeRelay((line) => (refusing && line.startsWith("MAIL") ? "550 5.7.1 not you" : undefined));
    const organisationId = await queuedMany(20);
    startTestDelivery(db, relay.url);
    await eventually(async () => (await relayRow(db, relay.url))?.stopped).toBe(true);
    await statesBecome(db, organisationId, { queued: 20 });
    expect(relay.lines.filter((line) => line.startsWith("MAIL")).length).toBeLessThanOrEqual(3);
    refusing = false;
    await db
      .update(relays)
      .set({ stoppedAt: sql`now() - interval '6 minutes'` })
      .where(eq(relays.name, relayName(relay.url)));
    await statesBecome(db, organisationId, { accepted: 20 });
    expect(await relayRow(db, relay.url)).toMatchObject({ stopped: false });
    expect(relay.taken).toHaveLength(20);
  });

  it("a worker that starts tries a stopped relay at once", async () => {
    const relay = await fakeRelay();
    await db.delete(relays).where(eq(relays.name, relayName(relay.url)));
    await db.insert(relays).values({ name: relayName(relay.url), stoppedAt: sql`now()`, serverAnswer: "535 no" });
    const row = await queued();
    startTestDelivery(db, relay.url);
    await deliveryBecomes(db, row, { state: "accepted" });
    await eventually(() => relayRow(db, relay.url)).toMatchObject({ stopped: false });
    expect(relay.taken).toHaveLength(1);
  });

  const endRest = (url: string) =>
    db
      .update(relays)
      .set({ pausedUntil: sql`now()` })
      .where(eq(relays.name, relayName(url)));
});

describe("one bad recipient holds up nobody", () => {
  it("3 of 100 refused: 3 failed after one try, 97 delivered", async () => {
    const relay = await fakeRelay((line) => (/RCPT.*<person(?:7|42|99)@/.test(line) ? "550 5.1.1 nobody" : undefined));
    const organisationId = await queuedMany(100);
    startTestDelivery(db, relay.url);
    await statesBecome(db, organisationId, { accepted: 97, failed: 3 });
    expect(relay.taken).toHaveLength(97);
    expect(new Set(relay.taken.map(({ to }) => to)).size).toBe(97);
    expect(relay.lines.filter((line) => /RCPT.*<person42@/.test(line))).toHaveLength(1);
  });

  it("a connection that never greets and one that answers late leave the others flowing", async () => {
    const relay = await fakeRelay(async (line, { connection }) => {
      if (connection === 2 && line === "GREETING") return "";
      if (connection === 3 && line === ".") await new Promise((resolve) => setTimeout(resolve, 300));
      return undefined;
    });
    const organisationId = await queuedMany(40);
    startTestDelivery(db, relay.url);
    await eventually(() => relay.taken.length).toBeGreaterThanOrEqual(39);
    await makeDue(db, organisationId);
    await statesBecome(db, organisationId, { accepted: 40 });
    expect(new Set(relay.taken.map(({ to }) => to)).size).toBe(40);
  });

  it("replies too many are never booked on another recipient", async () => {
    const relay = await fakeRelay((line, { mails }) => (line === "." && mails % 3 === 0 ? "250 taken\r\n550 5.1.1 nobody" : undefined));
    const organisationId = await queuedMany(30);
    startTestDelivery(db, relay.url);
    await statesBecome(db, organisationId, { accepted: 30 });
    expect(new Set(relay.taken.map(({ to }) => to)).size).toBe(30);
  });
});
