/** Reminders, and whom a run of one is for. */
import { and, desc, eq, isNull, sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import type { ReminderRule } from "../domain/reminder.ts";
import { rowsOf, type Db, type Tx } from "./client.ts";
import { skipReasonSql } from "./eligibility.ts";
import { sends, deliveries, organisations, principals, reminded, reminders, users } from "./schema/tables.ts";

type NewReminder = ReminderRule & { organisationId: number; createdBy: number; selection: unknown };

export async function addReminder(tx: Tx, values: NewReminder): Promise<{ id: number; number: number }> {
  const [numbered] = await tx
    .update(organisations)
    .set({ lastReminderNumber: sql`${organisations.lastReminderNumber} + 1` })
    .where(eq(organisations.id, values.organisationId))
    .returning({ number: organisations.lastReminderNumber });
  const number = numbered?.number ?? 1;
  const [row] = await tx
    .insert(reminders)
    .values({ ...values, number })
    .returning({ id: reminders.id });
  if (!row) throw new Error("the reminder was not saved");
  return { id: row.id, number };
}

export type ReminderHours = { from: string; until: string; approvalOver: number };

export async function getReminderHours(db: Db, organisationId: number): Promise<ReminderHours> {
  const [row] = await db
    .select({ from: organisations.remindFrom, until: organisations.remindUntil, approvalOver: organisations.approvalOver })
    .from(organisations)
    .where(eq(organisations.id, organisationId));
  if (!row) throw new Error(`organisation ${organisationId} is gone`);
  return row;
}

/** The reminders that are on: all, or those of the chat accounts of `madeBy`'s user. */
export function listReminders(db: Db, organisationId: number, madeBy: number | null, number: number | null, limit: number) {
  const own = sql`(${reminders.createdBy} = ${madeBy}::bigint or exists (select 1 from ${principals} me join ${principals} other
    on other.organisation_id = me.organisation_id and other.user_id = me.user_id
    where me.organisation_id = ${organisationId} and me.id = ${madeBy}::bigint and other.id = ${reminders.createdBy}))`;
  return db
    .select({
      id: reminders.id,
      number: reminders.number,
      selection: reminders.selection,
      afterDays: reminders.afterDays,
      everyDays: reminders.everyDays,
      mostMails: reminders.mostMails,
      lastRunAt: reminders.lastRunAt,
      stoppedAt: reminders.stoppedAt,
      by: users.name,
    })
    .from(reminders)
    .leftJoin(principals, and(eq(principals.organisationId, reminders.organisationId), eq(principals.id, reminders.createdBy)))
    .leftJoin(users, and(eq(users.organisationId, principals.organisationId), eq(users.id, principals.userId)))
    .where(
      and(
        eq(reminders.organisationId, organisationId),
        madeBy === null ? undefined : own,
        number === null ? isNull(reminders.stoppedAt) : eq(reminders.number, number),
      ),
    )
    .orderBy(desc(reminders.number))
    .limit(limit);
}

/** False when it was stopped before. `by`: null when it ends by itself. */
export async function stopReminder(tx: Tx, organisationId: number, id: number, by: number | null): Promise<boolean> {
  const stopped = await tx
    .update(reminders)
    .set({ stoppedAt: sql`now()`, stoppedBy: by })
    .where(and(eq(reminders.organisationId, organisationId), eq(reminders.id, id), isNull(reminders.stoppedAt)))
    .returning({ id: reminders.id });
  return stopped.length === 1;
}

/** Its run that has not ended. */
export async function findOpenRun(db: Db, organisationId: number, reminderId: number): Promise<number | undefined> {
  const [row] = await db
    .select({ number: sends.number })
    .from(sends)
    .where(and(eq(sends.organisationId, organisationId), eq(sends.reminderId, reminderId), OPEN));
  return row?.number;
}

const OPEN = sql`${sends.state} in ('previewed', 'awaiting-approval', 'scheduled', 'running', 'paused')`;

/** Where it is neither too early nor too late to send, by the organisation's own clock. Hours may go over midnight. */
const inHours = sql`(select case when h.starts < h.ends then h.local >= h.starts and h.local < h.ends else h.local >= h.starts or h.local < h.ends end
  from (select (now() at time zone ${organisations.timeZone})::time as local, ${organisations.remindFrom}::time as starts,
    ${organisations.remindUntil}::time as ends) as h)`;

const mayRun = sql`${reminders.stoppedAt} is null and ${organisations.mailStoppedAt} is null and ${inHours}
  and not exists (select 1 from ${sends} where ${sends.organisationId} = ${reminders.organisationId}
    and ${sends.reminderId} = ${reminders.id} and ${OPEN})`;

const Live = z.object({ organisationId: z.coerce.number(), id: z.coerce.number() });

/** Reminders that may have a run now: on, in their hours, with none under way. */
export function listRunnable(db: Db): Promise<z.infer<typeof Live>[]> {
  return rowsOf(
    db,
    Live,
    sql`select ${reminders.organisationId} as "organisationId", ${reminders.id} as id from ${reminders}
      join ${organisations} on ${organisations.id} = ${reminders.organisationId} where ${mayRun} order by ${reminders.lastRunAt} nulls first`,
  );
}

const Runnable = z.object({
  id: z.coerce.number(),
  number: z.number(),
  createdBy: z.coerce.number(),
  selection: z.unknown(),
  afterDays: z.number(),
  everyDays: z.number(),
  mostMails: z.number(),
  lastRunNumber: z.number().nullable(),
  lastRunState: z.string().nullable(),
});

/** Takes one for the length of the transaction; undefined when another process has it, or it may not run. */
export async function claimReminder(tx: Tx, organisationId: number, id: number): Promise<z.infer<typeof Runnable> | undefined> {
  const held = await rowsOf(
    tx,
    z.object({ id: z.coerce.number() }),
    sql`select id from ${reminders} where organisation_id = ${organisationId} and id = ${id} for update skip locked`,
  );
  if (held.length === 0) return undefined;
  const [row] = await rowsOf(
    tx,
    Runnable,
    sql`select ${reminders.id} as id, ${reminders.number} as number, ${reminders.createdBy} as "createdBy", ${reminders.selection} as selection,
        ${reminders.afterDays} as "afterDays", ${reminders.everyDays} as "everyDays", ${reminders.mostMails} as "mostMails",
        last_run.number as "lastRunNumber", last_run.state as "lastRunState"
      from ${reminders} join ${organisations} on ${organisations.id} = ${reminders.organisationId}
      left join lateral (select b.number, b.state from ${sends} b where b.organisation_id = ${reminders.organisationId}
        and b.reminder_id = ${reminders.id} order by b.id desc limit 1) as last_run on true
      where ${reminders.organisationId} = ${organisationId} and ${reminders.id} = ${id} and ${mayRun}`,
  );
  return row;
}

export async function noteRun(tx: Tx, organisationId: number, id: number): Promise<void> {
  await tx
    .update(reminders)
    .set({ lastRunAt: sql`now()` })
    .where(and(eq(reminders.organisationId, organisationId), eq(reminders.id, id)));
}

const daysAgo = (days: number): SQL => sql`now() - ${days}::int * interval '24 hours'`;

/** The rows of `users` that a run now would mail. A mail that failed holds back the next try as one that arrived. */
export function dueForReminder(organisationId: number, { afterDays, everyDays, mostMails }: ReminderRule): SQL {
  return sql`(${skipReasonSql({ sending: "bulk", forced: false })} is null
    and ${users.addressSetAt} <= ${daysAgo(afterDays)}
    and (${users.lastVerificationAt} is null or ${users.lastVerificationAt} <= ${daysAgo(everyDays)})
    and not exists (select 1 from ${deliveries} tried where tried.organisation_id = ${organisationId} and tried.user_id = ${users.id}
      and tried.created_at > ${daysAgo(everyDays)} and tried.purpose = 'verify' and tried.address_version = ${users.addressVersion}
      and tried.state not in ('skipped', 'cancelled'))
    and coalesce((select old.mails from ${reminded} old where old.organisation_id = ${organisationId} and old.user_id = ${users.id}
      and old.address_version = ${users.addressVersion}), 0)
      + (select count(*) from ${deliveries} sent join ${sends} run on run.organisation_id = sent.organisation_id and run.id = sent.bulk_send_id
      where sent.organisation_id = ${organisationId} and sent.user_id = ${users.id} and sent.address_version = ${users.addressVersion}
      and run.reminder_id is not null and sent.state in ('accepted', 'unknown', 'bounced')) < ${mostMails})`;
}
