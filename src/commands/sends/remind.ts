import { and, sql } from "drizzle-orm";
import { z } from "zod";
import type { Deps } from "../../deps.ts";
import { noteAudit } from "../../db/audit.ts";
import { countAudience } from "../../db/sends.ts";
import { inTransaction } from "../../db/client.ts";
import {
  addReminder,
  dueForReminder,
  findOpenRun,
  getReminderHours,
  listReminders,
  stopReminder,
  type ReminderHours,
} from "../../db/reminders.ts";
import { findUnknownNames, type UnknownName } from "../../db/selection.ts";
import { sendName } from "../../domain/bulk-send.ts";
import type { Selection } from "../../domain/filter.ts";
import { REMINDER_BOUNDS, reminderName } from "../../domain/reminder.ts";
import type { Actor } from "../asker.ts";
import { audienceOf } from "./preview.ts";
import { command } from "../command.ts";
import { describeSelection } from "../language/describe-selection.ts";
import { refuseFlags } from "../read-line.ts";
import { readReminder } from "./read-remind.ts";
import type { Reply } from "../reply.ts";
import { plainReply, sayMoment, type Voice } from "../say.ts";
import { sayUnknownName } from "../say-problem.ts";
import { sayRule, stopButton } from "./say-remind.ts";
import { SelectionInput } from "../language/selection-input.ts";

const EXAMPLE = "remind add after 7d every 3d max 3 pending>7d";
const MOST_SHOWN = 20;

const { days, mails } = REMINDER_BOUNDS;
const Days = z.number().int().min(days.least).max(days.most);
const Add = z.object({
  action: z.literal("add"),
  afterDays: Days,
  everyDays: Days,
  mostMails: z.number().int().min(mails.least).max(mails.most),
  selection: SelectionInput,
  dryRun: z.boolean().default(false),
});
type Add = z.infer<typeof Add>;
const Remind = z.union([
  z.object({ action: z.literal("list") }),
  z.object({ action: z.literal("stop"), number: z.number().int().positive() }),
  Add,
]);
type Remind = z.infer<typeof Remind>;

type Row = Awaited<ReturnType<typeof listReminders>>[number];
type RemindOutcome =
  | { kind: "list"; rows: Row[] }
  | { kind: "unknown-name"; unknown: UnknownName }
  | { kind: "added"; number: number | null; input: Add; matched: number; due: number; hours: ReminderHours }
  | { kind: "stopped" | "stopped-before"; number: number; openRun: number | undefined }
  | { kind: "not-found"; number: number };

/** An owner sees all reminders, everyone else their own. */
const seenBy = ({ roles, principalId }: Actor) => (roles.includes("owner") ? null : principalId);

async function remind(deps: Deps, actor: Actor, input: Remind): Promise<RemindOutcome> {
  switch (input.action) {
    case "list":
      return { kind: "list", rows: await listReminders(deps.db, actor.organisationId, seenBy(actor), null, MOST_SHOWN + 1) };
    case "add":
      return add(deps, actor, input);
    case "stop":
      return stop(deps, actor, input.number);
  }
}

async function add(deps: Deps, actor: Actor, input: Add): Promise<RemindOutcome> {
  const { organisationId, principalId } = actor;
  const { afterDays, everyDays, mostMails, selection, dryRun } = input;
  const [unknown] = await findUnknownNames(deps.db, actor, selection);
  if (unknown) return { kind: "unknown-name", unknown };
  const everyone = audienceOf(actor, { selection: [...selection, { key: "connection", not: false, values: ["pending"] }] });
  const { matched } = await countAudience(deps.db, everyone, false);
  const { matched: due } = await countAudience(deps.db, and(everyone, dueForReminder(organisationId, input)) ?? sql`false`, false);
  const hours = await getReminderHours(deps.db, organisationId);
  if (dryRun) return { kind: "added", number: null, input, matched, due, hours };
  const number = await inTransaction(deps.db, async (tx) => {
    const added = await addReminder(tx, { organisationId, createdBy: principalId, afterDays, everyDays, mostMails, selection });
    const detail = { reminder: added.number, afterDays, everyDays, mostMails };
    await noteAudit(tx, { organisationId, principalId, action: "reminder-add", detail });
    return added.number;
  });
  return { kind: "added", number, input, matched, due, hours };
}

async function stop(deps: Deps, actor: Actor, number: number): Promise<RemindOutcome> {
  const { organisationId, principalId } = actor;
  const [row] = await listReminders(deps.db, organisationId, seenBy(actor), number, 1);
  if (!row) return { kind: "not-found", number };
  const stopped = await inTransaction(deps.db, async (tx) => {
    if (!(await stopReminder(tx, organisationId, row.id, principalId))) return false;
    await noteAudit(tx, { organisationId, principalId, action: "reminder-stop", detail: { reminder: number } });
    return true;
  });
  return { kind: stopped ? "stopped" : "stopped-before", number, openRun: await findOpenRun(deps.db, organisationId, row.id) };
}

function sayRemind(outcome: RemindOutcome, voice: Voice): Reply {
  const t = voice.t.replies.remind;
  switch (outcome.kind) {
    case "unknown-name":
      return sayUnknownName(outcome.unknown, voice);
    case "not-found":
      return plainReply("refused", [t.notFound({ name: reminderName(outcome.number) })]);
    case "stopped":
    case "stopped-before": {
      const name = reminderName(outcome.number);
      const run = outcome.openRun === undefined ? null : sendName(outcome.openRun);
      return plainReply(outcome.kind === "stopped" ? "done" : "info", [
        outcome.kind === "stopped" ? t.stopped({ name }) : t.stoppedBefore({ name }),
        ...(run === null ? [] : [t.runUnderWay({ run, command: `job ${run} cancel` })]),
      ]);
    }
    case "list":
      return sayList(outcome.rows, voice);
    case "added":
      return sayAdded(outcome, voice);
  }
}

function sayAdded({ number, input, matched, due, hours }: Extract<RemindOutcome, { kind: "added" }>, voice: Voice): Reply {
  const t = voice.t.replies.remind;
  const said = { rule: sayRule(input, voice), selection: saySelection(input.selection, voice) };
  const lines = [
    number === null ? t.dryRun(said) : t.on({ name: reminderName(number), ...said }),
    t.due({ matched, due }),
    t.hours({ from: hours.from, until: hours.until }),
    t.ends,
    ...(matched > hours.approvalOver ? [t.needsApproval({ over: hours.approvalOver })] : []),
  ];
  if (number === null) return plainReply("info", [...lines, voice.t.replies.bulk.dryRun]);
  return { ...plainReply("done", lines), buttons: [stopButton(number, voice)] };
}

function sayList(rows: Row[], voice: Voice): Reply {
  const t = voice.t.replies.remind;
  if (rows.length === 0) return plainReply("info", [t.none({ example: EXAMPLE })]);
  const shown = rows.slice(0, MOST_SHOWN);
  const items = shown.map((row) => ({
    title: `${reminderName(row.number)} · ${saySelection(SelectionInput.catch([]).parse(row.selection), voice)}`,
    detail: [
      sayRule(row, voice),
      row.lastRunAt ? t.lastRun({ at: sayMoment(row.lastRunAt, voice) }) : t.neverRun,
      ...(row.by === null ? [] : [row.by]),
    ].join(" · "),
  }));
  const buttons = shown.slice(0, 5).map(({ number }) => stopButton(number, voice, t.stopOne({ name: reminderName(number) })));
  return {
    tone: "info",
    lines: [t.list({ count: shown.length })],
    items: { rows: items, more: rows.length - shown.length },
    buttons,
    personal: true,
  };
}

function saySelection(selection: Selection, { t }: Voice): string {
  return selection.length === 0 ? t.replies.bulk.everyone : describeSelection(selection, t);
}

export const remindCommand = command({
  verb: "remind",
  usage: ["remind list", EXAMPLE, "remind stop R-3"],
  input: Remind,
  need: "send",
  read(line, voice) {
    const refused = refuseFlags(line, "remind", ["dryRun"], voice);
    if (refused) return refused;
    const t = voice.t.replies.remind;
    const read = readReminder(line.words.map((word) => word.text));
    switch (read.kind) {
      case "list":
        return { input: { action: "list" } };
      case "stop":
        return { input: { action: "stop", number: read.number } };
      case "add": {
        const input = Add.safeParse({ action: "add", ...read.rule, selection: line.selection, dryRun: line.flags.dryRun });
        return input.success
          ? { input: input.data }
          : { missing: plainReply("refused", [t.bounds({ days: days.most, mails: mails.most })]) };
      }
      case "unclear":
        return { missing: plainReply("refused", [t.howTo({ example: EXAMPLE }), voice.t.replies.typeHelp]) };
    }
  },
  run: remind,
  say: (outcome, voice) => ({ reply: sayRemind(outcome, voice) }),
});
