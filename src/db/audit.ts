import type { AuditAction } from "../domain/audit.ts";
import type { Db } from "./client.ts";
import { auditEvents } from "./schema/tables.ts";

export type AuditEvent = {
  organisationId: number;
  principalId: number | null;
  action: AuditAction;
  userId?: number;
  sendId?: number;
  /** Ids, counts and an admin's reason; never a name or an address. */
  detail?: Record<string, string | number | boolean>;
};

export async function noteAudit(db: Db, event: AuditEvent): Promise<void> {
  await db.insert(auditEvents).values(event);
}
