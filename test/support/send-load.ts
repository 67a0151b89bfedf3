/** An organisation with many people, a mail for each, and the count of what became of them. */
import { sql } from "drizzle-orm";
import { z } from "zod";
import { inTransaction, rowsOf, type Db } from "../../src/db/client.ts";
import * as insert from "./insert.ts";

/** People in the organisation of the Slack workspace T1, whose owner is U1. */
export async function insertPeople(db: Db, count: number): Promise<{ organisationId: number; ownerId: number }> {
  const { id: organisationId } = await insert.organisation(db);
  await insert.workspace(db, organisationId, { workspace: "T1" });
  const { id: ownerId } = await insert.principal(db, organisationId, { workspace: "T1", person: "U1", configuredOwner: true });
  await db.execute(sql`
    insert into users (organisation_id, user_id, name, login_address, login_address_key)
    select ${organisationId}, 'R' || n, 'Many Person ' || n, 'r' || n || '@acme.example', 'r' || n || '@acme.example'
    from generate_series(1, ${count}::int) n`);
  return { organisationId, ownerId };
}

/** One running bulk send to all of them. */
export async function queueMails(db: Db, { organisationId, ownerId }: { organisationId: number; ownerId: number }): Promise<void> {
  await inTransaction(db, async (tx) => {
    const bulk = await insert.bulkSend(tx, organisationId, { createdBy: ownerId });
    await tx.execute(sql`
      insert into deliveries (organisation_id, user_id, bulk_send_id, requested_by, sending, address_version)
      select organisation_id, id, ${bulk.id}, ${ownerId}, 'bulk', address_version from users
      where organisation_id = ${organisationId} and user_id like 'R%'`);
  });
}

const Count = z.object({ state: z.string(), open: z.boolean(), count: z.coerce.number() });

export function deliveryStates(db: Db): Promise<z.infer<typeof Count>[]> {
  return rowsOf(db, Count, sql`select state, settled_at is null as open, count(*) from deliveries group by 1, 2 order by 1, 2`);
}

/** Leases are renewed every 20 s and last 60: one with less than 40 left has nobody to renew it, and is let end now. */
export async function endAbandonedLeases(db: Db): Promise<void> {
  await db.execute(
    sql`update deliveries set leased_until = now() where settled_at is null and leased_until < now() + interval '38 seconds'`,
  );
}
