import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import type { AuditAction } from "../domain/audit.ts";
import { prepared, retried, ROWS, rowsOf, type Db } from "./client.ts";
import { auditEvents, challenges, deliveries, organisations, users } from "./schema/tables.ts";

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

const findRows = prepared(
  "find_challenges",
  Found,
  sql`select c.id, c.organisation_id as "organisationId", c.user_id as "userId", c.purpose, c.address_version as "addressVersion",
      c.used_at is not null as used, c.superseded_at is not null as superseded, c.expires_at <= now() as expired,
      c.address_version = u.address_version and u.login_address is not null as "sameAddress",
      u.verified_at is not null as verified, u.activated, u.login_address as "loginAddress",
      coalesce(u.language, o.language) as language, o.name as "organisationName", o.time_zone as "timeZone"
    from (select distinct value::bigint as id from jsonb_array_elements_text(${ROWS})) as asked
    join ${challenges} c on c.id = asked.id
    join ${users} u on u.organisation_id = c.organisation_id and u.id = c.user_id
    join ${organisations} o on o.id = c.organisation_id`,
);

/** Challenges by their numbers alone: a link carries no organisation. Nothing may be told of one before its mac has been checked. */
export function findChallenges(db: Db, ids: number[]): Promise<FoundChallenge[]> {
  return findRows(db, { rows: JSON.stringify(ids) });
}

export async function findChallenge(db: Db, id: number): Promise<FoundChallenge | undefined> {
  return (await findChallenges(db, [id]))[0];
}

export type ChallengeKey = { organisationId: number; id: number; userId: number };

/**
 * Two CTEs over the rows of `used`: the user's other open challenges are superseded, mails not yet taken by a worker are skipped. Rows a
 * worker holds are left to it, so that neither waits for the other.
 */
const closing = (used: SQL): SQL => sql`closed as (
    update ${challenges} c set superseded_at = now() from ${used} k
    where c.organisation_id = k.organisation_id and c.user_id = k.user_id and c.purpose = 'verify' and c.id <> k.id
      and c.used_at is null and c.superseded_at is null
  ), skipped as (
    update ${deliveries} d set state = 'skipped', skip_reason = 'connected', settled_at = now()
    where (d.organisation_id, d.id) in (
      select free.organisation_id, free.id from ${used} k
      join ${deliveries} free on free.organisation_id = k.organisation_id and free.user_id = k.user_id
      where free.purpose = 'verify' and free.state in ('queued', 'deferred') and free.settled_at is null
      for update of free skip locked)
  )`;

const KEYS = sql`(select "organisationId" as organisation_id, "userId" as user_id, id
  from jsonb_to_recordset(${ROWS}) as r("organisationId" bigint, "userId" bigint, id bigint))`;

const CONFIRMED: AuditAction = "confirm";

const Consumed = z.object({ id: z.coerce.number(), before: z.boolean() });
export type Consumed = z.infer<typeof Consumed>;

// Each user's row is locked first: a racing change of address either lands before, and nothing matches, or waits. In one order, so that two of
// these never wait for each other.
const consuming = (name: string, lock: SQL) =>
  prepared(
    name,
    Consumed,
    sql`with asked as (
        select distinct on (organisation_id, user_id) * from ${KEYS} as keys order by organisation_id, user_id, id
      ), holder as (
        select u.organisation_id, u.id as user_id, asked.id, u.address_version, u.verified_at is not null as before
        from asked join ${users} u on u.organisation_id = asked.organisation_id and u.id = asked.user_id
        where u.activated and u.login_address is not null
        order by u.organisation_id, u.id for no key update of u ${lock}
      ), used as (
        update ${challenges} c set used_at = now() from holder h
        where c.organisation_id = h.organisation_id and c.user_id = h.user_id and c.id = h.id and c.purpose = 'verify'
          and c.used_at is null and c.superseded_at is null and c.expires_at > now() and c.address_version = h.address_version
        returning h.organisation_id, h.user_id, h.id, h.before
      ), connected as (
        update ${users} u set verified_at = coalesce(u.verified_at, now()), updated_at = now() from used
        where u.organisation_id = used.organisation_id and u.id = used.user_id
        returning used.organisation_id, used.user_id, used.id, used.before
      ), ${closing(sql`connected`)}, noted as (
        insert into ${auditEvents} (organisation_id, action, user_id, detail)
        select organisation_id, ${CONFIRMED}::text, user_id, jsonb_build_object('challenge', id) from connected
      )
      select id, before from connected`,
  );

const consumeFree = consuming("consume_free_challenges", sql`skip locked`);
const consumeAll = consuming("consume_challenges", sql``);

// What a resend committed while the consuming statement ran: its snapshot could not see that.
const closeLate = prepared("close_late_challenges", z.unknown(), sql`with ${closing(KEYS)} select`);

/**
 * Uses verify challenges up and connects their users, in one statement: for each everything or, where it is no longer open, nothing. Of several
 * of one user, one. `before`: the user was connected already.
 * @param waits whether to wait for a user who is being changed at this moment; otherwise nothing happens to that one.
 */
export async function consumeVerifyChallenges(db: Db, keys: ChallengeKey[], waits: boolean): Promise<Consumed[]> {
  const rows = (of: ChallengeKey[]) => JSON.stringify(of.map(({ organisationId, userId, id }) => ({ organisationId, userId, id })));
  const consumed = await retried(() => (waits ? consumeAll : consumeFree)(db, { rows: rows(keys) }));
  const ids = new Set(consumed.map(({ id }) => id));
  if (ids.size > 0) await retried(() => closeLate(db, { rows: rows(keys.filter(({ id }) => ids.has(id))) }));
  return consumed;
}

const Open = z.object({ open: z.boolean() });

/** Whether a mail that the user has got before still has a link that works. */
export async function hasOpenLink(db: Db, organisationId: number, userId: number): Promise<boolean> {
  const [row] = await rowsOf(
    db,
    Open,
    sql`select exists (select from ${challenges} c join ${users} u on u.organisation_id = c.organisation_id and u.id = c.user_id
      where c.organisation_id = ${organisationId} and c.user_id = ${userId} and c.purpose = 'verify' and c.used_at is null
        and c.superseded_at is null and c.expires_at > now() and c.address_version = u.address_version) as open`,
  );
  return row?.open ?? false;
}
