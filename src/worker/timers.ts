/**
 * Work that is not a mail: timers put off to a moment, and chores that come back. A timer names a row and its hour; the row decides, when the timer
 * runs, whether there is anything left to do. What a lost timer would have done, the sweep does a minute later.
 */
import { z } from "zod";
import { lapseApproval } from "../commands/sends/approve.ts";
import { runReminders } from "../commands/sends/remind-run.ts";
import { startScheduled } from "../commands/sends/launch.ts";
import { isDatabaseAway } from "../db/faults.ts";
import { openTimerStore, type TimerStore } from "../db/timer-store.ts";
import { removeOld } from "../db/housekeeping.ts";
import { disconnectLeavers } from "../db/leavers.ts";
import { lapsePreviews, listDueSends } from "../db/due-sends.ts";
import type { Db } from "../db/client.ts";
import type { Deps, Timer, Timers, Log } from "../deps.ts";

const TIMERS = "jobs";
const CHORES = "chores";
const POLL_SECONDS = 2;
const CHORE_POLL_SECONDS = 10;
const REST_MS = 15_000;
const SAY_AGAIN_MS = 60_000;
const LEAVERS_AT_ONCE = 5_000;
/** The rest is left to the next hour. */
const TIDY = { most: 5_000, batches: 200 };

const StoredTimer: z.ZodType<Timer> = z.union([
  z.object({ kind: z.literal("start-bulk"), organisationId: z.number(), sendId: z.number() }),
  z.object({ kind: z.literal("lapse-approval"), organisationId: z.number(), sendId: z.number() }),
]);

/** Cron in UTC, and what is done. Each is safe to run twice, late, or beside itself. */
const CHORES_BY_KIND: Record<string, { cron: string; run(deps: Deps): Promise<unknown> }> = {
  sweep: { cron: "* * * * *", run: sweep },
  remind: { cron: "*/10 * * * *", run: runReminders },
  leavers: { cron: "7 * * * *", run: seeOffLeavers },
  tidy: { cron: "23 * * * *", run: ({ db }) => removeOld(db, TIDY) },
};
const StoredChore = z.object({ kind: z.string() });

type Opened = { store: TimerStore; timers: Timers };

/** `keeps`: this process has a worker. Rejects when the database is away. */
export async function openTimers(
  db: Db,
  url: string | undefined,
  keeps: boolean,
  { log, now }: { log: Log; now(): Date },
): Promise<Opened> {
  let saidAt = 0;
  const store = await openTimerStore(db, url, {
    queues: { [TIMERS]: { oneOfEach: false, retries: 10 }, [CHORES]: { oneOfEach: true, retries: 0 } },
    keeps,
    onFault(fault) {
      if (isDatabaseAway(fault) && now().getTime() - saidAt < SAY_AGAIN_MS) return;
      saidAt = now().getTime();
      log.warn({ err: fault }, "the timer queue waits");
    },
  });
  return { store, timers: { add: (tx, timer, at) => store.send(tx, TIMERS, timer, at) } };
}

/** Runs what is due, here and in every other process that calls this. */
export async function startTimers(deps: Deps, store: TimerStore): Promise<{ stop(): Promise<void> }> {
  await store.schedule(CHORES, Object.fromEntries(Object.entries(CHORES_BY_KIND).map(([kind, { cron }]) => [kind, cron])));
  await store.work(TIMERS, POLL_SECONDS, async (data) => {
    const timer = StoredTimer.safeParse(data);
    if (timer.success) await runTimer(deps, timer.data);
    else deps.log.error({}, "a timer of an unknown kind was left out");
  });
  await store.work(CHORES, CHORE_POLL_SECONDS, (data) => runChore(deps, StoredChore.parse(data).kind));
  return {
    stop: async () => {
      await Promise.all([store.rest(TIMERS, REST_MS), store.rest(CHORES, REST_MS)]);
    },
  };
}

/** Does nothing where the row has moved on, or its hour has not come. */
export async function runTimer(deps: Deps, timer: Timer): Promise<void> {
  for (const due of await listDueSends(deps.db, timer)) await runDue(deps, due);
}

/** What is overdue by the database's clock, whether or not its timer ever ran. */
export async function sweep(deps: Deps): Promise<void> {
  await lapsePreviews(deps.db);
  for (const due of await listDueSends(deps.db)) await runDue(deps, due);
}

async function runDue(deps: Deps, { organisationId, id, state }: Awaited<ReturnType<typeof listDueSends>>[number]): Promise<void> {
  switch (state) {
    case "scheduled":
      await startScheduled(deps, organisationId, id);
      return;
    case "awaiting-approval":
      await lapseApproval(deps, organisationId, id);
  }
}

/** Leavers of all organisations, until none is left. */
export async function seeOffLeavers({ db, log }: Deps): Promise<void> {
  for (let count = LEAVERS_AT_ONCE; count === LEAVERS_AT_ONCE;) {
    count = await disconnectLeavers(db, LEAVERS_AT_ONCE);
    if (count > 0) log.info({ count }, "leavers were deactivated");
  }
}

/** A chore that fails is left to its next time. */
async function runChore(deps: Deps, kind: string): Promise<void> {
  try {
    await CHORES_BY_KIND[kind]?.run(deps);
  } catch (fault) {
    deps.log.warn({ chore: kind, err: fault }, "a chore was left to its next time");
    deps.meter.count("chore_faults_total", { chore: kind });
  }
}
