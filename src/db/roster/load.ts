/** Brings an organisation to what a staged roster says. Never mails, never touches a connection, never deletes a user. */
import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import type { RosterColumn } from "../../domain/roster-columns.ts";
import { rowsOf, type Tx } from "../client.ts";
import { isGone } from "../leavers.ts";
import { moveAddresses, planAddresses } from "./addresses.ts";
import { FIELDS } from "./fields.ts";
import { dropDoubtful, dropRepeated, inSlices, matchUsers, saysSql, touching } from "./staging.ts";
import { authorisations, companies, departments, offices, organisations, roleGrants, users } from "../schema/tables.ts";

/** Two loads of one organisation wait for each other. Any fixed number of our own. */
const LOCK = 728_114_903;

/** `full`: whoever is not in it has left. `keysAreSure`: no row was left out whose user nobody can tell. */
type Load = { organisationId: number; columns: readonly RosterColumn[]; full: boolean; keysAreSure: boolean };

export async function lockRoster(tx: Tx, organisationId: number): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${LOCK}::int, (${organisationId}::bigint % 2147483647)::int)`);
}

export async function applyRoster(tx: Tx, { organisationId, columns, full, keysAreSure }: Load) {
  const repeated = await dropRepeated(tx);
  await matchUsers(tx, organisationId);
  const doubtful = await dropDoubtful(tx, organisationId);
  const present = await countPresent(tx, organisationId);
  for (const part of PARTS) if (columns.includes(part.column)) await addParts(tx, organisationId, part);
  const plan = await planAddresses(tx, organisationId);
  const returned = await countReturned(tx, organisationId);
  await addUsers(tx, organisationId);
  const moved = await moveAddresses(tx, organisationId);
  await applyFields(tx, organisationId, columns);
  if (columns.includes("roles")) await applyRoles(tx, organisationId);
  const unknownCompanies = columns.includes("authorisedTo") ? await applyAuthorisations(tx, organisationId) : [];
  const leaversHeld = full && (doubtful.length > 0 || !keysAreSure);
  const leavers = full && !leaversHeld ? await markLeavers(tx, organisationId) : { count: 0, names: [] };
  const addresses = {
    set: moved.set,
    cleared: moved.cleared,
    connectedKept: [...plan.connectedKept, ...moved.connectedMeanwhile],
    twice: plan.twice,
    taken: plan.taken,
  };
  return { ...(await countTouched(tx)), addresses, repeated, doubtful, unknownCompanies, present, leavers, leaversHeld, returned };
}

const PARTS = [
  { column: "company", table: companies, name: sql`t.company` },
  { column: "department", table: departments, name: sql`t.department` },
  { column: "office", table: offices, name: sql`t.office` },
] as const;

async function addParts(tx: Tx, organisationId: number, { table, name }: (typeof PARTS)[number]): Promise<void> {
  await tx.execute(sql`
    insert into ${table} (organisation_id, name)
    select ${organisationId}::bigint, (array_agg(${name} order by t.row_number))[1] from roster_rows t
    where ${name} is not null and not exists (
      select from ${table} known where known.organisation_id = ${organisationId} and lower(known.name) = lower(${name}))
    group by lower(${name}) on conflict do nothing`);
}

/** The organisation as `home`, and the parts of a staged row `t` as `c`, `d` and `o`. */
const partsOf = (organisationId: number) => sql`
  join ${organisations} home on home.id = ${organisationId}
  left join ${companies} c on c.organisation_id = ${organisationId} and lower(c.name) = lower(t.company)
  left join ${departments} d on d.organisation_id = ${organisationId} and lower(d.name) = lower(t.department)
  left join ${offices} o on o.organisation_id = ${organisationId} and lower(o.name) = lower(t.office)`;

async function addUsers(tx: Tx, organisationId: number): Promise<void> {
  const gone = isGone(sql`t.last_day_on`);
  const targets = sql.raw(FIELDS.map(({ target }) => target).join(", "));
  const values = sql.join(
    FIELDS.map(({ value, fresh }) => fresh?.(gone) ?? value),
    sql`, `,
  );
  await inSlices(tx, async (slice) => {
    await tx.execute(sql`
      with made as (
        insert into ${users} (organisation_id, user_id, login_address, login_address_key, ${targets})
        select ${organisationId}::bigint, t.user_id, m.login_address, m.login_address_key, ${values}
        from roster_rows t left join roster_moves m on m.row_number = t.row_number ${partsOf(organisationId)}
        where t.id is null and ${slice(sql`t.row_number`)}
        returning id, user_id
      )
      update roster_rows t set id = made.id, created = true from made where made.user_id = t.user_id`);
  });
  // Without these the planner takes the new ids for nulls and compares every user with every row.
  await tx.execute(sql`create index on roster_rows (id)`);
  await tx.execute(sql`analyze roster_rows`);
}

async function applyFields(tx: Tx, organisationId: number, columns: readonly RosterColumn[]): Promise<void> {
  const said = (column: RosterColumn, value: SQL, held: SQL) =>
    columns.includes(column) ? sql`case when ${saysSql(column)} then ${value} else ${held} end` : held;
  // A roster that still says "active" does not reactivate someone whose last day has passed.
  const gone = isGone(sql`(${said("lastDay", sql`t.last_day_on`, sql`u.last_day_on`)})`);
  const fields = FIELDS.filter((field) => columns.includes(field.column)).map(({ column, target, value }) => {
    const held = sql.raw(`u.${target}`);
    const next = said(column, column === "status" ? sql`(${value} and (u.activated or ${gone} is not true))` : value, held);
    return { target: sql.raw(target), held, next };
  });
  const whoIsHere = { target: sql.raw("leaver_since"), held: sql.raw("u.leaver_since"), next: sql`null::timestamptz` };
  const all = [...fields, whoIsHere];
  const join = (parts: SQL[]) => sql.join(parts, sql`, `);
  const sets = all.map(({ target, next }) => sql`${target} = ${next}`);
  const held = join(all.map((field) => field.held));
  const next = join(all.map((field) => field.next));
  await inSlices(tx, (slice) =>
    touching(
      tx,
      sql`update ${users} u set ${join(sets)}, updated_at = now() from roster_rows t ${partsOf(organisationId)}
        where u.organisation_id = ${organisationId} and u.id = t.id and not t.created and ${slice(sql`t.row_number`)}
          and row(${held}) is distinct from row(${next})
        returning u.id`,
    ),
  );
}

/** The owner role is not the roster's to give or take. */
async function applyRoles(tx: Tx, organisationId: number): Promise<void> {
  await touching(
    tx,
    sql`delete from ${roleGrants} g using roster_rows t
      where g.organisation_id = ${organisationId} and g.user_id = t.id and g.role <> 'owner' and not g.role = any(t.roles)
      returning g.user_id as id`,
  );
  await touching(
    tx,
    sql`insert into ${roleGrants} (organisation_id, user_id, role)
      select ${organisationId}::bigint, t.id, named.role from roster_rows t cross join unnest(t.roles) as named(role)
      on conflict do nothing returning user_id as id`,
  );
}

const Unknown = z.object({ row: z.coerce.number(), userId: z.string(), company: z.string() });

/** Returns the names that are no company of the organisation. */
async function applyAuthorisations(tx: Tx, organisationId: number): Promise<z.infer<typeof Unknown>[]> {
  const named = sql`roster_rows t cross join unnest(t.authorised_to) as named(company)`;
  const known = sql`${companies} c on c.organisation_id = ${organisationId} and lower(c.name) = lower(named.company)`;
  await touching(
    tx,
    sql`delete from ${authorisations} a using roster_rows gone
      where a.organisation_id = ${organisationId} and a.user_id = gone.id and gone.authorised_to is not null
        and not exists (select from ${named} join ${known} where t.id = a.user_id and c.id = a.company_id)
      returning a.user_id as id`,
  );
  await touching(
    tx,
    sql`insert into ${authorisations} (organisation_id, user_id, company_id)
      select ${organisationId}::bigint, t.id, c.id from ${named} join ${known}
      on conflict do nothing returning user_id as id`,
  );
  return await rowsOf(
    tx,
    Unknown,
    sql`select t.row_number as row, t.user_id as "userId", named.company from ${named} left join ${known} where c.id is null`,
  );
}

const Count = z.object({ count: z.coerce.number() });

async function countReturned(tx: Tx, organisationId: number): Promise<number> {
  const [row] = await rowsOf(
    tx,
    Count,
    sql`select count(*) as count from ${users} u join roster_rows t on t.id = u.id
      where u.organisation_id = ${organisationId} and u.leaver_since is not null`,
  );
  return row?.count ?? 0;
}

/** Users who have not left before this load. */
async function countPresent(tx: Tx, organisationId: number): Promise<number> {
  return await tx.$count(users, sql`${users.organisationId} = ${organisationId} and ${users.leaverSince} is null`);
}

const Leavers = z.object({ count: z.coerce.number(), names: z.array(z.string()).nullable() });

/** Marks the users that the file does not have, and names ten of them. */
async function markLeavers(tx: Tx, organisationId: number): Promise<{ count: number; names: string[] }> {
  const [row] = await rowsOf(
    tx,
    Leavers,
    sql`with gone as (
      update ${users} u set leaver_since = now(), updated_at = now()
      where u.organisation_id = ${organisationId} and u.leaver_since is null
        and not exists (select from roster_rows t where t.id = u.id)
        and not exists (select from roster_rejected r where r.user_id = u.user_id)
      returning u.user_id, u.name
    ) select count(*) as count, (array_agg(name || ' (' || user_id || ')' order by user_id))[1:10] as names from gone`,
  );
  return { count: row?.count ?? 0, names: row?.names ?? [] };
}

const Touched = z.object({ used: z.coerce.number(), created: z.coerce.number(), updated: z.coerce.number() });

async function countTouched(tx: Tx): Promise<z.infer<typeof Touched>> {
  const [row] = await rowsOf(
    tx,
    Touched,
    sql`select count(*) as used, count(*) filter (where t.created) as created,
        count(*) filter (where not t.created and touched.id is not null) as updated
      from roster_rows t left join roster_touched touched on touched.id = t.id`,
  );
  return row ?? { used: 0, created: 0, updated: 0 };
}
