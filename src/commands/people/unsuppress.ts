import { z } from "zod";
import type { Deps } from "../../deps.ts";
import { noteAudit } from "../../db/audit.ts";
import { inTransaction } from "../../db/client.ts";
import { unsuppressUser } from "../../db/login-addresses.ts";
import type { UserCard } from "../../db/users.ts";
import type { Actor } from "../asker.ts";
import { command } from "../command.ts";
import { readOnePerson, refuseFlags } from "../read-line.ts";
import { plainReply, sayAddress } from "../say.ts";
import { findWho, sayAmbiguous, sayNotFound, Who, type Ambiguous, type NotFound } from "./who.ts";

const Unsuppress = z.object({ who: Who, reason: z.string().min(1).max(500) });
type Unsuppress = z.infer<typeof Unsuppress>;

type UnsuppressOutcome = { kind: "freed" | "was-free"; user: UserCard } | Ambiguous | NotFound;

/** Lets mail go to an address again that bounced. The reason is recorded. */
async function unsuppress(deps: Deps, actor: Actor, { who, reason }: Unsuppress): Promise<{ outcome: UnsuppressOutcome; reason: string }> {
  const found = await findWho(deps, actor, who);
  if (found.kind !== "one") return { outcome: found, reason };
  const { organisationId, principalId } = actor;
  const freed = await inTransaction(deps.db, async (tx) => {
    const done = await unsuppressUser(tx, organisationId, found.user.id);
    if (done) await noteAudit(tx, { organisationId, principalId, action: "unsuppress", userId: found.user.id, detail: { reason } });
    return done;
  });
  return { outcome: { kind: freed ? "freed" : "was-free", user: found.user }, reason };
}

export const unsuppressCommand = command({
  verb: "unsuppress",
  usage: ['unsuppress anna@company.se --reason "mailbox was full"'],
  input: Unsuppress,
  need: "send",
  read(line, voice) {
    const refused = refuseFlags(line, "unsuppress", ["reason"], voice);
    if (refused) return refused;
    const read = readOnePerson(line, 'unsuppress anna@company.se --reason "mailbox was full"', voice);
    if (!("who" in read)) return read;
    if (!line.flags.reason) return { missing: plainReply("refused", [voice.t.replies.unsuppress.reasonMissing]) };
    return { input: { who: read.who, reason: line.flags.reason } };
  },
  run: unsuppress,
  say({ outcome, reason }, voice) {
    const t = voice.t.replies.unsuppress;
    switch (outcome.kind) {
      case "not-found":
        return { reply: sayNotFound(outcome, voice) };
      case "ambiguous":
        return { reply: sayAmbiguous(outcome, voice, (who) => ({ verb: "unsuppress", input: { who, reason } })) };
      case "was-free":
        return { reply: plainReply("info", [t.wasFree({ name: outcome.user.name })], true) };
      case "freed": {
        const { user } = outcome;
        const send = { verb: "resend", input: { who: { kind: "user", id: user.id } } };
        return {
          reply: {
            ...plainReply("done", [t.freed({ name: user.name, address: sayAddress(user.loginAddress) })], true),
            buttons: [{ label: voice.t.replies.status.send, style: "primary", call: send, once: true }],
          },
        };
      }
    }
  },
});
