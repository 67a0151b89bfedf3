/** Opens Postgres or PGlite behind one type. The same schema and SQL run on both. */
import { PGlite } from "@electric-sql/pglite";
import type { SQL } from "drizzle-orm";
import type { PgDatabase, PgQueryResultHKT, PgTransaction } from "drizzle-orm/pg-core";
import { drizzle as drizzlePglite } from "drizzle-orm/pglite";
import { drizzle as drizzlePostgres } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import type { z } from "zod";
import * as schema from "./schema.ts";

type Schema = typeof schema;

/** The database, or a transaction in it. */
export type Db = PgDatabase<PgQueryResultHKT, Schema>;

/** A transaction: what a write that must commit with its neighbours asks for. */
export type Tx = PgTransaction<PgQueryResultHKT, Schema, never>;

export type Database = { db: Db; kind: "postgres" | "pglite"; close(): Promise<void> };

export async function openPglite(dataDir: string | PGlite): Promise<Database> {
  const client = typeof dataDir === "string" ? await PGlite.create(dataDir) : dataDir;
  const db = drizzlePglite(client, { schema }) as unknown as Db;
  return { db, kind: "pglite", close: () => client.close() };
}

export function openPostgres(url: string): Database {
  const client = postgres(url, { max: 10, onnotice: () => undefined, connection: { statement_timeout: 5000, application_name: "verify-bot" } });
  const db = drizzlePostgres(client, { schema }) as unknown as Db;
  return { db, kind: "postgres", close: () => client.end({ timeout: 5 }) };
}

/** Runs `query` and checks each row. Instants come as text from raw SQL: read them with `z.coerce.date()`, counts with `z.coerce.number()`. */
export async function rowsOf<S extends z.ZodType>(db: Db, row: S, query: SQL): Promise<z.infer<S>[]> {
  const result: unknown = await db.execute(query);
  const found: unknown[] = Array.isArray(result) ? [...result] : (result as { rows: unknown[] }).rows;
  return found.map((each) => row.parse(each));
}
