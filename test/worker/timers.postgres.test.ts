import { eq, sql } from "drizzle-orm";
import { expect, it } from "vitest";
import { inTransaction } from "../../src/db/client.ts";
import { bulkSends } from "../../src/db/schema/tables.ts";
import { startJobs } from "../../src/worker/jobs.ts";
import { testDatabase } from "../support/database.ts";
import { testDeps } from "../support/deps.ts";
import * as insert from "../support/insert.ts";
import { testJobs } from "../support/jobs.ts";
import { eventually } from "../support/worker.ts";

const { db } = await testDatabase();
const single = await testJobs(db);
const several = await Promise.all([testJobs(db, true), testJobs(db, true), testJobs(db)]);

/** A scheduled send whose hour has come, with its job. */
async function dueSend(jobs: Awaited<ReturnType<typeof testJobs>>["jobs"]) {
  const { id: organisationId } = await insert.organisation(db);
  const { id: createdBy } = await insert.principal(db, organisationId);
  const past = new Date(Date.now() - 1_000);
  return inTransaction(db, async (tx) => {
    const [bulk] = await tx
      .insert(bulkSends)
      .values({ organisationId, number: 1, selection: [], createdBy, state: "scheduled", lapsesAt: past, scheduledAt: past })
      .returning({ id: bulkSends.id });
    if (!bulk) throw new Error("not inserted");
    await jobs.add(tx, { kind: "start-bulk", organisationId, bulkSendId: bulk.id }, past);
    return bulk.id;
  });
}

const stateOf = async (id: number) => (await db.select({ state: bulkSends.state }).from(bulkSends).where(eq(bulkSends.id, id)))[0]?.state;

it("goes on by itself when every connection was lost", async () => {
  const { store, jobs } = single;
  const running = await startJobs(testDeps(db, { jobs }), store);
  const first = await dueSend(jobs);
  await eventually(() => stateOf(first)).toBe("running");
  const others = sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
  await db.execute(others);
  const answers = () =>
    db.execute(sql`select 1`).then(
      () => true,
      () => false,
    );
  await eventually(answers).toBe(true);
  const second = await dueSend(jobs);
  await expect.poll(() => stateOf(second), { timeout: 15_000 }).toBe("running");
  await running.stop();
});

it("runs each job once however many processes work", async () => {
  const running = await Promise.all(several.map(({ store, jobs }) => startJobs(testDeps(db, { jobs }), store)));
  const sends = await Promise.all(several.map(({ jobs }) => dueSend(jobs)));
  for (const send of sends) await eventually(() => stateOf(send)).toBe("running");
  await Promise.all(running.map((each) => each.stop()));
  const events = await db.query.auditEvents.findMany({ where: (t, { inArray }) => inArray(t.bulkSendId, sends) });
  expect(new Set(events.map((event) => event.bulkSendId))).toEqual(new Set(sends));
  expect(events).toHaveLength(sends.length);
});
