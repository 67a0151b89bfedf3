import { and, eq, isNotNull, isNull, sql } from "drizzle-orm";
import type { Db, Tx } from "./client.ts";
import { organisations } from "./schema.ts";

/** Since when no mail leaves for this organisation; null while mail flows. */
export async function findMailStop(db: Db, organisationId: number): Promise<Date | null> {
  const [row] = await db.select({ at: organisations.mailStoppedAt }).from(organisations).where(eq(organisations.id, organisationId));
  return row?.at ?? null;
}

/** Turns the organisation's mail off or on; false when it was so already. */
export async function switchMail(tx: Tx, organisationId: number, on: boolean, principalId: number): Promise<boolean> {
  const switched = await tx
    .update(organisations)
    .set(on ? { mailStoppedAt: null, mailStoppedBy: null } : { mailStoppedAt: sql`now()`, mailStoppedBy: principalId })
    .where(and(eq(organisations.id, organisationId), on ? isNotNull(organisations.mailStoppedAt) : isNull(organisations.mailStoppedAt)))
    .returning({ id: organisations.id });
  return switched.length === 1;
}

export async function findOrganisation(db: Db, name: string): Promise<{ id: number } | undefined> {
  const [row] = await db.select({ id: organisations.id }).from(organisations).where(eq(organisations.name, name));
  return row;
}

export async function listOrganisationNames(db: Db): Promise<string[]> {
  const rows = await db.select({ name: organisations.name }).from(organisations).orderBy(organisations.name);
  return rows.map((row) => row.name);
}

/** Undefined where the name is taken. */
export async function addOrganisation(tx: Tx, values: { name: string; language: string }): Promise<number | undefined> {
  const [row] = await tx.insert(organisations).values(values).onConflictDoNothing().returning({ id: organisations.id });
  return row?.id;
}
