import { z } from "zod";
import type { Deps } from "../../deps.ts";
import { countLeftOut, countStuck, listShares, listStuck, type Share, type StuckReason } from "../../db/report.ts";
import { inScope } from "../../db/users.ts";
import { writeCsv } from "../../files/write-csv.ts";
import type { Actor } from "../asker.ts";
import { command } from "../command.ts";
import { refuseFlags } from "../read-line.ts";
import type { Reply } from "../reply.ts";
import { MOST_ROWS, plainReply, sayCut, sayList, type Voice } from "../say.ts";

const SHOWN = 20;

type Report = {
  shares: Share[];
  stuck: { reason: StuckReason; count: number }[];
  people: Awaited<ReturnType<typeof listStuck>>;
  leftOut: number;
};

/** The share connected per company and department, and who is stuck and why, within the actor's scope. */
async function report(deps: Deps, actor: Actor): Promise<Report> {
  const seen = inScope(actor.organisationId, actor.scope);
  const [shares, stuck, people, leftOut] = [
    await listShares(deps.db, seen),
    await countStuck(deps.db, seen),
    await listStuck(deps.db, seen, MOST_ROWS),
    await countLeftOut(deps.db, seen),
  ];
  return { shares, stuck, people, leftOut };
}

function sayReport({ shares, stuck, people, leftOut }: Report, voice: Voice): Reply {
  const t = voice.t.replies.connectedReport;
  const sum = (pick: (share: Share) => number) => shares.reduce((total, share) => total + pick(share), 0);
  const total = sum((share) => share.total);
  if (total === 0) return plainReply("info", [t.nobody]);
  const percent = (part: number, whole: number) =>
    new Intl.NumberFormat(voice.t.locale, { style: "percent" }).format(whole === 0 ? 0 : part / whole);
  const connected = sum((share) => share.connected);
  const rows = shares.map((share) => ({
    title: [share.company ?? t.noCompany, share.department ?? t.noDepartment].join(" · "),
    detail: [
      t.share({ connected: share.connected, total: share.total, percent: percent(share.connected, share.total) }),
      ...(share.pending > 0 ? [`${share.pending} ${voice.t.replies.connections.pending}`] : []),
      ...(share.noAddress > 0 ? [`${share.noAddress} ${t.stuck["no-address"]}`] : []),
    ].join(", "),
  }));
  const reasons = stuck.map(({ reason, count }) => `${count} ${t.stuck[reason]}`);
  const header = [
    voice.t.replies.report.userId,
    voice.t.replies.report.name,
    voice.t.replies.status.company,
    voice.t.replies.status.department,
    voice.t.replies.report.reason,
  ];
  const text = writeCsv(
    header,
    people.map((each) => [each.userId, each.name, each.company ?? "", each.department ?? "", t.stuck[each.reason]]),
  );
  return {
    tone: "info",
    lines: [
      t.headline({ connected, total, percent: percent(connected, total) }),
      ...(reasons.length > 0 ? [t.why({ reasons: sayList(reasons, voice) })] : []),
      ...(leftOut > 0 ? [t.leftOut({ count: leftOut })] : []),
      ...sayCut(
        people.length,
        stuck.reduce((sum, each) => sum + each.count, 0),
        voice,
      ),
    ],
    items: { rows: rows.slice(0, SHOWN), more: Math.max(0, rows.length - SHOWN) },
    ...(people.length > 0 ? { file: { name: "not-connected.csv", type: "text/csv", text } } : {}),
    personal: people.length > 0,
  };
}

export const reportCommand = command({
  verb: "report",
  usage: ["report"],
  input: z.object({}),
  need: "send",
  read: (line, voice) => refuseFlags(line, "report", [], voice) ?? { input: {} },
  run: report,
  say: (outcome, voice) => ({ reply: sayReport(outcome, voice) }),
});
