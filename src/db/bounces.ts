import { sql } from "drizzle-orm";
import { z } from "zod";
import { rowsOf, type Tx } from "./client.ts";
import { deliveries, posts, users } from "./schema/tables.ts";

const Bounced = z.object({
  userId: z.coerce.number(),
  requestedBy: z.coerce.number().nullable(),
  sendId: z.coerce.number().nullable(),
  current: z.boolean(),
});

/**
 * Marks an accepted (or unanswered) mail as bounced and suppresses the address if it is still the user's. Undefined when the delivery is unknown or
 * has bounced before: a bounce that comes twice counts once.
 */
export async function noteBounce(tx: Tx, organisationId: number, deliveryId: number, answer: string) {
  const [row] = await rowsOf(
    tx,
    Bounced,
    sql`with bounced as (
        update ${deliveries} d set state = 'bounced', server_answer = ${answer}, settled_at = coalesce(d.settled_at, now()), fence = d.fence + 1
        where d.organisation_id = ${organisationId} and d.id = ${deliveryId} and d.state in ('accepted', 'unknown')
        returning d.user_id, d.address_version, d.requested_by, d.bulk_send_id
      ), suppressed as (
        update ${users} u set suppressed_at = now(), suppressed_reason = ${answer}, updated_at = now()
        from bounced b where u.organisation_id = ${organisationId} and u.id = b.user_id and u.address_version = b.address_version and u.verified_at is null
        returning u.id
      )
      select b.user_id as "userId", b.requested_by as "requestedBy", b.bulk_send_id as "sendId", exists (select from suppressed) as current from bounced b`,
  );
  return row;
}

/** Has the message of a bulk send edited once more: its counts have changed after the end. */
export async function reopenPosts(tx: Tx, organisationId: number, sendId: number): Promise<void> {
  await tx.execute(sql`update ${posts} set done_at = null, next_attempt_at = now()
    where organisation_id = ${organisationId} and bulk_send_id = ${sendId} and done_at is not null`);
}

/** How many mails of a bulk send have bounced. */
export async function countBounced(tx: Tx, organisationId: number, sendId: number): Promise<number> {
  return tx.$count(
    deliveries,
    sql`${deliveries.organisationId} = ${organisationId} and ${deliveries.sendId} = ${sendId} and ${deliveries.state} = 'bounced'`,
  );
}
