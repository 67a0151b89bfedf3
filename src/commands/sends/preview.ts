import { z } from "zod";
import { and } from "drizzle-orm";
import type { Deps } from "../../deps.ts";
import { inTransaction } from "../../db/client.ts";
import { noteAudit } from "../../db/audit.ts";
import { getApprovalFacts } from "../../db/approvals.ts";
import { countAudience, freezeSend } from "../../db/sends.ts";
import { findUnknownNames, selectionWhere, type UnknownName } from "../../db/selection.ts";
import { inScope } from "../../db/users.ts";
import { sendName, PREVIEW_LAPSES_MS, type PreviewCounts } from "../../domain/bulk-send.ts";
import { LANGUAGES } from "../../domain/user.ts";
import type { Actor } from "../asker.ts";
import { previewForm } from "./form.ts";
import { command } from "../command.ts";
import { describeSelection } from "../language/describe-selection.ts";
import { refuseFlags, refuseForceWithoutReason } from "../read-line.ts";
import type { Button, Reply } from "../reply.ts";
import { plainReply, sayMoment, type Voice } from "../say.ts";
import { sayCounts } from "./say-send.ts";
import { sayUnknownName } from "../say-problem.ts";
import { SelectionInput } from "../language/selection-input.ts";

export const Preview = z.object({
  selection: SelectionInput.default([]),
  force: z.boolean().default(false),
  reason: z.string().max(500).nullable().default(null),
  dryRun: z.boolean().default(false),
  language: z.enum(LANGUAGES).nullable().default(null),
  /** When to start, as local time of the organisation: `YYYY-MM-DD HH:MM`. */
  startAt: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}$/)
    .nullable()
    .default(null),
  /** No filter was given: ask for them first. */
  ask: z.boolean().default(false),
});
export type Preview = z.infer<typeof Preview>;

type PreviewOutcome =
  | { kind: "ask"; input: Preview }
  | { kind: "unknown-name"; unknown: UnknownName }
  | { kind: "nobody"; input: Preview }
  | { kind: "dry-run"; input: Preview; counts: PreviewCounts }
  | { kind: "past"; at: string }
  | { kind: "previewed"; input: Preview; number: number; counts: PreviewCounts; scheduledAt: Date | null; needsApproval: boolean };

/** Freezes an audience and counts it by reason. Sends nothing. */
async function previewSend(deps: Deps, actor: Actor, input: Preview): Promise<PreviewOutcome> {
  if (input.ask) return { kind: "ask", input };
  const [unknown] = await findUnknownNames(deps.db, actor, input.selection);
  if (unknown) return { kind: "unknown-name", unknown };
  const where = audienceOf(actor, input);
  const counts = input.dryRun ? await countAudience(deps.db, where, input.force) : null;
  if (counts) return counts.matched === 0 ? { kind: "nobody", input } : { kind: "dry-run", input, counts };
  return inTransaction(deps.db, async (tx): Promise<PreviewOutcome> => {
    const frozen = await freezeSend(
      tx,
      {
        organisationId: actor.organisationId,
        createdBy: actor.principalId,
        selection: input.selection,
        forced: input.force,
        reason: input.reason,
        language: input.language,
        startAt: input.startAt,
        lapsesAfterMs: PREVIEW_LAPSES_MS,
      },
      where,
    );
    if (frozen.counts.matched === 0) return { kind: "nobody", input };
    if (frozen.scheduledAt && frozen.scheduledAt <= deps.now()) return { kind: "past", at: input.startAt ?? "" };
    await noteAudit(tx, {
      organisationId: actor.organisationId,
      principalId: actor.principalId,
      action: "bulk-preview",
      sendId: frozen.id,
      detail: { matched: frozen.counts.matched, sendable: frozen.counts.sendable },
    });
    const { over } = await getApprovalFacts(tx, actor.organisationId, frozen.id);
    return { kind: "previewed", input, ...frozen, needsApproval: frozen.counts.sendable > over };
  });
}

/** The rows of `users` a bulk send by this actor is about. */
export function audienceOf(actor: Actor, input: Pick<Preview, "selection">) {
  const seen = inScope(actor.organisationId, actor.scope);
  return and(seen, selectionWhere(actor.organisationId, input.selection)) ?? seen;
}

function sayPreview(outcome: Exclude<PreviewOutcome, { kind: "ask" }>, voice: Voice): Reply {
  const t = voice.t.replies;
  switch (outcome.kind) {
    case "unknown-name":
      return sayUnknownName(outcome.unknown, voice);
    case "nobody":
      return {
        ...plainReply("info", [t.bulk.nobody({ selection: saySelection(outcome.input, voice) })]),
        buttons: [changeButton(outcome.input, voice)],
      };
    case "past":
      return plainReply("refused", [t.bulk.pastStart({ at: outcome.at }), t.typeHelp]);
    case "dry-run":
      return plainReply("info", [sayCounts(t.bulk.dryRunName, outcome.counts, voice), ...sayOptions(outcome.input, voice), t.bulk.dryRun]);
    case "previewed":
      return sayPreviewed(outcome, voice);
  }
}

function sayPreviewed(
  { number, counts, input, scheduledAt, needsApproval }: Extract<PreviewOutcome, { kind: "previewed" }>,
  voice: Voice,
): Reply {
  const t = voice.t.replies.bulk;
  const count = counts.sendable;
  const lines = [sayCounts(sendName(number), counts, voice), ...sayOptions(input, voice)];
  if (scheduledAt) lines.push(t.startsAt({ at: sayMoment(scheduledAt, voice) }));
  if (needsApproval) lines.push(t.willNeedApproval);
  lines.push(count > 0 ? t.lapses : t.nothingToSend);
  const send: Button = {
    label: t.send({ count }),
    style: "primary",
    call: { verb: "bulk-start", input: { number } },
    confirm: { title: t.sendTitle({ count }), text: t.sendText({ count }), yes: t.yes, no: t.no },
  };
  const buttons: Button[] = [
    ...(count > 0 ? [send] : []),
    { label: t.showList, style: "plain", call: { verb: "bulk-list", input: { number } } },
    changeButton(input, voice),
    ...(count > 0 ? [{ label: t.cancel, style: "plain", call: { verb: "bulk-discard", input: { number } } } satisfies Button] : []),
  ];
  return { tone: "info", lines, buttons, personal: false };
}

/** `YYYY-MM-DD HH:MM` of a day that exists. */
function isLocalTime(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}$/.test(text)) return false;
  const instant = new Date(`${text.replace(" ", "T")}:00Z`);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text.replace(" ", "T"));
}

function changeButton(input: Preview, voice: Voice): Button {
  return { label: voice.t.replies.bulk.change, style: "plain", opens: "form", call: { verb: "bulk", input: { ...input, ask: true } } };
}

function saySelection(input: Preview, { t }: Voice): string {
  return input.selection.length === 0 ? t.replies.bulk.everyone : describeSelection(input.selection, t);
}

function sayOptions(input: Preview, voice: Voice): string[] {
  const t = voice.t.replies;
  return [
    t.bulk.selection({ selection: saySelection(input, voice) }),
    ...(input.language ? [t.bulk.mailLanguage({ language: t.languageNames[input.language] ?? input.language })] : []),
    ...(input.force && input.reason ? [t.bulk.forced({ reason: input.reason })] : []),
  ];
}

export const bulkCommand = command({
  verb: "bulk",
  usage: ["bulk", "bulk department:Lager", 'bulk office:"Malmö C" pending>7d --dry-run'],
  input: Preview,
  need: "send",
  read(line, voice) {
    const refused = refuseFlags(line, "bulk", ["dryRun", "force", "reason", "lang", "at"], voice) ?? refuseForceWithoutReason(line, voice);
    if (refused) return refused;
    const words = line.words.map((word) => word.text).join(" ");
    if (words) return { missing: plainReply("refused", [voice.t.replies.unexpectedWords({ words, example: "bulk department:Lager" })]) };
    const { force, reason, dryRun, lang, at } = line.flags;
    const startAt = at?.trim().replace(/\s+|T/, " ") ?? null;
    if (startAt !== null && !isLocalTime(startAt))
      return {
        missing: plainReply("refused", [
          voice.t.replies.badValue({ found: `--at ${at}`, example: '--at "2026-12-01 08:00"' }),
          voice.t.replies.typeHelp,
        ]),
      };
    return { input: { startAt, selection: line.selection, force, reason, dryRun, language: lang, ask: line.selection.length === 0 } };
  },
  run: previewSend,
  say: (outcome, voice) => (outcome.kind === "ask" ? { form: outcome.input } : { reply: sayPreview(outcome, voice), replace: true }),
  form: previewForm,
});
