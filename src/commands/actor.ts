import type { Deps } from "../deps.ts";
import type { Db } from "../db/client.ts";
import { findOrganisationOf, findPrincipal, getReach, notePrincipal } from "../db/principals.ts";
import { rolesAmong, scopeOf, type Role } from "../domain/permission.ts";
import { languageOf } from "../domain/user.ts";
import type { Actor, Asker, Platform, PrincipalKey } from "./asker.ts";

/** Who is asking, with roles and scope as they are now; undefined for everyone who is not a member of a workspace of ours. */
export async function findActor(deps: Deps, asker: Asker): Promise<Actor | undefined> {
  if (asker.standing !== "member") return undefined;
  const { principal } = asker;
  const organisation = await findOrganisationOf(deps.db, principal.platform, principal.workspace);
  if (!organisation) return undefined;
  await notePrincipal(deps.db, organisation.id, principal, asker.conversation);
  return actorIn(deps.db, organisation, principal, asker.locale);
}

/** Somebody who is not asking right now, with roles and scope as they are now; undefined when their workspace is ours no more. */
export async function findActorById(db: Db, organisationId: number, principalId: number): Promise<Actor | undefined> {
  const { platform, workspace, person } = await getReach(db, organisationId, principalId);
  const organisation = await findOrganisationOf(db, platform, workspace);
  if (organisation?.id !== organisationId) return undefined;
  return actorIn(db, organisation, { platform: platform as Platform, workspace, person }, undefined);
}

type Organisation = NonNullable<Awaited<ReturnType<typeof findOrganisationOf>>>;

async function actorIn(
  db: Db,
  organisation: Organisation,
  principal: PrincipalKey,
  locale: string | undefined,
): Promise<Actor | undefined> {
  const row = await findPrincipal(db, organisation.id, principal);
  if (!row) return undefined;
  const roles: Role[] = row.configuredOwner ? [...new Set<Role>(["owner", ...rolesAmong(row.roles)])] : rolesAmong(row.roles);
  return {
    organisationId: organisation.id,
    organisationName: organisation.name,
    timeZone: organisation.timeZone,
    mailStopped: organisation.mailStoppedAt !== null,
    principalId: row.id,
    principal,
    user: row.userId === null || row.userName === null ? null : { id: row.userId, name: row.userName },
    roles,
    scope: scopeOf(roles, row.companyIds),
    language: languageOf(row.language) ?? languageOf(row.userLanguage) ?? languageOf(locale) ?? languageOf(organisation.language) ?? "en",
  };
}
