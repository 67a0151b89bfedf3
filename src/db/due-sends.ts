/** Bulk sends whose time is over or has come, by the database's clock. */
import { sql } from "drizzle-orm";
import { z } from "zod";
import { rowsOf, type Db } from "./client.ts";
import { sends } from "./schema/tables.ts";

const Due = z.object({
  organisationId: z.coerce.number(),
  id: z.coerce.number(),
  state: z.enum(["scheduled", "awaiting-approval"]),
});

/** Scheduled ones that are to start, and waits for an approval that are over: of everyone, or the one that is asked about. */
export function listDueSends(db: Db, only?: { organisationId: number; sendId: number }): Promise<z.infer<typeof Due>[]> {
  const asked = only ? sql`and organisation_id = ${only.organisationId} and id = ${only.sendId}` : sql``;
  return rowsOf(
    db,
    Due,
    sql`select organisation_id as "organisationId", id, state from ${sends}
      where (state = 'scheduled' and scheduled_at <= now() or state = 'awaiting-approval' and lapses_at <= now()) ${asked}
      order by coalesce(scheduled_at, lapses_at), id limit 1000`,
  );
}

/** Previews that nobody confirmed in time. */
export async function lapsePreviews(db: Db): Promise<void> {
  await db.execute(sql`update ${sends} set state = 'lapsed', ended_at = now() where state = 'previewed' and lapses_at <= now()`);
}
