import { eq, sql } from "drizzle-orm";
import { expect, it } from "vitest";
import { inTransaction } from "../../src/db/client.ts";
import { sends } from "../../src/db/schema/tables.ts";
import { startTimers } from "../../src/worker/timers.ts";
import { testDatabase } from "../support/database.ts";
import { testDeps } from "../support/deps.ts";
import * as insert from "../support/insert.ts";
import { testTimers } from "../support/timers.ts";
import { eventually } from "../support/worker.ts";

const { db } = await testDatabase();
const single = await testTimers(db);
const several = await Promise.all([testTimers(db, true), testTimers(db, true), testTimers(db)]);

/** A scheduled send whose hour has come, with its job. */
async function dueSend(timers: Awaited<ReturnType<typeof testTimers>>["timers"]) {
  const { id: organisationId } = await insert.organisation(db);
  const { id: createdBy } = await insert.principal(db, organisationId);
  const past = new Date(Date.now() - 1_000);
  return inTransaction(db, async (tx) => {
    const [bulk] = await tx
      .insert(sends)
      .values({ organisationId, number: 1, selection: [], createdBy, state: "scheduled", lapsesAt: past, scheduledAt: past })
      .returning({ id: sends.id });
    if (!bulk) throw new Error("not inserted");
    await timers.add(tx, { kind: "start-bulk", organisationId, sendId: bulk.id }, past);
    return bulk.id;
  });
}

const stateOf = async (id: number) => (await db.select({ state: sends.state }).from(sends).where(eq(sends.id, id)))[0]?.state;

it("goes on by itself when every connection was lost", async () => {
  const { store, timers } = single;
  const running = await startTimers(testDeps(db, { timers }), store);
  const first = await dueSend(timers);
  await eventually(() => stateOf(first)).toBe("running");
  const others = sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
  await db.execute(others);
  const answers = () =>
    db.execute(sql`select 1`).then(
      () => true,
      () => false,
    );
  await eventually(answers).toBe(true);
  const second = await dueSend(timers);
  await expect.poll(() => stateOf(second), { timeout: 15_000 }).toBe("running");
  await running.stop();
});

it("runs each job once however many processes work", async () => {
  const running = await Promise.all(several.map(({ store, timers }) => startTimers(testDeps(db, { timers }), store)));
  const sends = await Promise.all(several.map(({ timers }) => dueSend(timers)));
  for (const send of sends) await eventually(() => stateOf(send)).toBe("running");
  await Promise.all(running.map((each) => each.stop()));
  const events = await db.query.auditEvents.findMany({ where: (t, { inArray }) => inArray(t.sendId, sends) });
  expect(new Set(events.map((event) => event.sendId))).toEqual(new Set(sends));
  expect(events).toHaveLength(sends.length);
});
