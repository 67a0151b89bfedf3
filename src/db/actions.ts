import { and, eq, sql } from "drizzle-orm";
import type { Db } from "./client.ts";
import { actions } from "./schema/tables.ts";

type NewAction = { id: string; call: unknown; once: boolean };

/** Keeps the state behind buttons and forms for 24 hours; the same id again only lives longer. */
export async function saveActions(db: Db, organisationId: number, principalId: number, rows: NewAction[]): Promise<void> {
  if (rows.length === 0) return;
  await db
    .insert(actions)
    .values(rows.map((row) => ({ organisationId, principalId, expiresAt: sql`now() + interval '24 hours'`, ...row })))
    .onConflictDoUpdate({ target: [actions.organisationId, actions.id], set: { expiresAt: sql`now() + interval '24 hours'` } });
}

/** The action behind an id, whoever's it is; undefined when unknown or of another organisation. */
export async function findAction(db: Db, organisationId: number, id: string) {
  const [row] = await db
    .select({
      principalId: actions.principalId,
      call: actions.call,
      once: actions.once,
      expired: sql<boolean>`${actions.expiresAt} <= now()`,
    })
    .from(actions)
    .where(and(eq(actions.organisationId, organisationId), eq(actions.id, id)));
  return row;
}

/** True for the one press that counts. */
export async function pressOnce(db: Db, organisationId: number, id: string): Promise<boolean> {
  const pressed = await db
    .update(actions)
    .set({ pressedAt: sql`now()` })
    .where(and(eq(actions.organisationId, organisationId), eq(actions.id, id), sql`${actions.pressedAt} is null`))
    .returning({ id: actions.id });
  return pressed.length === 1;
}
