/** The login addresses of a staged roster. A connected user's address is never touched; that is decided again in the statement that writes. */
import { sql } from "drizzle-orm";
import { z } from "zod";
import { rowsOf, type Tx } from "../client.ts";
import { inSlices, saysSql, touching } from "./staging.ts";
import { challenges, deliveries, users } from "../schema/tables.ts";

const Row = z.object({ row: z.coerce.number(), userId: z.string() });
const Twice = Row.extend({ first: z.coerce.number() });
type Place = z.infer<typeof Row>;

export type AddressPlan = {
  /** Connected users for whom the file has another address, or none. */
  connectedKept: Place[];
  twice: z.infer<typeof Twice>[];
  /** Held by another user of the organisation, who keeps it. */
  taken: Place[];
};

/** Fills `roster_moves` with the addresses that can be given, new users' included, and takes away those that others are to get. */
export async function planAddresses(tx: Tx, organisationId: number): Promise<AddressPlan> {
  const connectedKept = await rowsOf(
    tx,
    Row,
    sql`select t.row_number as row, t.user_id as "userId" from roster_rows t
      join ${users} u on u.organisation_id = ${organisationId} and u.id = t.id
      where ${saysSql("loginAddress")} and u.verified_at is not null and t.login_address_key is distinct from u.login_address_key`,
  );
  await planMoves(tx, organisationId);
  const twice = await dropSharedAddresses(tx);
  const taken = await dropTakenAddresses(tx, organisationId);
  await freeAddresses(tx, organisationId);
  return { connectedKept, twice, taken };
}

/** Gives the users that were there already what is planned for them. Returns who has been connected in the meantime and keeps theirs. */
export async function moveAddresses(
  tx: Tx,
  organisationId: number,
): Promise<{ set: number; cleared: number; connectedMeanwhile: Place[] }> {
  await respell(tx, organisationId);
  await inSlices(tx, (slice) =>
    touching(
      tx,
      sql`update ${users} u set login_address = m.login_address, login_address_key = m.login_address_key,
          address_version = u.address_version + 1, address_set_at = now(), updated_at = now(),
          suppressed_at = null, suppressed_reason = null, last_verification_at = null
        from roster_moves m where u.organisation_id = ${organisationId} and u.id = m.id and u.verified_at is null and ${slice(sql`m.row_number`)}
        returning u.id`,
    ),
  );
  const connectedMeanwhile = await rowsOf(
    tx,
    Row,
    sql`delete from roster_moves m using ${users} u where u.organisation_id = ${organisationId} and u.id = m.id and u.verified_at is not null
      returning m.row_number as row, m.user_id as "userId"`,
  );
  await cancelOldMail(tx, organisationId);
  const [counts] = await rowsOf(
    tx,
    z.object({ set: z.coerce.number(), cleared: z.coerce.number() }),
    sql`select count(login_address) as set, count(*) filter (where login_address is null) as cleared from roster_moves`,
  );
  return { set: counts?.set ?? 0, cleared: counts?.cleared ?? 0, connectedMeanwhile };
}

/** The same address written otherwise is no change of address. */
async function respell(tx: Tx, organisationId: number): Promise<void> {
  await touching(
    tx,
    sql`update ${users} u set login_address = t.login_address, updated_at = now() from roster_rows t
      where u.organisation_id = ${organisationId} and u.id = t.id and u.verified_at is null
        and u.login_address_key = t.login_address_key and u.login_address <> t.login_address
      returning u.id`,
  );
}

/** Who gets which address, and the first row that names it: the holder's own, else the topmost. */
async function planMoves(tx: Tx, organisationId: number): Promise<void> {
  await tx.execute(sql`
    create temporary table roster_moves on commit drop as
    select id, row_number, user_id, login_address, login_address_key, first from (
      select t.*, u.login_address_key as held, first_value(t.row_number) over (
        partition by t.login_address_key order by (u.login_address_key = t.login_address_key) is true desc, t.row_number) as first
      from roster_rows t left join ${users} u on u.organisation_id = ${organisationId} and u.id = t.id
      where ${saysSql("loginAddress")} and u.verified_at is null
    ) named where held is distinct from login_address_key`);
  await tx.execute(sql`create index on roster_moves (id)`);
  await tx.execute(sql`create index on roster_moves (row_number)`);
  await tx.execute(sql`analyze roster_moves`);
}

async function dropSharedAddresses(tx: Tx): Promise<z.infer<typeof Twice>[]> {
  return await rowsOf(
    tx,
    Twice,
    sql`delete from roster_moves where login_address_key is not null and first <> row_number
      returning row_number as row, user_id as "userId", first`,
  );
}

/** Who may not move keeps an address that others may have counted on: again until nobody is left over. */
async function dropTakenAddresses(tx: Tx, organisationId: number): Promise<Place[]> {
  const taken: Place[] = [];
  for (;;) {
    const found = await rowsOf(
      tx,
      Row,
      sql`delete from roster_moves m using ${users} u
        where u.organisation_id = ${organisationId} and u.login_address_key = m.login_address_key and u.user_id <> m.user_id
          and not exists (select from roster_moves o where o.id = u.id)
        returning m.row_number as row, m.user_id as "userId"`,
    );
    if (found.length === 0) return taken;
    taken.push(...found);
  }
}

/** An address that goes from one user to another is nobody's in between, so that two can exchange theirs. */
async function freeAddresses(tx: Tx, organisationId: number): Promise<void> {
  await tx.execute(sql`
    update ${users} u set login_address = null, login_address_key = null from roster_moves m
    where u.organisation_id = ${organisationId} and u.id = m.id and u.verified_at is null
      and exists (select from roster_moves next where next.login_address_key = u.login_address_key)`);
}

/** Rows that a worker holds are left to it: it looks at the address version itself. */
async function cancelOldMail(tx: Tx, organisationId: number): Promise<void> {
  await tx.execute(sql`
    update ${challenges} c set superseded_at = now() from roster_moves m
    where c.organisation_id = ${organisationId} and c.user_id = m.id and c.used_at is null and c.superseded_at is null`);
  await tx.execute(sql`
    update ${deliveries} d set settled_at = now(), state = case when d.state = 'unknown' then 'unknown' else 'cancelled' end
    where d.organisation_id = ${organisationId} and d.id in (
      select free.id from ${deliveries} free join roster_moves m on m.id = free.user_id
      where free.organisation_id = ${organisationId} and free.settled_at is null and free.state in ('queued', 'deferred', 'unknown')
      for update of free skip locked)`);
}
