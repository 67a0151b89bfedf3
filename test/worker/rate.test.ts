import { and, eq, sql } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import type { ReadyReply } from "../../src/commands/reply.ts";
import { joinRelay, leaveRelay, pauseRelay, returnSlots, stopRelay, takeSlots } from "../../src/db/relays.ts";
import { posts, principals, relays, workers } from "../../src/db/schema/tables.ts";
import { colleague } from "../support/chat.ts";
import { testDatabase } from "../support/database.ts";
import * as insert from "../support/insert.ts";
import { fakeRelay } from "../support/relay.ts";
import { emptyQueue, eventually, relayName, relayRow, startTestDelivery, statesBecome } from "../support/worker.ts";

const { db } = await testDatabase();
beforeEach(() => emptyQueue(db));

async function queuedMany(count: number) {
  const { id: organisationId } = await insert.organisation(db);
  for (let index = 0; index < count; index += 1) await insert.delivery(db, organisationId, (await insert.user(db, organisationId)).id);
  return organisationId;
}

const later = (name: string, seconds: number) =>
  db
    .update(relays)
    .set({ slotsTakenUntil: sql`${relays.slotsTakenUntil} - make_interval(secs => ${seconds}::float8)` })
    .where(eq(relays.name, name));

describe("the rate of a relay", () => {
  it("is shared by all who take from it", async () => {
    const taken = await Promise.all(Array.from({ length: 8 }, () => takeSlots(db, "shared", 10, 5)));
    expect(taken.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(11);
    expect(taken.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(10);
  });

  it("comes back with time, but never more than a second's worth", async () => {
    expect(await takeSlots(db, "comes-back", 10, 100)).toBe(10);
    expect(await takeSlots(db, "comes-back", 10, 100)).toBe(0);
    await later("comes-back", 0.5);
    expect(await takeSlots(db, "comes-back", 10, 100)).toBeOneOf([5, 6]);
    await later("comes-back", 3600);
    expect(await takeSlots(db, "comes-back", 10, 100)).toBe(10);
  });

  it("may be less than one a second", async () => {
    expect(await takeSlots(db, "slow", 0.1, 5)).toBe(1);
    expect(await takeSlots(db, "slow", 0.1, 5)).toBe(0);
    await later("slow", 10);
    expect(await takeSlots(db, "slow", 0.1, 5)).toBe(1);
  });

  it("counts nothing that was given back", async () => {
    expect(await takeSlots(db, "back", 10, 10)).toBe(10);
    await returnSlots(db, "back", 10, 10);
    expect(await takeSlots(db, "back", 10, 10)).toBe(10);
  });

  it("holds two workers back together, and everything is sent in the end", async () => {
    const organisationId = await queuedMany(8);
    const takenAt: number[] = [];
    const relay = await fakeRelay((line) => {
      if (line === ".") takenAt.push(performance.now());
      return undefined;
    });
    startTestDelivery(db, relay.url, { deps: { rate: 4 } });
    startTestDelivery(db, relay.url, { deps: { rate: 4 } });
    await statesBecome(db, organisationId, { accepted: 8 });
    expect(relay.taken).toHaveLength(8);
    // The last slot comes a second after the first ones; a busy machine may be late with those.
    expect((takenAt.at(-1) ?? 0) - (takenAt[0] ?? 0)).toBeGreaterThan(300);
  });
});

describe("the connections of a relay", () => {
  it("are shared by the workers that are alive", async () => {
    expect(await joinRelay(db, "a", "r1")).toBe(1);
    expect(await joinRelay(db, "b", "r1")).toBe(2);
    expect(await joinRelay(db, "c", "r2")).toBe(1);
    await db
      .update(workers)
      .set({ seenAt: sql`now() - interval '1 minute'` })
      .where(eq(workers.id, "b"));
    expect(await joinRelay(db, "a", "r1")).toBe(1);
    await joinRelay(db, "b", "r1");
    await leaveRelay(db, "b");
    expect(await joinRelay(db, "a", "r1")).toBe(1);
  });
});

describe("trouble of a relay", () => {
  async function owned() {
    const { id: organisationId } = await insert.organisation(db);
    await insert.workspace(db, organisationId);
    await colleague(db, organisationId, "Owner", "owner");
    await colleague(db, organisationId, "Admin", "admin");
    return organisationId;
  }
  const told = async (organisationId: number) => {
    const rows = await db
      .select({ reply: posts.reply, person: principals.person })
      .from(posts)
      .innerJoin(principals, and(eq(principals.organisationId, posts.organisationId), eq(principals.id, posts.principalId)))
      .where(eq(posts.organisationId, organisationId))
      .orderBy(posts.id);
    return rows.map(({ reply, person }) => `${person}: ${(reply as ReadyReply).lines[0]}`);
  };

  it("is told to the owners once, and once more when it is over", async () => {
    const organisationId = await owned();
    let refuse = true;
    const relay = await fakeRelay((line) => (refuse && line.startsWith("MAIL") ? "550 5.7.1 sender refused" : undefined));
    await stopRelay(db, relayName(relay.url), "550 5.7.1 sender refused");
    startTestDelivery(db, relay.url);
    startTestDelivery(db, relay.url);
    await eventually(() => told(organisationId)).toEqual([
      "Owner: The mail server does not let us in or refuses our sender: no mail leaves. Check SMTP_URL and MAIL_FROM.",
    ]);
    refuse = false;
    await queuedMany(1);
    await db
      .update(relays)
      .set({ stoppedAt: sql`now() - interval '10 minutes'` })
      .where(eq(relays.name, relayName(relay.url)));
    await eventually(async () => (await relayRow(db, relay.url))?.stopped).toBe(false);
    await eventually(() => told(organisationId)).toEqual([
      expect.stringContaining("no mail leaves"),
      "Owner: The mail server takes our mail again. What was queued is being sent.",
    ]);
  });

  it("is no news while it is a short rest", async () => {
    const organisationId = await owned();
    const relay = await fakeRelay();
    await pauseRelay(db, relayName(relay.url), "421 busy");
    startTestDelivery(db, relay.url);
    await eventually(
      async () =>
        (
          await db
            .select()
            .from(workers)
            .where(eq(workers.relay, relayName(relay.url)))
        ).length,
    ).toBe(1);
    expect(await told(organisationId)).toEqual([]);
    await db
      .update(relays)
      .set({ pauseMs: 120_000 })
      .where(eq(relays.name, relayName(relay.url)));
    await eventually(() => told(organisationId)).toEqual(["Owner: The mail server has been asking us to wait for minutes."]);
  });
});
