/**
 * pg-boss on our two databases. A *queue* holds jobs until they are due; a *handler* gets each job's data once, or again after a fault; a
 * *schedule* puts a job into a queue by cron (UTC), once for all processes.
 */
import type { PGlite } from "@electric-sql/pglite";
import { sql } from "drizzle-orm";
import { PgBoss, fromDrizzle, fromPglite, type Db as BossDb, type DrizzleTransactionLike } from "pg-boss";
import type { Sql } from "postgres";
import type { Db, Tx } from "./client.ts";
import { within } from "./faults.ts";
import { openPool } from "./pool.ts";

export type TimerStore = {
  /** Queues a job in the caller's transaction. */
  send(tx: Tx, queue: string, data: object, at: Date): Promise<void>;
  /** Hands due jobs to `handler`, one at a time. A handler that throws gets the job again later. */
  work(queue: string, pollSeconds: number, handler: (data: unknown) => Promise<void>): Promise<void>;
  /** Makes these the schedules of the queue: cron by key. A key's job is queued at most once at a time. */
  schedule(queue: string, crons: Record<string, string>): Promise<void>;
  /** Takes no more jobs and gives the one in hand `ms` to end. */
  rest(queue: string, ms: number): Promise<void>;
  close(): Promise<void>;
};

export type TimerStoreOptions = {
  /** With `true` a key of the queue is waiting at most once and running at most once. */
  queues: Record<string, { oneOfEach: boolean; retries: number }>;
  /** Whether this process also keeps the store in order and fires schedules. */
  keeps: boolean;
  onFault(fault: unknown): void;
};

const QUIET = { registerInstance: false, reindex: false, monitorVacuum: false, openTelemetry: { enabled: false } };
/** After so long a job of a process that died is another's. */
const HANDLER_SECONDS = 5 * 60;
const START_TRIES = 3;
const CLOSE_MS = 5_000;

/** Rejects when the database is away. `url`: the Postgres that `db` is on; undefined on PGlite. */
export async function openTimerStore(db: Db, url: string | undefined, options: TimerStoreOptions): Promise<TimerStore> {
  const pool = url === undefined ? undefined : openPool(url, { max: 1, onLost: () => undefined });
  const boss = new PgBoss({
    ...QUIET,
    db: pool ? onPostgres(pool.sql) : onPglite(db),
    backend: pool ? "postgres" : "pglite",
    supervise: options.keeps,
    schedule: options.keeps,
  });
  boss.on("error", (fault) => options.onFault(errorOf(fault)));
  boss.on("warning", (warning) => options.onFault(errorOf(warning)));
  const close = async () => {
    await within(CLOSE_MS, boss.stop({ graceful: false })).catch(options.onFault);
    await pool?.end();
  };
  try {
    await boss.start({ attempts: START_TRIES });
    for (const [queue, { oneOfEach, retries }] of Object.entries(options.queues)) {
      const ways = {
        retryLimit: retries,
        retryDelay: 5,
        retryBackoff: true,
        expireInSeconds: HANDLER_SECONDS,
        deleteAfterSeconds: 24 * 60 * 60,
      };
      await boss.createQueue(queue, { ...ways, policy: oneOfEach ? "stately" : "standard" });
      // An earlier version may have made it otherwise.
      await boss.updateQueue(queue, ways);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    send: async (tx, queue, data, at) => {
      await boss.send(queue, data, { startAfter: at, db: fromDrizzle(tx as unknown as DrizzleTransactionLike, sql) });
    },
    work: async (queue, pollSeconds, handler) => {
      await boss.work<unknown>(queue, { pollingIntervalSeconds: pollSeconds, batchSize: 1 }, async (jobs) => {
        for (const job of jobs) await handler(job.data);
      });
    },
    schedule: async (queue, crons) => {
      const stale = (await boss.getSchedules(queue)).filter(({ key }) => !(key in crons));
      for (const { key } of stale) await boss.unschedule(queue, key);
      for (const [key, cron] of Object.entries(crons)) await boss.schedule(queue, cron, { kind: key }, { key, singletonKey: key });
    },
    rest: (queue, ms) => within(ms, boss.offWork(queue, { wait: true })).catch(options.onFault),
    close,
  };
}

/** pg-boss hands out copies of what was thrown, which are no errors: their code tells whether the database is away. */
function errorOf(fault: { message: string }): Error {
  return fault instanceof Error ? fault : Object.assign(new Error(fault.message), fault);
}

/** Makes pg-boss's own tables, on a connection that is allowed to take its time. */
export async function installTimerStore(on: { postgres: Sql } | { pglite: Db }): Promise<void> {
  const db = "postgres" in on ? onPostgres(on.postgres) : onPglite(on.pglite);
  const boss = new PgBoss({ ...QUIET, db, backend: "postgres" in on ? "postgres" : "pglite", supervise: false, schedule: false });
  let fault: unknown;
  boss.on("error", (error) => {
    fault ??= error;
  });
  await boss.start();
  await boss.stop({ graceful: false });
  if (fault !== undefined) throw new Error("the tables of the job queue were not made", { cause: fault });
}

function onPglite(db: Db): BossDb {
  return fromPglite((db as unknown as { $client: PGlite }).$client);
}

/**
 * For a client of one connection: pg-boss opens transactions in the text of a query, which postgres.js lets pass only there. So queries go one
 * after the other, and one that failed leaves no transaction behind for the next.
 */
function onPostgres(client: Sql): BossDb {
  const { serializers } = client.options;
  // pg-boss hands over JSON as text already.
  for (const type of [114, 3802]) serializers[type] = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  let last: Promise<unknown> = Promise.resolve();
  const run = async (text: string, values: unknown[]): Promise<{ rows: unknown[] }> => {
    try {
      const result: unknown[] = await client.unsafe(text, values as never[]);
      return { rows: result.length > 0 && result.every((each) => Array.isArray(each)) ? result.flat() : [...result] };
    } catch (error) {
      if (values.length === 0) await client.unsafe("rollback").catch(() => undefined);
      throw error;
    }
  };
  return {
    executeSql: (text, values = []) => {
      const ours = last.then(() => run(text, values));
      last = ours.catch(() => undefined);
      return ours;
    },
  };
}
