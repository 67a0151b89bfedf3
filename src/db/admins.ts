/** The admins of one user: whom somebody who is stuck may turn to. */
import { sql } from "drizzle-orm";
import { z } from "zod";
import { rowsOf, type Tx } from "./client.ts";
import { auditEvents, authorisations, principals, roleGrants, users } from "./schema/tables.ts";

const Admin = z.object({ principalId: z.coerce.number(), userId: z.coerce.number().nullable() });

/** Chat accounts that can be reached of owners and of admins whose scope holds the user's company, the user's own left out. At most 50. */
export function listAdminsOf(tx: Tx, organisationId: number, userId: number) {
  return rowsOf(
    tx,
    Admin,
    sql`select p.id as "principalId", a.id as "userId" from ${principals} p
      join ${users} m on m.organisation_id = p.organisation_id and m.id = ${userId}
      left join ${users} a on a.organisation_id = p.organisation_id and a.id = p.user_id and a.activated
      where p.organisation_id = ${organisationId} and (p.platform <> 'teams' or p.private_conversation is not null)
        and p.user_id is distinct from ${userId}::bigint
        and (p.configured_owner or exists (select 1 from ${roleGrants} g
          where g.organisation_id = p.organisation_id and g.user_id = a.id and (g.role = 'owner' or g.role = 'admin' and exists (
            select 1 from ${authorisations} s
            where s.organisation_id = a.organisation_id and s.user_id = a.id and s.company_id = m.company_id))))
      order by p.id limit 50`,
  );
}

const Asked = z.object({ asked: z.boolean() });

/** Whether the user's admins were asked for help in the last 24 hours. Holds the user's row, so that two presses at once ask once. */
export async function wereAdminsAsked(tx: Tx, organisationId: number, userId: number): Promise<boolean> {
  await tx.execute(sql`select 1 from ${users} where ${users.organisationId} = ${organisationId} and ${users.id} = ${userId} for update`);
  const [row] = await rowsOf(
    tx,
    Asked,
    sql`select exists (select 1 from ${auditEvents} where ${auditEvents.organisationId} = ${organisationId} and ${auditEvents.userId} = ${userId}
      and ${auditEvents.action} = 'ask-admin' and ${auditEvents.happenedAt} > now() - interval '24 hours') as asked`,
  );
  return row?.asked ?? false;
}
