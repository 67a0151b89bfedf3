/** Sets a bulk send off: now, or at its hour. */
import type { Deps } from "../../deps.ts";
import { noteAudit } from "../../db/audit.ts";
import { getSend, listOthersMailing, moveSend, queueRecipients, type SendRow } from "../../db/sends.ts";
import { inTransaction, type Tx } from "../../db/client.ts";
import { followSend } from "../../db/posts.ts";
import { sendName, type SendState } from "../../domain/bulk-send.ts";
import type { Actor } from "../asker.ts";
import type { Reply } from "../reply.ts";
import { plainReply, sayList, sayMoment, type Voice } from "../say.ts";

export type Launched =
  | { kind: "started"; number: number; queued: number; inFlight: number; others: { name: string | null; count: number }[] }
  | { kind: "scheduled"; number: number; at: Date };

type Launch = { from: SendState[]; by: Actor; requestedBy: number; approvedBy?: number };

/** Starts a bulk send or sets it on its clock, in the caller's transaction; undefined when somebody else was first or it has lapsed. */
export async function launch(
  deps: Deps,
  tx: Tx,
  bulk: SendRow,
  { from, by, requestedBy, approvedBy }: Launch,
): Promise<Launched | undefined> {
  const { organisationId, principalId } = by;
  const { number, scheduledAt } = bulk;
  const set = { confirmedBy: requestedBy, ...(approvedBy === undefined ? {} : { approvedBy }) };
  if (scheduledAt && scheduledAt > deps.now()) {
    if (!(await moveSend(tx, organisationId, bulk.id, { from, to: "scheduled", inTime: true, set }))) return undefined;
    await deps.timers.add(tx, { kind: "start-bulk", organisationId, sendId: bulk.id }, scheduledAt);
    await noteAudit(tx, { organisationId, principalId, action: "bulk-schedule", sendId: bulk.id });
    return { kind: "scheduled", number, at: scheduledAt };
  }
  if (!(await moveSend(tx, organisationId, bulk.id, { from, to: "running", inTime: true, set: { ...set, startedBy: principalId } })))
    return undefined;
  const { queued, inFlight } = await setOff(tx, organisationId, bulk.id, requestedBy);
  await noteAudit(tx, {
    organisationId,
    principalId,
    action: "bulk-start",
    sendId: bulk.id,
    detail: { queued, inFlight, forced: bulk.forced, ...(bulk.reason === null ? {} : { reason: bulk.reason }) },
  });
  return { kind: "started", number, queued, inFlight, others: inFlight > 0 ? await listOthersMailing(tx, organisationId, bulk.id) : [] };
}

async function setOff(tx: Tx, organisationId: number, sendId: number, requestedBy: number) {
  const counts = await queueRecipients(tx, organisationId, sendId, requestedBy);
  await followSend(tx, organisationId, requestedBy, sendId);
  return counts;
}

/** The hour of a scheduled send has come. False when it was cancelled or started meanwhile. */
export function startScheduled(deps: Deps, organisationId: number, sendId: number): Promise<boolean> {
  return inTransaction(deps.db, async (tx) => {
    if (!(await moveSend(tx, organisationId, sendId, { from: ["scheduled"], to: "running" }))) return false;
    const bulk = await getSend(tx, organisationId, sendId);
    const counts = await setOff(tx, organisationId, sendId, bulk.confirmedBy ?? bulk.createdBy);
    await noteAudit(tx, { organisationId, principalId: null, action: "bulk-start", sendId, detail: counts });
    return true;
  });
}

export function sayLaunched(outcome: Launched, voice: Voice): Reply {
  const t = voice.t.replies.bulk;
  const name = sendName(outcome.number);
  if (outcome.kind === "scheduled") {
    const cancel = {
      label: t.cancel,
      style: "danger",
      call: { verb: "job", input: { number: outcome.number, action: "cancel" } },
    } as const;
    return { ...plainReply("done", [t.scheduled({ name, at: sayMoment(outcome.at, voice) })]), buttons: [cancel] };
  }
  const by = sayList(
    outcome.others.map((other) => other.name ?? t.someone),
    voice,
  );
  const others = outcome.inFlight > 0 ? [t.othersMailing({ count: outcome.inFlight, by: by || t.someone })] : [];
  return plainReply("done", [t.started({ name, count: outcome.queued }), ...others]);
}
