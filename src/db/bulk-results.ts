/** What became of each recipient of a bulk send. */
import { sql } from "drizzle-orm";
import { z } from "zod";
import { DELIVERY_STATES } from "../domain/delivery.ts";
import { SKIP_REASONS } from "../domain/eligibility.ts";
import { rowsOf, withBulkTime, type Db, type Tx } from "./client.ts";
import { skipReasonSql } from "./eligibility.ts";
import { deliveries, recipients, users } from "./schema.ts";

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

/** One row a matched user, those who were left out at the preview with their reason. */
export function listResults(db: Db, organisationId: number, bulkSendId: number, limit: number): Promise<Result[]> {
  return rowsOf(
    db,
    Result,
    sql`select u.user_id as "userId", u.name, u.login_address as "loginAddress", coalesce(d.state, 'skipped') as state,
        coalesce(d.skip_reason, r.skip_reason) as "skipReason", d.settled_at as at, coalesce(d.attempts, 0) as attempts, d.server_answer as "serverAnswer"
      from ${recipients} r
      join ${users} u on u.organisation_id = r.organisation_id and u.id = r.user_id
      left join ${deliveries} d on d.organisation_id = r.organisation_id and d.bulk_send_id = r.bulk_send_id and d.user_id = r.user_id
      where r.organisation_id = ${organisationId} and r.bulk_send_id = ${bulkSendId}
      order by u.name, u.id limit ${limit}`,
  );
}

/** Queues the failed mails of users who may have one now, with a new link. Returns how many. */
export async function requeueFailed(tx: Tx, organisationId: number, bulkSendId: number, requestedBy: number): Promise<number> {
  await withBulkTime(tx);
  const skip = skipReasonSql({ sending: "bulk", forced: false });
  const rows = await rowsOf(
    tx,
    z.object({ id: z.coerce.number() }),
    sql`update ${deliveries} as failed set state = 'queued', settled_at = null, due_at = now(), attempts = 0, fence = failed.fence + 1,
        challenge_id = null, server_answer = null, requested_by = ${requestedBy}::bigint, address_version = ${users.addressVersion}
      from ${users}
      where failed.organisation_id = ${organisationId} and failed.bulk_send_id = ${bulkSendId} and failed.state = 'failed'
        and ${users.organisationId} = failed.organisation_id and ${users.id} = failed.user_id and ${skip} is null
      returning failed.id as id`,
  );
  return rows.length;
}
