import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import type { AuditAction } from "../domain/audit.ts";
import { prepared, type Db } from "./client.ts";
import { auditEvents, challenges, deliveries, organisations, users } from "./schema.ts";

const Found = z.object({
  id: z.coerce.number(),
  organisationId: z.coerce.number(),
  userId: z.coerce.number(),
  purpose: z.enum(["verify", "reset"]),
  addressVersion: z.number(),
  used: z.boolean(),
  superseded: z.boolean(),
  expired: z.boolean(),
  sameAddress: z.boolean(),
  verified: z.boolean(),
  activated: z.boolean(),
  loginAddress: z.string().nullable(),
  language: z.string(),
  organisationName: z.string(),
  timeZone: z.string(),
});
export type FoundChallenge = z.infer<typeof Found>;

const id = sql.placeholder("id");
const organisationId = sql.placeholder("organisationId");
const userId = sql.placeholder("userId");

const findById = prepared(
  "find_challenge",
  Found,
  sql`select c.id, c.organisation_id as "organisationId", c.user_id as "userId", c.purpose, c.address_version as "addressVersion",
      c.used_at is not null as used, c.superseded_at is not null as superseded, c.expires_at <= now() as expired,
      c.address_version = u.address_version and u.login_address is not null as "sameAddress",
      u.verified_at is not null as verified, u.activated, u.login_address as "loginAddress",
      coalesce(u.language, o.language) as language, o.name as "organisationName", o.time_zone as "timeZone"
    from ${challenges} c
    join ${users} u on u.organisation_id = c.organisation_id and u.id = c.user_id
    join ${organisations} o on o.id = c.organisation_id
    where c.id = ${id}`,
);

/** A challenge by its number alone: a link carries no organisation. Nothing may be told of it before its mac has been checked. */
export async function findChallenge(db: Db, id: number): Promise<FoundChallenge | undefined> {
  return (await findById(db, { id }))[0];
}

type ChallengeKey = { organisationId: number; id: number; userId: number };

/** Two CTEs: the user's other open challenges are superseded, mails not yet taken by a worker are skipped. Rows a worker holds are left to it, so that neither waits for the other. */
const closing = (when: SQL): SQL => sql`closed as (
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

const CONFIRMED: AuditAction = "confirm";

// The user's row is locked first: a racing change of address either lands before, and nothing matches, or waits.
const consume = prepared(
  "consume_challenge",
  z.object({ before: z.boolean() }),
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
    ), ${closing(sql`exists (select from connected)`)}, noted as (
      insert into ${auditEvents} (organisation_id, action, user_id, detail)
      select ${organisationId}::bigint, ${CONFIRMED}::text, ${userId}::bigint, jsonb_build_object('challenge', ${id}::bigint) from connected
    )
    select before from connected`,
);

// What a resend committed while the consuming statement ran: its snapshot could not see that.
const closeLate = prepared("close_late_challenges", z.unknown(), sql`with ${closing(sql`true`)} select`);

/**
 * Uses a verify challenge up and connects its user, in one statement: everything or, where it is no longer open, nothing.
 * `before`: the user was connected already.
 */
export async function consumeVerifyChallenge(
  db: Db,
  { organisationId, id, userId }: ChallengeKey,
): Promise<{ before: boolean } | undefined> {
  const key = { organisationId, id, userId };
  const [row] = await consume(db, key);
  if (row) await closeLate(db, key);
  return row;
}
