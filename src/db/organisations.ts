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
