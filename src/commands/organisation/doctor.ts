/** What the database says when asked how it is. */
import { sql } from "drizzle-orm";
import { z } from "zod";
import { rowsOf, type Db } from "../../db/client.ts";
import { listOrganisationNames } from "../../db/organisations.ts";

export type DatabaseHealth = { version: string; organisations: number };

export async function checkDatabase({ db }: { db: Db }): Promise<DatabaseHealth> {
  const [row] = await rowsOf(db, z.object({ version: z.string() }), sql`select current_setting('server_version') as version`);
  return { version: row?.version ?? "unknown", organisations: (await listOrganisationNames(db)).length };
}
