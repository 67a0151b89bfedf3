/** A roster on its way in: its rows in a temporary table of the transaction, so that everything after is set-based. */
import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import type { RosterColumn } from "../../domain/roster-columns.ts";
import type { RosterRow } from "../../domain/roster-row.ts";
import { rowsOf, type Tx } from "../client.ts";
import { users } from "../schema/tables.ts";
import { FIELDS } from "./fields.ts";

export type StagedRow = { number: number; row: RosterRow };

/** What `roster_rows` holds of a row: the fields, and what has rules of its own. `keep` names the columns about which the row says nothing. */
const COLUMNS = sql.raw(
  [
    "row_number int, user_id text",
    ...FIELDS.map(({ staged, type }) => `${staged} ${type}`),
    "login_address text, login_address_key text, authorised_to text[], roles text[], keep text[]",
  ].join(", "),
);

export async function openStaging(tx: Tx): Promise<void> {
  await tx.execute(sql`create temporary table roster_rows (${COLUMNS}, id bigint, created boolean not null default false) on commit drop`);
  await tx.execute(sql`create temporary table roster_rejected (user_id text) on commit drop`);
  await tx.execute(sql`create temporary table roster_touched (id bigint primary key) on commit drop`);
}

export async function stageRows(tx: Tx, rows: StagedRow[]): Promise<void> {
  if (rows.length === 0) return;
  const json = JSON.stringify(rows.map(({ number, row }) => stagedOf(number, row)));
  await tx.execute(sql`insert into roster_rows select * from json_to_recordset(${json}::text::json) as staged(${COLUMNS})`);
}

/** Rows that are not used, but show that their user is still there. */
export async function stageRejected(tx: Tx, userIds: string[]): Promise<void> {
  if (userIds.length === 0) return;
  await tx.execute(sql`insert into roster_rejected select * from json_array_elements_text(${JSON.stringify(userIds)}::text::json)`);
}

function stagedOf(number: number, row: RosterRow) {
  return {
    ...Object.fromEntries(FIELDS.map(({ of, staged }) => [staged, row[of]])),
    row_number: number,
    user_id: row.userId,
    login_address: row.login?.address,
    login_address_key: row.login?.key,
    authorised_to: row.authorisedTo,
    roles: row.roles,
    keep: [...FIELDS, { of: "login", column: "loginAddress" } as const]
      .filter(({ of }) => row[of] === undefined)
      .map(({ column }) => column),
  };
}

/** True for a staged row `t` that says something about `column`. */
export const saysSql = (column: RosterColumn): SQL => sql`(not ${column} = any(t.keep))`;

const Twice = z.object({ row: z.coerce.number(), userId: z.string(), first: z.coerce.number() });

/** Of rows with the same User-ID the first stays. */
export async function dropRepeated(tx: Tx): Promise<z.infer<typeof Twice>[]> {
  return await rowsOf(
    tx,
    Twice,
    sql`with ranked as (select row_number, min(row_number) over (partition by user_id) as first from roster_rows)
      delete from roster_rows t using ranked r where r.row_number = t.row_number and r.first <> t.row_number
      returning t.row_number as row, t.user_id as "userId", r.first`,
  );
}

/** Gives every staged row the user it is about; rows without one are new users. */
export async function matchUsers(tx: Tx, organisationId: number): Promise<void> {
  await tx.execute(sql`create index on roster_rows (row_number)`);
  await tx.execute(
    sql`update roster_rows t set id = u.id from ${users} u where u.organisation_id = ${organisationId} and u.user_id = t.user_id`,
  );
  await tx.execute(sql`analyze roster_rows`);
}

/** A User-ID without what spreadsheets take from it or add to it: leading zeros, an apostrophe, a formula's signs. */
const barely = (userId: SQL) => sql`rtrim(ltrim(lower(${userId}), '0''="'), '"')`;

const Doubt = Twice.omit({ first: true }).extend({ known: z.string() });

/**
 * Takes out the rows that would be new users but for the form of their User-ID: a known user has it with other leading zeros, in quotes, with
 * thousands separated or with decimals. Returns each with the known User-ID.
 */
export async function dropDoubtful(tx: Tx, organisationId: number): Promise<z.infer<typeof Doubt>[]> {
  return await rowsOf(
    tx,
    Doubt,
    sql`with fresh as materialized (
        select row_number, ${barely(sql`case
          when user_id ~ '^[0-9]{1,3}([ .,''\u00a0\u202f][0-9]{3})+$' then regexp_replace(user_id, '[^0-9]', '', 'g')
          when user_id ~ '^[0-9]+[.,]0+$' then regexp_replace(user_id, '[.,]0+$', '') else user_id end`)} as bare
        from roster_rows where id is null),
      alike as (select f.row_number, min(u.user_id) as known from fresh f
        join ${users} u on u.organisation_id = ${organisationId} and ${barely(sql`u.user_id`)} = f.bare
        where f.bare <> '' group by f.row_number)
      delete from roster_rows t using alike a where a.row_number = t.row_number
      returning t.row_number as row, t.user_id as "userId", a.known`,
  );
}

/** Rows of one statement: a slice has to be done long before the statement's deadline. */
const SLICE = 50_000;

/** Runs `change` for a slice of the file's rows at a time. */
export async function inSlices(tx: Tx, change: (slice: (rowNumber: SQL) => SQL) => Promise<void>): Promise<void> {
  const [end] = await rowsOf(tx, z.object({ last: z.coerce.number() }), sql`select coalesce(max(row_number), 0) as last from roster_rows`);
  for (let from = 0; from <= (end?.last ?? 0); from += SLICE) {
    await change((rowNumber) => sql`${rowNumber} between ${from}::int and ${from + SLICE - 1}::int`);
  }
}

/** Runs a change that returns users' ids, and remembers these. */
export async function touching(tx: Tx, change: SQL): Promise<void> {
  await tx.execute(sql`with done as (${change}) insert into roster_touched select distinct id from done on conflict do nothing`);
}
