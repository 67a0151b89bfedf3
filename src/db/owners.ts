/** Who has which powers, and how a chat person becomes an owner: by the command line, and by nothing in chat. */
import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { rowsOf, type Db, type Tx } from "./client.ts";
import { rolesAmong, scopeOf, type Powers } from "../domain/permission.ts";
import { authorisations, principals, roleGrants, users } from "./schema/tables.ts";

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

const PowersRow = z.object({ roles: z.array(z.string()), configuredOwner: z.boolean(), companyIds: z.array(z.coerce.number()) });

/** A user's roles, by whatever account, and the companies they may act on. */
export async function getPowers(tx: Tx, organisationId: number, userId: number): Promise<Powers> {
  const [row] = await rowsOf(
    tx,
    PowersRow,
    sql`select array(select g.role from ${roleGrants} g where g.organisation_id = ${organisationId} and g.user_id = ${userId}) as roles,
      exists (select from ${principals} p where p.organisation_id = ${organisationId} and p.user_id = ${userId} and p.configured_owner) as "configuredOwner",
      array(select a.company_id from ${authorisations} a where a.organisation_id = ${organisationId} and a.user_id = ${userId}) as "companyIds"`,
  );
  const roles = rolesAmong([...(row?.roles ?? []), ...(row?.configuredOwner ? ["owner"] : [])]);
  return { roles, scope: scopeOf(roles, row?.companyIds ?? []) };
}

const OwnerRow = z.object({ organisationId: z.coerce.number(), principalIds: z.array(z.coerce.number()) });

/** The chat accounts of the owners of every organisation, or of one. */
export function listOwners(db: Db, organisationId?: number) {
  return rowsOf(
    db,
    OwnerRow,
    sql`select p.organisation_id as "organisationId", array_agg(p.id order by p.id) as "principalIds" from ${principals} p
      left join ${users} u on u.organisation_id = p.organisation_id and u.id = p.user_id and u.activated
      where ${organisationId === undefined ? sql`true` : sql`p.organisation_id = ${organisationId}`} and (p.configured_owner or exists (
        select 1 from ${roleGrants} g where g.organisation_id = p.organisation_id and g.user_id = u.id and g.role = 'owner'))
      group by p.organisation_id order by p.organisation_id`,
  );
}
