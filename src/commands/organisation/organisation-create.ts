/** A new customer, and the workspaces and tenants that speak for it. Also gives an organisation that exists a further one. */
import { z } from "zod";
import { noteAudit } from "../../db/audit.ts";
import { inTransaction, type Db } from "../../db/client.ts";
import { addOrganisation, findOrganisation } from "../../db/organisations.ts";
import { connectWorkspace } from "../../db/workspaces.ts";
import { LANGUAGES } from "../../domain/user.ts";

const Workspace = z.discriminatedUnion("platform", [
  z.object({ platform: z.literal("slack"), workspace: z.string().regex(/^[TE][A-Z0-9]{2,}$/, "a Slack team id looks like T0123ABCD") }),
  z.object({ platform: z.literal("teams"), workspace: z.guid("a Teams tenant id looks like 00000000-0000-0000-0000-000000000000") }),
]);
type Workspace = z.infer<typeof Workspace>;

export const OrganisationInput = z.object({
  name: z.string().trim().min(1, "the name is empty").max(100, "the name is longer than 100 characters"),
  language: z.enum(LANGUAGES, `the language is one of ${LANGUAGES.join(", ")}`),
  workspaces: z.array(Workspace),
});
export type OrganisationInput = z.infer<typeof OrganisationInput>;

export type OrganisationOutcome =
  | { kind: "created" | "connected"; organisationId: number }
  | { kind: "exists" }
  | { kind: "workspace-taken"; workspace: Workspace };

export async function createOrganisation(
  { db }: { db: Db },
  { name, language, workspaces }: OrganisationInput,
): Promise<OrganisationOutcome> {
  try {
    return await inTransaction(db, async (tx): Promise<OrganisationOutcome> => {
      const made = await addOrganisation(tx, { name, language });
      const organisationId = made ?? (await findOrganisation(tx, name))?.id;
      if (organisationId === undefined || (made === undefined && workspaces.length === 0)) return { kind: "exists" };
      for (const each of workspaces) {
        if (!(await connectWorkspace(tx, organisationId, each.platform, each.workspace)))
          throw Object.assign(new Error(TAKEN), { workspace: each });
      }
      const kind = made === undefined ? "connected" : "created";
      await noteAudit(tx, { organisationId, principalId: null, action: `organisation-${kind}` });
      return { kind, organisationId };
    });
  } catch (error) {
    if (error instanceof Error && error.message === TAKEN && "workspace" in error)
      return { kind: "workspace-taken", workspace: error.workspace as Workspace };
    throw error;
  }
}

/** Thrown to undo the rest. */
const TAKEN = "another organisation has this workspace";
