/** Ties a chat person to a user and makes the user an owner: what the command line does, and nothing in chat can. */
import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { rowsOf, type Db, type Tx } from "./client.ts";
import { principals, roleGrants, users } from "./schema/tables.ts";

type Key = { platform: string; workspace: string; person: string };

export async function findUserByUserId(tx: Tx, organisationId: number, userId: string) {
  const [row] = await tx
    .select({ id: users.id, name: users.name, activated: users.activated })
    .from(users)
    .where(and(eq(users.organisationId, organisationId), eq(users.userId, userId)));
  return row;
}

/** Links a principal to a user, also when it was linked to another. Returns the principal. */
export async function linkPrincipal(tx: Tx, organisationId: number, key: Key, userId: number): Promise<number> {
  const link = { userId, linkedAt: sql`now()` };
  const [row] = await tx
    .insert(principals)
    .values({ organisationId, ...key, ...link })
    .onConflictDoUpdate({ target: [principals.organisationId, principals.platform, principals.workspace, principals.person], set: link })
    .returning({ id: principals.id });
  if (!row) throw new Error("the principal was neither found nor made");
  return row.id;
}

/** False when the user has the role already. */
export async function grantRole(tx: Tx, organisationId: number, userId: number, role: string): Promise<boolean> {
  const granted = await tx
    .insert(roleGrants)
    .values({ organisationId, userId, role })
    .onConflictDoNothing()
    .returning({ userId: roleGrants.userId });
  return granted.length === 1;
}

const OwnerRow = z.object({ organisationId: z.coerce.number(), principalIds: z.array(z.coerce.number()) });

/** The chat accounts of every organisation's owners. */
export function listOwners(db: Db) {
  return rowsOf(
    db,
    OwnerRow,
    sql`select p.organisation_id as "organisationId", array_agg(p.id order by p.id) as "principalIds" from ${principals} p
      left join ${users} u on u.organisation_id = p.organisation_id and u.id = p.user_id and u.activated
      where p.configured_owner or exists (
        select 1 from ${roleGrants} g where g.organisation_id = p.organisation_id and g.user_id = u.id and g.role = 'owner')
      group by p.organisation_id order by p.organisation_id`,
  );
}
