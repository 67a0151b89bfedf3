import type { Db } from "./client.ts";
import { inboundIds } from "./schema/tables.ts";

/** True for the one who takes this id; false for every repeat of it. */
export async function takeInbound(db: Db, platform: string, workspace: string, inboundId: string): Promise<boolean> {
  const taken = await db
    .insert(inboundIds)
    .values({ platform, workspace, inboundId })
    .onConflictDoNothing()
    .returning({ id: inboundIds.inboundId });
  return taken.length === 1;
}
