import { z } from "zod";
import type { Deps } from "../../deps.ts";
import { noteAudit } from "../../db/audit.ts";
import { inTransaction } from "../../db/client.ts";
import { findMailStop, switchMail } from "../../db/organisations.ts";
import { SWITCH_WORDS } from "../language/aliases.ts";
import type { Actor } from "../asker.ts";
import { command } from "../command.ts";
import { refuseFlags } from "../read-line.ts";
import { plainReply } from "../say.ts";

const MailSwitch = z.object({ to: z.enum(["on", "off", "show"]) });
type MailSwitch = z.infer<typeof MailSwitch>;

type SwitchOutcome = { on: boolean; switched: boolean };

/** The owner's switch: while it is off no mail of the organisation leaves; everything queued waits. */
async function mailSwitch(deps: Deps, { organisationId, principalId }: Actor, { to }: MailSwitch): Promise<SwitchOutcome> {
  if (to === "show") return { on: (await findMailStop(deps.db, organisationId)) === null, switched: false };
  const switched = await inTransaction(deps.db, async (tx) => {
    const changed = await switchMail(tx, organisationId, to === "on", principalId);
    if (changed) await noteAudit(tx, { organisationId, principalId, action: `mail-${to}` });
    return changed;
  });
  return { on: to === "on", switched };
}

export const mailCommand = command({
  verb: "mail",
  usage: ["mail", "mail off", "mail on"],
  input: MailSwitch,
  need: "own",
  read(line, voice) {
    const refused = refuseFlags(line, "mail", [], voice);
    if (refused) return refused;
    const [word, ...rest] = line.words.map(({ text }) => text);
    const to = word === undefined ? "show" : SWITCH_WORDS.find(word);
    if (to === undefined || rest.length > 0)
      return {
        missing: plainReply("refused", [
          voice.t.replies.badValue({ found: `mail ${word}`, example: "mail off" }),
          voice.t.replies.typeHelp,
        ]),
      };
    return { input: { to } };
  },
  run: mailSwitch,
  say({ on, switched }, voice) {
    const t = voice.t.replies.mailSwitch;
    const { label, to } = on ? { label: t.turnOff, to: "off" } : { label: t.turnOn, to: "on" };
    const reply = plainReply(switched ? "done" : "info", [on ? t.on : t.off]);
    return {
      reply: { ...reply, buttons: [{ label, style: on ? "danger" : "primary", call: { verb: "mail", input: { to } } }] },
      replace: true,
    };
  },
});
