import { and, asc, eq, sql } from "drizzle-orm";
import { loadRoster, type RosterOutcome } from "../../src/commands/organisation/roster-load.ts";
import type { Db } from "../../src/db/client.ts";
import { authorisations, companies, departments, offices, roleGrants, users } from "../../src/db/schema/tables.ts";
import { chunksOf } from "./table-files.ts";

export const loadOn =
  (db: Db) =>
  (organisation: { name: string }, file: string | Uint8Array, full = true, manyLeavers = true) =>
    loadRoster({ db }, { organisation: organisation.name, chunks: chunksOf(file, 4096), full, manyLeavers });

export function loaded(outcome: RosterOutcome) {
  if (outcome.kind !== "loaded") throw new Error(JSON.stringify(outcome));
  return outcome;
}

export async function findUser(db: Db, organisationId: number, userId: string) {
  const [row] = await db
    .select()
    .from(users)
    .where(and(eq(users.organisationId, organisationId), eq(users.userId, userId)));
  if (!row) throw new Error(`no user ${userId}`);
  return row;
}

/** Everything a load may write, without ids and instants. */
export async function picture(db: Db, organisationId: number) {
  const rows = await db
    .select({
      userId: users.userId,
      aliasUserId: users.aliasUserId,
      signature: users.signature,
      name: users.name,
      company: companies.name,
      department: departments.name,
      office: offices.name,
      cardTagId: users.cardTagId,
      externalReference: users.externalReference,
      email: users.email,
      loginAddress: users.loginAddress,
      key: users.loginAddressKey,
      language: users.language,
      activated: users.activated,
      lastDayOn: users.lastDayOn,
      leaver: sql<boolean>`${users.leaverSince} is not null`,
      roles: sql<
        string[]
      >`array(select g.role from ${roleGrants} g where g.organisation_id = ${users.organisationId} and g.user_id = ${users.id} order by g.role)`,
      authorisedTo: sql<
        string[]
      >`array(select c.name from ${authorisations} a join ${companies} c on c.organisation_id = a.organisation_id and c.id = a.company_id
        where a.organisation_id = ${users.organisationId} and a.user_id = ${users.id} order by c.name)`,
    })
    .from(users)
    .leftJoin(companies, and(eq(companies.organisationId, users.organisationId), eq(companies.id, users.companyId)))
    .leftJoin(departments, and(eq(departments.organisationId, users.organisationId), eq(departments.id, users.departmentId)))
    .leftJoin(offices, and(eq(offices.organisationId, users.organisationId), eq(offices.id, users.officeId)))
    .where(eq(users.organisationId, organisationId))
    .orderBy(asc(users.userId));
  return rows;
}
