/** Companies, departments, offices and roles, as vocabulary for forms. */
import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { Scope } from "../domain/permission.ts";
import type { Db } from "./client.ts";
import { companies, departments, offices, roleGrants } from "./schema/tables.ts";

type Named = typeof companies | typeof departments | typeof offices;

async function names(db: Db, table: Named, organisationId: number, typed: string, limit: number): Promise<string[]> {
  const rows = await db
    .select({ name: table.name })
    .from(table)
    .where(and(eq(table.organisationId, organisationId), typed ? sql`strpos(lower(${table.name}), lower(${typed}::text)) > 0` : undefined))
    .orderBy(asc(table.name))
    .limit(limit);
  return rows.map((row) => row.name);
}

/** Department names holding `typed`, by name. */
export const listDepartments = (db: Db, organisationId: number, typed: string, limit: number) =>
  names(db, departments, organisationId, typed, limit);

export const listOffices = (db: Db, organisationId: number, limit: number) => names(db, offices, organisationId, "", limit);

/** The companies an actor may act on. */
export async function listCompanies(db: Db, organisationId: number, scope: Scope, limit: number): Promise<string[]> {
  if (scope.kind === "none") return [];
  const rows = await db
    .select({ name: companies.name })
    .from(companies)
    .where(
      and(eq(companies.organisationId, organisationId), scope.kind === "companies" ? inArray(companies.id, scope.companyIds) : undefined),
    )
    .orderBy(asc(companies.name))
    .limit(limit);
  return rows.map((row) => row.name);
}

export async function listRoles(db: Db, organisationId: number, limit: number): Promise<string[]> {
  const rows = await db
    .selectDistinct({ role: roleGrants.role })
    .from(roleGrants)
    .where(eq(roleGrants.organisationId, organisationId))
    .orderBy(asc(roleGrants.role))
    .limit(limit);
  return rows.map((row) => row.role);
}
