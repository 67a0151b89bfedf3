import { z } from "zod";
import type { Deps } from "../deps.ts";
import { inTransaction } from "../db/client.ts";
import { noteAudit } from "../db/audit.ts";
import { findBulkSends, listOthersMailing, listRecipients, moveBulkSend, queueRecipients, type BulkRow } from "../db/bulk-sends.ts";
import { followBulkSend } from "../db/posts.ts";
import { bulkName } from "../domain/bulk-send.ts";
import type { Actor } from "./asker.ts";
import { command } from "./command.ts";
import type { Reply } from "./reply.ts";
import { plainReply, sayAddress, sayList, type Voice } from "./say.ts";
import { SelectionInput } from "./selection-input.ts";

const Numbered = z.object({ number: z.number().int().positive() });
type Numbered = z.infer<typeof Numbered>;

export type NoSuchBulk = { kind: "no-such-bulk"; number: number };
type StartOutcome =
  | { kind: "started"; number: number; queued: number; inFlight: number; others: { name: string | null; count: number }[] }
  | { kind: "started-already"; number: number }
  | { kind: "lapsed"; bulk: BulkRow }
  | NoSuchBulk;

export async function findBulk(deps: Deps, actor: Actor, number: number): Promise<BulkRow | undefined> {
  return (await findBulkSends(deps.db, actor, number, 1))[0];
}

/** Confirms a preview: its frozen recipients are queued, once, whoever presses twice. */
async function bulkStart(deps: Deps, actor: Actor, { number }: Numbered): Promise<StartOutcome> {
  const bulk = await findBulk(deps, actor, number);
  if (!bulk) return { kind: "no-such-bulk", number };
  return inTransaction(deps.db, async (tx): Promise<StartOutcome> => {
    const { organisationId, principalId } = actor;
    if (!(await moveBulkSend(tx, organisationId, bulk.id, ["previewed"], "running", principalId))) {
      const started = bulk.state !== "previewed" || !bulk.lapsed;
      return started ? { kind: "started-already", number } : { kind: "lapsed", bulk };
    }
    const { queued, inFlight } = await queueRecipients(tx, organisationId, bulk.id, principalId);
    await followBulkSend(tx, organisationId, principalId, bulk.id);
    await noteAudit(tx, {
      organisationId,
      principalId,
      action: "bulk-start",
      bulkSendId: bulk.id,
      detail: { queued, inFlight, forced: bulk.forced },
    });
    const others = inFlight > 0 ? await listOthersMailing(tx, organisationId, bulk.id) : [];
    return { kind: "started", number, queued, inFlight, others };
  });
}

function sayStart(outcome: StartOutcome, voice: Voice): Reply {
  const t = voice.t.replies.bulk;
  switch (outcome.kind) {
    case "no-such-bulk":
      return sayNoSuchBulk(outcome, voice);
    case "started": {
      const by = sayList(
        outcome.others.map(({ name }) => name ?? t.someone),
        voice,
      );
      const others = outcome.inFlight > 0 ? [t.othersMailing({ count: outcome.inFlight, by: by || t.someone })] : [];
      return plainReply("done", [t.started({ name: bulkName(outcome.number), count: outcome.queued }), ...others]);
    }
    case "started-already":
      return plainReply("info", [t.startedAlready({ name: bulkName(outcome.number) })]);
    case "lapsed": {
      const selection = SelectionInput.safeParse(outcome.bulk.selection);
      const { forced: force, reason, language } = outcome.bulk;
      const again = { verb: "bulk", input: { selection: selection.success ? selection.data : [], force, reason, language } };
      return {
        ...plainReply("warning", [t.lapsed({ name: bulkName(outcome.bulk.number) })]),
        buttons: [{ label: t.reviewAgain, style: "primary", call: again }],
      };
    }
  }
}

export function sayNoSuchBulk({ number }: NoSuchBulk, { t }: Voice): Reply {
  return plainReply("refused", [t.replies.bulk.notFound({ name: bulkName(number) })]);
}

/** Pressed, never typed. */
const byButtonOnly = (_line: unknown, { t }: Voice) => ({ missing: plainReply("refused", [t.replies.typeHelp]) });

export const bulkStartCommand = command({
  verb: "bulk-start",
  usage: [],
  input: Numbered,
  need: "send",
  read: byButtonOnly,
  run: bulkStart,
  say: (outcome, voice) => ({ reply: sayStart(outcome, voice), replace: true }),
});

type DiscardOutcome = { kind: "discarded"; number: number } | { kind: "started-already"; number: number } | NoSuchBulk;

async function bulkDiscard(deps: Deps, actor: Actor, { number }: Numbered): Promise<DiscardOutcome> {
  const bulk = await findBulk(deps, actor, number);
  if (!bulk) return { kind: "no-such-bulk", number };
  const discarded =
    bulk.lapsed ||
    (await inTransaction(deps.db, (tx) => moveBulkSend(tx, actor.organisationId, bulk.id, ["previewed"], "cancelled", actor.principalId)));
  return { kind: discarded ? "discarded" : "started-already", number };
}

export const bulkDiscardCommand = command({
  verb: "bulk-discard",
  usage: [],
  input: Numbered,
  need: "send",
  read: byButtonOnly,
  run: bulkDiscard,
  say(outcome, voice) {
    const t = voice.t.replies.bulk;
    switch (outcome.kind) {
      case "no-such-bulk":
        return { reply: sayNoSuchBulk(outcome, voice) };
      case "discarded":
        return { reply: plainReply("info", [t.discarded({ name: bulkName(outcome.number) })]), replace: true };
      case "started-already":
        return { reply: plainReply("info", [t.startedAlready({ name: bulkName(outcome.number) })]) };
    }
  },
});

const SHOWN = 25;

export const bulkListCommand = command({
  verb: "bulk-list",
  usage: [],
  input: Numbered,
  need: "send",
  read: byButtonOnly,
  async run(deps, actor, { number }) {
    const bulk = await findBulk(deps, actor, number);
    if (!bulk) return { kind: "no-such-bulk" as const, number };
    return { kind: "list" as const, number, ...(await listRecipients(deps.db, actor.organisationId, bulk.id, SHOWN)) };
  },
  say(outcome, voice) {
    const t = voice.t.replies;
    if (outcome.kind === "no-such-bulk") return { reply: sayNoSuchBulk(outcome, voice) };
    const rows = outcome.rows.map((row) => ({
      title: row.name,
      detail: `${sayAddress(row.loginAddress)} · ${row.skipReason ? t.skips[row.skipReason] : t.bulk.willGetMail}`,
    }));
    const lines = [t.bulk.list({ name: bulkName(outcome.number), count: outcome.count })];
    return { reply: { tone: "info", lines, items: { rows, more: outcome.count - rows.length }, personal: true } };
  },
});
