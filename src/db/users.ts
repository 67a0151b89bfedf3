import { and, asc, eq, inArray, or, sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import type { EligibilityFacts } from "../domain/eligibility.ts";
import { fold } from "../domain/fold.ts";
import type { Scope } from "../domain/permission.ts";
import { rowsOf, type Db } from "./client.ts";
import { fifthSelfMailAtSql, inFlightSql } from "./eligibility.ts";
import { folded } from "./fold.ts";
import { companies, deliveries, departments, offices, principals, users } from "./schema/tables.ts";

/** The rows of `users` an actor may see. `selfId` adds the actor's own row whatever the scope. */
export function inScope(organisationId: number, scope: Scope, selfId?: number): SQL {
  const own = eq(users.organisationId, organisationId);
  switch (scope.kind) {
    case "all":
      return own;
    case "companies": {
      const theirs = inArray(users.companyId, scope.companyIds);
      return and(own, selfId === undefined ? theirs : or(theirs, eq(users.id, selfId))) ?? own;
    }
    case "none":
      return and(own, selfId === undefined ? sql`false` : eq(users.id, selfId)) ?? own;
  }
}

const CARD = {
  id: users.id,
  userId: users.userId,
  name: users.name,
  company: companies.name,
  department: departments.name,
  office: offices.name,
  loginAddress: users.loginAddress,
  addressVersion: users.addressVersion,
  activated: users.activated,
  verifiedAt: users.verifiedAt,
  suppressedAt: users.suppressedAt,
  /** The mail server's words when it refused the address. */
  suppressedReason: users.suppressedReason,
  lastVerificationAt: users.lastVerificationAt,
  language: users.language,
};

const cards = (db: Db, where: SQL | undefined) =>
  db
    .select(CARD)
    .from(users)
    .leftJoin(companies, and(eq(companies.organisationId, users.organisationId), eq(companies.id, users.companyId)))
    .leftJoin(departments, and(eq(departments.organisationId, users.organisationId), eq(departments.id, users.departmentId)))
    .leftJoin(offices, and(eq(offices.organisationId, users.organisationId), eq(offices.id, users.officeId)))
    .where(where)
    .orderBy(asc(users.name), asc(users.id));

/** A user as replies speak of them. */
export type UserCard = Awaited<ReturnType<typeof cards>>[number];

export async function findUser(db: Db, seen: SQL, id: number): Promise<UserCard | undefined> {
  return (await cards(db, and(seen, eq(users.id, id))))[0];
}

/** Users whose login address has this compare key, or whose HR e-mail is this address. A login address wins. */
export async function findUsersByAddress(db: Db, seen: SQL, key: string, limit: number): Promise<UserCard[]> {
  const byLogin = await cards(db, and(seen, eq(users.loginAddressKey, key))).limit(limit);
  return byLogin.length > 0 ? byLogin : cards(db, and(seen, sql`lower(${users.email}) = lower(${key}::text)`)).limit(limit);
}

/** Users by User-ID, alias or signature; else by full name; else by a part of the name at the start of a word. The first kind that finds anyone decides. */
export async function findUsersByWord(db: Db, seen: SQL, word: string, limit: number): Promise<UserCard[]> {
  const text = fold(word);
  if (text === "") return [];
  const tries = [
    sql`${folded(users.userId)} = ${text}`,
    // Their indexes hold only the rows that have one, which the planner has to be told.
    sql`(${users.aliasUserId} is not null and ${folded(users.aliasUserId)} = ${text})
      or (${users.signature} is not null and ${folded(users.signature)} = ${text})`,
    sql`${users.nameFolded} = ${text}`,
    sql`starts_with(${users.nameFolded}, ${text}) or strpos(${users.nameFolded}, ' ' || ${text}) > 0`,
  ];
  for (const each of tries) {
    const found = await cards(db, and(seen, sql`(${each})`)).limit(limit);
    if (found.length > 0) return found;
  }
  return [];
}

/** The user a chat person of the same workspace is linked to. */
export async function findUserOfPerson(db: Db, seen: SQL, at: { platform: string; workspace: string; person: string }) {
  const linked = sql`${users.id} = (
    select p.user_id from ${principals} p where p.organisation_id = ${users.organisationId}
      and p.platform = ${at.platform} and p.workspace = ${at.workspace} and p.person = ${at.person})`;
  return (await cards(db, and(seen, linked)))[0];
}

const FactsRow = z.object({
  activated: z.boolean(),
  hasAddress: z.boolean(),
  verified: z.boolean(),
  suppressed: z.boolean(),
  inFlight: z.boolean(),
  lastVerificationAt: z.coerce.date().nullable(),
  fifthSelfMailAt: z.coerce.date().nullable(),
  now: z.coerce.date(),
});

/** What domain/eligibility decides from, with the database's `now`. */
export async function getSendFacts(db: Db, organisationId: number, id: number): Promise<EligibilityFacts & { now: Date }> {
  const [row] = await rowsOf(
    db,
    FactsRow,
    sql`select ${users.activated} as activated, ${users.loginAddress} is not null as "hasAddress", ${users.verifiedAt} is not null as verified,
        ${users.suppressedAt} is not null as suppressed, ${inFlightSql} as "inFlight",
        ${users.lastVerificationAt} as "lastVerificationAt", ${fifthSelfMailAtSql} as "fifthSelfMailAt", now() as now
      from ${users} where ${users.organisationId} = ${organisationId} and ${users.id} = ${id}`,
  );
  if (!row) throw new Error(`user ${id} is gone`);
  return row;
}

/** The last verification mail of a user, settled or not. */
export async function findLastDelivery(db: Db, organisationId: number, id: number) {
  const [row] = await db
    .select({
      state: deliveries.state,
      createdAt: deliveries.createdAt,
      settledAt: deliveries.settledAt,
      serverAnswer: deliveries.serverAnswer,
    })
    .from(deliveries)
    .where(
      and(
        eq(deliveries.organisationId, organisationId),
        eq(deliveries.userId, id),
        eq(deliveries.purpose, "verify"),
        sql`${deliveries.state} not in ('skipped', 'cancelled')`,
      ),
    )
    .orderBy(sql`${deliveries.createdAt} desc`)
    .limit(1);
  return row;
}
