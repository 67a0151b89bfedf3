/** Brings the tables up to date at start. Forward only; safe when several instances start at once. */
import { fileURLToPath } from "node:url";
import type { PgliteDatabase } from "drizzle-orm/pglite";
import { migrate as migratePgliteTables } from "drizzle-orm/pglite/migrator";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as migratePostgresTables } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import type { Db } from "./client.ts";
import { installTimerStore } from "./timer-store.ts";

const migrationsFolder = fileURLToPath(new URL("../../migrations", import.meta.url));
/** Any fixed number of our own; advisory locks are per database. */
const LOCK = 728_114_902;

export async function migratePglite(db: Db): Promise<void> {
  await migratePgliteTables(db as unknown as PgliteDatabase, { migrationsFolder });
  await installTimerStore({ pglite: db });
}

/** On a connection of its own, under a lock that goes with the connection: the second instance waits, then finds nothing to do. */
export async function migratePostgres(url: string): Promise<void> {
  const client = postgres(url, {
    max: 1,
    connect_timeout: 3,
    onnotice: () => undefined,
    connection: { application_name: "verify-bot migrate" },
  });
  try {
    await client`select pg_advisory_lock(${LOCK})`;
    await migratePostgresTables(drizzle(client), { migrationsFolder });
    await installTimerStore({ postgres: client });
  } finally {
    await client.end({ timeout: 5 });
  }
}
