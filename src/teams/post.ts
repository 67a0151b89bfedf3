/** Says things in Teams. Every end is a result: what the connector refuses for now is said later, and nothing is ever done twice for it. */
import { z } from "zod";
import type { ReadyReply } from "../commands/reply.ts";
import type { PostResult, Target } from "../deps.ts";
import { Reference } from "./inbound.ts";
import { LIMITS } from "./limits.ts";
import { presentFile, presentReply, presentStoredFile, type StoredFile, type TeamsMessage } from "./present.ts";

/** What the connector is asked for, each call within its own deadline and never repeated by itself. */
export type TeamsApi = {
  /** Where the connector may be. */
  serviceHosts: string[];
  send(to: Reference, message: TeamsMessage): Promise<{ id?: string | undefined }>;
  edit(to: Reference, activityId: string, message: TeamsMessage): Promise<void>;
  remove(from: Reference, activityId: string): Promise<void>;
  /** One member as the connector describes them; unparsed. */
  member(of: Reference, roster: string, account: string): Promise<unknown>;
  /** The id of the bot's own chat with somebody in `near`'s team or group; made if there is none yet. */
  openChat(near: Reference, account: string): Promise<string>;
  now(): Date;
};

const LATER_MS = 15_000;
const LONGEST_WAIT_MS = 10 * 60_000;

const Posted = z.object({ conversation: z.string(), activity: z.string() });

/** A new message in the person's own conversation with the bot, or an edit of `message` in place. Never rejects. */
export async function postTo(api: TeamsApi, target: Target, reply: ReadyReply, message: unknown): Promise<PostResult> {
  const to = Reference.safeParse(target.conversation);
  if (!to.success) return { kind: "gone", why: "no conversation" };
  const earlier = Posted.safeParse(message);
  const edited = earlier.success ? earlier.data : undefined;
  return say(api, to.data, reply, edited?.conversation === to.data.conversation ? edited.activity : undefined);
}

/** Says it in a conversation, or in place of one of our messages there. Never rejects. */
export function say(api: TeamsApi, to: Reference, reply: ReadyReply, activityId?: string): Promise<PostResult> {
  return deliver(api, to, presentReply(reply), activityId, reply.file);
}

type Offered = NonNullable<ReadyReply["file"]>;

export async function deliver(
  api: TeamsApi,
  to: Reference,
  message: TeamsMessage,
  activityId?: string,
  file?: Offered,
): Promise<PostResult> {
  if (!isOurHost(to.serviceUrl, api.serviceHosts)) return { kind: "gone", why: "service not allowed" };
  try {
    const activity = await sendOrEdit(api, to, message, activityId);
    if (file) await offer(api, to, file, activity);
    return { kind: "posted", message: { conversation: to.conversation, activity }, conversation: to };
  } catch (error) {
    return resultOf(error, api.now());
  }
}

/** A message whose file cannot be offered is taken back, so that saying it later does not say it twice. */
async function offer(api: TeamsApi, to: Reference, file: Offered, said: string): Promise<void> {
  try {
    await api.send(to, presentFile(file));
  } catch (error) {
    await api.remove(to, said).catch(() => undefined);
    throw error;
  }
}

const UPLOAD_MS = 20_000;

/** Puts a file where its reader has agreed to have it, with no token of ours. Never rejects. */
export async function handOver(api: TeamsApi, to: Reference, stored: StoredFile, uploadUrl: string, text: string): Promise<PostResult> {
  const bytes = Buffer.from(text);
  if (!isStore(uploadUrl, api.serviceHosts)) return { kind: "gone", why: "not a place for files" };
  if (bytes.length === 0 || bytes.length > LIMITS.fileBytes) return { kind: "gone", why: "too large a file" };
  try {
    const answer = await fetch(uploadUrl, {
      method: "PUT",
      headers: { "content-type": "application/octet-stream", "content-range": `bytes 0-${bytes.length - 1}/${bytes.length}` },
      body: new Uint8Array(bytes),
      redirect: "error",
      signal: AbortSignal.timeout(UPLOAD_MS),
    });
    if (!answer.ok) return { kind: "gone", why: `upload ${answer.status}` };
    await api.send(to, presentStoredFile(stored));
    return { kind: "posted", message: null };
  } catch (error) {
    return resultOf(error, api.now());
  }
}

/** Teams keeps people's files in SharePoint. */
function isStore(uploadUrl: string, hosts: string[]): boolean {
  const url = URL.parse(uploadUrl);
  return (url?.protocol === "https:" && url.hostname.endsWith(".sharepoint.com")) || isOurHost(uploadUrl, hosts);
}

async function sendOrEdit(api: TeamsApi, to: Reference, said: TeamsMessage, activityId: string | undefined): Promise<string> {
  if (activityId) {
    try {
      await api.edit(to, activityId, said);
      return activityId;
    } catch (error) {
      if (refusalOf(error)?.status !== 404) throw error;
    }
  }
  return (await api.send(to, said)).id ?? "";
}

/** The token goes to these hosts only, and only over TLS; to a host of this machine also without. */
export function isOurHost(serviceUrl: string, hosts: string[]): boolean {
  const url = URL.parse(serviceUrl);
  if (!url || !hosts.includes(url.host)) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname));
}

const Headers = z.custom<{ get(name: string): string | undefined }>((value) => typeof (value as { get?: unknown })?.get === "function");
const Refused = z.object({
  statusCode: z.number(),
  code: z.string().optional(),
  response: z.object({ headers: Headers }).optional(),
});

/** The connector's refusal; undefined when it did not get as far as saying. */
export function refusalOf(error: unknown): { status: number; why: string; retryAfter: string | undefined } | undefined {
  const refused = Refused.safeParse(error);
  if (!refused.success) return undefined;
  const { statusCode: status, code, response } = refused.data;
  return { status, why: [status, code].filter((part) => part !== undefined).join(" "), retryAfter: response?.headers.get("retry-after") };
}

/** 412 is the connector's word for two edits at once. 401 is about our own token, not the conversation. */
const PASSING = [401, 408, 412, 425, 429];

function resultOf(error: unknown, now: Date): PostResult {
  const refused = refusalOf(error);
  if (!refused) return { kind: "later", afterMs: LATER_MS };
  const { status, why, retryAfter } = refused;
  if (status < 500 && !PASSING.includes(status)) return { kind: "gone", why };
  return { kind: "later", afterMs: waitOf(retryAfter, now) };
}

/** Seconds or a date; neither is given with most refusals. */
function waitOf(retryAfter: string | undefined, now: Date): number {
  const text = retryAfter?.trim() ?? "";
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime();
  return ms > 0 ? Math.min(ms, LONGEST_WAIT_MS) : LATER_MS;
}
