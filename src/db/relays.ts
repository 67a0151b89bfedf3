/** The mail relay as all workers see it. It belongs to the installation, not to an organisation. */
import { and, eq, isNotNull, isNull, lte, or, sql } from "drizzle-orm";
import { z } from "zod";
import { nextRelayPauseMs } from "../domain/delivery.ts";
import { rowsOf, type Db } from "./client.ts";
import { relays } from "./schema.ts";

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
    .set({ pauseMs: 0, pausedUntil: null, ...(probed ? { stoppedAt: null, serverAnswer: null, toldAt: null } : {}) })
    .where(
      and(
        eq(relays.name, name),
        or(lte(relays.pausedUntil, sql`now()`), probed ? isNotNull(relays.stoppedAt) : undefined),
        or(isNull(relays.pausedUntil), lte(relays.pausedUntil, sql`now()`)),
      ),
    );
}
