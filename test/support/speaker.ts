import type { Asker } from "../../src/commands/asker.ts";
import { dispatchAction, dispatchText } from "../../src/commands/dispatch.ts";
import type { ReadyReply } from "../../src/commands/reply.ts";
import type { Db } from "../../src/db/client.ts";
import type { Deps } from "../../src/deps.ts";
import * as insert from "./insert.ts";

/** A linked, connected person with a role, authorised to the named companies, in the workspace of their organisation. */
export async function speaker(db: Db, organisationId: number, name: string, role: string | null, companies: string[] = []) {
  const user = await insert.user(db, organisationId, { name, verifiedAt: new Date(), language: "en" });
  if (role) await insert.role(db, organisationId, user.id, role);
  for (const company of companies) {
    await insert.authorisation(db, organisationId, user.id, await insert.company(db, organisationId, company));
  }
  const principal = await insert.principal(db, organisationId, { person: name, userId: user.id });
  const asker: Asker = {
    principal: { platform: "slack", workspace: principal.workspace, person: name },
    standing: "member",
    place: "private",
    locale: "en-GB",
    conversation: null,
  };
  return { user, principal, asker };
}

/** What a person types and presses, answered with replies. */
export function conversation(deps: Deps) {
  const ask = async (asker: Asker, text: string): Promise<ReadyReply> => {
    const answer = await dispatchText(deps, asker, text);
    if (answer.kind !== "reply") throw new Error(`a reply was expected, not ${answer.kind}`);
    return answer.reply;
  };
  const press = async (asker: Asker, reply: ReadyReply, label: RegExp): Promise<ReadyReply> => {
    const button = reply.buttons?.find((each) => label.test(each.label));
    if (!button || !("actionId" in button)) throw new Error(`no button ${label} in ${JSON.stringify(reply)}`);
    const answer = await dispatchAction(deps, asker, button.actionId);
    if (answer.kind !== "reply") throw new Error(`a reply was expected, not ${answer.kind}`);
    return answer.reply;
  };
  return { ask, press };
}

export const textOf = (reply: ReadyReply) => reply.lines.join("\n");
