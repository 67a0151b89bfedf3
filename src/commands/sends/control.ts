import { z } from "zod";
import type { Deps } from "../../deps.ts";
import { inTransaction } from "../../db/client.ts";
import { followSend } from "../../db/posts.ts";
import { noteAudit } from "../../db/audit.ts";
import { cancelQueued, findSends, getSend, getTotals, moveSend, type SendRow, type SendStep } from "../../db/sends.ts";
import { listResults, requeueFailed, type Result } from "../../db/send-results.ts";
import { inScope } from "../../db/users.ts";
import { sendName, type Totals } from "../../domain/bulk-send.ts";
import { writeCsv } from "../../files/write-csv.ts";
import { JOB_WORDS } from "../language/aliases.ts";
import { mayDecide } from "./approve.ts";
import type { Actor } from "../asker.ts";
import { findSend, sayNoSuchSend, type NoSuchSend } from "./find-send.ts";
import { command } from "../command.ts";
import { sendNumberOf, refuseFlags } from "../read-line.ts";
import type { Reply } from "../reply.ts";
import { MOST_ROWS, plainReply, sayCut, sayMoment, type Voice } from "../say.ts";
import { approvalButtons } from "./say-approval.ts";
import { sendButton, saySend, sayWhy } from "./say-send.ts";

const ACTIONS = ["show", "pause", "resume", "cancel", "retry", "report"] as const;
const Control = z.object({ number: z.number().int().positive(), action: z.enum(ACTIONS).default("show") });
type Control = z.infer<typeof Control>;

type ControlOutcome =
  /** `choice`: what the one who looks may do about a send that waits for an approval. */
  | { kind: "send"; bulk: SendRow; totals: Totals; choice?: "decide" | "take-back" }
  | { kind: "report"; bulk: SendRow; totals: Totals; results: Result[]; count: number }
  | { kind: "nothing-to-retry"; bulk: SendRow; failed: number }
  | { kind: "cannot"; bulk: SendRow }
  | NoSuchSend;

const MOVES: Record<"pause" | "resume" | "cancel", SendStep> = {
  pause: { from: ["running"], to: "paused" },
  resume: { from: ["paused"], to: "running" },
  cancel: { from: ["running", "paused", "scheduled", "awaiting-approval"], to: "cancelled" },
};

/** Shows or controls one bulk send. What a worker has already taken is finished. */
async function controlSend(deps: Deps, actor: Actor, { number, action }: Control): Promise<ControlOutcome> {
  const bulk = await findSend(deps, actor, number);
  if (!bulk) return { kind: "no-such-bulk", number };
  switch (action) {
    case "show":
      return current(deps, actor, bulk);
    case "report":
      return report(deps, actor, bulk);
    case "retry":
      return retry(deps, actor, bulk);
    case "pause":
    case "resume":
    case "cancel":
      return (await move(deps, actor, bulk, action)) ? current(deps, actor, bulk) : { kind: "cannot", bulk };
  }
}

async function current(deps: Deps, actor: Actor, { id }: SendRow): Promise<ControlOutcome> {
  const { organisationId } = actor;
  const bulk = await getSend(deps.db, organisationId, id);
  const shown = { kind: "send" as const, bulk, totals: await getTotals(deps.db, organisationId, id) };
  if (bulk.state !== "awaiting-approval" || bulk.confirmedBy === null || bulk.lapsed) return shown;
  return { ...shown, choice: (await mayDecide(deps, actor, id, bulk.confirmedBy)) ? "decide" : "take-back" };
}

function move(deps: Deps, { organisationId, principalId }: Actor, bulk: SendRow, action: keyof typeof MOVES): Promise<boolean> {
  return inTransaction(deps.db, async (tx) => {
    if (!(await moveSend(tx, organisationId, bulk.id, MOVES[action]))) return false;
    if (action === "cancel") await cancelQueued(tx, organisationId, bulk.id);
    await noteAudit(tx, { organisationId, principalId, action: `bulk-${action}`, sendId: bulk.id });
    return true;
  });
}

/** Queues the failed ones anew, and only those who may have a mail now. */
async function retry(deps: Deps, actor: Actor, bulk: SendRow): Promise<ControlOutcome> {
  const { organisationId, principalId } = actor;
  const retried = await inTransaction(deps.db, async (tx) => {
    const count = await requeueFailed(tx, organisationId, bulk.id, principalId);
    if (count === 0) return 0;
    await moveSend(tx, organisationId, bulk.id, { from: ["completed", "cancelled"], to: "running" });
    await followSend(tx, organisationId, principalId, bulk.id);
    await noteAudit(tx, { organisationId, principalId, action: "bulk-retry", sendId: bulk.id, detail: { count } });
    return count;
  });
  if (retried > 0) return current(deps, actor, bulk);
  return { kind: "nothing-to-retry", bulk, failed: (await getTotals(deps.db, organisationId, bulk.id)).failed };
}

/** People who left the actor's scope since are not in it. */
async function report(deps: Deps, { organisationId, scope }: Actor, bulk: SendRow): Promise<ControlOutcome> {
  const totals = await getTotals(deps.db, organisationId, bulk.id);
  const asked = { organisationId, sendId: bulk.id, seen: inScope(organisationId, scope) };
  const { rows: results, count } = await listResults(deps.db, asked, MOST_ROWS);
  return { kind: "report", bulk, totals, results, count };
}

function sayControl(outcome: ControlOutcome, voice: Voice): Reply {
  const t = voice.t.replies;
  switch (outcome.kind) {
    case "no-such-bulk":
      return sayNoSuchSend(outcome, voice);
    case "cannot":
      return plainReply("info", [t.bulk.cannotPause({ name: sendName(outcome.bulk.number), state: t.sendStates[outcome.bulk.state] })]);
    case "nothing-to-retry":
      return plainReply("info", [
        t.bulk.nothingToRetry({ name: sendName(outcome.bulk.number) }),
        ...(outcome.failed > 0 ? [t.bulk.retryNeedsAddress] : []),
      ]);
    case "send":
      return sayCurrent(outcome, voice);
    case "report":
      return sayReport(outcome, voice);
  }
}

function sayCurrent({ bulk, totals, choice }: Extract<ControlOutcome, { kind: "send" }>, voice: Voice): Reply {
  const said = saySend({ ...bulk, totals }, null, voice);
  if (!choice) return said;
  return { ...said, buttons: choice === "decide" ? approvalButtons(bulk.number, voice) : [sendButton(bulk.number, "cancel", voice)] };
}

/** Counts to read, and a row a recipient as a file. */
function sayReport({ bulk, totals, results, count }: Extract<ControlOutcome, { kind: "report" }>, voice: Voice): Reply {
  const t = voice.t.replies;
  const name = sendName(bulk.number);
  const header = [
    t.report.userId,
    t.report.name,
    t.status.address,
    t.report.result,
    t.report.reason,
    t.report.at,
    t.report.attempts,
    t.report.answer,
  ];
  const rows = results.map((row) => [
    row.userId,
    row.name,
    row.loginAddress ?? "",
    t.status.mailStates[row.state],
    row.skipReason ? sayWhy(row.skipReason, 1, voice) : "",
    row.at?.toISOString() ?? "",
    String(row.attempts),
    row.serverAnswer ?? "",
  ]);
  const { buttons: _none, ...said } = saySend({ ...bulk, totals }, null, voice);
  const lines = [...said.lines, ...sayCut(results.length, count, voice)];
  return { ...said, lines, file: { name: `${name}-report.csv`, type: "text/csv", text: writeCsv(header, rows) }, personal: true };
}

export const jobCommand = command({
  verb: "job",
  usage: ["job B-117", "job B-117 pause", "job B-117 resume", "job B-117 cancel", "job B-117 retry", "job B-117 report"],
  input: Control,
  need: "send",
  read(line, voice) {
    const refused = refuseFlags(line, "job", [], voice);
    if (refused) return refused;
    const [name, action = "show", ...rest] = line.words.map((word) => word.text);
    const number = sendNumberOf(name);
    const known = JOB_WORDS.find(action);
    if (number === undefined || known === undefined || rest.length > 0)
      return { missing: plainReply("refused", [voice.t.replies.bulk.nameMissing({ example: "job B-117 pause" })]) };
    return { input: { number, action: known } };
  },
  run: controlSend,
  say: (outcome, voice) => ({ reply: sayControl(outcome, voice), replace: outcome.kind === "send" }),
});

const SHOWN = 10;

export const jobsCommand = command({
  verb: "jobs",
  usage: ["jobs"],
  input: z.object({}),
  need: "send",
  read: (line, voice) => refuseFlags(line, "jobs", [], voice) ?? { input: {} },
  async run(deps, actor) {
    const bulks = await findSends(deps.db, actor, null, SHOWN);
    return Promise.all(bulks.map(async (bulk) => ({ bulk, totals: await getTotals(deps.db, actor.organisationId, bulk.id) })));
  },
  say(sends, voice) {
    const t = voice.t.replies.bulk;
    if (sends.length === 0) return { reply: plainReply("info", [t.noSends]) };
    const rows = sends.map(({ bulk, totals }) => {
      const state = voice.t.replies.sendStates[bulk.state];
      const at = sayMoment(bulk.startedAt ?? bulk.scheduledAt ?? bulk.createdAt, voice);
      const begun = totals.audience > 0;
      return {
        title: sendName(bulk.number),
        detail: begun ? t.sendLine({ sent: totals.accepted, total: totals.audience, state, at }) : `${state} · ${at}`,
      };
    });
    return { reply: { tone: "info", lines: [t.jobs({ count: sends.length })], items: { rows, more: 0 }, personal: false } };
  },
});
