/** One call from Teams to its answer: taken once, known, asked, said. */
import type { Answer, Asker } from "../commands/asker.ts";
import { dispatchAction, dispatchForm, dispatchText, listOptions, refreshForm } from "../commands/dispatch.ts";
import type { Form, Option } from "../commands/form.ts";
import { apologise, findConversation, findWorkspace, sayLater, sayNotice, sayWorking, takeOnce } from "../commands/receive.ts";
import type { ReadyReply } from "../commands/reply.ts";
import type { Deps, PostResult } from "../deps.ts";
import {
  keepValues,
  presentDialog,
  presentForm,
  presentFormCard,
  presentFormMessage,
  presentOptions,
  type Dialog,
  type Suggestions,
} from "./forms.ts";
import { Reference, type SpokenCall, type TeamsCall } from "./inbound.ts";
import { LIMITS } from "./limits.ts";
import { deliver, handOver, postTo, say, type TeamsApi } from "./post.ts";
import { type AdaptiveCard, CARD_TYPE, headlineOf, presentCard } from "./present.ts";
import { findPerson, type StandingOf } from "./standing.ts";

export type Chat = {
  deps: Deps;
  api: TeamsApi;
  /** In lower case; empty where every tenant of an organisation is allowed. */
  tenants: string[];
  standingOf: StandingOf;
};

/** The response to the request that brought the call. */
export type InvokeAnswer = { status: number; body?: object };

/** True where it was the first one; the others are not sent. */
type Ack = (answer?: InvokeAnswer) => boolean;

const DONE: InvokeAnswer = { status: 200 };
const DIALOG_TITLE = "Verify";

/** Never rejects. An invoke has its answer within five seconds; what takes longer is said in the chat. */
export async function answerCall(chat: Chat, call: TeamsCall, send: (answer: InvokeAnswer) => void): Promise<void> {
  let open = true;
  const ack: Ack = (answer = DONE) => {
    if (!open) return false;
    open = false;
    send(answer);
    return true;
  };
  const timed = "surface" in call && call.surface !== "message";
  const timer = timed ? setTimeout(() => ack(answerLate(call)), LIMITS.invokeMs) : undefined;
  try {
    if (call.kind === "unknown") ack({ status: 400 });
    else if (call.kind === "installed") await noteInstall(chat, call.tenant);
    else if (call.kind !== "ignored") await answerSpoken(chat, call, ack);
    ack();
  } catch (error) {
    chat.deps.log.error({ err: error }, "a Teams call could not be answered");
    ack({ status: 500 });
  } finally {
    clearTimeout(timer);
  }
}

async function answerSpoken(chat: Chat, call: SpokenCall, ack: Ack): Promise<void> {
  const { deps } = chat;
  let asker = strangerOf(call);
  try {
    const changesNothing = call.kind === "options" || call.kind === "refresh";
    if (call.inboundId && !changesNothing && !(await takeOnce(deps, "teams", asker.principal.workspace, call.inboundId))) return;
    if (call.kind === "home") await noteInstall(chat, call.tenant);
    asker = await askerOf(chat, call, asker);
    await dispatch(chat, call, asker, ack);
  } catch (error) {
    const apology = apologise(deps, error, asker.locale);
    if (call.surface === "search") ack(answerSearch([]));
    else await tell(chat, call, asker, apology, false, ack);
  }
}

/** A stranger until Teams says otherwise. */
function strangerOf(call: SpokenCall): Asker {
  return {
    principal: { platform: "teams", workspace: call.tenant ?? "none", person: call.person ?? "nobody" },
    standing: "stranger",
    place: call.place,
    locale: call.locale,
    conversation: null,
  };
}

async function askerOf(chat: Chat, call: SpokenCall, stranger: Asker): Promise<Asker> {
  const { deps, tenants } = chat;
  if (call.tenant === null || call.person === null) return stranger;
  if (tenants.length > 0 && !tenants.includes(call.tenant.toLowerCase())) return stranger;
  if (!(await findWorkspace(deps, "teams", [call.tenant]))) return stranger;
  const own = call.place === "private" ? call.here : await ownChat(chat, call, stranger);
  const standing = await chat.standingOf(call, own);
  return standing === "member" ? { ...stranger, standing, conversation: own ?? null } : stranger;
}

/** The private chat of somebody who speaks elsewhere: the one we know, or one that is opened now. */
async function ownChat({ deps, api }: Chat, call: SpokenCall, { principal }: Asker): Promise<Reference | undefined> {
  const known = Reference.safeParse(await findConversation(deps, principal));
  if (known.success) return known.data;
  if (call.kind === "options" || call.kind === "refresh") return undefined;
  try {
    return { ...call.here, conversation: await api.openChat(call.here, call.account) };
  } catch (error) {
    deps.log.info({ err: error }, "no private chat could be opened");
    return undefined;
  }
}

async function noteInstall({ deps }: Chat, tenant: string | null): Promise<void> {
  const known = tenant !== null && (await findWorkspace(deps, "teams", [tenant])) !== undefined;
  if (known) deps.log.info({ tenant }, "installed in Teams");
  else deps.log.warn({ tenant }, "the Teams tenant belongs to no organisation: organisation create <name> --teams-tenant <id>");
}

async function dispatch(chat: Chat, call: SpokenCall, asker: Asker, ack: Ack): Promise<void> {
  const { deps } = chat;
  switch (call.kind) {
    case "text":
      return answer(chat, call, asker, await dispatchText(deps, asker, call.text), ack);
    case "message":
      return answer(chat, call, asker, await dispatchText(deps, asker, await namePeople(chat, call, asker, call.text)), ack);
    case "press":
      return answer(chat, call, asker, await dispatchAction(deps, asker, call.actionId), ack);
    case "submit":
      return answer(chat, call, asker, await dispatchForm(deps, asker, call.actionId, call.values), ack);
    case "refresh": {
      const form = await refreshForm(deps, asker, call.actionId, call.values);
      const said: Answer = form ? { kind: "form", form: keepValues(form, call.values) } : await dispatchAction(deps, asker, "");
      return answer(chat, call, asker, said, ack);
    }
    case "options":
      ack(answerSearch(await listOptions(deps, asker, call.source, call.typed)));
      return;
    case "home":
      return answer(chat, call, asker, await dispatchText(deps, asker, "help"), ack);
    case "file":
      ack();
      return giveFile(chat, call, asker);
  }
}

const ACCOUNT = /<@(\d+:[^<>\s]+)>/g;

/** People mentioned by Teams' own ids become people by their object ids, as far as we can see them. */
async function namePeople({ api }: Chat, call: SpokenCall, { standing }: Asker, text: string): Promise<string> {
  if (standing !== "member") return text;
  const accounts = [...new Set([...text.matchAll(ACCOUNT)].flatMap(([, account]) => account ?? []))].slice(0, 5);
  const found = await Promise.all(accounts.map(async (account) => [account, await findPerson(api, call, account)] as const));
  const people = new Map(found);
  return text.replace(ACCOUNT, (whole, account: string) => (people.get(account) ? `<@${people.get(account)}>` : whole));
}

async function answer(chat: Chat, call: SpokenCall, asker: Asker, said: Answer, ack: Ack): Promise<void> {
  switch (said.kind) {
    case "reply":
      return tell(chat, call, asker, said.reply, said.replace, ack);
    case "form":
      return ask(chat, call, asker, said.form, ack);
    case "form-again":
      return ask(chat, call, asker, call.kind === "submit" ? keepValues(said.form, call.values) : said.form, ack);
  }
}

/** The file is made anew by whoever may still have it. */
async function giveFile(chat: Chat, call: Extract<SpokenCall, { kind: "file" }>, asker: Asker): Promise<void> {
  const said = await dispatchAction(chat.deps, asker, call.actionId);
  if (said.kind !== "reply") return;
  const { file } = said.reply;
  if (!file) return void (await sayOut(chat, call, asker, said.reply));
  const result = await handOver(chat.api, call.here, call.stored, call.uploadUrl, file.text);
  if (result.kind === "posted") return;
  const fault = new Error(`a file was not handed over: ${result.kind === "gone" ? result.why : "no answer"}`);
  await sayOut(chat, call, asker, apologise(chat.deps, fault, asker.locale));
}

/** A form in the dialog or card that asked for it, or in the asker's own chat; in a channel, as a message with a button that opens it. */
async function ask(chat: Chat, call: SpokenCall, asker: Asker, form: Form, ack: Ack): Promise<void> {
  const suggestions: Suggestions = {};
  for (const field of form.fields)
    if (field.kind === "search") suggestions[field.source] = await listOptions(chat.deps, asker, field.source, "");
  if (call.surface === "dialog" && ack(answerDialog(presentForm(form, suggestions)))) return;
  if (call.surface === "card" && call.kind !== "press" && ack(answerCard(presentFormCard(form, suggestions, "chat")))) return;
  if (call.place === "private") {
    const shown = await deliver(chat.api, call.here, presentFormMessage(form, suggestions));
    if (shown.kind === "posted") return void ack(call.surface === "card" ? answerText(form.title) : DONE);
  }
  const button = { label: form.title, style: "primary", actionId: form.actionId, opens: "form" } as const;
  await tell(chat, call, asker, { tone: "info", lines: [form.notice ?? form.title], buttons: [button], personal: false }, false, ack);
}

/** Says a reply where its asker alone, or everybody there, may read it. What was done is not undone when it cannot be said. */
async function tell(chat: Chat, call: SpokenCall, asker: Asker, reply: ReadyReply, replace: boolean, ack: Ack): Promise<void> {
  switch (call.surface) {
    case "message":
    case "search":
      return void (await sayOut(chat, call, asker, reply));
    case "dialog": {
      const shown = answerDialog(presentDialog(DIALOG_TITLE, presentCard(reply)));
      if (call.kind !== "submit" || asker.conversation === null) {
        if (!ack(shown)) await sayOut(chat, call, asker, reply);
        return;
      }
      // An empty answer closes the dialog; away from the chat where the reply is, that would look like nothing had happened.
      if (call.place === "private") ack();
      const reached = await sayOut(chat, call, asker, reply);
      ack(reached ? answerNote(headlineOf(await sayNotice(chat.deps, asker, "elsewhere"))) : shown);
      return;
    }
    case "card": {
      const apart = call.place === "shared" && reply.personal;
      const replaced = (call.kind === "press" && replace) || call.kind === "submit";
      const card = replaced && "card" in call && !apart ? call.card : undefined;
      if (card !== undefined) {
        ack(answerCard(presentCard(reply)));
        return void (await settle(chat, asker, reply, await say(chat.api, call.here, reply, card)));
      }
      const aside = call.place === "shared" && isPlain(reply) && !apart;
      if (aside && ack(answerText(headlineOf(reply)))) return;
      const reached = await sayOut(chat, call, asker, reply);
      ack(answerText(headlineOf(apart ? await sayNotice(chat.deps, asker, reached ? "elsewhere" : "unreached") : reply)));
    }
  }
}

function isPlain({ buttons, items, facts, code, progress, file }: ReadyReply): boolean {
  return !buttons && !items && !facts && !code && !progress && !file;
}

/** True where it was said, or will be. In a channel, what is about people goes to the asker's own chat and the channel hears that it did. */
async function sayOut(chat: Chat, call: SpokenCall, asker: Asker, reply: ReadyReply): Promise<boolean> {
  const { api, deps } = chat;
  const apart = call.place === "shared" && (reply.personal || call.surface === "dialog");
  const target = { ...asker.principal, conversation: asker.conversation };
  if (!apart) {
    const { file, ...rest } = reply;
    const here = call.place === "shared" ? rest : reply;
    if (file && call.place === "shared") await settle(chat, asker, reply, await postTo(api, target, reply, null));
    return settle(chat, asker, here, await say(api, call.here, here));
  }
  const reached = await settle(chat, asker, reply, await postTo(api, target, reply, null));
  if (call.surface === "message") await say(api, call.here, await sayNotice(deps, asker, reached ? "elsewhere" : "unreached"));
  return reached;
}

async function settle({ deps }: Chat, asker: Asker, reply: ReadyReply, result: PostResult): Promise<boolean> {
  if (result.kind === "posted") return true;
  if (result.kind === "later" && asker.standing === "member" && (await sayLater(deps, asker.principal, reply))) return true;
  deps.log.warn({ why: result.kind === "gone" ? result.why : "nobody to say it to" }, "a reply could not be said");
  return false;
}

function answerText(value: string): InvokeAnswer {
  return { status: 200, body: { statusCode: 200, type: "application/vnd.microsoft.activity.message", value } };
}

function answerCard(value: AdaptiveCard): InvokeAnswer {
  return { status: 200, body: { statusCode: 200, type: CARD_TYPE, value } };
}

function answerDialog(value: Dialog): InvokeAnswer {
  return { status: 200, body: { task: { type: "continue", value } } };
}

function answerNote(value: string): InvokeAnswer {
  return { status: 200, body: { task: { type: "message", value } } };
}

function answerSearch(options: Option[]): InvokeAnswer {
  const type = "application/vnd.microsoft.search.searchResponse";
  return { status: 200, body: { statusCode: 200, type, value: { results: presentOptions(options) } } };
}

/** Said when the time for an answer is up. A dialog that is being filled in stays as it is. */
function answerLate(call: SpokenCall): InvokeAnswer {
  const text = headlineOf(sayWorking(call.locale));
  switch (call.surface) {
    case "message":
      return DONE;
    case "search":
      return answerSearch([]);
    case "card":
      return answerText(text);
    case "dialog":
      if (call.kind === "refresh") return { status: 503 };
      return call.kind === "submit" ? DONE : answerNote(text);
  }
}
