/** *Tell my admin*: one tap by somebody who is stuck, one card for their admins, once a day. */
import { z } from "zod";
import type { Deps } from "../../deps.ts";
import { listAdminsOf, wereAdminsAsked } from "../../db/admins.ts";
import { noteAudit } from "../../db/audit.ts";
import { inTransaction } from "../../db/client.ts";
import { findUser, inScope, type UserCard } from "../../db/users.ts";
import type { Actor } from "../asker.ts";
import { command } from "../command.ts";
import { byButtonOnly } from "../read-line.ts";
import type { Button, Reply } from "../reply.ts";
import { plainReply, sayAddress, type Voice } from "../say.ts";
import { tellEach } from "../tell.ts";
import { setEmailButton } from "./say-mail.ts";

type TellOutcome = { kind: "told"; count: number } | { kind: "told-already" } | { kind: "nobody-to-tell" };

function tellAdmin(deps: Deps, { organisationId, principalId, user }: Actor): Promise<TellOutcome> {
  return inTransaction(deps.db, async (tx) => {
    const asker = user && (await findUser(tx, inScope(organisationId, { kind: "none" }, user.id), user.id));
    if (!asker) return { kind: "nobody-to-tell" };
    if (await wereAdminsAsked(tx, organisationId, asker.id)) return { kind: "told-already" };
    const admins = await listAdminsOf(tx, organisationId, asker.id);
    if (admins.length === 0) return { kind: "nobody-to-tell" };
    await noteAudit(tx, { organisationId, principalId, action: "ask-admin", userId: asker.id });
    const accounts = admins.map((admin) => admin.principalId);
    await tellEach(deps, tx, organisationId, accounts, (voice) => sayNeedsHelp(asker, voice));
    return { kind: "told", count: new Set(admins.map((admin) => admin.userId ?? `account ${admin.principalId}`)).size };
  });
}

function sayNeedsHelp(user: UserCard, voice: Voice): Reply {
  const { ask, status } = voice.t.replies;
  const call = { verb: "status", input: { who: { kind: "user", id: user.id } } };
  return {
    ...plainReply("warning", [ask.needsHelp({ name: user.name, address: sayAddress(user.loginAddress) })], true),
    facts: [
      { label: status.company, value: user.company ?? "–" },
      { label: status.department, value: user.department ?? "–" },
    ],
    buttons: [setEmailButton(user.id, voice), { label: status.show, style: "plain", call }],
  };
}

function sayTold(outcome: TellOutcome, { t }: Voice): Reply {
  const { ask } = t.replies;
  switch (outcome.kind) {
    case "told":
      return plainReply("done", [ask.told({ count: outcome.count })], true);
    case "told-already":
      return plainReply("info", [ask.toldAlready], true);
    case "nobody-to-tell":
      return plainReply("info", [ask.nobodyToTell], true);
  }
}

export function tellAdminButton(label: string, style: "primary" | "plain"): Button {
  return { label, style, call: { verb: "tell-admin", input: {} }, once: true };
}

export const tellAdminCommand = command({
  verb: "tell-admin",
  usage: [],
  input: z.object({}),
  need: "self",
  read: byButtonOnly,
  run: tellAdmin,
  say: (outcome, voice) => ({ reply: sayTold(outcome, voice) }),
});
