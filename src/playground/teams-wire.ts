/** The client half of Teams on this machine: what a person does becomes a signed activity, posted to the app's own address. */
import { z } from "zod";
import { chatOf, TEAMS_CHANNEL, type Card, type TeamsConversations } from "./teams-conversations.ts";

/** As long as Teams waits. */
const MESSAGE_MS = 15_000;
const INVOKE_MS = 10_000;
/** The people here have two names each. */
const FULL_NAME = /@(\p{L}[\p{L}'-]* \p{L}[\p{L}'-]*)/gu;

type WireOptions = {
  teams: TeamsConversations;
  tenant: string;
  appId: string;
  sign(): Promise<string>;
  serviceUrl(): string;
  objectIdOf(person: string): string;
  randomId(bytes: number): string;
  appUrl(): string;
  /** Where a file may be put, and where it is read again. */
  fileUrls(id: string, name: string): { put: string; get: string };
};

type Outcome = { status: number; body: unknown };

const Task = z.object({
  task: z.discriminatedUnion("type", [
    z.object({
      type: z.literal("continue"),
      value: z.object({ title: z.string().default(""), card: z.object({ content: z.record(z.string(), z.unknown()) }) }),
    }),
    z.object({ type: z.literal("message"), value: z.string() }),
  ]),
});
const CardAnswer = z.object({ type: z.string(), value: z.unknown() });
const Choices = z.object({ value: z.object({ results: z.array(z.object({ title: z.string(), value: z.string() })) }) });

export type TeamsWire = ReturnType<typeof makeTeamsWire>;

export function makeTeamsWire({ teams, tenant, appId, sign, serviceUrl, objectIdOf, randomId, appUrl, fileUrls }: WireOptions) {
  const bot = { id: `28:${appId}`, name: "Verify" };
  const nameOf = (person: string) => teams.people.find((one) => one.person === person)?.name ?? person;

  async function send(
    person: string,
    channel: string,
    activity: { type: "message" | "invoke"; [field: string]: unknown },
  ): Promise<Outcome> {
    const shared = channel === TEAMS_CHANNEL.id;
    const conversation = shared
      ? { id: `${channel};messageid=1`, tenantId: tenant, conversationType: "channel", isGroup: true }
      : { id: chatOf(person), tenantId: tenant, conversationType: "personal" };
    const team = shared ? { team: { id: "19:team@thread.tacv2" }, channel: { id: channel } } : {};
    const body = JSON.stringify({
      id: randomId(12),
      channelId: "msteams",
      serviceUrl: serviceUrl(),
      from: { id: `29:${person}`, name: nameOf(person), aadObjectId: objectIdOf(person) },
      recipient: bot,
      conversation,
      channelData: { tenant: { id: tenant }, ...team },
      locale: "en-GB",
      ...activity,
    });
    const headers = { "content-type": "application/json; charset=utf-8", authorization: `Bearer ${await sign()}` };
    const signal = AbortSignal.timeout(activity.type === "invoke" ? INVOKE_MS : MESSAGE_MS);
    try {
      const answer = await fetch(`${appUrl()}/api/messages`, { method: "POST", headers, body, signal });
      const text = await answer.text();
      return { status: answer.status, body: text ? (JSON.parse(text) as unknown) : null };
    } catch {
      return { status: 0, body: null };
    }
  }

  const invoke = (person: string, channel: string, name: string, value: object, over: object = {}) =>
    send(person, channel, { type: "invoke", name, value, ...over });

  /** People named by `@` become mentions, as the client makes them. */
  function mentioned(line: string): { text: string; entities: object[] } {
    const entities: object[] = [];
    const text = line.replace(FULL_NAME, (whole, name: string) => {
      const found = teams.people.find((one) => one.name === name);
      if (!found) return whole;
      const shown = `<at>${name}</at>`;
      const mentioned = { id: `29:${found.person}`, name, aadObjectId: objectIdOf(found.person) };
      entities.push({ type: "mention", text: shown, mentioned });
      return shown;
    });
    return { text, entities };
  }

  const failed = ({ status }: Outcome) => (status >= 200 && status < 300 ? null : "Something went wrong. Please try again.");

  /** Shows, closes or ends a dialog as the answer says; its words, where it has any. */
  function settleDialog(person: string, channel: string, command: string | null, outcome: Outcome): string | null {
    if (failed(outcome)) return failed(outcome);
    const answer = Task.safeParse(outcome.body);
    if (!answer.success) {
      teams.showDialog(person, null);
      return null;
    }
    const { task } = answer.data;
    if (task.type === "message") {
      teams.showDialog(person, null);
      return task.value;
    }
    teams.showDialog(person, { title: task.value.title, card: task.value.card.content, channel, command });
    return null;
  }

  return {
    /** A line in the chat; in the channel it begins with a mention of the bot, as people write it. */
    async sendLine(person: string, channel: string, line: string): Promise<void> {
      const shared = channel === TEAMS_CHANNEL.id;
      const words = shared ? line.replace(/^@?verify\s+/i, "") : line;
      teams.post({ channel, by: person, text: shared ? `@Verify ${words}` : words });
      const { text, entities } = mentioned(words);
      const mention = { type: "mention", text: "<at>Verify</at>", mentioned: bot };
      const said = shared ? { text: `<at>Verify</at>&nbsp;${text}`, entities: [mention, ...entities] } : { text, entities };
      const outcome = await send(person, channel, { type: "message", textFormat: "plain", ...said });
      if (failed(outcome)) teams.post({ channel, by: "teams", text: `Not delivered: the app answered ${outcome.status}.` });
    },

    /** Action.Execute on a card: the answer is a new card in its place, or words. */
    async execute(person: string, channel: string, ts: string, verb: string, data: Card): Promise<string | null> {
      const value = { action: { type: "Action.Execute", verb, data }, trigger: "manual" };
      const outcome = await invoke(person, channel, "adaptiveCard/action", value, { replyToId: ts });
      if (failed(outcome)) return failed(outcome);
      const answer = CardAnswer.safeParse(outcome.body);
      if (!answer.success) return null;
      if (typeof answer.data.value === "string") return answer.data.value;
      if (answer.data.type.endsWith("card.adaptive")) teams.edit(channel, ts, { card: answer.data.value as Card });
      return null;
    },

    /** Action.Submit on a card: a message without words, whose value is the button's data. */
    press: async (person: string, channel: string, ts: string, data: Card) =>
      failed(await send(person, channel, { type: "message", value: data, replyToId: ts })),

    /** A button that opens a dialog. */
    fetchDialog: async (person: string, channel: string, data: Card) =>
      settleDialog(person, channel, null, await invoke(person, channel, "task/fetch", { data, context: { theme: "default" } })),

    /** The message extension's action, from beside the message box. */
    openCommand: async (person: string, channel: string, command: string) =>
      settleDialog(
        person,
        channel,
        command,
        await invoke(person, channel, "composeExtension/fetchTask", { commandId: command, commandContext: "compose" }),
      ),

    async submitDialog(person: string, data: Card): Promise<string | null> {
      const dialog = teams.dialogOf(person);
      if (!dialog) return "This form was closed.";
      const { channel, command } = dialog;
      const name = command === null ? "task/submit" : "composeExtension/submitAction";
      const value = command === null ? { data } : { data, commandId: command, commandContext: "compose" };
      return settleDialog(person, channel, command, await invoke(person, channel, name, value));
    },

    closeDialog: (person: string) => teams.showDialog(person, null),

    /** What a typeahead offers for the letters typed so far. */
    async search(person: string, channel: string, dataset: string, typed: string) {
      const value = { queryText: typed, queryOptions: { skip: 0, top: 15 }, dataset };
      const answer = Choices.safeParse((await invoke(person, channel, "application/search", value)).body);
      return answer.success ? answer.data.value.results : [];
    },

    /** The reader agrees to have a file, which the app then puts where Teams says, or does not. */
    async consent(person: string, channel: string, ts: string, accepted: boolean): Promise<string | null> {
      const file = teams.find(channel, ts)?.file;
      if (!file || file.url !== null) return "That file is no longer offered.";
      const { name, context } = file;
      const id = randomId(12);
      const { put, get } = fileUrls(id, name);
      const uploadInfo = { name, contentUrl: get, uploadUrl: put, uniqueId: id, fileType: name.split(".").at(-1) ?? "" };
      const action = accepted ? { action: "accept", uploadInfo } : { action: "decline" };
      if (accepted) teams.awaitFile(id);
      const outcome = await invoke(person, channel, "fileConsent/invoke", { type: "fileUpload", context, ...action });
      if (!failed(outcome)) teams.edit(channel, ts, { file: null, text: `${name}: ${accepted ? "allowed" : "declined"}` });
      return failed(outcome);
    },
  };
}
