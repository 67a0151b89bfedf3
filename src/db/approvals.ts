/** Four-eyes: a large bulk send waits for another admin whose scope covers its frozen audience. */
import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { rowsOf, type Db } from "./client.ts";
import { authorisations, organisations, principals, recipients, roleGrants, users } from "./schema/tables.ts";

/** How many of the frozen audience would get mail, and over how many an approval is needed. */
export async function getApprovalFacts(db: Db, organisationId: number, sendId: number): Promise<{ sendable: number; over: number }> {
  const [row] = await db.select({ over: organisations.approvalOver }).from(organisations).where(eq(organisations.id, organisationId));
  const sendable = await db.$count(
    recipients,
    sql`${recipients.organisationId} = ${organisationId} and ${recipients.sendId} = ${sendId} and ${recipients.skipReason} is null`,
  );
  return { sendable, over: row?.over ?? 0 };
}

const Approver = z.object({ principalId: z.coerce.number(), userId: z.coerce.number().nullable(), reachable: z.boolean() });

/**
 * Chat accounts of other admins and owners who may approve: the confirmer's user never may, from whatever account. Not `reachable` is one on Teams
 * with whom the bot has no conversation: there, only the person can begin one.
 */
export function listApprovers(
  db: Db,
  organisationId: number,
  sendId: number,
  confirmer: { principalId: number; userId: number | null },
  limit: number,
) {
  return rowsOf(
    db,
    Approver,
    sql`select p.id as "principalId", u.id as "userId", p.platform <> 'teams' or p.private_conversation is not null as reachable
      from ${principals} p left join ${users} u on u.organisation_id = p.organisation_id and u.id = p.user_id and u.activated
      where p.organisation_id = ${organisationId} and p.id <> ${confirmer.principalId}
        and (u.id is null or u.id is distinct from ${confirmer.userId}::bigint)
        and (p.configured_owner or exists (select 1 from ${roleGrants} g
          where g.organisation_id = p.organisation_id and g.user_id = u.id and (g.role = 'owner' or g.role = 'admin' and not exists (
            select 1 from ${recipients} r join ${users} m on m.organisation_id = r.organisation_id and m.id = r.user_id
            where r.organisation_id = p.organisation_id and r.bulk_send_id = ${sendId} and not exists (
              select 1 from ${authorisations} a where a.organisation_id = u.organisation_id and a.user_id = u.id and a.company_id = m.company_id)))))
      order by p.id limit ${limit}`,
  );
}
