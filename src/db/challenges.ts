import { and, eq, sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import type { Purpose } from "../domain/delivery.ts";
import { rowsOf, type Db } from "./client.ts";
import { auditEvents, challenges, deliveries, organisations, users } from "./schema.ts";

/** A challenge by its number alone: a link carries no organisation. Nothing may be told of it before its mac has been checked. */
export async function findChallenge(db: Db, id: number) {
  const [row] = await db
    .select({
      id: challenges.id,
      organisationId: challenges.organisationId,
      userId: challenges.userId,
      purpose: sql<Purpose>`${challenges.purpose}`,
      addressVersion: challenges.addressVersion,
      used: sql<boolean>`${challenges.usedAt} is not null`,
      superseded: sql<boolean>`${challenges.supersededAt} is not null`,
      expired: sql<boolean>`${challenges.expiresAt} <= now()`,
      sameAddress: sql<boolean>`${challenges.addressVersion} = ${users.addressVersion} and ${users.loginAddress} is not null`,
      verified: sql<boolean>`${users.verifiedAt} is not null`,
      activated: users.activated,
      loginAddress: users.loginAddress,
      language: sql<string>`coalesce(${users.language}, ${organisations.language})`,
      organisationName: organisations.name,
      timeZone: organisations.timeZone,
    })
    .from(challenges)
    .innerJoin(users, and(eq(users.organisationId, challenges.organisationId), eq(users.id, challenges.userId)))
    .innerJoin(organisations, eq(organisations.id, challenges.organisationId))
    .where(eq(challenges.id, id));
  return row;
}

export type FoundChallenge = NonNullable<Awaited<ReturnType<typeof findChallenge>>>;

type ChallengeKey = { organisationId: number; id: number; userId: number };

const Consumed = z.object({ before: z.boolean() });

/**
 * Uses a verify challenge up and connects its user, in one statement: everything or, where it is no longer open, nothing.
 * `before`: the user was connected already.
 */
export async function consumeVerifyChallenge(db: Db, key: ChallengeKey): Promise<{ before: boolean } | undefined> {
  const { organisationId, id, userId } = key;
  // The user's row is locked first: a racing change of address either lands before, and nothing matches, or waits.
  const [row] = await rowsOf(
    db,
    Consumed,
    sql`with holder as (
      select u.id, u.address_version, u.verified_at is not null as before from ${users} u
      where u.organisation_id = ${organisationId} and u.id = ${userId} and u.activated and u.login_address is not null
      for no key update
    ), used as (
      update ${challenges} c set used_at = now() from holder h
      where c.organisation_id = ${organisationId} and c.id = ${id} and c.user_id = h.id and c.purpose = 'verify'
        and c.used_at is null and c.superseded_at is null and c.expires_at > now() and c.address_version = h.address_version
      returning h.before
    ), connected as (
      update ${users} u set verified_at = coalesce(u.verified_at, now()), updated_at = now() from used
      where u.organisation_id = ${organisationId} and u.id = ${userId}
      returning used.before
    ), ${closing(key, sql`exists (select from connected)`)}, noted as (
      insert into ${auditEvents} (organisation_id, action, user_id, detail)
      select ${organisationId}::bigint, 'confirm', ${userId}::bigint, jsonb_build_object('challenge', ${id}::bigint) from connected
    )
    select before from connected`,
  );
  if (row) await closeLate(db, key);
  return row;
}

/** Closes what a resend committed while the consuming statement ran: its snapshot could not see that. */
async function closeLate(db: Db, key: ChallengeKey): Promise<void> {
  await db.execute(sql`with ${closing(key, sql`true`)} select`);
}

/** Two CTEs: the user's other open challenges are superseded, mails not yet taken by a worker are skipped. Rows a worker holds are left to it, so that neither waits for the other. */
function closing({ organisationId, id, userId }: ChallengeKey, when: SQL): SQL {
  return sql`closed as (
      update ${challenges} c set superseded_at = now()
      where c.organisation_id = ${organisationId} and c.user_id = ${userId} and c.purpose = 'verify' and c.id <> ${id}
        and c.used_at is null and c.superseded_at is null and ${when}
    ), skipped as (
      update ${deliveries} d set state = 'skipped', skip_reason = 'connected', settled_at = now()
      where d.organisation_id = ${organisationId} and ${when} and d.id in (
        select free.id from ${deliveries} free
        where free.organisation_id = ${organisationId} and free.user_id = ${userId} and free.purpose = 'verify'
          and free.state in ('queued', 'deferred') and free.settled_at is null
        for update skip locked)
    )`;
}
