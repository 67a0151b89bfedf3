/** A mail came back. The address is suppressed, whoever sent it is told, and the message of its bulk send shows the new counts. */
import type { Deps } from "../../deps.ts";
import { noteAudit } from "../../db/audit.ts";
import { countBounced, noteBounce, reopenPosts } from "../../db/bounces.ts";
import { getSend } from "../../db/sends.ts";
import { inTransaction } from "../../db/client.ts";
import { findUser, inScope } from "../../db/users.ts";
import { sendName } from "../../domain/bulk-send.ts";
import type { ReturnPath } from "../../domain/verp.ts";
import type { Reply } from "../reply.ts";
import { plainReply, sayAddress, type Voice } from "../say.ts";
import { reportButton } from "../sends/say-send.ts";
import { setEmailButton } from "./say-mail.ts";
import { tellEach } from "../tell.ts";

export type Bounce = { of: ReturnPath; status: string; answer: string };

/** True when it changed anything: a bounce that comes again, or of a mail we do not know, does not. */
export function takeBounce(deps: Deps, { of, status, answer }: Bounce): Promise<boolean> {
  const { organisationId, deliveryId } = of;
  return inTransaction(deps.db, async (tx) => {
    const bounced = await noteBounce(tx, organisationId, deliveryId, answer);
    if (!bounced) return false;
    const { userId, requestedBy, sendId } = bounced;
    await noteAudit(tx, {
      organisationId,
      principalId: null,
      action: "bounce",
      userId,
      ...(sendId === null ? {} : { sendId }),
      detail: { delivery: deliveryId, status },
    });
    if (sendId !== null) await reopenPosts(tx, organisationId, sendId);
    const first = sendId === null || (await countBounced(tx, organisationId, sendId)) === 1;
    if (requestedBy === null || !first) return true;
    const user = await findUser(tx, inScope(organisationId, { kind: "all" }), userId);
    const bulk = sendId === null ? null : await getSend(tx, organisationId, sendId);
    if (user) await tellEach(deps, tx, organisationId, [requestedBy], (voice) => sayBounce({ user, answer, bulk }, voice));
    return true;
  });
}

type Told = { user: { id: number; name: string; loginAddress: string | null }; answer: string; bulk: { number: number } | null };

function sayBounce({ user, answer, bulk }: Told, voice: Voice): Reply {
  const t = voice.t.replies.bounce;
  const named = { name: user.name, address: sayAddress(user.loginAddress) };
  const set = setEmailButton(user.id, voice);
  const first = bulk ? t.firstOfBulk({ ...named, bulk: sendName(bulk.number) }) : t.single(named);
  const report = bulk && reportButton(bulk.number, voice);
  const further = bulk ? [t.further({ bulk: sendName(bulk.number) })] : [];
  return {
    ...plainReply("warning", [first, voice.t.replies.resend.answer({ answer }), t.next, ...further], true),
    buttons: report ? [set, report] : [set],
  };
}
