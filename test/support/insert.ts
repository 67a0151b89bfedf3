/** Builders: say only what matters to the test, the rest is filled in. */
import { eq, and, sql } from "drizzle-orm";
import type { Db } from "../../src/db/client.ts";
import * as schema from "../../src/db/schema/tables.ts";

let counter = 0;

const only = <T>(rows: T[]): T => {
  const [row] = rows;
  if (row === undefined) throw new Error("nothing was inserted");
  return row;
};

export async function organisation(db: Db, values: Partial<typeof schema.organisations.$inferInsert> = {}) {
  counter += 1;
  return only(
    await db
      .insert(schema.organisations)
      .values({ name: `Acme ${counter}`, ...values })
      .returning(),
  );
}

/** A Slack workspace named `T<organisation id>` unless said otherwise. */
export async function workspace(db: Db, organisationId: number, values: Partial<typeof schema.workspaces.$inferInsert> = {}) {
  const row = { organisationId, platform: "slack", workspace: `T${organisationId}`, ...values };
  return only(await db.insert(schema.workspaces).values(row).returning());
}

async function part(
  db: Db,
  table: typeof schema.companies | typeof schema.departments | typeof schema.offices,
  organisationId: number,
  name: string,
) {
  const [found] = await db
    .select({ id: table.id })
    .from(table)
    .where(and(eq(table.organisationId, organisationId), eq(table.name, name)));
  return (found ?? only(await db.insert(table).values({ organisationId, name }).returning({ id: table.id }))).id;
}

export const company = (db: Db, organisationId: number, name: string) => part(db, schema.companies, organisationId, name);
export const department = (db: Db, organisationId: number, name: string) => part(db, schema.departments, organisationId, name);
export const office = (db: Db, organisationId: number, name: string) => part(db, schema.offices, organisationId, name);

type UserValues = Partial<Omit<typeof schema.users.$inferInsert, "organisationId">> & {
  company?: string;
  department?: string;
  office?: string;
};

/** A pending user with an address, unless said otherwise. */
export async function user(db: Db, organisationId: number, { company: c, department: d, office: o, ...values }: UserValues = {}) {
  counter += 1;
  const address = values.loginAddress === undefined ? `user${counter}@acme.example` : values.loginAddress;
  const row = {
    organisationId,
    userId: `U${counter}`,
    name: `Test Person ${counter}`,
    loginAddress: address,
    loginAddressKey: address?.toLowerCase() ?? null,
    companyId: c ? await company(db, organisationId, c) : null,
    departmentId: d ? await department(db, organisationId, d) : null,
    officeId: o ? await office(db, organisationId, o) : null,
    ...values,
  };
  return only(await db.insert(schema.users).values(row).returning());
}

export async function role(db: Db, organisationId: number, userId: number, name: string) {
  await db.insert(schema.roleGrants).values({ organisationId, userId, role: name });
}

export async function authorisation(db: Db, organisationId: number, userId: number, companyId: number) {
  await db.insert(schema.authorisations).values({ organisationId, userId, companyId });
}

export async function principal(db: Db, organisationId: number, values: Partial<typeof schema.principals.$inferInsert> = {}) {
  counter += 1;
  const row = { organisationId, platform: "slack", workspace: `T${organisationId}`, person: `U${counter}PERSON`, ...values };
  return only(await db.insert(schema.principals).values(row).returning());
}

export async function delivery(
  db: Db,
  organisationId: number,
  userId: number,
  values: Partial<typeof schema.deliveries.$inferInsert> = {},
) {
  return only(
    await db
      .insert(schema.deliveries)
      .values({ organisationId, userId, addressVersion: 1, sending: "single", ...values })
      .returning(),
  );
}

/** A running bulk send of a new owner's, unless said otherwise. */
export async function bulkSend(db: Db, organisationId: number, values: Partial<typeof schema.sends.$inferInsert> = {}) {
  counter += 1;
  const createdBy = values.createdBy ?? (await principal(db, organisationId, { configuredOwner: true })).id;
  const row = {
    organisationId,
    number: counter,
    state: "running",
    selection: [],
    lapsesAt: sql`now() + interval '30 minutes'`,
    ...values,
    createdBy,
  };
  return only(await db.insert(schema.sends).values(row).returning());
}

/** An open verify challenge of 24 hours, unless said otherwise. */
export async function challenge(
  db: Db,
  organisationId: number,
  userId: number,
  values: Partial<typeof schema.challenges.$inferInsert> = {},
) {
  const row = { organisationId, userId, purpose: "verify", addressVersion: 1, expiresAt: sql`now() + interval '24 hours'`, ...values };
  return only(await db.insert(schema.challenges).values(row).returning());
}
