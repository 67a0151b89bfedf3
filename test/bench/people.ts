/** The bench's organisation: its people by department, and bulk sends to them as the product makes them. */
import { setTimeout as wait } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { freezeSend, getSend, getTotals, moveSend, queueRecipients } from "../../src/db/sends.ts";
import { inTransaction, withBulkTime, type Db } from "../../src/db/client.ts";
import { users } from "../../src/db/schema/tables.ts";
import type { Totals } from "../../src/domain/bulk-send.ts";
import * as insert from "../support/insert.ts";

export type Organisation = { organisationId: number; ownerId: number };

/** That of the Slack workspace T1, whose owner is U1 and needs nobody's approval. */
export async function insertOrganisation(db: Db): Promise<Organisation> {
  const { id: organisationId } = await insert.organisation(db, { name: "Bench", approvalOver: 2_000_000 });
  await insert.workspace(db, organisationId, { workspace: "T1" });
  const { id: ownerId } = await insert.principal(db, organisationId, { workspace: "T1", person: "U1", configuredOwner: true });
  return { organisationId, ownerId };
}

/** Pending people in a department of their own, in five languages. Returns its id. */
export async function insertDepartment(db: Db, { organisationId }: Organisation, name: string, count: number): Promise<number> {
  const departmentId = await insert.department(db, organisationId, name);
  const step = 100_000;
  for (let from = 1; from <= count; from += step) {
    await inTransaction(db, async (tx) => {
      await withBulkTime(tx);
      await tx.execute(sql`
        insert into users (organisation_id, user_id, name, department_id, login_address, login_address_key, language)
        select ${organisationId}, ${name}::text || n, 'Many Person ' || n, ${departmentId}, ${name}::text || n || '@acme.example',
          lower(${name}::text || n || '@acme.example'), (array['en', 'sv', 'nb', 'da', 'fi'])[1 + n % 5]
        from generate_series(${from}::int, ${Math.min(from + step - 1, count)}::int) n`);
    });
  }
  await db.execute(sql`vacuum analyze ${users}`);
  return departmentId;
}

/** Freezes, confirms and queues a bulk send to a department. Returns its id. */
export function startSend(db: Db, { organisationId, ownerId }: Organisation, departmentId: number): Promise<number> {
  return inTransaction(db, async (tx) => {
    const bulk = {
      organisationId,
      createdBy: ownerId,
      selection: [],
      forced: false,
      reason: null,
      language: null,
      startAt: null,
      lapsesAfterMs: 60_000,
    };
    const { id } = await freezeSend(tx, bulk, sql`${users.organisationId} = ${organisationId} and ${users.departmentId} = ${departmentId}`);
    await moveSend(tx, organisationId, id, { from: ["previewed"], to: "running", inTime: true, set: { startedBy: ownerId } });
    await queueRecipients(tx, organisationId, id, ownerId);
    return id;
  });
}

/** Waits for the last mail to be settled. */
export async function completed(db: Db, { organisationId }: Organisation, id: number): Promise<Totals> {
  while ((await getSend(db, organisationId, id)).state !== "completed") await wait(50);
  return getTotals(db, organisationId, id);
}

const DEPARTMENTS = 1_000;

/**
 * `count` users of every kind: of ten, six are connected, two pending, one without an address, and the last one pending but suppressed, mailed an
 * hour ago or deactivated. All in departments of a thousandth each, but for `frozen` pending ones in the department *Frozen*.
 */
export async function insertMillion(
  db: Db,
  organisation: Organisation,
  count: number,
  frozen: number,
): Promise<{ departments: string[]; frozenDepartmentId: number }> {
  const { organisationId } = organisation;
  await db.execute(
    sql`insert into departments (organisation_id, name) select ${organisationId}, 'Part' || n from generate_series(1, ${DEPARTMENTS}::int) n`,
  );
  const step = 100_000;
  for (let from = 1; from <= count - frozen; from += step) {
    await inTransaction(db, async (tx) => {
      await withBulkTime(tx);
      await tx.execute(sql`
        insert into users (organisation_id, user_id, name, department_id, login_address, login_address_key, verified_at, suppressed_at,
          last_verification_at, activated)
        select ${organisationId}, 'M' || n, 'Many Person ' || n, d.id, address, address, case when kind < 6 then now() end,
          case when kind = 9 and n % 3 = 0 then now() end, case when kind = 9 and n % 3 = 1 then now() - interval '1 hour' end, kind <> 9 or n % 3 <> 2
        from generate_series(${from}::int, ${Math.min(from + step - 1, count - frozen)}::int) n
        cross join lateral (select n / 7 % 10 as kind) as k
        cross join lateral (select case when kind <> 8 then 'm' || n || '@acme.example' end as address) as a
        join departments d on d.organisation_id = ${organisationId} and d.name = 'Part' || 1 + n % ${DEPARTMENTS}::int`);
    });
  }
  const frozenDepartmentId = await insertDepartment(db, organisation, "Frozen", frozen);
  return { departments: Array.from({ length: DEPARTMENTS }, (_, index) => `Part${index + 1}`), frozenDepartmentId };
}
