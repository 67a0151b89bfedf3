/** From configuration to a database that is ready: locked where it is a directory, and migrated. */
import { join } from "node:path";
import { openPglite, openPostgres, type Database } from "./client.ts";
import { migratePglite, migratePostgres } from "./migrate.ts";
import { lockDataDir } from "./pglite-lock.ts";

export type Where = { url: string | undefined; dataDir: string };

/** `in-use`: another process has the data directory open. */
export type Opened = { kind: "open"; database: Database } | { kind: "in-use"; dataDir: string; pid: number | undefined };

/** Rejects when Postgres is away (`isDatabaseAway`). */
export async function openDatabase({ url, dataDir }: Where, options: { onLost?: (error: unknown) => void } = {}): Promise<Opened> {
  if (url !== undefined) {
    await migratePostgres(url);
    return { kind: "open", database: openPostgres(url, options) };
  }
  const lock = lockDataDir(dataDir);
  if (lock.kind === "taken") return { kind: "in-use", dataDir, pid: lock.pid };
  try {
    const database = await openPglite(join(dataDir, "database"));
    await migratePglite(database.db);
    const close = async () => {
      await database.close();
      lock.release();
    };
    return { kind: "open", database: { ...database, close } };
  } catch (error) {
    lock.release();
    throw error;
  }
}
