/** Slack workspaces and Teams tenants. They are found before an organisation is known: the row is what names it. */
import { and, eq, inArray, isNotNull, isNull, sql } from "drizzle-orm";
import type { Db } from "./client.ts";
import { workspaces } from "./schema/tables.ts";

/** The workspaces in use among `names`. */
export function listWorkspaces(db: Db, platform: string, names: string[]) {
  return db
    .select({ organisationId: workspaces.organisationId, workspace: workspaces.workspace, sealedToken: workspaces.sealedToken })
    .from(workspaces)
    .where(and(eq(workspaces.platform, platform), inArray(workspaces.workspace, names), isNull(workspaces.removedAt)));
}

/** Keeps the token of an install. False where no organisation has this workspace: an install alone makes no customer. */
export async function saveInstall(
  db: Db,
  platform: string,
  workspace: string,
  install: { sealedToken: string; botUserId: string },
): Promise<boolean> {
  const saved = await db
    .update(workspaces)
    .set({ ...install, removedAt: null })
    .where(and(eq(workspaces.platform, platform), eq(workspaces.workspace, workspace)))
    .returning({ workspace: workspaces.workspace });
  return saved.length === 1;
}

/** Ends an install and forgets its token. Where the token is configured there is none to forget, and the workspace stays. */
export async function removeInstall(db: Db, platform: string, workspace: string): Promise<void> {
  await db
    .update(workspaces)
    .set({ sealedToken: null, removedAt: sql`now()` })
    .where(and(eq(workspaces.platform, platform), eq(workspaces.workspace, workspace), isNotNull(workspaces.sealedToken)));
}

/** Gives an organisation a workspace or tenant, or takes it up again; false when another organisation has it. */
export async function connectWorkspace(db: Db, organisationId: number, platform: string, workspace: string): Promise<boolean> {
  const connected = await db
    .insert(workspaces)
    .values({ organisationId, platform, workspace })
    .onConflictDoUpdate({
      target: [workspaces.platform, workspaces.workspace],
      set: { removedAt: null },
      setWhere: eq(workspaces.organisationId, organisationId),
    })
    .returning({ workspace: workspaces.workspace });
  return connected.length === 1;
}
