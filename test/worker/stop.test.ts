import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { sends } from "../../src/db/schema/tables.ts";
import { testDatabase } from "../support/database.ts";
import * as insert from "../support/insert.ts";
import { fakeRelay, type FakeRelay } from "../support/relay.ts";
import {
  sendState,
  deliveryBecomes,
  deliveryRow,
  emptyQueue,
  eventually,
  startTestDelivery,
  states,
  statesBecome,
} from "../support/worker.ts";

const { db } = await testDatabase();
beforeEach(() => emptyQueue(db));

async function queuedMany(count: number, bulk = false) {
  const { id: organisationId } = await insert.organisation(db);
  const send = bulk ? await insert.bulkSend(db, organisationId) : undefined;
  const rows = [];
  for (let index = 0; index < count; index += 1) {
    const { id } = await insert.user(db, organisationId);
    rows.push(await insert.delivery(db, organisationId, id, send ? { sendId: send.id, requestedBy: send.createdBy, sending: "bulk" } : {}));
  }
  return { organisationId, rows, sendId: send?.id ?? 0 };
}

describe("stopping", () => {
  it("ends what is on the wire and hands back the rest, unspent; the next worker sends that, and nothing twice", async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    let atDot = 0;
    const relay = await fakeRelay(async (line) => {
      if (line !== ".") return undefined;
      atDot += 1;
      await gate;
      return undefined;
    });
    const { organisationId } = await queuedMany(60);
    const delivery = startTestDelivery(db, relay.url, { timeouts: { afterDataMs: 10_000 } });
    await eventually(() => atDot).toBeGreaterThanOrEqual(1);
    const stopped = delivery.stop();
    open();
    await stopped;
    const { accepted = 0, queued = 0, ...others } = await states(db, organisationId);
    expect(others).toEqual({});
    expect(accepted).toBe(relay.taken.length);
    expect(accepted + queued).toBe(60);
    // Four connections, with a mail and the one behind it.
    expect(accepted).toBeLessThanOrEqual(8);
    startTestDelivery(db, relay.url);
    await statesBecome(db, organisationId, { accepted: 60 });
    expect(relay.taken).toHaveLength(60);
    expect(new Set(relay.taken.map(({ to }) => to)).size).toBe(60);
  });

  it("does not wait for ever: without an answer to the data it is unknown, before the data it is queued again", async () => {
    for (const [at, expected] of [
      [".", { state: "unknown", attempts: 1 }],
      ["RCPT", { state: "queued", attempts: 0 }],
    ] as const) {
      let reached = false;
      const relay = await fakeRelay((line) => {
        if (!line.startsWith(at)) return undefined;
        reached = true;
        return "";
      });
      const { organisationId, rows } = await queuedMany(1);
      const delivery = startTestDelivery(db, relay.url, { pace: { graceMs: 50 }, timeouts: { socketMs: 20_000, afterDataMs: 20_000 } });
      await eventually(() => reached).toBe(true);
      await delivery.stop();
      expect(await deliveryRow(db, organisationId, rows[0]?.id ?? 0)).toMatchObject(expected);
      await emptyQueue(db);
    }
  });
});

it("a mail whose lease ran out while it waited for a connection is not begun", async () => {
  let aheadMs = 0;
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  let atDot = false;
  const relay = await fakeRelay(async (line) => {
    if (line !== ".") return undefined;
    atDot = true;
    await gate;
    return undefined;
  });
  const { organisationId, rows } = await queuedMany(3);
  const now = () => new Date(Date.now() + aheadMs);
  startTestDelivery(db, relay.url, { connections: 1, timeouts: { afterDataMs: 10_000 }, deps: { now } });
  await eventually(() => atDot).toBe(true);
  aheadMs = 10 * 60_000;
  open();
  await statesBecome(db, organisationId, { accepted: 3 });
  expect(relay.taken).toHaveLength(3);
  const fences = await Promise.all(rows.map(async ({ id }) => (await deliveryRow(db, organisationId, id)).fence));
  expect(fences).toEqual([1, 2, 2]);
});

it("two workers share a bulk send: every mail goes out once, and the send ends", async () => {
  const relay = await fakeRelay();
  const { organisationId, sendId } = await queuedMany(60, true);
  startTestDelivery(db, relay.url);
  startTestDelivery(db, relay.url);
  await statesBecome(db, organisationId, { accepted: 60 });
  expect(relay.taken).toHaveLength(60);
  expect(new Set(relay.taken.map(({ to }) => to)).size).toBe(60);
  await eventually(() => sendState(db, organisationId, [sendId])).toEqual(["completed"]);
});

it("a mail to one person overtakes a bulk send under way", async () => {
  const relay = await fakeRelay(async (line) => {
    if (line === ".") await new Promise((resolve) => setTimeout(resolve, 20));
    return undefined;
  });
  const { organisationId, sendId } = await queuedMany(100, true);
  startTestDelivery(db, relay.url, { connections: 2 });
  await eventually(() => relay.taken.length).toBeGreaterThan(3);
  const single = await queuedMany(1);
  await deliveryBecomes(db, { organisationId: single.organisationId, id: single.rows[0]?.id ?? 0 }, { state: "accepted" });
  const { accepted = 0 } = await states(db, organisationId);
  expect(accepted).toBeLessThan(80);
  await db.update(sends).set({ state: "cancelled" }).where(eq(sends.id, sendId));
});

it("a database that goes away and comes back costs nothing", async () => {
  let away = false;
  const gone = (): never => {
    throw Object.assign(new Error("gone"), { code: "CONNECTION_CLOSED" });
  };
  const flaky = new Proxy(db, { get: (target, key) => (away ? gone : Reflect.get(target, key)) });
  const relay: FakeRelay = await fakeRelay(async (line) => {
    if (line === "." && relay.taken.length === 0) away = true;
    return undefined;
  });
  const { organisationId } = await queuedMany(3);
  const quick = { random: () => 0 };
  const delivery = startTestDelivery(flaky, relay.url, { connections: 1, deps: quick });
  await eventually(() => relay.taken.length).toBe(3);
  away = false;
  await statesBecome(db, organisationId, { accepted: 3 });
  expect(relay.taken).toHaveLength(3);
  await delivery.stop();
});
