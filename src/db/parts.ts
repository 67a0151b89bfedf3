/** Companies, departments, offices and roles, as vocabulary for forms and suggestions: those of the people whom the asker may see. */
import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import type { TextKey } from "../domain/filter.ts";
import { fold } from "../domain/fold.ts";
import type { Scope } from "../domain/permission.ts";
import { rowsOf, type Db } from "./client.ts";
import { folded } from "./fold.ts";
import { companies, departments, offices, roleGrants, users } from "./schema/tables.ts";

/** Whose people, and which of them. An actor is one. */
export type Seer = { organisationId: number; scope: Scope };

const OWN_ROLES = ["owner", "admin", "auditor"];
const Named = z.object({ name: z.string() });

/** The names a filter may have, as a select of `name`. */
export function knownNames(seer: Seer, key: TextKey): SQL {
  const { organisationId } = seer;
  switch (key) {
    case "company":
    case "authorised":
      return sql`select k.name from ${companies} k where k.organisation_id = ${organisationId} and ${inCompanies(seer.scope, sql`k.id`)}`;
    case "department":
      return sql`select k.name from ${departments} k where k.organisation_id = ${organisationId} and ${hasPeople(seer, sql`u.department_id = k.id`)}`;
    case "office":
      return sql`select k.name from ${offices} k where k.organisation_id = ${organisationId} and ${hasPeople(seer, sql`u.office_id = k.id`)}`;
    case "role": {
      const own = sql.join(
        OWN_ROLES.map((role) => sql`(${role}::text)`),
        sql`, `,
      );
      return sql`select distinct k.role as name from ${roleGrants} k where k.organisation_id = ${organisationId} and ${hasPeople(seer, sql`u.id = k.user_id`)}
        union select * from (values ${own}) as own (name)`;
    }
  }
}

function inCompanies(scope: Scope, company: SQL): SQL {
  switch (scope.kind) {
    case "all":
      return sql`true`;
    case "companies":
      return sql`${company} = any(${sql.param(`{${scope.companyIds.join(",")}}`)}::bigint[])`;
    case "none":
      return sql`false`;
  }
}

/** Whether somebody in scope is connected to it. Everything is known to those who may see everybody. */
function hasPeople({ organisationId, scope }: Seer, joined: SQL): SQL {
  if (scope.kind !== "companies") return inCompanies(scope, sql`null`);
  return sql`exists (select from ${users} u where u.organisation_id = ${organisationId} and ${joined} and ${inCompanies(scope, sql`u.company_id`)})`;
}

/** Names holding `typed`, in their order, at most `limit`. */
export async function listNames(db: Db, seer: Seer, key: TextKey, typed: string, limit: number): Promise<string[]> {
  const rows = await rowsOf(
    db,
    Named,
    sql`select name from (${knownNames(seer, key)}) as known where strpos(${folded(sql`known.name`)}, ${fold(typed)}) > 0 order by name limit ${limit}`,
  );
  return rows.map((row) => row.name);
}
