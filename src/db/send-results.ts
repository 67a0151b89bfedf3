/** What became of each recipient of a bulk send. */
import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import { DELIVERY_STATES } from "../domain/delivery.ts";
import { SKIP_REASONS } from "../domain/eligibility.ts";
import { inTransaction, rowsOf, withBulkTime, type Db, type Tx } from "./client.ts";
import { skipReasonSql } from "./eligibility.ts";
import { deliveries, recipients, users } from "./schema/tables.ts";

const Result = z.object({
  userId: z.string(),
  name: z.string(),
  loginAddress: z.string().nullable(),
  state: z.enum(DELIVERY_STATES),
  skipReason: z.enum(SKIP_REASONS).nullable(),
  at: z.coerce.date().nullable(),
  attempts: z.coerce.number(),
  serverAnswer: z.string().nullable(),
});
export type Result = z.infer<typeof Result>;

/** What needs somebody's hand comes first, what went well last. */
const byNeed = sql`case coalesce(d.state, 'skipped')
    when 'failed' then 1 when 'bounced' then 1 when 'unknown' then 2 when 'accepted' then 9
    when 'skipped' then case coalesce(d.skip_reason, r.skip_reason) when 'suppressed' then 3 when 'no-address' then 4 else 7 end
    when 'cancelled' then 6 else 5 end`;

/**
 * One row a matched user of those in sight (`seen` over `users`), with the reason where one was left out at the preview; at most `limit`, and
 * how many there are.
 */
export function listResults(
  db: Db,
  { organisationId, sendId, seen }: { organisationId: number; sendId: number; seen: SQL },
  limit: number,
): Promise<{ rows: Result[]; count: number }> {
  const from = sql`from ${recipients} r join ${users} on ${users.organisationId} = r.organisation_id and ${users.id} = r.user_id`;
  const where = sql`where r.organisation_id = ${organisationId} and r.bulk_send_id = ${sendId} and ${seen}`;
  return inTransaction(db, async (tx) => {
    await withBulkTime(tx);
    const [total] = await rowsOf(tx, z.object({ count: z.coerce.number() }), sql`select count(*) ${from} ${where}`);
    const rows = await rowsOf(
      tx,
      Result,
      sql`select ${users.userId} as "userId", ${users.name} as name, ${users.loginAddress} as "loginAddress", coalesce(d.state, 'skipped') as state,
          coalesce(d.skip_reason, r.skip_reason) as "skipReason", d.settled_at as at, coalesce(d.attempts, 0) as attempts, d.server_answer as "serverAnswer"
        ${from}
        left join ${deliveries} d on d.organisation_id = r.organisation_id and d.bulk_send_id = r.bulk_send_id and d.user_id = r.user_id
        ${where} order by ${byNeed}, ${users.name}, ${users.id} limit ${limit}`,
    );
    return { rows, count: total?.count ?? rows.length };
  });
}

const Recipient = z.object({
  userId: z.string(),
  name: z.string(),
  loginAddress: z.string().nullable(),
  skipReason: z.enum(SKIP_REASONS).nullable(),
});
export type Recipient = z.infer<typeof Recipient>;

/** The frozen list as far as it is in sight (`seen` over `users`): addresses that want mending, then those who get mail; at most `limit`, and how many there are. */
export function listRecipients(
  db: Db,
  { organisationId, sendId, seen }: { organisationId: number; sendId: number; seen: SQL },
  limit: number,
): Promise<{ rows: Recipient[]; count: number }> {
  const from = sql`from ${recipients} r join ${users} on ${users.organisationId} = r.organisation_id and ${users.id} = r.user_id
    where r.organisation_id = ${organisationId} and r.bulk_send_id = ${sendId} and ${seen}`;
  return inTransaction(db, async (tx) => {
    await withBulkTime(tx);
    const [total] = await rowsOf(tx, z.object({ count: z.coerce.number() }), sql`select count(*) ${from}`);
    const rows = await rowsOf(
      tx,
      Recipient,
      sql`select ${users.userId} as "userId", ${users.name} as name, ${users.loginAddress} as "loginAddress", r.skip_reason as "skipReason" ${from}
        order by case when r.skip_reason = 'suppressed' then 1 when r.skip_reason = 'no-address' then 2 when r.skip_reason is null then 3 else 4 end,
          r.skip_reason, ${users.name}, ${users.id} limit ${limit}`,
    );
    return { rows, count: total?.count ?? rows.length };
  });
}

/** Queues the failed mails of users who may have one now, with a new link. Returns how many. */
export async function requeueFailed(tx: Tx, organisationId: number, sendId: number, requestedBy: number): Promise<number> {
  await withBulkTime(tx);
  const skip = skipReasonSql({ sending: "bulk", forced: false });
  const rows = await rowsOf(
    tx,
    z.object({ id: z.coerce.number() }),
    sql`update ${deliveries} as failed set state = 'queued', settled_at = null, due_at = now(), attempts = 0, fence = failed.fence + 1,
        challenge_id = null, server_answer = null, requested_by = ${requestedBy}::bigint, address_version = ${users.addressVersion}
      from ${users}
      where failed.organisation_id = ${organisationId} and failed.bulk_send_id = ${sendId} and failed.state = 'failed'
        and ${users.organisationId} = failed.organisation_id and ${users.id} = failed.user_id and ${skip} is null
      returning failed.id as id`,
  );
  return rows.length;
}
