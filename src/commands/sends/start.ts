/** Confirms a previewed send: it starts, waits for its hour, or waits for another admin. */
import type { Deps } from "../../deps.ts";
import { getApprovalFacts, listApprovers } from "../../db/approvals.ts";
import { noteAudit } from "../../db/audit.ts";
import { getSend, moveSend, type SendRow } from "../../db/sends.ts";
import { inTransaction, type Tx } from "../../db/client.ts";
import { APPROVAL_LAPSES_MS, sendName, type SendState } from "../../domain/bulk-send.ts";
import type { Actor } from "../asker.ts";
import { command } from "../command.ts";
import { SelectionInput } from "../language/selection-input.ts";
import { byButtonOnly } from "../read-line.ts";
import type { Reply } from "../reply.ts";
import { plainReply, type Voice } from "../say.ts";
import { tellEach } from "../tell.ts";
import { findSend, Numbered, sayNoSuchSend, type NoSuchSend } from "./find-send.ts";
import { launch, sayLaunched, type Launched } from "./launch.ts";
import { sayAsked } from "./say-approval.ts";

type StartOutcome =
  | Launched
  | { kind: "needs-approval"; number: number; sendable: number; over: number; asked: number }
  | { kind: "started-already"; number: number; state: SendState }
  | { kind: "lapsed"; bulk: SendRow }
  | NoSuchSend;

/** Confirms a preview, once, whoever presses twice: it starts, waits for its time, or waits for another admin where it is large. */
async function startPreviewed(deps: Deps, actor: Actor, { number }: Numbered): Promise<StartOutcome> {
  const bulk = await findSend(deps, actor, number);
  if (!bulk) return { kind: "no-such-bulk", number };
  return inTransaction(deps.db, (tx) => confirmSend(deps, tx, actor, bulk));
}

/** What a confirmation does, in the caller's transaction. */
export async function confirmSend(deps: Deps, tx: Tx, actor: Actor, bulk: SendRow): Promise<StartOutcome> {
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
  if (!(await moveSend(tx, organisationId, bulk.id, waiting))) return missed(tx, actor, bulk);
  await deps.timers.add(tx, { kind: "lapse-approval", organisationId, sendId: bulk.id }, lapsesAt);
  await noteAudit(tx, { organisationId, principalId, action: "bulk-confirm", sendId: bulk.id, detail: { sendable } });
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

async function missed(tx: Tx, { organisationId }: Actor, { id }: SendRow): Promise<StartOutcome> {
  const bulk = await getSend(tx, organisationId, id);
  return bulk.state === "lapsed" || (bulk.state === "previewed" && bulk.lapsed)
    ? { kind: "lapsed", bulk }
    : { kind: "started-already", number: bulk.number, state: bulk.state };
}

export function sayStart(outcome: StartOutcome, voice: Voice): Reply {
  const t = voice.t.replies;
  switch (outcome.kind) {
    case "no-such-bulk":
      return sayNoSuchSend(outcome, voice);
    case "started":
    case "scheduled":
      return sayLaunched(outcome, voice);
    case "needs-approval":
      return plainReply("info", [
        t.approval.needed({ name: sendName(outcome.number), count: outcome.sendable, over: outcome.over }),
        outcome.asked > 0
          ? t.approval.asked({ count: outcome.asked, command: `approve ${sendName(outcome.number)}` })
          : t.approval.nobodyToAsk({ command: `approve ${sendName(outcome.number)}` }),
      ]);
    case "started-already":
      return plainReply("info", [t.bulk.startedAlready({ name: sendName(outcome.number), state: t.sendStates[outcome.state] })]);
    case "lapsed": {
      const selection = SelectionInput.safeParse(outcome.bulk.selection);
      const { forced: force, reason, language } = outcome.bulk;
      const again = { verb: "bulk", input: { selection: selection.success ? selection.data : [], force, reason, language } };
      return {
        ...plainReply("warning", [t.bulk.lapsed({ name: sendName(outcome.bulk.number) })]),
        buttons: [{ label: t.bulk.reviewAgain, style: "primary", call: again }],
      };
    }
  }
}

export const startCommand = command({
  verb: "bulk-start",
  usage: [],
  input: Numbered,
  need: "send",
  read: byButtonOnly,
  run: startPreviewed,
  say: (outcome, voice) => ({ reply: sayStart(outcome, voice), replace: true }),
});
