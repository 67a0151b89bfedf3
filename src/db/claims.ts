/**
 * Deliveries as leased work, for the workers of all organisations. A claim takes rows that are due, judges each once more and leases what may
 * be sent; a settlement ends the lease. Every write after the claim carries the row's fence: who lost the lease changes nothing.
 * A lease that has run out, its worker being lost, is simply due again.
 */
import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import { LINK_TTL_MS } from "../domain/challenge.ts";
import { LEASE_MS, LINK_LIFE_NEEDED } from "../domain/delivery.ts";
import { byKey, rowsOf, ROWS, type Db } from "./client.ts";
import { skipReasonSql } from "./eligibility.ts";
import { authorisations, sends, challenges, deliveries, organisations, principals, relays, roleGrants, users } from "./schema/tables.ts";

const secs = (ms: number): SQL => sql`make_interval(secs => ${ms / 1000}::float8)`;

const ClaimedRow = z.object({
  organisationId: z.coerce.number(),
  id: z.coerce.number(),
  fence: z.number(),
  purpose: z.enum(["verify", "address-changed"]),
  verdict: z.enum(["sending", "skipped", "cancelled"]),
  /** `unknown` on the one more try after no answer; `sending` where another worker's lease ran out. */
  before: z.enum(["queued", "deferred", "sending", "unknown"]),
  bulk: z.boolean(),
  attempts: z.number(),
  userId: z.coerce.number(),
  addressVersion: z.number(),
  name: z.string(),
  address: z.string().nullable(),
  language: z.string(),
  organisationName: z.string(),
  timeZone: z.string(),
  challengeId: z.coerce.number().nullable(),
  expiresAt: z.coerce.date().nullable(),
  leftMs: z.coerce.number().nullable(),
});
type ClaimedRow = z.infer<typeof ClaimedRow>;

/** A leased mail. `leftMs` is what remains of its link's life: null for a notice, which has no link and no challenge. */
export type Claimed = Omit<ClaimedRow, "verdict" | "address" | "expiresAt"> & { address: string; expiresAt: Date };

/** `claimed` are leased to the caller; `dropped` were settled without a mail. */
export type Claim = { claimed: Claimed[]; dropped: number };

export type ClaimAsk = {
  relay: string;
  /** At most so many mails to one person at a time, and of bulk sends. Single mails go first. */
  singles: number;
  bulk: number;
  /** Claims although the relay is stopped. */
  probe: boolean;
};

/** Takes due deliveries in one transaction: leased, or settled as skipped or cancelled where the facts have changed. */
export async function claimDue(db: Db, ask: ClaimAsk): Promise<Claim> {
  const rows = await claimRows(db, ask);
  const claimed: Claimed[] = [];
  for (const { verdict, address, expiresAt, ...row } of rows) {
    if (verdict === "sending" && address !== null && expiresAt) claimed.push({ ...row, address, expiresAt });
  }
  return { claimed, dropped: rows.length - claimed.length };
}

const DUE = sql.raw(`d.organisation_id, d.id, d.user_id, d.bulk_send_id, d.requested_by, d.sending, d.state, d.address_version, d.forced,
  d.language, d.challenge_id, d.purpose, d.address as notice_address`);

/** The owner's switch is not thrown. What a worker already has in hand may still go. */
const mailFlows = (organisationId: SQL): SQL => sql`not exists (
  select 1 from ${organisations} o where o.id = ${organisationId} and o.mail_stopped_at is not null)`;

/** What a claim is asked, by the names of `ClaimAsk`. */
const relay = sql.placeholder("relay");
const singles = sql.placeholder("singles");
const bulk = sql.placeholder("bulk");
const probe = sql.placeholder("probe");

/** Where the relay takes mail now. */
const relayOpen: SQL = sql`not exists (
  select 1 from ${relays} r where r.name = ${relay} and (r.paused_until > now() or r.stopped_at is not null and not ${probe}::boolean))`;

/** Whether the one who asked may still have mail sent to the user of the row. Nobody asked, where a page or a schedule did. */
const stillAllowed: SQL = sql`(due.requested_by is null or exists (
  select 1 from ${principals} p
  left join ${users} asker on asker.organisation_id = p.organisation_id and asker.id = p.user_id and asker.activated
  where p.organisation_id = due.organisation_id and p.id = due.requested_by and (
    p.configured_owner
    or due.sending = 'self' and asker.id = due.user_id
    or exists (select 1 from ${roleGrants} g where g.organisation_id = asker.organisation_id and g.user_id = asker.id and g.role = 'owner')
    or exists (select 1 from ${roleGrants} g
      join ${authorisations} a on a.organisation_id = g.organisation_id and a.user_id = g.user_id
      where g.organisation_id = asker.organisation_id and g.user_id = asker.id and g.role = 'admin' and a.company_id = ${users.companyId}))))`;

const LINK_LIFE = LINK_TTL_MS.verify;
const DUE_NOW = sql`d.settled_at is null and d.due_at <= now() and (d.leased_until is null or d.leased_until <= now())
  and d.purpose in ('verify', 'address-changed')`;
/** Neither the cooldown of its own first try nor itself stands in the way of an open mail. */
const SKIP = skipReasonSql({ sending: sql`due.sending`, forced: sql`(due.forced or due.state = 'unknown')`, inFlight: sql`false` });
/** Of all running bulk sends together, far over what is asked for. */
const MOST_DUE = sql.raw("4000");

// A user who is being changed at this moment waits for the next claim: a challenge made beside a confirm would outlive it.
// The limit of `due` tells the planner how few rows there are; the lateral joins keep it from reading whole tables.
const claimRows = byKey(
  "claim_due",
  ClaimedRow,
  sql`
    with running as (
      select organisation_id, id from ${sends} 
      where state = 'running' and ${relayOpen} and ${mailFlows(sql`organisation_id`)}
    ), singles as (
      select ${DUE} from ${deliveries} d
      where ${DUE_NOW} and d.bulk_send_id is null and ${relayOpen} and ${mailFlows(sql`d.organisation_id`)}
      order by d.due_at, d.id limit ${singles}::int for update skip locked
    ), bulk as (
      select each.* from running cross join lateral (
        select ${DUE} from ${deliveries} d
        where ${DUE_NOW} and d.organisation_id = running.organisation_id and d.bulk_send_id = running.id
        order by d.due_at, d.id limit (select ceil(${bulk}::float8 / greatest(count(*), 1))::int from running) for update skip locked
      ) as each
    ), due as materialized (
      select * from (select * from singles union all select * from bulk) as every limit ${MOST_DUE}
    ), facts as (
      select due.*, ${users.name} as name, coalesce(due.notice_address, ${users.loginAddress}) as address, ${users.language} as user_language,
        c.id as live_challenge, c.expires_at as live_until,
        case when due.purpose = 'verify' then ${SKIP} end as skip,
        due.purpose <> 'verify' or ${users.addressVersion} = due.address_version and ${stillAllowed} as meant
      from due
      cross join lateral (
        select * from ${users} as person
        where person.organisation_id = due.organisation_id and person.id = due.user_id for share skip locked
      ) as users
      left join lateral (
        select proof.id, proof.expires_at from ${challenges} as proof
        where proof.organisation_id = due.organisation_id and proof.id = due.challenge_id and proof.used_at is null
          and proof.superseded_at is null and proof.expires_at > now() + ${secs(LINK_LIFE * LINK_LIFE_NEEDED)} offset 0
      ) as c on true
    ), judged as (
      select facts.*, case when not meant then 'cancelled' when skip is not null then 'skipped' else 'sending' end as verdict,
        case when purpose = 'verify' and meant and skip is null and live_challenge is null then nextval('challenges_id_seq') end as new_challenge,
        coalesce(live_until, now() + ${secs(LINK_LIFE)}) as expires_at
      from facts
    ), proofs as (
      insert into ${challenges} (organisation_id, id, user_id, purpose, address_version, expires_at) overriding system value
      select organisation_id, new_challenge, user_id, 'verify', address_version, expires_at from judged where new_challenge is not null
    ), moved as (
      update ${deliveries} d set
        state = j.verdict,
        skip_reason = case when j.verdict = 'skipped' then j.skip end,
        challenge_id = coalesce(j.new_challenge, j.live_challenge, d.challenge_id),
        fence = d.fence + 1,
        leased_until = case when j.verdict = 'sending' then now() + ${secs(LEASE_MS)} end,
        again = d.again or d.state in ('sending', 'unknown'),
        settled_at = case when j.verdict <> 'sending' then now() end
      from judged j
      where d.organisation_id = j.organisation_id and d.id = j.id
      returning j.*, d.fence, d.attempts, d.challenge_id as proof
    )
    select m.organisation_id as "organisationId", m.id, m.fence, m.attempts, m.proof as "challengeId", m.expires_at as "expiresAt",
      case when m.purpose = 'verify' then extract(epoch from m.expires_at - now()) * 1000 end as "leftMs", m.verdict, m.state as before, m.bulk_send_id is not null as bulk, m.purpose,
      m.user_id as "userId", m.address_version as "addressVersion", m.name, m.address,
      coalesce(m.language, m.user_language, o.language) as language, o.name as "organisationName", o.time_zone as "timeZone"
    from moved m join ${organisations} o on o.id = m.organisation_id
    order by bulk, m.id`,
);

/** A row under lease. */
export type Held = Pick<Claimed, "organisationId" | "id" | "fence">;

/** What became of a leased mail. */
export type Settlement = Held & {
  state: "queued" | "deferred" | "accepted" | "failed" | "unknown";
  settled: boolean;
  /** When an open row may be taken again, from now. */
  dueInMs: number;
  /** Whether this was an attempt of the row's own. */
  counts: boolean;
  answer: string | null;
  /** The server took the mail, or may have: the cooldown starts. */
  mailed: boolean;
  /** The address was refused for good. */
  suppress: boolean;
};

const HeldRow = z.object({ organisationId: z.coerce.number(), id: z.coerce.number() });

const settleRows = byKey(
  "settle_claims",
  HeldRow,
  sql`with result as (
        select * from jsonb_to_recordset(${ROWS}) as r("organisationId" bigint, id bigint, fence int, state text,
          settled boolean, "dueInMs" float8, counts boolean, answer text, mailed boolean, suppress boolean)
      ), moved as (
        update ${deliveries} d set
          state = r.state,
          attempts = d.attempts + case when r.counts then 1 else 0 end,
          due_at = case when r.settled then d.due_at else now() + make_interval(secs => r."dueInMs" / 1000) end,
          leased_until = null,
          server_answer = coalesce(r.answer, d.server_answer),
          settled_at = case when r.settled then now() end,
          address = case when r.settled then null else d.address end
        from result r
        where d.organisation_id = r."organisationId" and d.id = r.id and d.fence = r.fence and d.state = 'sending'
        returning d.organisation_id, d.id, d.user_id, d.address_version, r.mailed, r.suppress, r.answer
      ), told as (
        update ${users} set
          last_verification_at = case when m.mailed then now() else ${users.lastVerificationAt} end,
          suppressed_at = case when m.suppress and ${users.addressVersion} = m.address_version then now() else ${users.suppressedAt} end,
          suppressed_reason = case when m.suppress and ${users.addressVersion} = m.address_version then m.answer else ${users.suppressedReason} end
        from moved m
        where ${users.organisationId} = m.organisation_id and ${users.id} = m.user_id and (m.mailed or m.suppress)
      )
      select organisation_id as "organisationId", id from moved`,
);

/** Writes results, and on the users what follows from them. Returns the rows that were still ours. */
export function settleClaims(db: Db, settlements: Settlement[]): Promise<z.infer<typeof HeldRow>[]> {
  return settleRows(db, { rows: JSON.stringify(settlements) });
}

/** Lengthens leases to their full time from now. Returns the rows that were still ours. */
export function extendLeases(db: Db, held: Held[]): Promise<z.infer<typeof HeldRow>[]> {
  return extendRows(db, { rows: rowsOfHeld(held) });
}

const rowsOfHeld = (held: Held[]): string => JSON.stringify(held.map(({ organisationId, id, fence }) => ({ organisationId, id, fence })));

const extendRows = byKey(
  "extend_leases",
  HeldRow,
  sql`update ${deliveries} d set leased_until = now() + ${secs(LEASE_MS)}
    from jsonb_to_recordset(${ROWS}) as r("organisationId" bigint, id bigint, fence int)
    where d.organisation_id = r."organisationId" and d.id = r.id and d.fence = r.fence and d.state = 'sending'
    returning d.organisation_id as "organisationId", d.id`,
);

const endRows = byKey(
  "end_leases",
  HeldRow,
  sql`update ${deliveries} d set leased_until = now()
    from jsonb_to_recordset(${ROWS}) as r("organisationId" bigint, id bigint, fence int)
    where d.organisation_id = r."organisationId" and d.id = r.id and d.fence = r.fence and d.state = 'sending'
    returning d.organisation_id as "organisationId", d.id`,
);

/** Lets leases end now whose worker is known to be gone: whoever claims next takes the mails for possibly sent. */
export async function endLeases(db: Db, held: Held[]): Promise<void> {
  await endRows(db, { rows: rowsOfHeld(held) });
}

const Ended = z.object({ organisationId: z.coerce.number(), id: z.coerce.number() });

/** Ends every running bulk send that has no open mail left. Returns those it ended. */
export async function completeSends(db: Db): Promise<z.infer<typeof Ended>[]> {
  return rowsOf(
    db,
    Ended,
    sql`update ${sends} b set state = 'completed', ended_at = now()
      where b.state = 'running' and not exists (select 1 from ${deliveries} d
        where d.organisation_id = b.organisation_id and d.bulk_send_id = b.id and d.settled_at is null)
      returning b.organisation_id as "organisationId", b.id`,
  );
}

/** Cancels what came back, or lost its worker, after its bulk send was cancelled. */
export async function cancelLeftovers(db: Db): Promise<void> {
  await db.execute(sql`update ${deliveries} d set state = 'cancelled', settled_at = now()
    from ${sends} b
    where b.state = 'cancelled' and b.ended_at > now() - interval '2 days'
      and d.organisation_id = b.organisation_id and d.bulk_send_id = b.id and d.settled_at is null
      and (d.state <> 'sending' or d.leased_until <= now())`);
}
