/** Opens Postgres or PGlite behind one type. The same schema and SQL run on both. */
import { mkdir } from "node:fs/promises";
import { PGlite } from "@electric-sql/pglite";
import { sql, type SQL } from "drizzle-orm";
import { PgDialect, type PgDatabase, type PgQueryResultHKT, type PgTransaction } from "drizzle-orm/pg-core";
import { drizzle as drizzlePglite } from "drizzle-orm/pglite";
import { drizzle as drizzlePostgres } from "drizzle-orm/postgres-js";
import type { z } from "zod";
import { isRetryable } from "./faults.ts";
import { BULK_TIME, openPool } from "./pool.ts";
import * as schema from "./schema/tables.ts";

type Schema = typeof schema;

/** The database, or a transaction in it. */
export type Db = PgDatabase<PgQueryResultHKT, Schema>;

/** A transaction: what a write that must commit with its neighbours asks for. */
export type Tx = PgTransaction<PgQueryResultHKT, Schema, never>;

export type Database = { db: Db; kind: "postgres" | "pglite"; close(): Promise<void> };

const RETRIES = 3;
const RETRY_AFTER_MS = 25;

export async function openPglite(dataDir: string | PGlite): Promise<Database> {
  if (typeof dataDir === "string") await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const client = typeof dataDir === "string" ? await PGlite.create(dataDir) : dataDir;
  const db = drizzlePglite(client, { schema }) as unknown as Db;
  return { db, kind: "pglite", close: () => client.close() };
}

/** Connects at the first query. `onLost` hears of every broken link. */
export function openPostgres(url: string, options: { max?: number; onLost?: (error: unknown) => void } = {}): Database {
  const pool = openPool(url, { max: options.max ?? 10, onLost: options.onLost ?? (() => undefined) });
  const db = drizzlePostgres(pool.sql, { schema }) as unknown as Db;
  return { db, kind: "postgres", close: () => pool.end() };
}

/** Runs `query` and checks each row. Instants come as text from raw SQL: read them with `z.coerce.date()`, counts with `z.coerce.number()`. */
export async function rowsOf<S extends z.ZodType>(db: Db, row: S, query: SQL): Promise<z.infer<S>[]> {
  return rowsIn(await db.execute(query)).map((each) => row.parse(each));
}

function rowsIn(result: unknown): unknown[] {
  return Array.isArray(result) ? [...result] : (result as { rows: unknown[] }).rows;
}

/**
 * A statement that is worded once, and planned once for each connection; its parameters are `sql.placeholder`s. For what is done so often
 * that planning would cost more than doing it.
 */
export function prepared<S extends z.ZodType>(name: string, row: S, query: SQL) {
  const worded = new PgDialect().sqlToQuery(query);
  return async (db: Db, values: Record<string, unknown>): Promise<z.infer<S>[]> => {
    const statement = db._.session.prepareQuery(worded, undefined, name, false);
    return rowsIn(await statement.execute(values)).map((each) => row.parse(each));
  };
}

/** A transaction, run again up to three times after a deadlock or a serialisation failure: `work` touches nothing but the database. */
export function inTransaction<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return retried(() => db.transaction((tx) => work(tx as unknown as Tx)));
}

/** The same for a single statement. */
export async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === RETRIES || !isRetryable(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS * 2 ** tries));
    }
  }
}

/** Gives the statements of this transaction a minute instead of five seconds. */
export async function withBulkTime(tx: Tx): Promise<void> {
  await tx.execute(sql.raw(BULK_TIME));
}

/** The rows that a statement `byKey` is about, as one parameter named `rows`, in JSON: the same on both drivers, however many. */
export const ROWS = sql`${sql.placeholder("rows")}::text::jsonb`;

/**
 * A statement about a few hundred known rows of a table of any size: found by key one after the other, where the planner would rather read
 * the table, and planned once for each connection.
 */
export function byKey<S extends z.ZodType>(name: string, row: S, query: SQL) {
  const run = prepared(name, row, query);
  return (db: Db, values: Record<string, unknown>): Promise<z.infer<S>[]> =>
    inTransaction(db, async (tx) => {
      await tx.execute(BY_KEY);
      return run(tx, values);
    });
}

const BY_KEY = sql.raw(`select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
  set_config('enable_mergejoin', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)`);
