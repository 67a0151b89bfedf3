import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { rowsOf, type Db } from "./client.ts";
import { authorisations, organisations, principals, roleGrants, users, workspaces } from "./schema/tables.ts";

type Key = { platform: string; workspace: string; person: string };

/** The organisation a workspace or tenant speaks for; undefined for a foreign or removed one. */
export async function findOrganisationOf(db: Db, platform: string, workspace: string) {
  const [row] = await db
    .select({
      id: organisations.id,
      name: organisations.name,
      language: organisations.language,
      timeZone: organisations.timeZone,
      mailStoppedAt: organisations.mailStoppedAt,
    })
    .from(workspaces)
    .innerJoin(organisations, eq(organisations.id, workspaces.organisationId))
    .where(and(eq(workspaces.platform, platform), eq(workspaces.workspace, workspace), sql`${workspaces.removedAt} is null`));
  return row;
}

const PrincipalRow = z.object({
  id: z.coerce.number(),
  configuredOwner: z.boolean(),
  language: z.string().nullable(),
  conversation: z.unknown(),
  userId: z.coerce.number().nullable(),
  userName: z.string().nullable(),
  userLanguage: z.string().nullable(),
  roles: z.array(z.string()),
  companyIds: z.array(z.coerce.number()),
});

/** A principal with what its linked user may do, read in one go. A deactivated user lends no roles and no link. */
export async function findPrincipal(db: Db, organisationId: number, key: Key) {
  const [row] = await rowsOf(
    db,
    PrincipalRow,
    sql`select p.id, p.configured_owner as "configuredOwner", p.language, p.private_conversation as conversation,
        u.id as "userId", u.name as "userName", u.language as "userLanguage",
        array(select g.role from ${roleGrants} g where g.organisation_id = u.organisation_id and g.user_id = u.id) as roles,
        array(select a.company_id from ${authorisations} a where a.organisation_id = u.organisation_id and a.user_id = u.id) as "companyIds"
      from ${principals} p
      left join ${users} u on u.organisation_id = p.organisation_id and u.id = p.user_id and u.activated
      where p.organisation_id = ${organisationId} and p.platform = ${key.platform}
        and p.workspace = ${key.workspace} and p.person = ${key.person}`,
  );
  return row;
}

/** Remembers a principal and where to reach them privately; writes nothing when both are known already. */
export async function notePrincipal(db: Db, organisationId: number, key: Key, conversation: unknown): Promise<void> {
  const where = conversation === null || conversation === undefined ? null : JSON.stringify(conversation);
  await db.execute(sql`
    insert into ${principals} (organisation_id, platform, workspace, person, private_conversation)
    values (${organisationId}, ${key.platform}, ${key.workspace}, ${key.person}, ${where}::jsonb)
    on conflict (organisation_id, platform, workspace, person) do update
      set private_conversation = excluded.private_conversation, seen_at = now()
      where excluded.private_conversation is not null
        and principals.private_conversation is distinct from excluded.private_conversation`);
}

/** Makes exactly these principals owners by configuration, in the workspaces we know; the others lose the flag. */
export async function setConfiguredOwners(db: Db, owners: Key[]): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.update(principals).set({ configuredOwner: false }).where(eq(principals.configuredOwner, true));
    for (const owner of owners) {
      const organisation = await findOrganisationOf(tx, owner.platform, owner.workspace);
      if (!organisation) continue;
      await tx
        .insert(principals)
        .values({ organisationId: organisation.id, ...owner, configuredOwner: true })
        .onConflictDoUpdate({
          target: [principals.organisationId, principals.platform, principals.workspace, principals.person],
          set: { configuredOwner: true },
        });
    }
  });
}

/** Where a principal is reached, and how to speak to them. */
export async function getReach(db: Db, organisationId: number, principalId: number) {
  const [row] = await db
    .select({
      platform: principals.platform,
      workspace: principals.workspace,
      person: principals.person,
      conversation: principals.privateConversation,
      language: sql<string>`coalesce(${principals.language}, ${users.language}, ${organisations.language})`,
      timeZone: organisations.timeZone,
      userId: principals.userId,
      /** The owner's switch: no mail of the organisation leaves. */
      mailStopped: sql<boolean>`${organisations.mailStoppedAt} is not null`,
      /** Linked, or an owner by configuration. */
      known: sql<boolean>`${principals.userId} is not null or ${principals.configuredOwner}`,
    })
    .from(principals)
    .innerJoin(organisations, eq(organisations.id, principals.organisationId))
    .leftJoin(users, and(eq(users.organisationId, principals.organisationId), eq(users.id, principals.userId)))
    .where(and(eq(principals.organisationId, organisationId), eq(principals.id, principalId)));
  if (!row) throw new Error(`principal ${principalId} is gone`);
  return row;
}
