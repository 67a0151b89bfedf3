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

export const textOf = (reply: ReadyReply) => reply.lines.join("\n");

/** A member of a Slack workspace who writes to the bot alone, unless said otherwise. */
export function askerOf(workspace: string, person: string, over: Partial<Asker> = {}): Asker {
  const principal = { platform: "slack" as const, workspace, person };
  return { principal, standing: "member", place: "private", locale: "en-GB", conversation: null, ...over };
}

/** What is behind the button of this label. */
export function actionOf(reply: ReadyReply, label: RegExp): string {
  const button = reply.buttons?.find((each) => label.test(each.label));
  if (!button || !("actionId" in button)) throw new Error(`no button ${label} in ${JSON.stringify(reply)}`);
  return button.actionId;
}

/** What anybody types and presses, answered with replies. */
export function conversation(deps: Deps) {
  return {
    ask: async (asker: Asker, text: string) => replyOf(await dispatchText(deps, asker, text)),
    press: async (asker: Asker, reply: ReadyReply, label: RegExp) => replyOf(await dispatchAction(deps, asker, actionOf(reply, label))),
  };
}

/** One member of a workspace, who also fills in forms. */
export function speaker(deps: Deps, workspace: string, person: string) {
  const asker = askerOf(workspace, person);
  const { ask, press } = conversation(deps);
  const formOf = (answer: Answer): Form => {
    if (answer.kind !== "form") throw new Error(`a form was expected, not ${JSON.stringify(answer)}`);
    return answer.form;
  };
  const submit = (form: Form, values: FormValues) => dispatchForm(deps, asker, form.actionId, values);
  return {
    ask: (text: string) => ask(asker, text),
    press: (reply: ReadyReply, label: RegExp) => press(asker, reply, label),
    open: async (reply: ReadyReply, label: RegExp) => formOf(await dispatchAction(deps, asker, actionOf(reply, label))),
    submit,
    /** Types a command that asks a form, and submits it. */
    fill: async (text: string, values: FormValues) => submit(formOf(await dispatchText(deps, asker, text)), values),
  };
}

/** A connected user with a role, linked in chat under `name`, authorised to the companies named. */
export async function colleague(db: Db, organisationId: number, name: string, role: string | null, companies: string[] = []) {
  const user = await insert.user(db, organisationId, { name, verifiedAt: new Date(), language: "en" });
  if (role) await insert.role(db, organisationId, user.id, role);
  for (const company of companies)
    await insert.authorisation(db, organisationId, user.id, await insert.company(db, organisationId, company));
  const principal = await insert.principal(db, organisationId, { person: name, userId: user.id });
  return { user, principal, asker: askerOf(principal.workspace, name) };
}
