/** What is kept no longer, a batch at a time and for all organisations alike. The ages are those of the privacy promise. */
import { sql, type SQL } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import { z } from "zod";
import { inTransaction, rowsOf, withBulkTime, type Db } from "./client.ts";
import {
  actions,
  auditEvents,
  bulkSends,
  challenges,
  deliveries,
  inboundIds,
  posts,
  recipients,
  reminded,
  users,
  workers,
} from "./schema.ts";

export type Batch = { most: number; batches: number };

/** Each answers with how many rows it removed, at most `most`. */
const REMOVALS: Record<string, (most: number) => SQL> = {
  inboundIds: (most) => removal(inboundIds, sql`received_at < now() - interval '7 days'`, most),
  actions: (most) => removal(actions, sql`expires_at < now() - interval '7 days'`, most),
  posts: (most) => removal(posts, sql`done_at < now() - interval '7 days'`, most),
  challenges: (most) => removal(challenges, sql`least(used_at, superseded_at, expires_at) < now() - interval '30 days'`, most),
  deliveries: removedDeliveries,
  recipients: (most) =>
    removal(recipients, sql`(organisation_id, bulk_send_id) in (select b.organisation_id, b.id from ${bulkSends} b where ${over})`, most),
  bulkSends: removedBulkSends,
  reminded: (most) =>
    removal(
      reminded,
      sql`not exists (select 1 from ${users} u where u.organisation_id = reminded.organisation_id and u.id = reminded.user_id
        and u.address_version = reminded.address_version and u.verified_at is null)`,
      most,
    ),
  auditEvents: (most) => removal(auditEvents, sql`happened_at < now() - interval '24 months'`, most),
  workers: (most) => removal(workers, sql`seen_at < now() - interval '1 hour'`, most),
};

function removal(table: PgTable, old: SQL, most: number): SQL {
  return sql`with gone as (delete from ${table} where ctid in (select ctid from ${table} where ${old} limit ${most}) returning 1)
    select count(*) from gone`;
}

/** What a bulk send leaves behind goes 90 days after its end, a preview that nobody confirmed after 7. */
const over = sql`b.state in ('completed', 'cancelled', 'rejected', 'lapsed')
  and coalesce(b.ended_at, b.lapses_at) < now() - case when b.confirmed_by is null then interval '7 days' else interval '90 days' end
  and not exists (select 1 from ${deliveries} d where d.organisation_id = b.organisation_id and d.bulk_send_id = b.id)`;

function removedBulkSends(most: number): SQL {
  return sql`with gone as (
      delete from ${bulkSends} where (organisation_id, id) in (select b.organisation_id, b.id from ${bulkSends} b where ${over}
        and not exists (select 1 from ${recipients} r where r.organisation_id = b.organisation_id and r.bulk_send_id = b.id) limit ${most})
      returning organisation_id, id
    ), unsaid as (
      delete from ${posts} p using gone where p.organisation_id = gone.organisation_id and p.bulk_send_id = gone.id
    )
    select count(*) from gone`;
}

/** Before a reminder's mails go, their number is kept: it is what ends the reminder for a user. */
function removedDeliveries(most: number): SQL {
  return sql`with gone as (
      delete from ${deliveries} where ctid in (select ctid from ${deliveries} where settled_at < now() - interval '90 days' limit ${most})
      returning organisation_id, user_id, address_version, bulk_send_id, state
    ), counted as (
      insert into ${reminded} (organisation_id, user_id, address_version, mails)
      select gone.organisation_id, gone.user_id, gone.address_version, count(*)::int from gone
      join ${bulkSends} b on b.organisation_id = gone.organisation_id and b.id = gone.bulk_send_id
      where b.reminder_id is not null and gone.state in ('accepted', 'unknown', 'bounced')
      group by gone.organisation_id, gone.user_id, gone.address_version
      on conflict (organisation_id, user_id, address_version) do update set mails = reminded.mails + excluded.mails
    )
    select count(*) from gone`;
}

const Removed = z.object({ count: z.coerce.number() });

/** Removes what is too old and says how much of what. Stops after `batches` of each kind: the rest is left to the next time. */
export async function removeOld(db: Db, { most, batches }: Batch): Promise<Record<string, number>> {
  const removed: Record<string, number> = {};
  for (const [name, query] of Object.entries(REMOVALS)) {
    for (let batch = 0; batch < batches; batch += 1) {
      const [row] = await inTransaction(db, async (tx) => {
        await withBulkTime(tx);
        return rowsOf(tx, Removed, query(most));
      });
      const count = row?.count ?? 0;
      if (count > 0) removed[name] = (removed[name] ?? 0) + count;
      if (count < most) break;
    }
  }
  return removed;
}
