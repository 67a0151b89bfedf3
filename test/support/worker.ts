import { and, eq, inArray, sql } from "drizzle-orm";
import { expect, onTestFinished } from "vitest";
import type { Db } from "../../src/db/client.ts";
import { sends, deliveries, relays } from "../../src/db/schema/tables.ts";
import type { WorkerDeps } from "../../src/deps.ts";
import { openMailer, type MailerOptions } from "../../src/mail/smtp.ts";
import { PACE, startDelivery, type Pace } from "../../src/worker/deliver.ts";
import { testDeps } from "./deps.ts";
import { temporaryFolder } from "./folder.ts";

const FAST: Pace = { ...PACE, pollMs: 10, settleEveryMs: 10, sweepEveryMs: 20 };

type Over = Partial<Pick<MailerOptions, "connections" | "timeouts" | "tls">> & { pace?: Partial<Pace>; deps?: Partial<WorkerDeps> };

/** Delivers mails to a relay until stopped, or until the test ends. */
export function startTestDelivery(db: Db, url: string, { pace, deps, ...over }: Over = {}) {
  const mailer = openMailer({
    url,
    connections: 4,
    timeouts: { connectMs: 500, greetingMs: 500, socketMs: 500, afterDataMs: 500 },
    ...over,
  });
  const base = {
    mailer,
    relay: relayName(url),
    rate: undefined,
    from: { name: "Acme HR", address: "hr@bot.example" },
    returnPaths: undefined,
    chat: {},
    dataDir: temporaryFolder(),
  };
  const delivery = startDelivery({ ...testDeps(db), ...base, ...deps }, { ...FAST, ...pace });
  onTestFinished(async () => {
    await delivery.stop();
    mailer.close();
  });
  return delivery;
}

/** A relay's name in `relays`, its own for every test relay. */
export const relayName = (url: string): string => new URL(url).host;

export async function deliveryRow(db: Db, organisationId: number, id: number) {
  const [row] = await db
    .select({
      state: deliveries.state,
      skipReason: deliveries.skipReason,
      attempts: deliveries.attempts,
      serverAnswer: deliveries.serverAnswer,
      open: sql<boolean>`${deliveries.settledAt} is null`,
      /** Seconds until it may be taken, by the database's clock. */
      dueIn: sql<number>`extract(epoch from greatest(${deliveries.dueAt}, ${deliveries.leasedUntil}) - now())::float8`,
      fence: deliveries.fence,
      challengeId: deliveries.challengeId,
    })
    .from(deliveries)
    .where(and(eq(deliveries.organisationId, organisationId), eq(deliveries.id, id)));
  if (!row) throw new Error("no such delivery");
  return row;
}

/** Polls, with time to spare on a busy machine. */
export function eventually<T>(read: () => T) {
  return expect.poll(read, { timeout: 15_000, interval: 10 });
}

/** Polls until the row reads as expected. */
export function deliveryBecomes(db: Db, row: { organisationId: number; id: number }, expected: object) {
  return eventually(() => deliveryRow(db, row.organisationId, row.id)).toMatchObject(expected);
}

/** Takes away what other tests of the file have left. */
export async function emptyQueue(db: Db): Promise<void> {
  await db
    .update(deliveries)
    .set({ state: "cancelled", settledAt: sql`now()` })
    .where(sql`${deliveries.settledAt} is null`);
}

/** How many deliveries of an organisation are in each state. */
export async function states(db: Db, organisationId: number): Promise<Record<string, number>> {
  const rows = await db
    .select({ state: deliveries.state, count: sql<number>`count(*)::int` })
    .from(deliveries)
    .where(eq(deliveries.organisationId, organisationId))
    .groupBy(deliveries.state);
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

export function statesBecome(db: Db, organisationId: number, expected: Record<string, number>) {
  return eventually(() => states(db, organisationId)).toEqual(expected);
}

/** Makes open rows due now, as if their time had come. */
export async function makeDue(db: Db, organisationId: number): Promise<void> {
  await db
    .update(deliveries)
    .set({ dueAt: sql`now()`, leasedUntil: sql`least(${deliveries.leasedUntil}, now())` })
    .where(and(eq(deliveries.organisationId, organisationId), sql`${deliveries.settledAt} is null`));
}

export async function relayRow(db: Db, url: string) {
  const [row] = await db
    .select({
      pauseMs: relays.pauseMs,
      pausedFor: sql<number>`coalesce(extract(epoch from ${relays.pausedUntil} - now()), 0)::float8`,
      stopped: sql<boolean>`${relays.stoppedAt} is not null`,
      serverAnswer: relays.serverAnswer,
    })
    .from(relays)
    .where(eq(relays.name, relayName(url)));
  return row;
}

export async function sendState(db: Db, organisationId: number, ids: number[]): Promise<string[]> {
  const rows = await db
    .select({ state: sends.state })
    .from(sends)
    .where(and(eq(sends.organisationId, organisationId), inArray(sends.id, ids)))
    .orderBy(sends.id);
  return rows.map(({ state }) => state);
}
