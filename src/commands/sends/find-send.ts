/** One bulk send, as a command names it. */
import { z } from "zod";
import type { Deps } from "../../deps.ts";
import { findSends, type SendRow } from "../../db/sends.ts";
import { sendName } from "../../domain/bulk-send.ts";
import type { Actor } from "../asker.ts";
import type { Reply } from "../reply.ts";
import { plainReply, type Voice } from "../say.ts";

export const Numbered = z.object({ number: z.number().int().positive() });
export type Numbered = z.infer<typeof Numbered>;

export type NoSuchSend = { kind: "no-such-bulk"; number: number };

export async function findSend(deps: Deps, actor: Actor, number: number): Promise<SendRow | undefined> {
  return (await findSends(deps.db, actor, number, 1))[0];
}

export function sayNoSuchSend({ number }: NoSuchSend, { t }: Voice): Reply {
  return plainReply("refused", [t.replies.bulk.notFound({ name: sendName(number) })]);
}
