/** Who did what, when: audit events and mails, newest first, as far as the reader's scope goes. */
import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import { DELIVERY_STATES } from "../domain/delivery.ts";
import type { Scope } from "../domain/permission.ts";
import { rowsOf, type Db } from "./client.ts";
import { auditEvents, sends, deliveries, principals, users } from "./schema/tables.ts";

const Event = z.object({
  at: z.coerce.date(),
  action: z.string(),
  /** The name of who did it; null for the system, a page, or a chat account that is linked to nobody. */
  by: z.string().nullable(),
  userId: z.string().nullable(),
  bulk: z.coerce.number().nullable(),
  detail: z.record(z.string(), z.unknown()).nullable(),
});
export type AuditRow = z.infer<typeof Event>;

const eventsSql = sql`select e.happened_at as at, e.action, actor.name as by, u.user_id as "userId", b.number as bulk, e.detail
  from ${auditEvents} e
  left join ${principals} p on p.organisation_id = e.organisation_id and p.id = e.principal_id
  left join ${users} actor on actor.organisation_id = p.organisation_id and actor.id = p.user_id
  left join ${users} u on u.organisation_id = e.organisation_id and u.id = e.user_id
  left join ${sends} b on b.organisation_id = e.organisation_id and b.id = e.bulk_send_id`;

const newest = (limit: number) => sql`order by e.happened_at desc, e.id desc limit ${limit}`;

/** What was done to one user. */
export function listEventsOf(db: Db, organisationId: number, userId: number, limit: number): Promise<AuditRow[]> {
  return rowsOf(db, Event, sql`${eventsSql} where e.organisation_id = ${organisationId} and e.user_id = ${userId} ${newest(limit)}`);
}

/** The audit trail: all of it, or what concerns users in scope and one's own doings. */
export function listEvents(
  db: Db,
  actor: { organisationId: number; principalId: number; scope: Scope },
  limit: number,
): Promise<AuditRow[]> {
  return rowsOf(db, Event, sql`${eventsSql} where e.organisation_id = ${actor.organisationId} and ${seenEvent(actor)} ${newest(limit)}`);
}

/** How many events a reader may see. */
export async function countEvents(db: Db, actor: Parameters<typeof listEvents>[1]): Promise<number> {
  const from = sql`from ${auditEvents} e left join ${users} u on u.organisation_id = e.organisation_id and u.id = e.user_id`;
  const where = sql`where e.organisation_id = ${actor.organisationId} and ${seenEvent(actor)}`;
  const [row] = await rowsOf(db, z.object({ count: z.coerce.number() }), sql`select count(*) ${from} ${where}`);
  return row?.count ?? 0;
}

function seenEvent({ principalId, scope }: { principalId: number; scope: Scope }): SQL {
  const own = sql`e.principal_id = ${principalId}`;
  switch (scope.kind) {
    case "all":
      return sql`true`;
    case "none":
      return own;
    case "companies": {
      const ids = sql.join(
        scope.companyIds.map((id) => sql`${id}`),
        sql`, `,
      );
      return sql`(${own} or u.company_id in (${ids}))`;
    }
  }
}

const MailRow = z.object({
  createdAt: z.coerce.date(),
  settledAt: z.coerce.date().nullable(),
  state: z.enum(DELIVERY_STATES),
  bulk: z.coerce.number().nullable(),
  by: z.string().nullable(),
  serverAnswer: z.string().nullable(),
});

/** The mails of one user. */
export function listMailsOf(db: Db, organisationId: number, userId: number, limit: number) {
  return rowsOf(
    db,
    MailRow,
    sql`select d.created_at as "createdAt", d.settled_at as "settledAt", d.state, b.number as bulk, actor.name as by, d.server_answer as "serverAnswer"
      from ${deliveries} d
      left join ${sends} b on b.organisation_id = d.organisation_id and b.id = d.bulk_send_id
      left join ${principals} p on p.organisation_id = d.organisation_id and p.id = d.requested_by
      left join ${users} actor on actor.organisation_id = p.organisation_id and actor.id = p.user_id
      where d.organisation_id = ${organisationId} and d.user_id = ${userId}
      order by d.created_at desc, d.id desc limit ${limit}`,
  );
}
