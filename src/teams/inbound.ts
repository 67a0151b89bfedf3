/** A verified activity as one call. Only the fields read here exist for us, and for the SDK; everything else an activity holds is dropped. */
import { z } from "zod";
import type { FormValues, OptionSource } from "../commands/form.ts";
import { readForm, sourceOf } from "./forms.ts";
import { DATA, type StoredFile } from "./present.ts";

export const CHANNEL = "msteams";

/** The message-extension action that opens the bulk form; a message extension's other commands would be other lines. */
export const EXTENSION_COMMANDS = ["bulk"];

const Id = z.string().min(1).max(500);

/** What is needed to speak in a conversation again. Stored with the principal, never with what was said. */
export const Reference = z.object({
  serviceUrl: z.url().max(500),
  conversation: Id,
  bot: Id,
  tenant: z.string().max(100).nullable(),
});
export type Reference = z.infer<typeof Reference>;

/** Who speaks, where, and the id under which this is taken once; null where Teams gave none. */
type Spoken = {
  tenant: string | null;
  /** The Entra object id; null for bots, anonymous people and other channels. */
  person: string | null;
  /** Teams' own id of the account, good only towards the connector. */
  account: string;
  channel: string;
  inboundId: string | null;
  locale: string | undefined;
  here: Reference;
  /** Whose members are asked: the team of a channel, else the conversation. */
  roster: string;
  place: "private" | "shared";
};

/** `surface`: how the call is answered, by a message or in the response to the request itself. */
export type SpokenCall = Spoken &
  (
    | { kind: "text"; surface: "dialog"; text: string }
    | { kind: "message"; surface: "message"; text: string }
    | { kind: "press"; surface: "message" | "card" | "dialog"; actionId: string; card: string | undefined }
    | { kind: "refresh"; surface: "card" | "dialog"; actionId: string; values: FormValues }
    | { kind: "submit"; surface: "message" | "card" | "dialog"; actionId: string; values: FormValues; card: string | undefined }
    | { kind: "options"; surface: "search"; source: OptionSource; typed: string }
    | { kind: "home"; surface: "message" }
    /** Somebody agreed to have a file. */
    | { kind: "file"; surface: "message"; actionId: string; stored: StoredFile; uploadUrl: string }
  );

/** `installed`: in a team or a group chat. `unknown`: an invoke of a kind we never ask for. `ignored`: nothing for us to do. */
export type TeamsCall = SpokenCall | { kind: "installed"; tenant: string | null } | { kind: "unknown" } | { kind: "ignored" };

/** A call, and the bare activity that the SDK gets to see. */
export type Arrived = { call: TeamsCall; activity: z.infer<typeof Bare> };

const maybe = <S extends z.ZodType>(schema: S) => schema.nullish().catch(undefined);

const Bare = z.object({
  type: z.string().min(1).max(100),
  name: maybe(z.string().max(200)),
  id: maybe(Id),
  channelId: z.string().min(1).max(100),
  serviceUrl: z.url().max(500),
  from: z.object({ id: Id }),
  recipient: z.object({ id: Id }),
  conversation: z.object({ id: Id }),
});

const Mention = z.object({
  type: z.literal("mention"),
  text: z.string().min(1).max(500),
  mentioned: z.object({ id: Id, aadObjectId: maybe(z.string().max(100)) }),
});

const Activity = z.object({
  ...Bare.shape,
  from: z.object({ id: Id, aadObjectId: maybe(Id), role: maybe(z.string()) }),
  conversation: z.object({ id: Id, tenantId: maybe(Id), conversationType: maybe(z.string()) }),
  channelData: maybe(z.object({ tenant: maybe(z.object({ id: Id })), team: maybe(z.object({ id: Id })) })),
  locale: maybe(z.string().max(50)),
  text: maybe(z.string().max(100_000)),
  entities: maybe(z.array(z.unknown()).max(200)),
  replyToId: maybe(Id),
  action: maybe(z.string()),
  value: z.unknown().optional(),
});
type Activity = z.infer<typeof Activity>;

const Values = z.record(z.string(), z.unknown());
const Act = z.object({ action: z.object({ type: z.string(), verb: maybe(z.string()), data: maybe(Values) }) });
const Task = z.object({ data: maybe(Values), commandId: maybe(z.string()) });
const Search = z.object({ queryText: maybe(z.string().max(1000)), dataset: maybe(z.string()) });

const Consent = z.object({
  action: z.enum(["accept", "decline"]),
  context: maybe(Values),
  uploadInfo: maybe(
    z.object({
      name: z.string().max(500),
      contentUrl: z.url().max(4000),
      uploadUrl: z.url().max(8000),
      uniqueId: z.string().max(500),
      fileType: z.string().max(100),
    }),
  ),
});

/** Undefined for whatever is not an activity. */
export function readCall(body: unknown): Arrived | undefined {
  const read = Activity.safeParse(body);
  if (!read.success) return undefined;
  const activity = read.data;
  if (activity.type === "message" && !activity.id) return undefined;
  return { call: callOf(activity), activity: Bare.parse(activity) };
}

function callOf(activity: Activity): TeamsCall {
  const isBot = activity.from.id.startsWith("28:") || activity.from.role === "bot" || activity.from.role === "skill";
  if (isBot) return activity.type === "invoke" ? { kind: "unknown" } : { kind: "ignored" };
  const spoken = readSpoken(activity);
  switch (activity.type) {
    case "message":
      return readMessage(activity, spoken);
    case "invoke":
      return readInvoke(activity, spoken);
    case "installationUpdate":
      if (!activity.action?.startsWith("add")) return { kind: "ignored" };
      return spoken.place === "private" ? { ...spoken, kind: "home", surface: "message" } : { kind: "installed", tenant: spoken.tenant };
    default:
      return { kind: "ignored" };
  }
}

function readSpoken(activity: Activity): Spoken {
  const { conversation, channelData, from } = activity;
  const tenants = new Set([channelData?.tenant?.id, conversation.tenantId].filter((id) => id !== undefined && id !== null));
  // Two tenants named at once is nobody's honest activity.
  const tenant = tenants.size === 1 ? ([...tenants][0] ?? null) : null;
  return {
    tenant,
    person: activity.channelId === CHANNEL ? (from.aadObjectId ?? null) : null,
    account: from.id,
    channel: activity.channelId,
    inboundId: activity.id ? `activity:${conversation.id}/${activity.id}` : null,
    locale: activity.locale ?? undefined,
    here: { serviceUrl: activity.serviceUrl, conversation: conversation.id, bot: activity.recipient.id, tenant },
    roster: channelData?.team?.id ?? conversation.id.replace(/;messageid=.*$/, ""),
    place: isOwnChat(activity) ? "private" : "shared",
  };
}

/** A chat with us and nobody else. A message extension is also used in chats of two people, which are called personal too. */
function isOwnChat({ name, conversation }: Activity): boolean {
  return conversation.conversationType === "personal" && !conversation.id.startsWith("19:") && !name?.startsWith("composeExtension/");
}

/** What somebody wrote, or the value of a card's button in a client that knows no Action.Execute. */
function readMessage(activity: Activity, spoken: Spoken): TeamsCall {
  const data = Values.safeParse(activity.value);
  if (!activity.text && data.success) return readSubmitted(spoken, "message", data.data, activity.replyToId ?? undefined);
  return { ...spoken, kind: "message", surface: "message", text: readText(activity) };
}

function readInvoke(activity: Activity, spoken: Spoken): TeamsCall {
  switch (activity.name ?? "") {
    case "adaptiveCard/action": {
      const act = Act.safeParse(activity.value);
      const { verb, data } = act.success ? act.data.action : { verb: undefined, data: undefined };
      return readSubmitted(spoken, "card", { ...data, [DATA.does]: verb }, activity.replyToId ?? undefined);
    }
    case "task/fetch":
      return { ...spoken, kind: "press", surface: "dialog", actionId: idIn(readTask(activity).data), card: undefined };
    case "composeExtension/fetchTask": {
      const { commandId } = readTask(activity);
      const text = EXTENSION_COMMANDS.find((known) => known === commandId) ?? "help";
      return { ...spoken, kind: "text", surface: "dialog", text };
    }
    case "task/submit":
    case "composeExtension/submitAction":
      return readSubmitted(spoken, "dialog", readTask(activity).data ?? {}, undefined);
    case "application/search": {
      const search = Search.safeParse(activity.value);
      const source = search.success ? sourceOf(search.data.dataset ?? "") : undefined;
      if (!search.success || !source) return { kind: "unknown" };
      return { ...spoken, kind: "options", surface: "search", source, typed: search.data.queryText ?? "" };
    }
    case "fileConsent/invoke":
      return readConsent(activity, spoken);
    default:
      return { kind: "unknown" };
  }
}

function readConsent(activity: Activity, spoken: Spoken): TeamsCall {
  const consent = Consent.safeParse(activity.value);
  if (!consent.success) return { kind: "unknown" };
  const { action, context, uploadInfo } = consent.data;
  if (action === "decline" || !uploadInfo) return { kind: "ignored" };
  const { uploadUrl, ...stored } = uploadInfo;
  return { ...spoken, kind: "file", surface: "message", actionId: idIn(context), stored, uploadUrl };
}

function readTask(activity: Activity): z.infer<typeof Task> {
  const task = Task.safeParse(activity.value);
  return task.success ? task.data : {};
}

/** A button's data with what its card's inputs hold. What names nothing of ours is a press of an unknown button, and told so. */
function readSubmitted(
  spoken: Spoken,
  surface: "message" | "card" | "dialog",
  data: Record<string, unknown>,
  card: string | undefined,
): TeamsCall {
  const actionId = idIn(data);
  switch (data[DATA.does]) {
    case "submit":
      return { ...spoken, kind: "submit", surface, actionId, values: readForm(data), card };
    case "refresh":
      return surface === "message" ? { kind: "ignored" } : { ...spoken, kind: "refresh", surface, actionId, values: readForm(data) };
    default:
      return { ...spoken, kind: "press", surface, actionId, card };
  }
}

function idIn(data: Record<string, unknown> | null | undefined): string {
  const id = data?.[DATA.actionId];
  return typeof id === "string" ? id.slice(0, 200) : "";
}

/** Mentions become `<@object id>`, or `<@account>` where only Teams' own id is given; the bot's own disappear, and so does the command's name in front. */
function readText(activity: Activity): string {
  let text = activity.text ?? "";
  let from = 0;
  for (const entity of activity.entities ?? []) {
    const mention = Mention.safeParse(entity);
    if (!mention.success) continue;
    const { text: shown, mentioned } = mention.data;
    const at = text.indexOf(shown, from);
    if (at === -1) continue;
    const put = mentioned.id === activity.recipient.id ? " " : ` <@${mentioned.aadObjectId ?? mentioned.id}> `;
    text = text.slice(0, at) + put + text.slice(at + shown.length);
    from = at + put.length;
  }
  return text.replace(/^(?:\s|&nbsp;)*\/?verify(?=\s|&nbsp;|$)/i, "");
}
