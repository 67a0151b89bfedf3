/** The table of all commands. A verb that is not here does not exist, on any platform. */
import { approveCommand, rejectCommand } from "./approve.ts";
import { bulkDiscardCommand, bulkListCommand } from "./bulk-list.ts";
import { bulkStartCommand } from "./bulk-start.ts";
import { jobCommand, jobsCommand } from "./bulk-control.ts";
import { bulkCommand } from "./bulk-preview.ts";
import type { Command } from "./command.ts";
import { helpCommandOver } from "./help.ts";
import { auditCommand, historyCommand } from "./history.ts";
import { mailCommand } from "./mail-switch.ts";
import { remindCommand } from "./remind.ts";
import { reportCommand } from "./report.ts";
import { saveCommand, savedCommand } from "./saved.ts";
import { resendCommand } from "./resend.ts";
import { setEmailCommand } from "./set-email.ts";
import { settingsCommand } from "./settings.ts";
import { statusCommand } from "./status.ts";
import { unsuppressCommand } from "./unsuppress.ts";

export const CATALOG: Command[] = [
  helpCommandOver(() => CATALOG),
  statusCommand,
  resendCommand,
  setEmailCommand,
  bulkCommand,
  jobsCommand,
  jobCommand,
  approveCommand,
  rejectCommand,
  remindCommand,
  saveCommand,
  savedCommand,
  historyCommand,
  auditCommand,
  reportCommand,
  unsuppressCommand,
  mailCommand,
  settingsCommand,
  bulkStartCommand,
  bulkListCommand,
  bulkDiscardCommand,
];

/** Verbs that people type; the others stand behind buttons. */
export const VERBS: string[] = CATALOG.filter((each) => each.usage.length > 0).map((each) => each.verb);

export function findCommand(verb: string): Command | undefined {
  return CATALOG.find((each) => each.verb === verb);
}
