import type { Deps } from "../../deps.ts";
import { listApprovers } from "../../db/approvals.ts";
import { noteAudit } from "../../db/audit.ts";
import { getSend, moveSend, type SendRow } from "../../db/sends.ts";
import { inTransaction } from "../../db/client.ts";
import { getReach } from "../../db/principals.ts";
import { sendName, type SendState } from "../../domain/bulk-send.ts";
import type { Actor } from "../asker.ts";
import { findSend, Numbered, sayNoSuchSend, type NoSuchSend } from "./find-send.ts";
import { launch, sayLaunched, type Launched } from "./launch.ts";
import { command } from "../command.ts";
import type { Line } from "../language/parse.ts";
import { readSendNumber, refuseFlags } from "../read-line.ts";
import type { Reply } from "../reply.ts";
import { plainReply, type Voice } from "../say.ts";
import { tellEach } from "../tell.ts";

type Verdict = "approve" | "reject";
type ApproveOutcome =
  | { kind: "approved"; launched: Launched }
  | { kind: "rejected"; number: number }
  | { kind: "own"; number: number }
  | { kind: "not-waiting"; number: number; state: SendState }
  | NoSuchSend;

/** Whether the actor may approve or reject what `confirmedBy` asked for. */
export async function mayDecide({ db }: Deps, actor: Actor, sendId: number, confirmedBy: number): Promise<boolean> {
  const { organisationId, principalId } = actor;
  const { userId } = await getReach(db, organisationId, confirmedBy);
  const approvers = await listApprovers(db, organisationId, sendId, { principalId: confirmedBy, userId }, 1000);
  return approvers.some((each) => each.principalId === principalId);
}

/** Another admin's word on a large bulk send, bound to the audience that was frozen. The one who confirmed it has no say, from whatever account. */
async function decide(deps: Deps, actor: Actor, number: number, verdict: Verdict): Promise<ApproveOutcome> {
  const bulk = await findSend(deps, actor, number);
  if (!bulk) return { kind: "no-such-bulk", number };
  const { organisationId, principalId } = actor;
  if (bulk.state !== "awaiting-approval" || bulk.confirmedBy === null || bulk.lapsed) return notWaiting(bulk);
  const { confirmedBy } = bulk;
  if (!(await mayDecide(deps, actor, bulk.id, confirmedBy))) return { kind: "own", number };
  return inTransaction(deps.db, async (tx): Promise<ApproveOutcome> => {
    if (verdict === "reject") {
      if (!(await moveSend(tx, organisationId, bulk.id, { from: ["awaiting-approval"], to: "rejected", inTime: true })))
        return notWaiting(bulk);
      await noteAudit(tx, { organisationId, principalId, action: "bulk-reject", sendId: bulk.id });
    } else {
      const launched = await launch(deps, tx, bulk, {
        from: ["awaiting-approval"],
        by: actor,
        requestedBy: confirmedBy,
        approvedBy: principalId,
      });
      if (!launched) return notWaiting(bulk);
      await noteAudit(tx, { organisationId, principalId, action: "bulk-approve", sendId: bulk.id });
      await tellEach(deps, tx, organisationId, [confirmedBy], ({ t }) =>
        plainReply("done", [t.replies.approval.approvedBy({ name: sendName(number), by: actor.user?.name ?? t.replies.bulk.someone })]),
      );
      return { kind: "approved", launched };
    }
    await tellEach(deps, tx, organisationId, [confirmedBy], ({ t }) =>
      plainReply("warning", [t.replies.approval.rejectedBy({ name: sendName(number), by: actor.user?.name ?? t.replies.bulk.someone })]),
    );
    return { kind: "rejected", number };
  });
}

function notWaiting(bulk: SendRow): ApproveOutcome {
  return { kind: "not-waiting", number: bulk.number, state: bulk.lapsed && bulk.state === "awaiting-approval" ? "lapsed" : bulk.state };
}

function sayDecided(outcome: ApproveOutcome, voice: Voice): Reply {
  const t = voice.t.replies;
  switch (outcome.kind) {
    case "no-such-bulk":
      return sayNoSuchSend(outcome, voice);
    case "approved": {
      const said = sayLaunched(outcome.launched, voice);
      return { ...said, lines: [t.approval.approved({ name: sendName(outcome.launched.number) }), ...said.lines.slice(1)] };
    }
    case "rejected":
      return plainReply("info", [t.approval.rejected({ name: sendName(outcome.number) })]);
    case "own":
      return plainReply("refused", [t.approval.own({ name: sendName(outcome.number) })]);
    case "not-waiting":
      return plainReply("info", [t.bulk.cannotPause({ name: sendName(outcome.number), state: t.sendStates[outcome.state] })]);
  }
}

const verdictCommand = (verb: Verdict) =>
  command({
    verb,
    usage: [`${verb} B-117`],
    input: Numbered,
    need: "send",
    read: (line: Line, voice: Voice) => refuseFlags(line, verb, [], voice) ?? readSendNumber(line, `${verb} B-117`, voice),
    run: (deps, actor, { number }) => decide(deps, actor, number, verb),
    say: (outcome: ApproveOutcome, voice) => ({ reply: sayDecided(outcome, voice), replace: true }),
  });

export const approveCommand = verdictCommand("approve");
export const rejectCommand = verdictCommand("reject");

/** The wait for an approval is over. False when it was decided in time. */
export function lapseApproval(deps: Deps, organisationId: number, sendId: number): Promise<boolean> {
  return inTransaction(deps.db, async (tx) => {
    if (!(await moveSend(tx, organisationId, sendId, { from: ["awaiting-approval"], to: "lapsed" }))) return false;
    const bulk = await getSend(tx, organisationId, sendId);
    await noteAudit(tx, { organisationId, principalId: null, action: "bulk-lapse", sendId });
    const told = [bulk.confirmedBy ?? bulk.createdBy];
    await tellEach(deps, tx, organisationId, told, ({ t }) =>
      plainReply("warning", [t.replies.approval.lapsed({ name: sendName(bulk.number) })]),
    );
    return true;
  });
}
