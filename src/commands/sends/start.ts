import { z } from "zod";
import type { Deps } from "../../deps.ts";
import { getApprovalFacts, listApprovers } from "../../db/approvals.ts";
import { noteAudit } from "../../db/audit.ts";
import { findBulkSends, getBulkSend, listOthersMailing, moveBulkSend, queueRecipients, type BulkRow } from "../../db/bulk-sends.ts";
import { inTransaction, type Tx } from "../../db/client.ts";
import { followBulkSend } from "../../db/posts.ts";
import { APPROVAL_LAPSES_MS, bulkName, type BulkState } from "../../domain/bulk-send.ts";
import type { Actor } from "../asker.ts";
import { command } from "../command.ts";
import type { Reply } from "../reply.ts";
import { plainReply, sayList, sayMoment, type Voice } from "../say.ts";
import { SelectionInput } from "../language/selection-input.ts";
import { sayAsked } from "./say-approval.ts";
import { tellEach } from "../tell.ts";

export const Numbered = z.object({ number: z.number().int().positive() });
type Numbered = z.infer<typeof Numbered>;

export type NoSuchBulk = { kind: "no-such-bulk"; number: number };
export type Launched =
  | { kind: "started"; number: number; queued: number; inFlight: number; others: { name: string | null; count: number }[] }
  | { kind: "scheduled"; number: number; at: Date };
type StartOutcome =
  | Launched
  | { kind: "needs-approval"; number: number; sendable: number; over: number; asked: number }
  | { kind: "started-already"; number: number; state: BulkState }
  | { kind: "lapsed"; bulk: BulkRow }
  | NoSuchBulk;

export async function findBulk(deps: Deps, actor: Actor, number: number): Promise<BulkRow | undefined> {
  return (await findBulkSends(deps.db, actor, number, 1))[0];
}

/** Confirms a preview, once, whoever presses twice: it starts, waits for its time, or waits for another admin where it is large. */
async function bulkStart(deps: Deps, actor: Actor, { number }: Numbered): Promise<StartOutcome> {
  const bulk = await findBulk(deps, actor, number);
  if (!bulk) return { kind: "no-such-bulk", number };
  return inTransaction(deps.db, (tx) => confirmBulk(deps, tx, actor, bulk));
}

/** What a confirmation does, in the caller's transaction. */
export async function confirmBulk(deps: Deps, tx: Tx, actor: Actor, bulk: BulkRow): Promise<StartOutcome> {
  const { organisationId, principalId } = actor;
  const { number } = bulk;
  const { sendable, over } = await getApprovalFacts(tx, organisationId, bulk.id);
  if (sendable <= over)
    return (await launch(deps, tx, bulk, { from: ["previewed"], by: actor, requestedBy: principalId })) ?? missed(tx, actor, bulk);
  const lapsesAt = new Date(deps.now().getTime() + APPROVAL_LAPSES_MS);
  const waiting = {
    from: ["previewed" as const],
    to: "awaiting-approval" as const,
    inTime: true,
    set: { confirmedBy: principalId, lapsesAt },
  };
  if (!(await moveBulkSend(tx, organisationId, bulk.id, waiting))) return missed(tx, actor, bulk);
  await deps.jobs.add(tx, { kind: "lapse-approval", organisationId, bulkSendId: bulk.id }, lapsesAt);
  await noteAudit(tx, { organisationId, principalId, action: "bulk-confirm", bulkSendId: bulk.id, detail: { sendable } });
  const others = await listApprovers(tx, organisationId, bulk.id, { principalId, userId: actor.user?.id ?? null }, 20);
  const approvers = others.filter(({ reachable }) => reachable);
  const ids = approvers.map((each) => each.principalId);
  await tellEach(deps, tx, organisationId, ids, (voice) => sayAsked({ number, sendable, by: actor.user?.name ?? null }, voice));
  return {
    kind: "needs-approval",
    number,
    sendable,
    over,
    asked: new Set(approvers.map((each) => each.userId ?? `account ${each.principalId}`)).size,
  };
}

async function missed(tx: Tx, { organisationId }: Actor, { id }: BulkRow): Promise<StartOutcome> {
  const bulk = await getBulkSend(tx, organisationId, id);
  return bulk.state === "lapsed" || (bulk.state === "previewed" && bulk.lapsed)
    ? { kind: "lapsed", bulk }
    : { kind: "started-already", number: bulk.number, state: bulk.state };
}

type Launch = { from: BulkState[]; by: Actor; requestedBy: number; approvedBy?: number };

/** Starts a bulk send or sets it on its clock, in the caller's transaction; undefined when somebody else was first or it has lapsed. */
export async function launch(
  deps: Deps,
  tx: Tx,
  bulk: BulkRow,
  { from, by, requestedBy, approvedBy }: Launch,
): Promise<Launched | undefined> {
  const { organisationId, principalId } = by;
  const { number, scheduledAt } = bulk;
  const set = { confirmedBy: requestedBy, ...(approvedBy === undefined ? {} : { approvedBy }) };
  if (scheduledAt && scheduledAt > deps.now()) {
    if (!(await moveBulkSend(tx, organisationId, bulk.id, { from, to: "scheduled", inTime: true, set }))) return undefined;
    await deps.jobs.add(tx, { kind: "start-bulk", organisationId, bulkSendId: bulk.id }, scheduledAt);
    await noteAudit(tx, { organisationId, principalId, action: "bulk-schedule", bulkSendId: bulk.id });
    return { kind: "scheduled", number, at: scheduledAt };
  }
  if (!(await moveBulkSend(tx, organisationId, bulk.id, { from, to: "running", inTime: true, set: { ...set, startedBy: principalId } })))
    return undefined;
  const { queued, inFlight } = await setOff(tx, organisationId, bulk.id, requestedBy);
  await noteAudit(tx, {
    organisationId,
    principalId,
    action: "bulk-start",
    bulkSendId: bulk.id,
    detail: { queued, inFlight, forced: bulk.forced, ...(bulk.reason === null ? {} : { reason: bulk.reason }) },
  });
  return { kind: "started", number, queued, inFlight, others: inFlight > 0 ? await listOthersMailing(tx, organisationId, bulk.id) : [] };
}

async function setOff(tx: Tx, organisationId: number, bulkSendId: number, requestedBy: number) {
  const counts = await queueRecipients(tx, organisationId, bulkSendId, requestedBy);
  await followBulkSend(tx, organisationId, requestedBy, bulkSendId);
  return counts;
}

/** The hour of a scheduled send has come. False when it was cancelled or started meanwhile. */
export function startScheduled(deps: Deps, organisationId: number, bulkSendId: number): Promise<boolean> {
  return inTransaction(deps.db, async (tx) => {
    if (!(await moveBulkSend(tx, organisationId, bulkSendId, { from: ["scheduled"], to: "running" }))) return false;
    const bulk = await getBulkSend(tx, organisationId, bulkSendId);
    const counts = await setOff(tx, organisationId, bulkSendId, bulk.confirmedBy ?? bulk.createdBy);
    await noteAudit(tx, { organisationId, principalId: null, action: "bulk-start", bulkSendId, detail: counts });
    return true;
  });
}

export function sayStart(outcome: StartOutcome, voice: Voice): Reply {
  const t = voice.t.replies;
  switch (outcome.kind) {
    case "no-such-bulk":
      return sayNoSuchBulk(outcome, voice);
    case "started":
    case "scheduled":
      return sayLaunched(outcome, voice);
    case "needs-approval":
      return plainReply("info", [
        t.approval.needed({ name: bulkName(outcome.number), count: outcome.sendable, over: outcome.over }),
        outcome.asked > 0
          ? t.approval.asked({ count: outcome.asked, command: `approve ${bulkName(outcome.number)}` })
          : t.approval.nobodyToAsk({ command: `approve ${bulkName(outcome.number)}` }),
      ]);
    case "started-already":
      return plainReply("info", [t.bulk.startedAlready({ name: bulkName(outcome.number), state: t.bulkStates[outcome.state] })]);
    case "lapsed": {
      const selection = SelectionInput.safeParse(outcome.bulk.selection);
      const { forced: force, reason, language } = outcome.bulk;
      const again = { verb: "bulk", input: { selection: selection.success ? selection.data : [], force, reason, language } };
      return {
        ...plainReply("warning", [t.bulk.lapsed({ name: bulkName(outcome.bulk.number) })]),
        buttons: [{ label: t.bulk.reviewAgain, style: "primary", call: again }],
      };
    }
  }
}

export function sayLaunched(outcome: Launched, voice: Voice): Reply {
  const t = voice.t.replies.bulk;
  const name = bulkName(outcome.number);
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

export function sayNoSuchBulk({ number }: NoSuchBulk, { t }: Voice): Reply {
  return plainReply("refused", [t.replies.bulk.notFound({ name: bulkName(number) })]);
}

/** For calls that are pressed, never typed. */
export const byButtonOnly = (_line: unknown, { t }: Voice) => ({ missing: plainReply("refused", [t.replies.typeHelp]) });

export const bulkStartCommand = command({
  verb: "bulk-start",
  usage: [],
  input: Numbered,
  need: "send",
  read: byButtonOnly,
  run: bulkStart,
  say: (outcome, voice) => ({ reply: sayStart(outcome, voice), replace: true }),
});
