import { and, desc, eq, inArray, sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import type { SendState, PreviewCounts, StateCount } from "../domain/bulk-send.ts";
import { totalsOf, type Totals } from "../domain/bulk-send.ts";
import { DELIVERY_STATES } from "../domain/delivery.ts";
import { SKIP_REASONS } from "../domain/eligibility.ts";
import type { Scope } from "../domain/permission.ts";
import { rowsOf, withBulkTime, type Db, type Tx } from "./client.ts";
import { skipReasonSql } from "./eligibility.ts";
import { sends, deliveries, organisations, principals, recipients, users } from "./schema/tables.ts";

const ReasonCount = z.object({ skip: z.enum(SKIP_REASONS).nullable(), count: z.coerce.number() });

function previewOf(rows: z.infer<typeof ReasonCount>[]): PreviewCounts {
  const counts: PreviewCounts = { matched: 0, sendable: 0, skips: {} };
  for (const { skip, count } of rows) {
    counts.matched += count;
    if (skip) counts.skips[skip] = count;
    else counts.sendable += count;
  }
  return counts;
}

/** Counts an audience by reason without freezing it. `where` holds organisation, scope and selection over `users`. */
export async function countAudience(db: Db, where: SQL, forced: boolean): Promise<PreviewCounts> {
  const skip = skipReasonSql({ sending: "bulk", forced });
  return previewOf(
    await rowsOf(
      db,
      ReasonCount,
      sql`select skip, count(*) from (select ${skip} as skip from ${users} where ${where}) as audience group by skip`,
    ),
  );
}

export type NewSend = {
  organisationId: number;
  createdBy: number;
  selection: unknown;
  forced: boolean;
  reason: string | null;
  language: string | null;
  /** Local time of the organisation, as `YYYY-MM-DD HH:MM`; null to start when confirmed. */
  startAt: string | null;
  lapsesAfterMs: number;
  /** The reminder that this is a run of. */
  reminderId?: number;
};

/** Freezes an audience: the bulk send, one recipient a matched user, and the counts by reason. Nothing is kept of an empty one. */
export async function freezeSend(
  tx: Tx,
  bulk: NewSend,
  where: SQL,
): Promise<{ id: number; number: number; counts: PreviewCounts; scheduledAt: Date | null }> {
  await withBulkTime(tx);
  const { lapsesAfterMs, startAt, ...values } = bulk;
  const numbered = await tx
    .update(organisations)
    .set({ lastSendNumber: sql`${organisations.lastSendNumber} + 1` })
    .where(eq(organisations.id, bulk.organisationId))
    .returning({ number: organisations.lastSendNumber, timeZone: organisations.timeZone });
  const { number, timeZone } = numbered[0] ?? { number: 1, timeZone: "UTC" };
  const scheduledAt = startAt === null ? null : sql`(${startAt}::timestamp at time zone ${timeZone})`;
  const [row] = await tx
    .insert(sends)
    .values({ ...values, number, scheduledAt, lapsesAt: sql`now() + make_interval(secs => ${lapsesAfterMs / 1000}::float8)` })
    .returning({ id: sends.id, scheduledAt: sends.scheduledAt });
  if (!row) throw new Error("the bulk send was not saved");
  const counts = previewOf(
    await rowsOf(
      tx,
      ReasonCount,
      sql`with frozen as (
          insert into ${recipients} (organisation_id, bulk_send_id, user_id, address_version, skip_reason)
          select ${users.organisationId}, ${row.id}::bigint, ${users.id}, ${users.addressVersion}, ${skipReasonSql({ sending: "bulk", forced: bulk.forced })}
          from ${users} where ${where}
          returning skip_reason)
        select skip_reason as skip, count(*) from frozen group by skip_reason`,
    ),
  );
  if (counts.matched >= ANALYSE_FROM) await tx.execute(sql`analyze ${recipients}`);
  if (counts.matched === 0) await tx.delete(sends).where(and(eq(sends.organisationId, bulk.organisationId), eq(sends.id, row.id)));
  return { id: row.id, number, counts, scheduledAt: row.scheduledAt };
}

const BULK = {
  id: sends.id,
  number: sends.number,
  state: sql<SendState>`${sends.state}`,
  selection: sends.selection,
  forced: sends.forced,
  reason: sends.reason,
  language: sends.language,
  createdBy: sends.createdBy,
  createdAt: sends.createdAt,
  lapsesAt: sends.lapsesAt,
  confirmedBy: sends.confirmedBy,
  scheduledAt: sends.scheduledAt,
  startedAt: sends.startedAt,
  endedAt: sends.endedAt,
  /** Of the reminder that this is a run of. */
  reminderNumber: sql<
    number | null
  >`(select r.number from reminders r where r.organisation_id = bulk_sends.organisation_id and r.id = bulk_sends.reminder_id)`,
  lapsed: sql<boolean>`${sends.lapsesAt} <= now()`,
};
export type SendRow = Awaited<ReturnType<typeof findSends>>[number];

/** A bulk send may be seen by whoever made it, and by those whose scope covers all its recipients. */
function seenSend(organisationId: number, scope: Scope, principalId: number): SQL {
  const own = eq(sends.organisationId, organisationId);
  if (scope.kind === "all") return own;
  const mine = eq(sends.createdBy, principalId);
  if (scope.kind === "none") return and(own, mine) ?? own;
  const outside = sql`exists (select 1 from ${recipients} r join ${users} u on u.organisation_id = r.organisation_id and u.id = r.user_id
    where r.organisation_id = ${sends.organisationId} and r.bulk_send_id = ${sends.id}
      and (u.company_id is null or u.company_id not in (${sql.join(
        scope.companyIds.map((id) => sql`${id}`),
        sql`, `,
      )})))`;
  return sql`${own} and (${mine} or not ${outside})`;
}

export function findSends(
  db: Db,
  actor: { organisationId: number; scope: Scope; principalId: number },
  number: number | null,
  limit: number,
) {
  const seen = seenSend(actor.organisationId, actor.scope, actor.principalId);
  return db
    .select(BULK)
    .from(sends)
    .where(number === null ? sql`${seen} and ${sends.confirmedBy} is not null` : sql`${seen} and ${sends.number} = ${number}`)
    .orderBy(desc(sends.id))
    .limit(limit);
}

export async function getSend(db: Db, organisationId: number, id: number): Promise<SendRow> {
  const [row] = await db
    .select(BULK)
    .from(sends)
    .where(and(eq(sends.organisationId, organisationId), eq(sends.id, id)));
  if (!row) throw new Error(`bulk send ${id} is gone`);
  return row;
}

/** A step of a bulk send: from one of these states to another. `inTime`: only while the preview or the wait for approval has not lapsed. */
export type SendStep = {
  from: SendState[];
  to: SendState;
  inTime?: boolean;
  set?: Partial<typeof sends.$inferInsert> | { lapsesAt: SQL };
};

/** Takes the step; false when somebody else moved the bulk send first, or it has lapsed. */
export async function moveSend(tx: Tx, organisationId: number, id: number, step: SendStep): Promise<boolean> {
  const begins = step.to === "running" && !step.from.includes("paused");
  const ends = step.to === "cancelled" || step.to === "rejected";
  const moved = await tx
    .update(sends)
    .set({
      state: step.to,
      ...(begins ? { startedAt: sql`coalesce(${sends.startedAt}, now())`, endedAt: null } : {}),
      ...(ends ? { endedAt: sql`now()` } : {}),
      ...step.set,
    })
    .where(
      and(
        eq(sends.organisationId, organisationId),
        eq(sends.id, id),
        inArray(sends.state, step.from),
        step.inTime ? sql`${sends.lapsesAt} > now()` : undefined,
      ),
    )
    .returning({ id: sends.id });
  return moved.length === 1;
}

/** What a table's statistics said before so many rows came misleads the planner for all that follows. */
const ANALYSE_FROM = 500;

/**
 * Queues a mail for every frozen recipient that may have one. Whoever has an open mail already is kept as skipped `in-flight`, so that the
 * totals add up to the audience. Returns how many were queued and how many were not.
 */
export async function queueRecipients(
  tx: Tx,
  organisationId: number,
  sendId: number,
  requestedBy: number,
): Promise<{ queued: number; inFlight: number }> {
  await withBulkTime(tx);
  const columns = sql`(organisation_id, user_id, bulk_send_id, requested_by, sending, address_version, forced, language, state, skip_reason, settled_at)`;
  const source = (state: SQL) => sql`select r.organisation_id, r.user_id, r.bulk_send_id, ${requestedBy}::bigint, 'bulk', r.address_version,
      b.forced, b.language, ${state}
    from ${recipients} r join ${sends} b on b.organisation_id = r.organisation_id and b.id = r.bulk_send_id
    where r.organisation_id = ${organisationId} and r.bulk_send_id = ${sendId} and r.skip_reason is null`;
  const [counts] = await rowsOf(
    tx,
    z.object({ queued: z.coerce.number(), inFlight: z.coerce.number() }),
    sql`with queued as (
        insert into ${deliveries} ${columns} ${source(sql`'queued', null, null::timestamptz`)}
        on conflict (organisation_id, user_id, purpose) where settled_at is null do nothing returning user_id
      ), passed as (
        insert into ${deliveries} ${columns} ${source(sql`'skipped', 'in-flight', now()`)}
          and not exists (select from queued where queued.user_id = r.user_id)
        returning 1
      )
      select (select count(*) from queued) as queued, (select count(*) from passed) as "inFlight"`,
  );
  const { queued, inFlight } = counts ?? { queued: 0, inFlight: 0 };
  if (queued >= ANALYSE_FROM) await tx.execute(sql`analyze ${deliveries}`);
  return { queued, inFlight };
}

/** Who started the open mails that kept recipients of this bulk send from being queued: names with counts, most first. */
export function listOthersMailing(db: Db, organisationId: number, sendId: number) {
  return rowsOf(
    db,
    z.object({ name: z.string().nullable(), count: z.coerce.number() }),
    sql`select u.name, count(*) from ${deliveries} mine
      join ${deliveries} other on other.organisation_id = mine.organisation_id and other.user_id = mine.user_id
        and other.purpose = mine.purpose and other.settled_at is null
      left join ${principals} p on p.organisation_id = other.organisation_id and p.id = other.requested_by
      left join ${users} u on u.organisation_id = p.organisation_id and u.id = p.user_id
      where mine.organisation_id = ${organisationId} and mine.bulk_send_id = ${sendId} and mine.skip_reason = 'in-flight'
      group by u.name order by count(*) desc limit 3`,
  );
}

/** Cancels what no worker has taken yet. */
export async function cancelQueued(tx: Tx, organisationId: number, sendId: number): Promise<void> {
  await withBulkTime(tx);
  await tx.execute(sql`update ${deliveries} set state = 'cancelled', settled_at = now()
    where organisation_id = ${organisationId} and bulk_send_id = ${sendId} and settled_at is null and state <> 'sending'`);
}

const StateCountRow = z.object({
  state: z.enum(DELIVERY_STATES),
  skipReason: z.enum(SKIP_REASONS).nullable(),
  open: z.boolean(),
  again: z.boolean(),
  count: z.coerce.number(),
});

/** Totals by count, never by counter. */
export async function getTotals(db: Db, organisationId: number, sendId: number): Promise<Totals> {
  const counts: StateCount[] = await rowsOf(
    db,
    StateCountRow,
    sql`select state, skip_reason as "skipReason", settled_at is null as open, again, count(*) from ${deliveries}
      where organisation_id = ${organisationId} and bulk_send_id = ${sendId} group by 1, 2, 3, 4`,
  );
  return totalsOf(counts);
}
