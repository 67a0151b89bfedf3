/** The other half of Slack on this machine: signs what a person does as Slack would and posts it to the app's own address. */
import { createHmac } from "node:crypto";
import { z } from "zod";
import { viewOut } from "./slack-api.ts";
import { Block, BOT, type Conversations, type Message, SHARED_CHANNEL, View, directChannel } from "./slack-conversations.ts";

const ACK_MS = 3_000;

export type Values = Record<string, Record<string, unknown>>;
/** Where a button or a menu sits: in a message, or in a modal with what it holds so far. */
export type Source = { kind: "message"; channel: string; ts: string } | { kind: "view"; viewId: string; values: Values };
export type Choice = { text: { type: string; text: string }; value: string };

type WireOptions = {
  slack: Conversations;
  team: string;
  signingSecret: string;
  now(): Date;
  randomId(bytes: number): string;
  /** Where the app listens, e.g. `http://127.0.0.1:3000`. */
  appUrl(): string;
  /** The local Web API's address for a path. */
  apiUrlOf(path: string): string;
};

type Ack = { ok: true; body: unknown } | { ok: false; why: string };

const AckMessage = z.object({
  text: z.string().default(""),
  blocks: z.array(Block).default([]),
  response_type: z.enum(["ephemeral", "in_channel"]).default("ephemeral"),
});
const SubmitAnswer = z.object({
  response_action: z.enum(["errors", "update", "push", "clear"]),
  errors: z.record(z.string(), z.string()).optional(),
  view: View.optional(),
});
const ChoiceList = z.object({
  options: z.array(z.looseObject({ text: z.looseObject({ type: z.string(), text: z.string() }), value: z.string() })).default([]),
});

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const linked = (text: string) => text.replaceAll(/[^\s@<>|"]{1,64}@[\w.-]+\.\w+/g, (address) => `<mailto:${address}|${address}>`);

export type SlackWire = ReturnType<typeof makeSlackWire>;

export function makeSlackWire({ slack, team, signingSecret, now, randomId, appUrl, apiUrlOf }: WireOptions) {
  const name = (person: string) => slack.people.find((one) => one.person === person)?.name ?? person;
  const handle = (person: string) => name(person).toLowerCase().replaceAll(" ", ".");
  const mentioned = (text: string) =>
    slack.people.reduce((said, { person, name: called }) => said.replaceAll(`@${called}`, `<@${person}|${handle(person)}>`), escaped(text));
  const channelName = (channel: string) => (channel === SHARED_CHANNEL.id ? SHARED_CHANNEL.name : "directmessage");

  async function post(type: string, body: string): Promise<Ack> {
    const timestamp = String(Math.floor(now().getTime() / 1000));
    const signature = `v0=${createHmac("sha256", signingSecret).update(`v0:${timestamp}:${body}`).digest("hex")}`;
    const headers = { "content-type": type, "x-slack-request-timestamp": timestamp, "x-slack-signature": signature };
    try {
      const answer = await fetch(`${appUrl()}/slack/events`, { method: "POST", headers, body, signal: AbortSignal.timeout(ACK_MS) });
      const text = await answer.text();
      if (!answer.ok) return { ok: false, why: `the app answered ${answer.status}` };
      return { ok: true, body: answer.headers.get("content-type")?.includes("json") && text ? (JSON.parse(text) as unknown) : text };
    } catch (error) {
      const late = error instanceof Error && error.name === "TimeoutError";
      return { ok: false, why: late ? "the app did not answer within 3 seconds" : "the app could not be reached" };
    }
  }

  const postForm = (fields: Record<string, string>) => post("application/x-www-form-urlencoded", new URLSearchParams(fields).toString());
  const postPayload = (payload: object) => postForm({ payload: JSON.stringify(payload) });

  const shared = (person: string) => ({
    user: { id: person, username: handle(person), name: handle(person), team_id: team },
    team: { id: team, domain: "playground" },
    enterprise: null,
    is_enterprise_install: false,
    api_app_id: BOT.app,
    token: "playground",
    trigger_id: slack.newTrigger(person),
  });

  const viewWith = (viewId: string, values: Values) => {
    const found = slack.findView(viewId);
    return found ? { ...viewOut(found.open, team), state: { values } } : null;
  };

  function sourceFields(person: string, source: Source): object | null {
    if (source.kind === "view") {
      const view = viewWith(source.viewId, source.values);
      return view && { view, container: { type: "view", view_id: source.viewId } };
    }
    const message = slack.findMessage(source.channel, source.ts);
    if (!message) return null;
    const ephemeral = message.visibleTo !== null;
    return {
      container: { type: "message", message_ts: message.ts, channel_id: message.channel, is_ephemeral: ephemeral },
      channel: { id: message.channel, name: channelName(message.channel) },
      ...(ephemeral ? {} : { message: messageIn(message) }),
      state: { values: {} },
      response_url: apiUrlOf(`/response/${slack.newResponse(message.channel, person, message.ts)}`),
    };
  }
  const messageIn = (message: Message) => ({
    type: "message",
    user: BOT.user,
    bot_id: BOT.id,
    app_id: BOT.app,
    team,
    ts: message.ts,
    text: message.text,
    blocks: message.blocks,
  });

  function complain(person: string, channel: string, what: string, why: string) {
    slack.post({ channel, by: "slack", text: `${what} failed: ${why}.`, visibleTo: person });
  }

  return {
    /** A slash command; `line` begins with the command, as typed. */
    async sendCommand(person: string, channel: string, line: string): Promise<void> {
      slack.post({ channel, by: person, text: line, visibleTo: person });
      const [command = "/verify"] = line.trim().split(/\s/, 1);
      const rest = line.trim().slice(command.length).trim();
      if (command !== "/verify") return complain(person, channel, command, "it is not a valid command here; try /verify help");
      const ack = await postForm({
        token: "playground",
        team_id: team,
        team_domain: "playground",
        channel_id: channel,
        channel_name: channelName(channel),
        user_id: person,
        user_name: handle(person),
        command,
        text: mentioned(rest),
        api_app_id: BOT.app,
        is_enterprise_install: "false",
        response_url: apiUrlOf(`/response/${slack.newResponse(channel, person, null)}`),
        trigger_id: slack.newTrigger(person),
      });
      if (!ack.ok) return complain(person, channel, command, ack.why);
      const said = typeof ack.body === "string" ? AckMessage.safeParse({ text: ack.body }) : AckMessage.safeParse(ack.body);
      if (said.success && (said.data.text || said.data.blocks.length > 0))
        slack.post({
          channel,
          by: BOT.user,
          text: said.data.text,
          blocks: said.data.blocks,
          visibleTo: said.data.response_type === "ephemeral" ? person : null,
        });
    },

    /** Plain words; only in the direct message does the app hear them. */
    async sendMessage(person: string, channel: string, line: string): Promise<void> {
      const message = slack.post({ channel, by: person, text: line });
      if (channel !== directChannel(person)) return;
      const event = {
        type: "message",
        channel,
        channel_type: "im",
        user: person,
        team,
        text: linked(mentioned(line)),
        ts: message.ts,
        event_ts: message.ts,
        client_msg_id: randomId(16),
      };
      const body = JSON.stringify({
        token: "playground",
        team_id: team,
        api_app_id: BOT.app,
        event,
        type: "event_callback",
        event_id: `Ev${randomId(9)}`,
        event_time: Math.floor(now().getTime() / 1000),
        authorizations: [{ enterprise_id: null, team_id: team, user_id: BOT.user, is_bot: true, is_enterprise_install: false }],
        is_ext_shared_channel: false,
      });
      const ack = await post("application/json", body);
      if (!ack.ok) complain(person, channel, "Your message", ack.why);
    },

    /** A pressed button or a changed menu. `action` is the element's part: type, ids, value. */
    async sendAction(person: string, source: Source, action: Record<string, unknown>): Promise<string | null> {
      const fields = sourceFields(person, source);
      if (!fields) return "That message is no longer there.";
      const actions = [{ ...action, action_ts: String(now().getTime() / 1000) }];
      const ack = await postPayload({ type: "block_actions", ...shared(person), ...fields, actions });
      return ack.ok ? null : `That did not work: ${ack.why}.`;
    },

    /** A modal's submit: null when it went through, else what to show by block id (`""` for the whole form). */
    async sendSubmit(person: string, viewId: string, values: Values): Promise<Record<string, string> | null> {
      const view = viewWith(viewId, values);
      if (!view) return { "": "This form was closed." };
      const ack = await postPayload({ type: "view_submission", ...shared(person), view, response_urls: [] });
      if (!ack.ok) return { "": `We had some trouble connecting: ${ack.why}. Try again?` };
      const answer = SubmitAnswer.safeParse(ack.body);
      if (!answer.success) {
        slack.closeViews(person, "top");
        return null;
      }
      const { response_action: action, errors, view: next } = answer.data;
      switch (action) {
        case "errors":
          return errors ?? {};
        case "clear":
          slack.closeViews(person, "all");
          return null;
        case "push":
          if (next) slack.openView(person, next, "push");
          return null;
        case "update":
          if (next) slack.updateView(viewId, next, undefined);
          return null;
      }
    },

    async closeView(person: string, viewId: string): Promise<void> {
      const view = viewWith(viewId, {});
      slack.closeViews(person, "top");
      if (view?.notify_on_close) await postPayload({ type: "view_closed", ...shared(person), view, is_cleared: false });
    },

    /** What an external select offers for the letters typed so far. */
    async listChoices(person: string, source: Source, ids: { block_id: string; action_id: string }, typed: string): Promise<Choice[]> {
      const fields = sourceFields(person, source);
      if (!fields) return [];
      const ack = await postPayload({ type: "block_suggestion", ...shared(person), ...fields, ...ids, value: typed });
      const list = ack.ok ? ChoiceList.safeParse(ack.body) : null;
      return list?.success ? list.data.options : [];
    },
  };
}
