import { eq, sql } from "drizzle-orm";
import { describe, expect, it, vi } from "vitest";
import { inTransaction } from "../../src/db/client.ts";
import { sends } from "../../src/db/schema/tables.ts";
import type { Timer } from "../../src/deps.ts";
import { runTimer, startTimers, sweep } from "../../src/worker/timers.ts";
import { testDatabase } from "../support/database.ts";
import { testDeps } from "../support/deps.ts";
import * as insert from "../support/insert.ts";
import { testTimers } from "../support/timers.ts";

const { db } = await testDatabase();
const { store, timers } = await testTimers(db);
const deps = testDeps(db, { timers });

async function aSend(values: Partial<Omit<typeof sends.$inferInsert, "lapsesAt" | "scheduledAt">> & { at: string }) {
  const organisation = await insert.organisation(db);
  const admin = await insert.principal(db, organisation.id, { configuredOwner: true });
  const { at, ...rest } = values;
  const moment = sql`now() + ${at}::interval`;
  const [row] = await db
    .insert(sends)
    .values({
      organisationId: organisation.id,
      number: 1,
      selection: [],
      createdBy: admin.id,
      ...rest,
      lapsesAt: moment,
      scheduledAt: moment,
    })
    .returning();
  if (!row) throw new Error("not inserted");
  return row;
}
const stateOf = async (id: number) => (await db.select({ state: sends.state }).from(sends).where(eq(sends.id, id)))[0]?.state;
const timerOf = (kind: Timer["kind"], bulk: { organisationId: number; id: number }): Timer => ({
  kind,
  organisationId: bulk.organisationId,
  sendId: bulk.id,
});
const now = () => new Date(Date.now() - 1000);

describe("a job", () => {
  it("runs once its transaction has committed, and not when it was rolled back", async () => {
    const kept = await aSend({ state: "scheduled", at: "-1 minute" });
    const dropped = await aSend({ state: "scheduled", at: "-1 minute" });
    await inTransaction(db, (tx) => timers.add(tx, timerOf("start-bulk", kept), now()));
    const failing = inTransaction(db, async (tx) => {
      await timers.add(tx, timerOf("start-bulk", dropped), now());
      throw new Error("changed my mind");
    });
    await expect(failing).rejects.toThrow("changed my mind");
    const running = await startTimers(deps, store);
    await vi.waitFor(async () => expect(await stateOf(kept.id)).toBe("running"), { timeout: 10_000 });
    await running.stop();
    expect(await stateOf(dropped.id)).toBe("scheduled");
  });

  it("does nothing before its hour", async () => {
    const bulk = await aSend({ state: "scheduled", at: "1 hour" });
    await runTimer(deps, timerOf("start-bulk", bulk));
    expect(await stateOf(bulk.id)).toBe("scheduled");
  });

  it.each(["cancelled", "running", "completed", "rejected"] as const)("leaves a bulk send alone that is %s meanwhile", async (state) => {
    const bulk = await aSend({ state, at: "-1 hour" });
    await runTimer(deps, timerOf("start-bulk", bulk));
    await runTimer(deps, timerOf("lapse-approval", bulk));
    expect(await stateOf(bulk.id)).toBe(state);
  });

  it("starts a scheduled send once, however often it runs", async () => {
    const bulk = await aSend({ state: "scheduled", at: "-1 second" });
    await Promise.all([runTimer(deps, timerOf("start-bulk", bulk)), runTimer(deps, timerOf("start-bulk", bulk)), sweep(deps)]);
    expect(await stateOf(bulk.id)).toBe("running");
    const events = await db.query.auditEvents.findMany({ where: (t, { eq: is }) => is(t.sendId, bulk.id) });
    expect(events.map((event) => event.action)).toEqual(["bulk-start"]);
  });
});

describe("the sweep", () => {
  it("does what lost timers would have done", async () => {
    const scheduled = await aSend({ state: "scheduled", at: "-1 minute" });
    const waiting = await aSend({ state: "awaiting-approval", at: "-1 minute" });
    const previewed = await aSend({ state: "previewed", at: "-1 minute" });
    const fresh = await aSend({ state: "previewed", at: "1 minute" });
    await sweep(deps);
    expect(await Promise.all([scheduled, waiting, previewed, fresh].map((each) => stateOf(each.id)))).toEqual([
      "running",
      "lapsed",
      "lapsed",
      "previewed",
    ]);
  });
});
