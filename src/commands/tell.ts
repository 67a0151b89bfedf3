/** Has something said privately to people who did not ask. It is queued in the caller's transaction and posted by the worker. */
import type { Deps } from "../deps.ts";
import type { Tx } from "../db/client.ts";
import { queueReply } from "../db/posts.ts";
import { getReach } from "../db/principals.ts";
import { wordsIn } from "../words/words.ts";
import { readyReply } from "./ready.ts";
import type { Reply } from "./reply.ts";
import { sayMailOff, type Voice } from "./say.ts";

/** Each is told in their own language, with buttons of their own. */
export async function tellEach(
  deps: Deps,
  tx: Tx,
  organisationId: number,
  principalIds: number[],
  say: (voice: Voice) => Reply,
): Promise<void> {
  for (const principalId of principalIds) {
    const reach = await getReach(tx, organisationId, principalId);
    const voice = { t: wordsIn(reach.language), timeZone: reach.timeZone, now: deps.now() };
    const said = say(voice);
    const reply = { ...said, lines: [...said.lines, ...sayMailOff(reach, voice)] };
    await queueReply(tx, organisationId, principalId, await readyReply({ ...deps, db: tx }, { organisationId, principalId }, reply));
  }
}
