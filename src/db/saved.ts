/** Selections under a name, for everyone in the organisation. Names are compared without case. Whoever may not see the people of its maker does not see a selection. */
import { and, asc, desc, eq, inArray, sql, type SQL } from "drizzle-orm";
import type { Db } from "./client.ts";
import type { Seer } from "./parts.ts";
import { authorisations, principals, roleGrants, savedSelections, users } from "./schema/tables.ts";

/** `anyones`: may change what others saved. */
export type SavedBy = Seer & { principalId: number; anyones: boolean };

/** Whoever saved it: this very principal, or another account of the same user. */
const mine = ({ organisationId, principalId }: SavedBy) =>
  sql`(${savedSelections.createdBy} = ${principalId} or ${savedSelections.createdBy} in (select other.id from ${principals} me join ${principals} other
    on other.organisation_id = me.organisation_id and other.user_id = me.user_id
    where me.organisation_id = ${organisationId} and me.id = ${principalId}))`;

/** Saved by oneself, or by somebody whose companies are all one's own, too. */
function visible(by: SavedBy): SQL {
  const own = eq(savedSelections.organisationId, by.organisationId);
  if (by.scope.kind === "all") return own;
  const companies = sql.param(`{${by.scope.kind === "companies" ? by.scope.companyIds.join(",") : ""}}`);
  return sql`${own} and (${mine(by)} or exists (
    select from ${principals} p where p.organisation_id = ${by.organisationId} and p.id = ${savedSelections.createdBy} and not p.configured_owner
      and not exists (select from ${roleGrants} g where g.organisation_id = p.organisation_id and g.user_id = p.user_id and g.role = 'owner')
      and (select bool_and(a.company_id = any(${companies}::bigint[])) from ${authorisations} a
        where a.organisation_id = p.organisation_id and a.user_id = p.user_id)))`;
}

/** `taken`: somebody else's stands under that name. Of one name, each sees one's own first. */
export async function saveSelection(db: Db, by: SavedBy, name: string, selection: unknown): Promise<"saved" | "replaced" | "taken"> {
  const { organisationId, principalId } = by;
  const [there] = await db
    .select({ createdBy: savedSelections.createdBy, mine: sql<boolean>`${mine(by)}` })
    .from(savedSelections)
    .where(and(visible(by), eq(savedSelections.name, name)))
    .orderBy(desc(mine(by)))
    .limit(1);
  if (there && !there.mine && !by.anyones) return "taken";
  const set = { selection, createdAt: sql`now()` };
  await db
    .insert(savedSelections)
    .values({ organisationId, name, selection, createdBy: there?.createdBy ?? principalId })
    .onConflictDoUpdate({ target: [savedSelections.organisationId, savedSelections.name, savedSelections.createdBy], set });
  return there ? "replaced" : "saved";
}

export async function removeSaved(db: Db, by: SavedBy, name: string): Promise<boolean> {
  const gone = await db
    .delete(savedSelections)
    .where(and(visible(by), eq(savedSelections.name, name), by.anyones ? undefined : mine(by)))
    .returning({ name: savedSelections.name });
  return gone.length > 0;
}

/** Of those with one name, one's own comes last. */
export function findSaved(db: Db, by: SavedBy, names: string[]) {
  return db
    .select({ name: savedSelections.name, selection: savedSelections.selection })
    .from(savedSelections)
    .where(and(visible(by), inArray(savedSelections.name, names)))
    .orderBy(asc(mine(by)));
}

export function listSaved(db: Db, by: SavedBy, limit: number) {
  return db
    .select({ name: savedSelections.name, selection: savedSelections.selection, by: users.name })
    .from(savedSelections)
    .leftJoin(principals, and(eq(principals.organisationId, savedSelections.organisationId), eq(principals.id, savedSelections.createdBy)))
    .leftJoin(users, and(eq(users.organisationId, principals.organisationId), eq(users.id, principals.userId)))
    .where(visible(by))
    .orderBy(asc(savedSelections.name))
    .limit(limit);
}
