/** Makes a chat person the owner they say they are, on the word of whoever has the command line. */
import { z } from "zod";
import { noteAudit } from "../../db/audit.ts";
import { inTransaction, type Db } from "../../db/client.ts";
import { findOrganisation } from "../../db/organisations.ts";
import { findUserByUserId, grantRole, linkPrincipal } from "../../db/owners.ts";
import { findOrganisationOf } from "../../db/principals.ts";
import type { PrincipalKey } from "../asker.ts";

/** `slack:T123/U456` or `teams:<tenant>/<object id>`. */
const Principal = z.string().transform((text, context): PrincipalKey => {
  const [, slackTeam = "", slackUser = ""] = /^slack:([TE][A-Z0-9]+)\/([UW][A-Z0-9]+)$/.exec(text) ?? [];
  const [, tenant = "", objectId = ""] = /^teams:([0-9a-f-]{36})\/([0-9a-f-]{36})$/i.exec(text) ?? [];
  if (slackTeam) return { platform: "slack", workspace: slackTeam, person: slackUser };
  if (!tenant) context.addIssue("a principal looks like slack:T123/U456 or teams:<tenant id>/<object id>");
  return { platform: "teams", workspace: tenant, person: objectId };
});

export const GrantOwnerInput = z.object({ organisation: z.string(), principal: Principal, userId: z.string() });
export type GrantOwnerInput = z.infer<typeof GrantOwnerInput>;

export type GrantOwnerOutcome =
  | { kind: "granted"; name: string; /** False when the user was an owner before. */ fresh: boolean }
  | { kind: "unknown-organisation" | "unknown-user" | "inactive-user" | "foreign-workspace" };

export async function grantOwner({ db }: { db: Db }, { organisation, principal, userId }: GrantOwnerInput): Promise<GrantOwnerOutcome> {
  return await inTransaction(db, async (tx): Promise<GrantOwnerOutcome> => {
    const found = await findOrganisation(tx, organisation);
    if (!found) return { kind: "unknown-organisation" };
    const speaksFor = await findOrganisationOf(tx, principal.platform, principal.workspace);
    if (speaksFor?.id !== found.id) return { kind: "foreign-workspace" };
    const user = await findUserByUserId(tx, found.id, userId);
    if (!user) return { kind: "unknown-user" };
    if (!user.activated) return { kind: "inactive-user" };
    const principalId = await linkPrincipal(tx, found.id, principal, user.id);
    const fresh = await grantRole(tx, found.id, user.id, "owner");
    await noteAudit(tx, {
      organisationId: found.id,
      principalId: null,
      action: "grant-owner",
      userId: user.id,
      detail: { principal: principalId },
    });
    return { kind: "granted", name: user.name, fresh };
  });
}
