/** The mail relay as all workers see it. It belongs to the installation, not to an organisation. */
import { and, eq, gt, inArray, isNotNull, isNull, lte, or, sql } from "drizzle-orm";
import { z } from "zod";
import { nextRelayPauseMs } from "../domain/delivery.ts";
import { rowsOf, type Db, type Tx } from "./client.ts";
import { relays, workers } from "./schema/tables.ts";

/** A stopped relay is tried with one mail this often. */
const PROBE_EVERY_MS = 5 * 60_000;

const inMs = (ms: number) => sql`now() + make_interval(secs => ${ms / 1000}::float8)`;

const TroubleRow = z.object({ until: z.coerce.date().nullable(), stopped: z.boolean() });

/** What keeps all mail back at the moment. */
export async function findTrouble(db: Db, name: string): Promise<{ kind: "paused"; until: Date } | { kind: "stopped" } | null> {
  const [row] = await rowsOf(
    db,
    TroubleRow,
    sql`select paused_until as until, stopped_at is not null as stopped from ${relays}
      where name = ${name} and (stopped_at is not null or paused_until > now())`,
  );
  if (!row) return null;
  return row.stopped || !row.until ? { kind: "stopped" } : { kind: "paused", until: row.until };
}

/** Rests the relay, each time twice as long until it takes a mail again. One rest at a time, however many mails met the trouble; true for the one that began it. */
export async function pauseRelay(db: Db, name: string, answer: string): Promise<boolean> {
  await db.insert(relays).values({ name }).onConflictDoNothing();
  const [known] = await db.select({ pauseMs: relays.pauseMs }).from(relays).where(eq(relays.name, name));
  const before = known?.pauseMs ?? 0;
  const pauseMs = nextRelayPauseMs(before);
  const paused = await db
    .update(relays)
    .set({ pauseMs, pausedUntil: inMs(pauseMs), serverAnswer: answer })
    .where(and(eq(relays.name, name), eq(relays.pauseMs, before), or(isNull(relays.pausedUntil), lte(relays.pausedUntil, sql`now()`))))
    .returning({ name: relays.name });
  return paused.length > 0;
}

/** Stops the relay until a probe gets a mail through; true for the one who stopped it. */
export async function stopRelay(db: Db, name: string, answer: string): Promise<boolean> {
  const stopped = await db
    .insert(relays)
    .values({ name, stoppedAt: sql`now()`, serverAnswer: answer })
    .onConflictDoUpdate({ target: relays.name, set: { stoppedAt: sql`now()`, serverAnswer: answer }, setWhere: isNull(relays.stoppedAt) })
    .returning({ name: relays.name });
  return stopped.length > 0;
}

/** Gives one worker the right to try a stopped relay with one mail. `atOnce`: without waiting for its turn, after a start with a mended configuration. */
export async function takeProbe(db: Db, name: string, atOnce: boolean): Promise<boolean> {
  const due = atOnce ? isNotNull(relays.stoppedAt) : lte(relays.stoppedAt, inMs(-PROBE_EVERY_MS));
  const taken = await db
    .update(relays)
    .set({ stoppedAt: sql`now()` })
    .where(and(eq(relays.name, name), due))
    .returning({ name: relays.name });
  return taken.length > 0;
}

/** Notes that the relay took a mail after its rest; with `probed`, that it works again after a stop. */
export async function healRelay(db: Db, name: string, probed: boolean): Promise<void> {
  await db
    .update(relays)
    .set({ pauseMs: 0, pausedUntil: null, ...(probed ? { stoppedAt: null, serverAnswer: null } : {}) })
    .where(
      and(
        eq(relays.name, name),
        or(lte(relays.pausedUntil, sql`now()`), probed ? isNotNull(relays.stoppedAt) : undefined),
        or(isNull(relays.pausedUntil), lte(relays.pausedUntil, sql`now()`)),
      ),
    );
}

/** Bad news once for each trouble, good news once after it; undefined when the owners know how things stand. */
export type RelayNews = { kind: "stopped" | "paused"; answer: string } | { kind: "works" };

const NewsRow = z.object({ kind: z.enum(["stopped", "paused", "works"]), answer: z.string().nullable() });

/** Takes the right to tell the owners, in the caller's transaction. A rest is news once it has grown to `pauseMs`. */
export async function takeRelayNews(tx: Tx, name: string, pauseMs: number): Promise<RelayNews | undefined> {
  const [row] = await rowsOf(
    tx,
    NewsRow,
    sql`with before as (
        select name, told_at, stopped_at is not null as stopped, pause_ms >= ${pauseMs} as long, paused_until > now() as rests
        from ${relays} where name = ${name} for update
      ), news as (
        select name, case when told_at is null and stopped then 'stopped' when told_at is null and long then 'paused'
          when told_at is not null and not stopped and not long and rests is not true then 'works' end as kind from before
      )
      update ${relays} r set told_at = case when news.kind = 'works' then null else now() end
      from news where r.name = news.name and news.kind is not null
      returning news.kind, r.server_answer as answer`,
  );
  if (!row) return undefined;
  return row.kind === "works" ? { kind: "works" } : { kind: row.kind, answer: row.answer ?? "" };
}

/** Takes up to `wanted` of the mails that the relay's rate allows now, over all workers; a pause leaves no more than a second's worth behind. */
export async function takeSlots(db: Db, name: string, rate: number, wanted: number): Promise<number> {
  await db.insert(relays).values({ name }).onConflictDoNothing();
  const window = Math.max(1, 1 / rate);
  const [row] = await rowsOf(
    db,
    z.object({ slots: z.coerce.number() }),
    sql`with free as (
        select name, greatest(slots_taken_until, now()) as taken from ${relays} where name = ${name} for update
      ), slots as (
        select name, taken, greatest(0, least(${wanted}::int,
          floor(extract(epoch from now() - taken + ${window} * interval '1 second') * ${rate}::float8 + 0.001)))::int as count from free
      )
      update ${relays} r set slots_taken_until = slots.taken + make_interval(secs => slots.count / ${rate}::float8)
      from slots where r.name = slots.name returning slots.count as slots`,
  );
  return row?.slots ?? 0;
}

/** Gives back slots for which there was no mail. */
export async function returnSlots(db: Db, name: string, rate: number, count: number): Promise<void> {
  await db
    .update(relays)
    .set({ slotsTakenUntil: sql`${relays.slotsTakenUntil} - make_interval(secs => ${count}::float8 / ${rate}::float8)` })
    .where(eq(relays.name, name));
}

/** Says that a worker is alive and returns how many are, itself included: they share the relay's connections. */
export async function joinRelay(db: Db, id: string, relay: string): Promise<number> {
  await db
    .insert(workers)
    .values({ id, relay })
    .onConflictDoUpdate({ target: workers.id, set: { seenAt: sql`now()` } });
  return db.$count(workers, and(eq(workers.relay, relay), gt(workers.seenAt, sql`now() - interval '30 seconds'`)));
}

/** Those of the workers that have ever joined here, as far as they are remembered: an hour after they were last seen. */
export async function knownWorkers(db: Db, ids: string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  return (await db.select({ id: workers.id }).from(workers).where(inArray(workers.id, ids))).map(({ id }) => id);
}

export async function leaveRelay(db: Db, id: string): Promise<void> {
  await db.delete(workers).where(eq(workers.id, id));
}
