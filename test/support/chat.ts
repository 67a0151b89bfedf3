/** A small organisation with people in chat, driven through dispatch. */
import type { Answer, Asker } from "../../src/commands/asker.ts";
import { dispatchAction, dispatchForm, dispatchText } from "../../src/commands/dispatch.ts";
import type { Form, FormValues } from "../../src/commands/form.ts";
import type { ReadyReply } from "../../src/commands/reply.ts";
import type { Db } from "../../src/db/client.ts";
import type { Deps } from "../../src/deps.ts";
import * as insert from "./insert.ts";

export function replyOf(answer: Answer): ReadyReply {
  if (answer.kind !== "reply") throw new Error(`a reply was expected, not ${answer.kind}`);
  return answer.reply;
}

/** A member of an organisation's workspace who types and presses. */
export function speaker(deps: Deps, workspace: string, person: string) {
  const asker: Asker = {
    principal: { platform: "slack", workspace, person },
    standing: "member",
    place: "private",
    locale: "en",
    conversation: null,
  };
  const idOf = (reply: ReadyReply, label: RegExp): string => {
    const button = reply.buttons?.find((each) => label.test(each.label));
    if (!button || !("actionId" in button)) throw new Error(`no button ${label} in ${JSON.stringify(reply)}`);
    return button.actionId;
  };
  return {
    ask: async (text: string) => replyOf(await dispatchText(deps, asker, text)),
    press: async (reply: ReadyReply, label: RegExp) => replyOf(await dispatchAction(deps, asker, idOf(reply, label))),
    open: async (reply: ReadyReply, label: RegExp): Promise<Form> => {
      const answer = await dispatchAction(deps, asker, idOf(reply, label));
      if (answer.kind !== "form") throw new Error(`a form was expected, not ${answer.kind}`);
      return answer.form;
    },
    submit: (form: Form, values: FormValues) => dispatchForm(deps, asker, form.actionId, values),
    /** Types a command that asks a form, and submits it. */
    fill: async (text: string, values: FormValues) => {
      const answer = await dispatchText(deps, asker, text);
      if (answer.kind !== "form") throw new Error(`a form was expected, not ${JSON.stringify(answer)}`);
      return dispatchForm(deps, asker, answer.form.actionId, values);
    },
  };
}

/** A connected user with a role, linked in chat under `person`, authorised to the companies named. */
export async function colleague(db: Db, organisationId: number, person: string, role: string | null, companies: string[] = []) {
  const user = await insert.user(db, organisationId, { name: person, verifiedAt: new Date(), language: "en" });
  if (role) await insert.role(db, organisationId, user.id, role);
  for (const company of companies)
    await insert.authorisation(db, organisationId, user.id, await insert.company(db, organisationId, company));
  await insert.principal(db, organisationId, { person, userId: user.id });
  return user;
}
