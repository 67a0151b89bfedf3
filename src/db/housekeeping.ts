/** What is kept no longer, a batch at a time and for all organisations alike. The ages are those of the privacy promise. */
import { sql, type SQL } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import { z } from "zod";
import { inTransaction, rowsOf, withBulkTime, type Db } from "./client.ts";
import {
  actions,
  auditEvents,
  sends,
  challenges,
  deliveries,
  inboundIds,
  organisations,
  posts,
  recipients,
  reminded,
  users,
  workers,
} from "./schema/tables.ts";

export type Batch = { most: number; batches: number };

/** Each answers with how many rows it removed, at most `most`. */
const REMOVALS: Record<string, (most: number) => SQL> = {
  inboundIds: (most) => removal(inboundIds, sql`received_at < now() - interval '7 days'`, most),
  actions: (most) => removal(actions, sql`expires_at < now() - interval '7 days'`, most),
  posts: (most) => removal(posts, sql`done_at < now() - interval '7 days'`, most),
  recipients: (most) =>
    removal(recipients, sql`(organisation_id, bulk_send_id) in (select b.organisation_id, b.id from ${sends} b where ${over})`, most),
  sends: removedSends,
  reminded: (most) =>
    removal(
      reminded,
      sql`not exists (select 1 from ${users} u where u.organisation_id = reminded.organisation_id and u.id = reminded.user_id
        and u.address_version = reminded.address_version and u.verified_at is null)`,
      most,
    ),
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

function removedSends(most: number): SQL {
  return sql`with gone as (
      delete from ${sends} where (organisation_id, id) in (select b.organisation_id, b.id from ${sends} b where ${over}
        and not exists (select 1 from ${recipients} r where r.organisation_id = b.organisation_id and r.bulk_send_id = b.id) limit ${most})
      returning organisation_id, id
    ), unsaid as (
      delete from ${posts} p using gone where p.organisation_id = gone.organisation_id and p.bulk_send_id = gone.id
    )
    select count(*) from gone`;
}

/**
 * Large tables whose ids rise with time. They are walked by their key from the oldest row on, an organisation at a time, until the rows are
 * too young: no index has to know their ages, and none has to be kept for that with every mail.
 */
type Walk = {
  table: PgTable;
  /** When a row came; none is old before it has been here for as long as it is kept. */
  since: SQL;
  /** From when on a row is kept for so long. */
  until: SQL;
  keep: SQL;
  /** Its ids have an index of their own: it is walked once, for all organisations. */
  byIdAlone?: boolean;
  /** Further CTEs about the rows that are `gone`. */
  besides?: SQL;
};

const WALKS: Record<string, Walk> = {
  challenges: {
    table: challenges,
    since: sql`created_at`,
    until: sql`least(used_at, superseded_at, expires_at)`,
    keep: sql`interval '30 days'`,
    byIdAlone: true,
  },
  deliveries: {
    table: deliveries,
    since: sql`created_at`,
    until: sql`settled_at`,
    keep: sql`interval '90 days'`,
    // Before a reminder's mails go, their number is kept: it is what ends the reminder for a user.
    besides: sql`, counted as (
      insert into ${reminded} (organisation_id, user_id, address_version, mails)
      select gone.organisation_id, gone.user_id, gone.address_version, count(*)::int from gone
      join ${sends} b on b.organisation_id = gone.organisation_id and b.id = gone.bulk_send_id
      where b.reminder_id is not null and gone.state in ('accepted', 'unknown', 'bounced')
      group by gone.organisation_id, gone.user_id, gone.address_version
      on conflict (organisation_id, user_id, address_version) do update set mails = reminded.mails + excluded.mails
    )`,
  },
  auditEvents: { table: auditEvents, since: sql`happened_at`, until: sql`happened_at`, keep: sql`interval '24 months'` },
};

/** A step of a walk: what of the next `most` rows is old goes. `last` is where the next step begins; null when there is none. */
function stepSql({ table, since, until, keep, besides = sql`` }: Walk, part: SQL, after: number, most: number): SQL {
  const ahead = sql`from ${table} where ${part} and id > ${after}`;
  const old = sql`${until} < now() - ${keep}`;
  return sql`with head as materialized (
      select ctid as place, id, ${since} as since, ${old} as old ${ahead}
        and (select ${since} ${ahead} order by id limit 1) < now() - ${keep}
      order by id limit ${most}
    ), gone as (
      delete from ${table} where ctid = any (array(select place from head where head.old)) and ${old} returning *
    ) ${besides}
    select (select count(*) from gone) as count,
      case when count(*) = ${most}::bigint and max(since) < now() - ${keep} then max(id) end as last from head`;
}

const Step = z.object({ count: z.coerce.number(), last: z.coerce.number().nullable() });

const Removed = z.object({ count: z.coerce.number() });

/** Removes what is too old and says how much of what. Stops after `batches` of each kind: the rest is left to the next time. */
export async function removeOld(db: Db, { most, batches }: Batch): Promise<Record<string, number>> {
  const removed: Record<string, number> = {};
  const add = (name: string, count: number): void => {
    if (count > 0) removed[name] = (removed[name] ?? 0) + count;
  };
  const owners = await db.select({ id: organisations.id }).from(organisations).orderBy(organisations.id);
  const parts = owners.map(({ id }) => sql`organisation_id = ${id}`);
  for (const [name, walk] of Object.entries(WALKS)) {
    let left = batches;
    for (const part of walk.byIdAlone ? [sql`true`] : parts) {
      for (let after: number | null = 0; after !== null && left > 0;) {
        const [step]: z.infer<typeof Step>[] = await patiently(db, Step, stepSql(walk, part, after, most));
        add(name, step?.count ?? 0);
        after = step?.last ?? null;
        if (after !== null || step?.count) left -= 1;
      }
    }
  }
  for (const [name, query] of Object.entries(REMOVALS)) {
    for (let batch = 0; batch < batches; batch += 1) {
      const [row] = await patiently(db, Removed, query(most));
      const count = row?.count ?? 0;
      add(name, count);
      if (count < most) break;
    }
  }
  return removed;
}

function patiently<S extends z.ZodType>(db: Db, row: S, query: SQL): Promise<z.infer<S>[]> {
  return inTransaction(db, async (tx) => {
    await withBulkTime(tx);
    return rowsOf(tx, row, query);
  });
}
