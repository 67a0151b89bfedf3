/** What else a preview's buttons do: show the frozen list, or let it go. */
import type { Deps } from "../../deps.ts";
import { listRecipients } from "../../db/send-results.ts";
import { moveSend } from "../../db/sends.ts";
import { inTransaction } from "../../db/client.ts";
import { inScope } from "../../db/users.ts";
import { sendName } from "../../domain/bulk-send.ts";
import type { SkipReason } from "../../domain/eligibility.ts";
import { writeCsv } from "../../files/write-csv.ts";
import type { Actor } from "../asker.ts";
import { byButtonOnly } from "../read-line.ts";
import { findSend, Numbered, sayNoSuchSend, type NoSuchSend } from "./find-send.ts";
import { command } from "../command.ts";
import { MOST_ROWS, plainReply, sayAddress, sayCut } from "../say.ts";
import { sayWhy } from "./say-send.ts";

const SHOWN = 20;

type DiscardOutcome = { kind: "discarded"; number: number } | { kind: "cannot"; number: number } | NoSuchSend;

async function discardSend(deps: Deps, actor: Actor, { number }: { number: number }): Promise<DiscardOutcome> {
  const bulk = await findSend(deps, actor, number);
  if (!bulk) return { kind: "no-such-bulk", number };
  const gone = await inTransaction(deps.db, (tx) => moveSend(tx, actor.organisationId, bulk.id, { from: ["previewed"], to: "cancelled" }));
  return { kind: gone ? "discarded" : "cannot", number };
}

export const discardCommand = command({
  verb: "bulk-discard",
  usage: [],
  input: Numbered,
  need: "send",
  read: byButtonOnly,
  run: discardSend,
  say(outcome, voice) {
    const t = voice.t.replies;
    switch (outcome.kind) {
      case "no-such-bulk":
        return { reply: sayNoSuchSend(outcome, voice) };
      case "discarded":
        return { reply: plainReply("info", [t.bulk.discarded({ name: sendName(outcome.number) })]), replace: true };
      case "cannot":
        return { reply: plainReply("info", [t.bulk.pastPreview({ name: sendName(outcome.number) })]) };
    }
  },
});

type ListOutcome = ({ kind: "list"; number: number } & Awaited<ReturnType<typeof listRecipients>>) | NoSuchSend;

async function listSend(deps: Deps, actor: Actor, { number }: { number: number }): Promise<ListOutcome> {
  const bulk = await findSend(deps, actor, number);
  if (!bulk) return { kind: "no-such-bulk", number };
  const asked = { organisationId: actor.organisationId, sendId: bulk.id, seen: inScope(actor.organisationId, actor.scope) };
  return { kind: "list", number, ...(await listRecipients(deps.db, asked, MOST_ROWS)) };
}

/** The frozen list: who gets mail to read, the whole as a file. Private, with addresses in the file only. */
export const listCommand = command({
  verb: "bulk-list",
  usage: [],
  input: Numbered,
  need: "send",
  read: byButtonOnly,
  run: listSend,
  say(outcome, voice) {
    const t = voice.t.replies;
    if (outcome.kind === "no-such-bulk") return { reply: sayNoSuchSend(outcome, voice) };
    const fate = (skip: SkipReason | null) => (skip ? sayWhy(skip, 1, voice) : t.bulk.willGetMail);
    const mailed = (skipped: boolean) => outcome.rows.filter((row) => (row.skipReason !== null) === skipped).slice(0, SHOWN);
    const rows = [...mailed(false), ...mailed(true)]
      .slice(0, SHOWN)
      .map((row) => ({ title: row.name, detail: `${sayAddress(row.loginAddress)} · ${fate(row.skipReason)}` }));
    const text = writeCsv(
      [t.report.userId, t.report.name, t.status.address, t.report.result],
      outcome.rows.map((row) => [row.userId, row.name, row.loginAddress ?? "", fate(row.skipReason)]),
    );
    return {
      reply: {
        tone: "info",
        lines: [
          t.bulk.list({ name: sendName(outcome.number), count: outcome.count }),
          ...sayCut(outcome.rows.length, outcome.count, voice),
        ],
        items: { rows, more: outcome.count - rows.length },
        file: { name: `${sendName(outcome.number)}.csv`, type: "text/csv", text },
        personal: true,
      },
    };
  },
});
