import { z } from "zod";
import type { Deps } from "../deps.ts";
import { inTransaction } from "../db/client.ts";
import { noteAudit } from "../db/audit.ts";
import { cancelQueued, findBulkSends, getTotals, moveBulkSend, type BulkRow } from "../db/bulk-sends.ts";
import { bulkName, type BulkState, type Totals } from "../domain/bulk-send.ts";
import type { Actor } from "./asker.ts";
import { findBulk, sayNoSuchBulk, type NoSuchBulk } from "./bulk-start.ts";
import { command } from "./command.ts";
import { refuseFlags } from "./read-line.ts";
import type { Reply } from "./reply.ts";
import { plainReply, sayMoment, type Voice } from "./say.ts";
import { sayBulk } from "./say-bulk.ts";

const ACTIONS = ["show", "pause", "resume", "cancel"] as const;
const Job = z.object({ number: z.number().int().positive(), action: z.enum(ACTIONS).default("show") });
type Job = z.infer<typeof Job>;

type JobOutcome = { kind: "job"; bulk: BulkRow; totals: Totals } | { kind: "cannot"; bulk: BulkRow } | NoSuchBulk;

const MOVES: Record<Exclude<Job["action"], "show">, { from: BulkState[]; to: BulkState }> = {
  pause: { from: ["running"], to: "paused" },
  resume: { from: ["paused"], to: "running" },
  cancel: { from: ["running", "paused"], to: "cancelled" },
};

/** Shows, pauses, resumes or cancels one bulk send. What a worker has already taken is finished. */
async function job(deps: Deps, actor: Actor, { number, action }: Job): Promise<JobOutcome> {
  const bulk = await findBulk(deps, actor, number);
  if (!bulk) return { kind: "no-such-bulk", number };
  if (action !== "show") {
    const move = MOVES[action];
    const { organisationId, principalId } = actor;
    const moved = await inTransaction(deps.db, async (tx) => {
      if (!(await moveBulkSend(tx, organisationId, bulk.id, move.from, move.to, principalId))) return false;
      if (action === "cancel") await cancelQueued(tx, organisationId, bulk.id);
      await noteAudit(tx, { organisationId, principalId, action: `bulk-${action}`, bulkSendId: bulk.id });
      return true;
    });
    if (!moved) return { kind: "cannot", bulk };
  }
  const now = (await findBulk(deps, actor, number)) ?? bulk;
  return { kind: "job", bulk: now, totals: await getTotals(deps.db, actor.organisationId, bulk.id) };
}

function sayJob(outcome: JobOutcome, voice: Voice): Reply {
  const t = voice.t.replies;
  switch (outcome.kind) {
    case "no-such-bulk":
      return sayNoSuchBulk(outcome, voice);
    case "cannot":
      return plainReply("info", [t.bulk.cannotPause({ name: bulkName(outcome.bulk.number), state: t.bulkStates[outcome.bulk.state] })]);
    case "job":
      return sayBulk({ ...outcome.bulk, totals: outcome.totals }, null, voice);
  }
}

export const jobCommand = command({
  verb: "job",
  usage: ["job B-117", "job B-117 pause", "job B-117 resume", "job B-117 cancel"],
  input: Job,
  need: "send",
  read(line, voice) {
    const refused = refuseFlags(line, "job", [], voice);
    if (refused) return refused;
    const [name, action, ...rest] = line.words.map((word) => word.text.toLowerCase());
    const number = /^(?:b-?)?(\d{1,9})$/.exec(name ?? "")?.[1];
    const known = ACTIONS.find((each) => each === (action ?? "show"));
    if (number === undefined || known === undefined || rest.length > 0)
      return { missing: plainReply("refused", [voice.t.replies.bulk.nameMissing({ example: "job B-117 pause" })]) };
    return { input: { number: Number(number), action: known } };
  },
  run: job,
  say: (outcome, voice) => ({ reply: sayJob(outcome, voice), replace: true }),
});

const SHOWN = 10;

export const jobsCommand = command({
  verb: "jobs",
  usage: ["jobs"],
  input: z.object({}),
  need: "send",
  read: (line, voice) => refuseFlags(line, "jobs", [], voice) ?? { input: {} },
  async run(deps, actor) {
    const bulks = await findBulkSends(deps.db, actor, null, SHOWN);
    return Promise.all(bulks.map(async (bulk) => ({ bulk, totals: await getTotals(deps.db, actor.organisationId, bulk.id) })));
  },
  say(jobs, voice) {
    const t = voice.t.replies.bulk;
    if (jobs.length === 0) return { reply: plainReply("info", [t.noJobs]) };
    const rows = jobs.map(({ bulk, totals }) => ({
      title: bulkName(bulk.number),
      detail: t.jobLine({
        sent: totals.accepted,
        total: totals.audience,
        state: voice.t.replies.bulkStates[bulk.state],
        at: bulk.startedAt ? sayMoment(bulk.startedAt, voice) : "–",
      }),
    }));
    return { reply: { tone: "info", lines: [t.jobs({ count: jobs.length })], items: { rows, more: 0 }, personal: false } };
  },
});
