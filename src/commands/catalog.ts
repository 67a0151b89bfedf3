/** The table of all commands. A verb that is not here does not exist, on any platform. */
import { approveCommand, rejectCommand } from "./sends/approve.ts";
import { discardCommand, listCommand } from "./sends/list.ts";
import { startCommand } from "./sends/start.ts";
import { jobCommand, jobsCommand } from "./sends/control.ts";
import { bulkCommand } from "./sends/preview.ts";
import type { Command } from "./command.ts";
import { helpCommandOver } from "./help.ts";
import { auditCommand, historyCommand } from "./people/history.ts";
import { mailCommand } from "./organisation/mail-switch.ts";
import { remindCommand } from "./sends/remind.ts";
import { reportCommand } from "./organisation/report.ts";
import { saveCommand, savedCommand } from "./sends/saved.ts";
import { passwordCommand } from "./people/ask.ts";
import { tellAdminCommand } from "./people/tell-admin.ts";
import { resendCommand } from "./people/resend.ts";
import { setEmailCommand } from "./people/set-email.ts";
import { settingsCommand } from "./organisation/settings.ts";
import { statusCommand } from "./people/status.ts";
import { unsuppressCommand } from "./people/unsuppress.ts";

export const CATALOG: Command[] = [
  helpCommandOver(() => CATALOG),
  statusCommand,
  resendCommand,
  setEmailCommand,
  passwordCommand,
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
  startCommand,
  listCommand,
  discardCommand,
  tellAdminCommand,
];

/** Verbs that people type; the others stand behind buttons. */
export const VERBS: string[] = CATALOG.filter((each) => each.usage.length > 0).map((each) => each.verb);

export function findCommand(verb: string): Command | undefined {
  return CATALOG.find((each) => each.verb === verb);
}
