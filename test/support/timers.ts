import { sql } from "drizzle-orm";
import { z } from "zod";
import { afterAll } from "vitest";
import { rowsOf, type Db } from "../../src/db/client.ts";
import { openTimers } from "../../src/worker/timers.ts";

/** The job queue on a test database, closed after the file: call it at the top of one. Faults are said aloud. */
export async function testTimers(db: Db, keeps = false) {
  const opened = await openTimers(db, await urlOf(db), keeps, { log: loud, now: () => new Date() });
  afterAll(() => opened.store.close());
  return opened;
}

/** The URL of the Postgres that `db` is on; undefined on PGlite. */
async function urlOf(db: Db): Promise<string | undefined> {
  const server = process.env["VERIFY_TEST_POSTGRES"];
  if (!server) return undefined;
  const [row] = await rowsOf(db, z.object({ name: z.string() }), sql`select current_database() as name`);
  const url = new URL(server);
  url.pathname = `/${row?.name}`;
  return url.href;
}

const say = (fields: object, message: string) => process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
const loud = { debug: () => undefined, info: () => undefined, warn: say, error: say };
