/** The runs of reminders: each a bulk send of its own, confirmed by the reminder's maker with the rights they have now. */
import { and, sql } from "drizzle-orm";
import type { Deps } from "../../deps.ts";
import { noteAudit } from "../../db/audit.ts";
import { countAudience, freezeSend, getSend } from "../../db/sends.ts";
import { inTransaction, withBulkTime, type Tx } from "../../db/client.ts";
import { isDatabaseAway } from "../../db/faults.ts";
import { claimReminder, dueForReminder, listRunnable, noteRun, stopReminder } from "../../db/reminders.ts";
import { findUnknownNames } from "../../db/selection.ts";
import { PREVIEW_LAPSES_MS } from "../../domain/bulk-send.ts";
import { may } from "../../domain/permission.ts";
import type { ReminderEnd } from "../../domain/reminder.ts";
import { findActorById } from "../actor.ts";
import { audienceOf } from "./preview.ts";
import { confirmSend, sayStart } from "./start.ts";
import { sayReminderEnd } from "./say-remind.ts";
import { SelectionInput } from "../language/selection-input.ts";
import { tellEach } from "../tell.ts";

/** Runs every reminder that is due, one transaction each: one that fails leaves the others alone. */
export async function runReminders(deps: Deps): Promise<void> {
  for (const { organisationId, id } of await listRunnable(deps.db)) {
    try {
      await inTransaction(deps.db, (tx) => runReminder(deps, tx, organisationId, id));
    } catch (fault) {
      if (isDatabaseAway(fault)) throw fault;
      deps.log.error({ organisation: organisationId, reminder: id, err: fault }, "a reminder could not run");
    }
  }
}

/** Mails nobody and leaves no trace where nobody is due. */
async function runReminder(deps: Deps, tx: Tx, organisationId: number, id: number): Promise<void> {
  await withBulkTime(tx);
  const reminder = await claimReminder(tx, organisationId, id);
  if (!reminder) return;
  const { number, createdBy, lastRunNumber, lastRunState } = reminder;
  const stop = (end: ReminderEnd) => endReminder(deps, tx, { organisationId, id, number, createdBy }, end);
  if (lastRunNumber !== null && (lastRunState === "cancelled" || lastRunState === "rejected" || lastRunState === "lapsed"))
    return stop({ kind: "run-refused", sendNumber: lastRunNumber, state: lastRunState });
  const maker = await findActorById(tx, organisationId, createdBy);
  if (!maker || !may({ linked: maker.user !== null, roles: maker.roles }, "send")) return stop({ kind: "role" });
  const selection = SelectionInput.parse(reminder.selection);
  const [unknown] = await findUnknownNames(tx, maker, selection);
  if (unknown) return stop({ kind: "unknown-name", found: `${unknown.key}:${unknown.found}` });

  const where = and(audienceOf(maker, { selection }), dueForReminder(organisationId, reminder)) ?? sql`false`;
  if ((await countAudience(tx, where, false)).sendable === 0) return;
  const frozen = await freezeSend(
    tx,
    {
      organisationId,
      createdBy,
      selection,
      forced: false,
      reason: null,
      language: null,
      startAt: null,
      lapsesAfterMs: PREVIEW_LAPSES_MS,
      reminderId: id,
    },
    where,
  );
  await noteRun(tx, organisationId, id);
  const confirmed = await confirmSend(deps, tx, maker, await getSend(tx, organisationId, frozen.id));
  if (confirmed.kind === "needs-approval") await tellEach(deps, tx, organisationId, [createdBy], (voice) => sayStart(confirmed, voice));
}

type Ending = { organisationId: number; id: number; number: number; createdBy: number };

async function endReminder(deps: Deps, tx: Tx, { organisationId, id, number, createdBy }: Ending, end: ReminderEnd): Promise<void> {
  if (!(await stopReminder(tx, organisationId, id, null))) return;
  await noteAudit(tx, { organisationId, principalId: null, action: "reminder-end", detail: { reminder: number, why: end.kind } });
  await tellEach(deps, tx, organisationId, [createdBy], (voice) => sayReminderEnd(number, end, voice));
}
