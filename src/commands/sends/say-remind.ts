/** The words for reminders. The worker says the end of a run with them. */
import { sendName, type Totals } from "../../domain/bulk-send.ts";
import { reminderName, type ReminderEnd, type ReminderRule } from "../../domain/reminder.ts";
import type { Button, Reply } from "../reply.ts";
import { plainReply, type Voice } from "../say.ts";
import { reportButton, sayExtras } from "./say-send.ts";

/** "after 7 days, then every 3 days, at most 3 mails" */
export function sayRule({ afterDays, everyDays, mostMails }: ReminderRule, { t }: Voice): string {
  const { days, remind } = t.replies;
  return remind.rule({ after: days({ count: afterDays }), every: days({ count: everyDays }), most: mostMails });
}

export function stopButton(number: number, { t }: Voice, label: string = t.replies.remind.stop): Button {
  return { label, style: "danger", call: { verb: "remind", input: { action: "stop", number } } };
}

/** The one message about a run, once it has ended. */
export function sayReminderRun(run: { number: number; reminderNumber: number; totals: Totals }, voice: Voice): Reply {
  const t = voice.t.replies.remind;
  const { totals } = run;
  const extras = sayExtras(totals, voice);
  const counts = { name: reminderName(run.reminderNumber), run: sendName(run.number), sent: totals.accepted, total: totals.audience };
  return {
    ...plainReply(totals.failed + totals.unknown === 0 ? "done" : "warning", [`${t.digest(counts)}${extras ? ` ${extras}.` : ""}`]),
    buttons: [reportButton(run.number, voice), stopButton(run.reminderNumber, voice)],
  };
}

/** Said to the maker when a reminder ends without their doing. */
export function sayReminderEnd(number: number, end: ReminderEnd, voice: Voice): Reply {
  const t = voice.t.replies;
  const name = reminderName(number);
  switch (end.kind) {
    case "role":
      return plainReply("warning", [t.remind.endedRole({ name })]);
    case "unknown-name":
      return plainReply("warning", [t.remind.endedName({ name, found: end.found })]);
    case "run-refused":
      return plainReply("warning", [t.remind.endedRun({ name, run: sendName(end.sendNumber), state: t.sendStates[end.state] })]);
  }
}
