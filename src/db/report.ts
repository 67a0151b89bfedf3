/** How far an organisation has come: who is connected, per company and department, and who is stuck and why. */
import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import { rowsOf, type Db } from "./client.ts";
import { companies, departments, users } from "./schema/tables.ts";

const counts = {
  total: z.coerce.number(),
  connected: z.coerce.number(),
  pending: z.coerce.number(),
  noAddress: z.coerce.number(),
};

const Share = z.object({ company: z.string().nullable(), department: z.string().nullable(), ...counts });
export type Share = z.infer<typeof Share>;

/** Activated users in sight by company and department, the least connected first. */
export function listShares(db: Db, seen: SQL): Promise<Share[]> {
  return rowsOf(
    db,
    Share,
    sql`select ${companies}.name as company, ${departments}.name as department, count(*) as total,
        count(${users.verifiedAt}) as connected,
        count(*) filter (where ${users.loginAddress} is not null and ${users.verifiedAt} is null) as pending,
        count(*) filter (where ${users.loginAddress} is null) as "noAddress"
      from ${users}
      left join ${companies} on ${companies.organisationId} = ${users.organisationId} and ${companies.id} = ${users.companyId}
      left join ${departments} on ${departments.organisationId} = ${users.organisationId} and ${departments.id} = ${users.departmentId}
      where ${seen} and ${users.activated}
      group by 1, 2 order by count(${users.verifiedAt})::float / count(*), 1, 2`,
  );
}

export const STUCK_REASONS = ["no-address", "bounced", "never-mailed", "old", "recent"] as const;
export type StuckReason = (typeof STUCK_REASONS)[number];

/** `old`: the last mail went more than seven days ago. `recent`: since then. */
const stuckSql: SQL = sql`case
  when ${users.loginAddress} is null then 'no-address'
  when ${users.suppressedAt} is not null then 'bounced'
  when ${users.lastVerificationAt} is null then 'never-mailed'
  when ${users.lastVerificationAt} < now() - interval '7 days' then 'old'
  else 'recent'
end`;

/** Activated users in sight who cannot log in, by reason. */
export function countStuck(db: Db, seen: SQL): Promise<{ reason: StuckReason; count: number }[]> {
  return rowsOf(
    db,
    z.object({ reason: z.enum(STUCK_REASONS), count: z.coerce.number() }),
    sql`select reason, count(*) from (select ${stuckSql} as reason from ${users}
      where ${seen} and ${users.activated} and ${users.verifiedAt} is null) as stuck group by reason order by count(*) desc`,
  );
}

const StuckUser = z.object({
  userId: z.string(),
  name: z.string(),
  company: z.string().nullable(),
  department: z.string().nullable(),
  reason: z.enum(STUCK_REASONS),
});

export function listStuck(db: Db, seen: SQL, limit: number): Promise<z.infer<typeof StuckUser>[]> {
  return rowsOf(
    db,
    StuckUser,
    sql`select ${users.userId} as "userId", ${users.name} as name, ${companies}.name as company, ${departments}.name as department, ${stuckSql} as reason
      from ${users}
      left join ${companies} on ${companies.organisationId} = ${users.organisationId} and ${companies.id} = ${users.companyId}
      left join ${departments} on ${departments.organisationId} = ${users.organisationId} and ${departments.id} = ${users.departmentId}
      where ${seen} and ${users.activated} and ${users.verifiedAt} is null
      order by company, department, name limit ${limit}`,
  );
}

/** Users in sight who are in none of the other counts: they are not activated. */
export function countLeftOut(db: Db, seen: SQL): Promise<number> {
  return db.$count(users, sql`${seen} and not ${users.activated}`);
}
