/** Selections under a name, for everyone in the organisation. Names are compared without case. */
import { and, asc, eq, inArray, or, sql } from "drizzle-orm";
import type { Db } from "./client.ts";
import { principals, savedSelections, users } from "./schema/tables.ts";

export type SavedBy = { organisationId: number; principalId: number; /** May change what others saved. */ anyones: boolean };

/** Whoever saved it: this very principal, or another account of the same user. */
const mine = ({ organisationId, principalId, anyones }: SavedBy) =>
  anyones
    ? sql`true`
    : or(
        eq(savedSelections.createdBy, principalId),
        sql`${savedSelections.createdBy} in (select other.id from ${principals} me join ${principals} other
          on other.organisation_id = me.organisation_id and other.user_id = me.user_id
          where me.organisation_id = ${organisationId} and me.id = ${principalId})`,
      );

/** `taken`: somebody else's stands under that name. */
export async function saveSelection(db: Db, by: SavedBy, name: string, selection: unknown): Promise<"saved" | "replaced" | "taken"> {
  const values = { organisationId: by.organisationId, name, selection, createdBy: by.principalId };
  const added = await db.insert(savedSelections).values(values).onConflictDoNothing().returning({ name: savedSelections.name });
  if (added.length > 0) return "saved";
  const changed = await db
    .update(savedSelections)
    .set({ selection, createdBy: by.principalId, createdAt: sql`now()` })
    .where(and(eq(savedSelections.organisationId, by.organisationId), eq(savedSelections.name, name), mine(by)))
    .returning({ name: savedSelections.name });
  return changed.length > 0 ? "replaced" : "taken";
}

export async function removeSaved(db: Db, by: SavedBy, name: string): Promise<boolean> {
  const gone = await db
    .delete(savedSelections)
    .where(and(eq(savedSelections.organisationId, by.organisationId), eq(savedSelections.name, name), mine(by)))
    .returning({ name: savedSelections.name });
  return gone.length > 0;
}

export function findSaved(db: Db, organisationId: number, names: string[]) {
  return db
    .select({ name: savedSelections.name, selection: savedSelections.selection })
    .from(savedSelections)
    .where(and(eq(savedSelections.organisationId, organisationId), inArray(savedSelections.name, names)));
}

export function listSaved(db: Db, organisationId: number, limit: number) {
  return db
    .select({ name: savedSelections.name, selection: savedSelections.selection, by: users.name })
    .from(savedSelections)
    .leftJoin(principals, and(eq(principals.organisationId, savedSelections.organisationId), eq(principals.id, savedSelections.createdBy)))
    .leftJoin(users, and(eq(users.organisationId, principals.organisationId), eq(users.id, principals.userId)))
    .where(eq(savedSelections.organisationId, organisationId))
    .orderBy(asc(savedSelections.name))
    .limit(limit);
}
