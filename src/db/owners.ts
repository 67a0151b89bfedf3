/** Ties a chat person to a user and makes the user an owner: what the command line does, and nothing in chat can. */
import { and, eq, sql } from "drizzle-orm";
import type { Tx } from "./client.ts";
import { principals, roleGrants, users } from "./schema.ts";

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
