/** Says things in Slack. Every end is a result: what Slack refuses for now is said later, and nothing is ever done twice for it. */
import type { webApi } from "@slack/bolt";
import { z } from "zod";
import type { ReadyReply } from "../commands/reply.ts";
import type { PostResult, Target } from "../deps.ts";
import { LIMITS } from "./limits.ts";
import { presentReply } from "./present.ts";

export type SlackApi = {
  /** Holds no token: every call names its own. */
  client: webApi.WebClient;
  /** The bot token for a workspace; undefined where it is not installed. */
  tokenFor(workspace: string): Promise<string | undefined>;
  /** Where response URLs may lead. */
  responseHosts: string[];
  now(): Date;
};

const UPLOAD_MS = 30_000;
const RESPOND_MS = 5000;
const LATER_MS = 15_000;

/** Slack's trouble, not the conversation's. */
const PASSING = [
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "request_timeout",
  "ratelimited",
  "rate_limited",
  "team_added_to_org",
];
/** The message to edit is no longer there. */
const MESSAGE_LOST = ["message_not_found", "cant_update_message", "edit_window_closed"];

const Posted = z.object({ channel: z.string(), ts: z.string() });

/** A new message in the person's own conversation with the bot, or an edit of `message` in place. Never rejects. */
export async function postTo(api: SlackApi, target: Target, reply: ReadyReply, message: unknown): Promise<PostResult> {
  try {
    const token = await api.tokenFor(target.workspace);
    if (!token) return { kind: "gone", why: "no token" };
    const earlier = Posted.safeParse(message);
    const posted = await postOrEdit(api, token, target, reply, earlier.success ? earlier.data : undefined);
    if (reply.file) await upload(api, token, posted, reply.file);
    return { kind: "posted", message: posted, conversation: posted.channel };
  } catch (error) {
    return resultOf(error);
  }
}

async function postOrEdit(
  { client }: SlackApi,
  token: string,
  target: Target,
  reply: ReadyReply,
  earlier: z.infer<typeof Posted> | undefined,
) {
  const said = { ...presentReply(reply), token, unfurl_links: false, unfurl_media: false };
  if (earlier) {
    try {
      return Posted.parse(await client.chat.update({ ...said, ...earlier }));
    } catch (error) {
      if (!MESSAGE_LOST.includes(errorOf(error) ?? "")) throw error;
    }
  }
  const channel = typeof target.conversation === "string" ? target.conversation : target.person;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not the window's
  return Posted.parse(await client.chat.postMessage({ ...said, channel }));
}

/** A message whose file did not arrive is taken back, so that saying it later does not say it twice. */
async function upload(api: SlackApi, token: string, posted: z.infer<typeof Posted>, file: NonNullable<ReadyReply["file"]>): Promise<void> {
  const { client } = api;
  try {
    const bytes = Buffer.from(file.text);
    const { upload_url: url = "", file_id: id = "" } = await client.files.getUploadURLExternal({
      token,
      filename: file.name,
      length: bytes.length,
    });
    if (!isSlacks(api, url)) throw new Error("Slack named an upload address that is not its own");
    const sent = await fetch(url, { method: "POST", body: bytes, redirect: "error", signal: AbortSignal.timeout(UPLOAD_MS) });
    if (!sent.ok) throw new Error(`the upload was answered with ${sent.status}`);
    await client.files.completeUploadExternal({ token, channel_id: posted.channel, files: [{ id, title: file.name }] });
  } catch (error) {
    await client.chat.delete({ token, ...posted }).catch(() => undefined);
    throw error;
  }
}

/** The SDK would send our token along, to wherever the answer says. */
function isSlacks({ responseHosts }: SlackApi, url: string): boolean {
  const at = URL.parse(url);
  if (!at) return false;
  return responseHosts.includes(at.origin) || (at.protocol === "https:" && /(?:^|\.)slack(?:-gov)?\.com$/.test(at.hostname));
}

export type Respond = { replace: boolean; lasting: boolean };

/** Answers where the command was typed or the button stands. `gone`: the URL is used up, expired or not Slack's. Never rejects. */
export async function respond(api: SlackApi, url: string, reply: ReadyReply, { replace, lasting }: Respond): Promise<PostResult> {
  if (!api.responseHosts.includes(new URL(url).origin)) return { kind: "gone", why: "not a Slack address" };
  const said = { ...presentReply(reply), replace_original: replace, response_type: lasting ? "in_channel" : "ephemeral" };
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(said),
      redirect: "error",
      signal: AbortSignal.timeout(RESPOND_MS),
    });
    if (answer.ok) return { kind: "posted", message: null };
    if (answer.status === 429) return { kind: "later", afterMs: Number(answer.headers.get("retry-after") ?? 0) * 1000 || LATER_MS };
    return answer.status >= 500 ? { kind: "later", afterMs: LATER_MS } : { kind: "gone", why: `response url ${answer.status}` };
  } catch {
    return { kind: "later", afterMs: LATER_MS };
  }
}

const Refused = z.object({ code: z.literal("slack_webapi_platform_error"), data: z.object({ error: z.string().max(LIMITS.label) }) });
const Limited = z.object({ code: z.literal("slack_webapi_rate_limited_error"), retryAfter: z.number() });

/** Slack's own word for why it refused a call; undefined when it did not get as far as saying. */
export function errorOf(error: unknown): string | undefined {
  const refused = Refused.safeParse(error);
  return refused.success ? refused.data.data.error : undefined;
}

function resultOf(error: unknown): PostResult {
  const limited = Limited.safeParse(error);
  if (limited.success) return { kind: "later", afterMs: limited.data.retryAfter * 1000 };
  const why = errorOf(error);
  return why === undefined || PASSING.includes(why) ? { kind: "later", afterMs: LATER_MS } : { kind: "gone", why };
}
