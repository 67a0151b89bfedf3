/** Leavers: some days after their last day they are deactivated, and what they were connected with is gone. */
import { sql, type SQL, type SQLWrapper } from "drizzle-orm";
import { z } from "zod";
import type { AuditAction } from "../domain/audit.ts";
import { inTransaction, rowsOf, withBulkTime, type Db } from "./client.ts";
import { auditEvents, challenges, deliveries, organisations, users } from "./schema/tables.ts";

/** Whether somebody's days are over, for a row that has the organisation's columns as `home`. Null without a last day. */
export function isGone(lastDay: SQLWrapper): SQL<boolean | null> {
  return sql`(${lastDay} + home.leaver_days <= (now() at time zone home.time_zone)::date)`;
}

/** Without a last day of their own, it is the day on which a full load missed them. */
const lastDay = sql`coalesce(u.last_day_on, (u.leaver_since at time zone home.time_zone)::date)`;

const LEFT: AuditAction = "leaver-disconnect";

const Count = z.object({ count: z.coerce.number() });

/** Deactivates up to `most` leavers, of all organisations, and returns how many. What a worker already holds is judged again when it settles. */
export async function disconnectLeavers(db: Db, most: number): Promise<number> {
  const [row] = await inTransaction(db, async (tx) => {
    await withBulkTime(tx);
    return rowsOf(
      tx,
      Count,
      sql`with gone as (
          select u.organisation_id, u.id from ${users} u join ${organisations} home on home.id = u.organisation_id
          where (u.activated or u.verified_at is not null) and ${isGone(lastDay)}
          order by u.organisation_id, u.id limit ${most} for update of u skip locked
        ), off as (
          update ${users} u set activated = false, verified_at = null, updated_at = now() from gone
          where u.organisation_id = gone.organisation_id and u.id = gone.id
        ), closed as (
          update ${challenges} c set superseded_at = now() from gone
          where c.organisation_id = gone.organisation_id and c.user_id = gone.id and c.used_at is null and c.superseded_at is null
        ), cancelled as (
          update ${deliveries} d set state = 'cancelled', settled_at = now() from gone
          where d.organisation_id = gone.organisation_id and d.user_id = gone.id and d.settled_at is null and d.state in ('queued', 'deferred')
        ), noted as (
          insert into ${auditEvents} (organisation_id, action, user_id) select organisation_id, ${LEFT}, id from gone
        )
        select count(*) from gone`,
    );
  });
  return row?.count ?? 0;
}
