/** One call from Slack to its answer: acknowledged, taken once, known, asked, said. */
import type { Answer, Asker } from "../commands/asker.ts";
import { dispatchAction, dispatchForm, dispatchText, listOptions, refreshForm } from "../commands/dispatch.ts";
import type { Form } from "../commands/form.ts";
import { apologise, findWorkspace, sayLater, takeOnce, uninstallWorkspace } from "../commands/receive.ts";
import type { ReadyReply } from "../commands/reply.ts";
import type { Deps } from "../deps.ts";
import { presentErrors, presentForm, presentOptions } from "./forms.ts";
import { modalMetadata, type Modal, type SlackCall, type SpokenCall } from "./inbound.ts";
import { LIMITS } from "./limits.ts";
import { errorOf, postTo, respond, type SlackApi } from "./post.ts";
import { presentReply } from "./present.ts";
import type { Stood } from "./standing.ts";

export type Chat = {
  deps: Deps;
  api: SlackApi;
  standingOf(workspace: string, token: string, person: string): Promise<Stood>;
};

/** Slack's answer to the request itself. True where it was the first one; the others are not sent. */
type Ack = (body?: object) => Promise<boolean>;

/** Never rejects. Slack waits three seconds for the ack: what needs no words in it is acknowledged first, the rest in time. */
export async function answerCall(chat: Chat, call: SlackCall, send: (body?: object) => Promise<void>): Promise<void> {
  let open = true;
  const ack: Ack = async (body) => {
    if (!open) return false;
    open = false;
    await send(body);
    return true;
  };
  const timer = setTimeout(() => void ack().catch(() => undefined), LIMITS.ackMs);
  try {
    if (call.kind !== "submit" && call.kind !== "options") await ack();
    if (call.kind === "uninstalled") for (const workspace of call.workspaces) await uninstallWorkspace(chat.deps, "slack", workspace);
    else if (call.kind !== "ignored") await answerSpoken(chat, call, ack);
    await ack();
  } catch (error) {
    chat.deps.log.error({ err: error }, "a Slack call could not be answered");
  } finally {
    clearTimeout(timer);
  }
}

async function answerSpoken(chat: Chat, call: SpokenCall, ack: Ack): Promise<void> {
  const { deps } = chat;
  let asker = strangerOf(call);
  try {
    const workspace = await findWorkspace(deps, "slack", workspacesOf(call));
    asker = { ...asker, principal: { ...asker.principal, workspace: workspace?.name ?? asker.principal.workspace } };
    if (call.kind !== "options" && !(await takeOnce(deps, "slack", asker.principal.workspace, call.inboundId))) return;
    const token = workspace && (await chat.api.tokenFor(workspace.name));
    if (workspace && token) asker = { ...asker, ...(await chat.standingOf(workspace.name, token, call.person)) };
    await dispatch(chat, call, asker, ack);
  } catch (error) {
    const apology = apologise(deps, error, asker.locale);
    if (call.kind === "options") await ack({ options: [] });
    else if (call.kind !== "refresh" && call.kind !== "home") await say(chat, call, asker, apology, false);
  }
}

function workspacesOf(call: SpokenCall): string[] {
  return [call.team, call.enterprise].filter((name) => name !== null);
}

/** A stranger until Slack says otherwise. */
function strangerOf(call: SpokenCall): Asker {
  const [workspace = "none"] = workspacesOf(call);
  const conversation = (call.kind === "message" || call.kind === "press" ? call.channel : null) ?? null;
  return {
    principal: { platform: "slack", workspace, person: call.person },
    standing: "stranger",
    place: "private",
    locale: undefined,
    conversation,
  };
}

async function dispatch(chat: Chat, call: SpokenCall, asker: Asker, ack: Ack): Promise<void> {
  const { deps } = chat;
  switch (call.kind) {
    case "text":
    case "message":
      return answer(chat, call, asker, await dispatchText(deps, asker, call.text), ack);
    case "press":
      return answer(chat, call, asker, await dispatchAction(deps, asker, call.actionId), ack);
    case "submit":
      return answer(chat, call, asker, await dispatchForm(deps, asker, call.modal.actionId, call.modal.values), ack);
    case "refresh":
      return redraw(chat, call.modal, asker, await refreshForm(deps, asker, call.modal.actionId, call.modal.values));
    case "options":
      await ack({ options: presentOptions(await listOptions(deps, asker, call.source, call.typed)) });
      return;
    case "home":
      return showHome(chat, asker, await dispatchText(deps, asker, "help"));
  }
}

async function answer(chat: Chat, call: SpokenCall, asker: Asker, said: Answer, ack: Ack): Promise<void> {
  switch (said.kind) {
    case "reply":
      await ack();
      return say(chat, call, asker, said.reply, said.replace);
    case "form":
    case "form-again":
      return ask(chat, call, asker, said.form, ack);
  }
}

/** A form as a modal; where Slack opens none, as a message with a button that opens it. */
async function ask(chat: Chat, call: SpokenCall, asker: Asker, form: Form, ack: Ack): Promise<void> {
  const view = presentForm(form, modalMetadata(form.actionId, responseUrlOf(call)));
  if (call.kind === "submit") {
    const errors = presentErrors(form);
    if (await ack(errors ? { response_action: "errors", errors } : { response_action: "update", view })) return;
  }
  if (call.kind === "text" || call.kind === "press") {
    const opened = await openView(chat, asker, call.triggerId, view);
    if (opened) return;
  }
  const button = { label: form.title, style: "primary", actionId: form.actionId, opens: "form" } as const;
  await say(chat, call, asker, { tone: "info", lines: [form.notice ?? form.title], buttons: [button], personal: false }, false);
}

async function openView(
  { api, deps }: Chat,
  { principal }: Asker,
  triggerId: string,
  view: ReturnType<typeof presentForm>,
): Promise<boolean> {
  const token = await api.tokenFor(principal.workspace);
  if (!token) return false;
  try {
    await api.client.views.open({ token, trigger_id: triggerId, view });
    return true;
  } catch (error) {
    deps.log.warn({ why: errorOf(error) ?? "no answer" }, "Slack did not open a form");
    return false;
  }
}

/** A form drawn again while it is filled in. A newer drawing, or a form closed meanwhile, wins. */
async function redraw({ api, deps }: Chat, modal: Modal, { principal }: Asker, form: Form | null): Promise<void> {
  const token = form && (await api.tokenFor(principal.workspace));
  if (!form || !token) return;
  try {
    const view = presentForm(form, modalMetadata(modal.actionId, modal.responseUrl));
    await api.client.views.update({ token, view_id: modal.id, hash: modal.hash, view });
  } catch (error) {
    const why = errorOf(error) ?? "no answer";
    if (why !== "hash_conflict" && why !== "not_found") deps.log.warn({ why }, "Slack did not redraw a form");
  }
}

async function showHome({ api }: Chat, { principal }: Asker, said: Answer): Promise<void> {
  const token = await api.tokenFor(principal.workspace);
  if (!token || said.kind !== "reply") return;
  await api.client.views.publish({ token, user_id: principal.person, view: { type: "home", blocks: presentReply(said.reply).blocks } });
}

/** Where the call came from if Slack still lets us, else in the person's own conversation, else later. What was done is not undone for it. */
async function say(chat: Chat, call: SpokenCall, asker: Asker, reply: ReadyReply, replace: boolean): Promise<void> {
  const { api, deps } = chat;
  const target = { ...asker.principal, conversation: asker.conversation };
  const lasting = call.kind === "press" && call.channel !== null;
  // A response URL takes no file; in the bot's own conversation one message says it all.
  const url = lasting && reply.file ? undefined : responseUrlOf(call);
  const here = url && (await respond(api, url, reply, { replace, lasting }));
  if (here && here.kind === "posted" && !reply.file) return;
  const [headline = ""] = reply.lines;
  const rest: ReadyReply =
    here && here.kind === "posted"
      ? { tone: reply.tone, lines: [headline], personal: reply.personal, ...(reply.file ? { file: reply.file } : {}) }
      : reply;
  const there = here && here.kind === "later" ? here : await postTo(api, target, rest, null);
  if (there.kind === "later" && asker.standing === "member" && (await sayLater(deps, asker.principal, rest))) return;
  if (there.kind !== "posted")
    deps.log.warn({ why: there.kind === "gone" ? there.why : "nobody to say it to" }, "a reply could not be said");
}

function responseUrlOf(call: SpokenCall): string | undefined {
  switch (call.kind) {
    case "text":
    case "press":
      return call.responseUrl;
    case "submit":
    case "refresh":
      return call.modal.responseUrl;
    case "message":
    case "options":
    case "home":
      return undefined;
  }
}
