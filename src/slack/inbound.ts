/** A verified Slack payload as one call. Only the fields read here exist for us; everything else a payload holds is dropped. */
import { z } from "zod";
import type { FormValues, OptionSource } from "../commands/form.ts";
import { FIELD, FORM, FormState, readForm, sourceOf } from "./forms.ts";
import { LIMITS } from "./limits.ts";
import { PRESS } from "./present.ts";

export const COMMAND = "/verify";

/** An open modal: the row its submit answers to, and where the command was typed that opened it. */
export type Modal = { actionId: string; responseUrl: string | undefined; id: string; hash: string; values: FormValues };

/** Who speaks, and the id under which this is taken once. `team` is null only inside an enterprise. */
type Spoken = { team: string | null; enterprise: string | null; person: string; inboundId: string };

export type SpokenCall = Spoken &
  (
    | { kind: "text"; text: string; triggerId: string; responseUrl: string }
    | { kind: "message"; text: string; channel: string }
    | { kind: "press"; actionId: string; triggerId: string; responseUrl: string | undefined; channel: string | null }
    | { kind: "refresh"; modal: Modal }
    | { kind: "submit"; modal: Modal }
    | { kind: "options"; source: OptionSource; typed: string }
    | { kind: "home" }
  );

/** `uninstalled`: the workspace took our token back. `ignored`: well-formed, and nothing for us to do. */
export type SlackCall = SpokenCall | { kind: "uninstalled"; workspaces: string[] } | { kind: "ignored" };

const Id = z.string().min(1).max(64);
const Team = z.object({ id: Id, enterprise_id: Id.nullish() }).nullish();
const Enterprise = z.object({ id: Id }).nullish();
const User = z.object({ id: Id, team_id: Id.nullish() });
const TriggerId = z.string().min(1).max(255);
const ResponseUrl = z.url().max(1000);

const Command = z.object({
  command: z.literal(COMMAND),
  text: z.string().max(40_000).default(""),
  team_id: Id,
  enterprise_id: Id.nullish(),
  user_id: Id,
  trigger_id: TriggerId,
  response_url: ResponseUrl,
});

const View = z.object({
  id: Id,
  hash: z.string().max(255),
  callback_id: z.string(),
  private_metadata: z.string().max(LIMITS.privateMetadata),
  state: z.object({ values: FormState }),
});

const from = { team: Team, enterprise: Enterprise, user: User };

const Action = z.object({ action_id: z.string(), value: z.string().max(2000).nullish() });

const Interaction = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("block_actions"),
    ...from,
    trigger_id: TriggerId,
    response_url: ResponseUrl.optional(),
    container: z.object({ is_ephemeral: z.boolean().default(false) }).optional(),
    channel: z.object({ id: Id }).nullish(),
    actions: z.array(Action).min(1),
    view: z.unknown().optional(),
  }),
  z.object({ type: z.literal("view_submission"), ...from, trigger_id: TriggerId, view: View }),
  z.object({ type: z.literal("block_suggestion"), ...from, action_id: z.string(), value: z.string().max(1000) }),
]);

const Authorization = z.object({ enterprise_id: Id.nullish(), team_id: Id.nullish(), user_id: Id.nullish() });

const Envelope = z.object({
  type: z.literal("event_callback"),
  event_id: Id,
  team_id: Id,
  enterprise_id: Id.nullish(),
  authorizations: z.array(Authorization).nullish(),
  event: z.looseObject({ type: z.string() }),
});

/** A person's own words in the bot's conversation: edits, files, joins and bots carry a subtype or a bot id. */
const DirectMessage = z.object({
  channel_type: z.literal("im"),
  subtype: z.undefined().optional(),
  bot_id: z.undefined().optional(),
  user: Id,
  channel: Id,
  text: z.string().min(1).max(40_000),
});
const HomeOpened = z.object({ user: Id, tab: z.literal("home") });
const TokensRevoked = z.object({ tokens: z.object({ bot: z.array(z.string()).nullish() }) });

const Known = z.object({ type: z.enum(["url_verification", "app_rate_limited"]) });

/** Undefined for whatever is not a payload of Slack's that this app can get. */
export function readCall(body: unknown): SlackCall | undefined {
  const command = Command.safeParse(body);
  if (command.success) return readCommand(command.data);
  const interaction = Interaction.safeParse(body);
  if (interaction.success) return readInteraction(interaction.data);
  const envelope = Envelope.safeParse(body);
  if (envelope.success) return readEvent(envelope.data);
  return Known.safeParse(body).success ? { kind: "ignored" } : undefined;
}

function readCommand(body: z.infer<typeof Command>): SlackCall {
  return {
    kind: "text",
    team: body.team_id,
    enterprise: body.enterprise_id ?? null,
    person: body.user_id,
    inboundId: `trigger:${body.trigger_id}`,
    text: body.text,
    triggerId: body.trigger_id,
    responseUrl: body.response_url,
  };
}

function readInteraction(body: z.infer<typeof Interaction>): SlackCall | undefined {
  const team = body.team?.id ?? body.user.team_id ?? null;
  const enterprise = body.enterprise?.id ?? body.team?.enterprise_id ?? null;
  const spoken = { team, enterprise, person: body.user.id };
  switch (body.type) {
    case "block_actions":
      return readAction(body, { ...spoken, inboundId: `trigger:${body.trigger_id}` });
    case "view_submission": {
      if (body.view.callback_id !== FORM) return { kind: "ignored" };
      return { kind: "submit", ...spoken, inboundId: `trigger:${body.trigger_id}`, modal: readModal(body.view) };
    }
    case "block_suggestion": {
      const source = sourceOf(body.action_id);
      return source && { kind: "options", ...spoken, inboundId: "", source, typed: body.value };
    }
  }
}

function readAction(body: Extract<z.infer<typeof Interaction>, { type: "block_actions" }>, spoken: Spoken): SlackCall | undefined {
  const action = body.actions[0];
  if (!action) return undefined;
  if (FIELD.test(action.action_id)) {
    const view = View.safeParse(body.view);
    return view.success ? { kind: "refresh", ...spoken, modal: readModal(view.data) } : undefined;
  }
  if (!PRESS.test(action.action_id) || !action.value) return { kind: "ignored" };
  const lasting = body.container?.is_ephemeral === false && body.channel?.id.startsWith("D");
  return {
    kind: "press",
    ...spoken,
    actionId: action.value,
    triggerId: body.trigger_id,
    responseUrl: body.response_url,
    channel: lasting ? (body.channel?.id ?? null) : null,
  };
}

function readModal(view: z.infer<typeof View>): Modal {
  const [actionId = "", responseUrl] = view.private_metadata.split("\n");
  return { actionId, responseUrl, id: view.id, hash: view.hash, values: readForm(view.state.values) };
}

/** What `readModal` reads. */
export function modalMetadata(actionId: string, responseUrl: string | undefined): string {
  return responseUrl === undefined ? actionId : `${actionId}\n${responseUrl}`;
}

function readEvent(body: z.infer<typeof Envelope>): SlackCall {
  const installed = body.authorizations?.[0];
  const team = installed?.team_id ?? body.team_id;
  const enterprise = installed?.enterprise_id ?? body.enterprise_id ?? null;
  const spoken = { team, enterprise, inboundId: `event:${body.event_id}` };
  const workspaces = [body.team_id, ...(body.enterprise_id ? [body.enterprise_id] : [])];
  switch (body.event.type) {
    case "message": {
      const message = DirectMessage.safeParse(body.event);
      if (!message.success) return { kind: "ignored" };
      const text = withoutAddress(message.data.text, installed?.user_id);
      return { kind: "message", ...spoken, person: message.data.user, text, channel: message.data.channel };
    }
    case "app_home_opened": {
      const home = HomeOpened.safeParse(body.event);
      return home.success ? { kind: "home", ...spoken, person: home.data.user } : { kind: "ignored" };
    }
    case "app_uninstalled":
      return { kind: "uninstalled", workspaces };
    case "tokens_revoked": {
      const revoked = TokensRevoked.safeParse(body.event);
      return revoked.success && (revoked.data.tokens.bot ?? []).length > 0 ? { kind: "uninstalled", workspaces } : { kind: "ignored" };
    }
    default:
      return { kind: "ignored" };
  }
}

/** Without the bot's mention or the command's own name in front, which people type in a direct message too. */
function withoutAddress(text: string, bot: string | null | undefined): string {
  const [mention = "", id] = /^\s*<@([A-Z0-9]+)(?:\|[^>]*)?>/.exec(text) ?? [];
  return (id !== undefined && id === bot ? text.slice(mention.length) : text).replace(/^\s*\/?verify(?=\s|$)/i, "").trim();
}
