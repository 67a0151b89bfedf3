import { and, eq, sql } from "drizzle-orm";
import type { Sending } from "../domain/eligibility.ts";
import type { DeliveryState } from "../domain/delivery.ts";
import type { Db, Tx } from "./client.ts";
import { deliveries, users } from "./schema/tables.ts";

export type SingleMail = {
  organisationId: number;
  userId: number;
  addressVersion: number;
  sending: Sending;
  forced: boolean;
  /** The principal who asks; null when a page does. */
  requestedBy: number | null;
  language: string | null;
};

/** Queues one verification mail; undefined when one is open already (two askers at once: the index decides). */
export async function queueSingle(tx: Tx, mail: SingleMail): Promise<number | undefined> {
  const [row] = await tx
    .insert(deliveries)
    .values(mail)
    .onConflictDoNothing({
      target: [deliveries.organisationId, deliveries.userId, deliveries.purpose],
      where: sql`settled_at is null`,
    })
    .returning({ id: deliveries.id });
  return row?.id;
}

export type MailEnd = {
  state: DeliveryState;
  settled: boolean;
  serverAnswer: string | null;
  /** Nothing more is sent to the user's address. */
  suppressed: boolean;
};

/** Where one delivery stands now. */
export async function getMailEnd(db: Db, organisationId: number, id: number): Promise<MailEnd> {
  const [row] = await db
    .select({
      state: deliveries.state,
      settledAt: deliveries.settledAt,
      serverAnswer: deliveries.serverAnswer,
      suppressedAt: users.suppressedAt,
    })
    .from(deliveries)
    .innerJoin(users, and(eq(users.organisationId, deliveries.organisationId), eq(users.id, deliveries.userId)))
    .where(and(eq(deliveries.organisationId, organisationId), eq(deliveries.id, id)));
  if (!row) throw new Error(`delivery ${id} is gone`);
  return {
    state: row.state as DeliveryState,
    settled: row.settledAt !== null,
    serverAnswer: row.serverAnswer,
    suppressed: row.suppressedAt !== null,
  };
}

/** Who a delivery is for, as replies speak of them. */
export async function getMailed(db: Db, organisationId: number, id: number) {
  const [row] = await db
    .select({ name: users.name, loginAddress: users.loginAddress, userLanguage: users.language, language: deliveries.language })
    .from(deliveries)
    .innerJoin(users, and(eq(users.organisationId, deliveries.organisationId), eq(users.id, deliveries.userId)))
    .where(and(eq(deliveries.organisationId, organisationId), eq(deliveries.id, id)));
  if (!row) throw new Error(`delivery ${id} is gone`);
  return { user: { name: row.name, loginAddress: row.loginAddress, language: row.userLanguage }, language: row.language };
}
