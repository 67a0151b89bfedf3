import { eq, sql } from "drizzle-orm";
import { describe, expect, it, vi } from "vitest";
import { inTransaction } from "../../src/db/client.ts";
import { bulkSends } from "../../src/db/schema/tables.ts";
import type { Job } from "../../src/deps.ts";
import { runJob, startJobs, sweep } from "../../src/worker/jobs.ts";
import { testDatabase } from "../support/database.ts";
import { testDeps } from "../support/deps.ts";
import * as insert from "../support/insert.ts";
import { testJobs } from "../support/jobs.ts";

const { db } = await testDatabase();
const { store, jobs } = await testJobs(db);
const deps = testDeps(db, { jobs });

async function aBulkSend(values: Partial<Omit<typeof bulkSends.$inferInsert, "lapsesAt" | "scheduledAt">> & { at: string }) {
  const organisation = await insert.organisation(db);
  const admin = await insert.principal(db, organisation.id, { configuredOwner: true });
  const { at, ...rest } = values;
  const moment = sql`now() + ${at}::interval`;
  const [row] = await db
    .insert(bulkSends)
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
const stateOf = async (id: number) => (await db.select({ state: bulkSends.state }).from(bulkSends).where(eq(bulkSends.id, id)))[0]?.state;
const jobOf = (kind: Job["kind"], bulk: { organisationId: number; id: number }): Job => ({
  kind,
  organisationId: bulk.organisationId,
  bulkSendId: bulk.id,
});
const now = () => new Date(Date.now() - 1000);

describe("a job", () => {
  it("runs once its transaction has committed, and not when it was rolled back", async () => {
    const kept = await aBulkSend({ state: "scheduled", at: "-1 minute" });
    const dropped = await aBulkSend({ state: "scheduled", at: "-1 minute" });
    await inTransaction(db, (tx) => jobs.add(tx, jobOf("start-bulk", kept), now()));
    const failing = inTransaction(db, async (tx) => {
      await jobs.add(tx, jobOf("start-bulk", dropped), now());
      throw new Error("changed my mind");
    });
    await expect(failing).rejects.toThrow("changed my mind");
    const running = await startJobs(deps, store);
    await vi.waitFor(async () => expect(await stateOf(kept.id)).toBe("running"), { timeout: 10_000 });
    await running.stop();
    expect(await stateOf(dropped.id)).toBe("scheduled");
  });

  it("does nothing before its hour", async () => {
    const bulk = await aBulkSend({ state: "scheduled", at: "1 hour" });
    await runJob(deps, jobOf("start-bulk", bulk));
    expect(await stateOf(bulk.id)).toBe("scheduled");
  });

  it.each(["cancelled", "running", "completed", "rejected"] as const)("leaves a bulk send alone that is %s meanwhile", async (state) => {
    const bulk = await aBulkSend({ state, at: "-1 hour" });
    await runJob(deps, jobOf("start-bulk", bulk));
    await runJob(deps, jobOf("lapse-approval", bulk));
    expect(await stateOf(bulk.id)).toBe(state);
  });

  it("starts a scheduled send once, however often it runs", async () => {
    const bulk = await aBulkSend({ state: "scheduled", at: "-1 second" });
    await Promise.all([runJob(deps, jobOf("start-bulk", bulk)), runJob(deps, jobOf("start-bulk", bulk)), sweep(deps)]);
    expect(await stateOf(bulk.id)).toBe("running");
    const events = await db.query.auditEvents.findMany({ where: (t, { eq: is }) => is(t.bulkSendId, bulk.id) });
    expect(events.map((event) => event.action)).toEqual(["bulk-start"]);
  });
});

describe("the sweep", () => {
  it("does what lost jobs would have done", async () => {
    const scheduled = await aBulkSend({ state: "scheduled", at: "-1 minute" });
    const waiting = await aBulkSend({ state: "awaiting-approval", at: "-1 minute" });
    const previewed = await aBulkSend({ state: "previewed", at: "-1 minute" });
    const fresh = await aBulkSend({ state: "previewed", at: "1 minute" });
    await sweep(deps);
    expect(await Promise.all([scheduled, waiting, previewed, fresh].map((each) => stateOf(each.id)))).toEqual([
      "running",
      "lapsed",
      "lapsed",
      "previewed",
    ]);
  });
});
