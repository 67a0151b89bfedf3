/** What is still to be said in chat. A post is leased by moving `next_attempt_at` ahead; whoever moved it says it. */
import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { rowsOf, type Db, type Tx } from "./client.ts";
import { posts } from "./schema/tables.ts";

const inMs = (ms: number) => sql`now() + make_interval(secs => ${ms / 1000}::float8)`;

/** Keeps a finished reply to be posted privately once the platform takes messages again. */
export async function queueReply(db: Db, organisationId: number, principalId: number, reply: unknown): Promise<void> {
  await db.insert(posts).values({ organisationId, principalId, reply, nextAttemptAt: inMs(5_000) });
}

/** Has the end of one mail told to whoever asked, unless `stopFollowing` comes first. */
export async function followDelivery(
  tx: Tx,
  organisationId: number,
  principalId: number,
  deliveryId: number,
  afterMs: number,
): Promise<void> {
  await tx.insert(posts).values({ organisationId, principalId, deliveryId, nextAttemptAt: inMs(afterMs) });
}

/** The asker knows the end already. */
export async function stopFollowing(db: Db, organisationId: number, deliveryId: number): Promise<void> {
  await db
    .update(posts)
    .set({ doneAt: sql`now()` })
    .where(and(eq(posts.organisationId, organisationId), eq(posts.deliveryId, deliveryId), isNull(posts.doneAt)));
}

/** Has the progress of a bulk send shown to a principal, as one message edited in place. */
export async function followSend(tx: Tx, organisationId: number, principalId: number, sendId: number): Promise<void> {
  await tx.insert(posts).values({ organisationId, principalId, sendId });
}

const DuePost = z.object({
  organisationId: z.coerce.number(),
  id: z.coerce.number(),
  principalId: z.coerce.number(),
  sendId: z.coerce.number().nullable(),
  deliveryId: z.coerce.number().nullable(),
  reply: z.unknown(),
  message: z.unknown(),
  said: z.string().nullable(),
  attempts: z.coerce.number(),
});
export type DuePost = z.infer<typeof DuePost>;

/** Takes up to `limit` due posts for 30 seconds. */
export function claimPosts(db: Db, limit: number): Promise<DuePost[]> {
  return rowsOf(
    db,
    DuePost,
    sql`update ${posts} set next_attempt_at = now() + interval '30 seconds'
      where (organisation_id, id) in (
        select organisation_id, id from ${posts} where done_at is null and next_attempt_at <= now()
        order by next_attempt_at limit ${limit} for update skip locked)
      returning organisation_id as "organisationId", id, principal_id as "principalId", bulk_send_id as "sendId",
        delivery_id as "deliveryId", reply, message, said, attempts`,
  );
}

type Said = { message?: unknown; said?: string; failed?: boolean; againAfterMs: number | null };

/** Puts a claimed post back for later, or ends it with `againAfterMs: null`. */
export async function settlePost(db: Db, organisationId: number, id: number, end: Said): Promise<void> {
  await db
    .update(posts)
    .set({
      ...(end.message === undefined ? {} : { message: end.message }),
      ...(end.said === undefined ? {} : { said: end.said }),
      attempts: end.failed ? sql`${posts.attempts} + 1` : sql`0`,
      nextAttemptAt: inMs(end.againAfterMs ?? 0),
      doneAt: end.againAfterMs === null ? sql`now()` : null,
    })
    .where(and(eq(posts.organisationId, organisationId), eq(posts.id, id)));
}
