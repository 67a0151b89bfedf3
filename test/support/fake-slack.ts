/** A Slack that records what it is told: its Web API, response URLs and uploads on one port; and requests signed as Slack signs them. */
import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { afterAll } from "vitest";
import type { Deps } from "../../src/deps.ts";
import { startApp, type SlackApp, type SlackSettings } from "../../src/slack/app.ts";

export const SIGNING_SECRET = "a-signing-secret-for-tests";
export const BOT_TOKEN = "xoxb-test";

export type Told = { method: string; path: string; token: string | undefined; args: Record<string, unknown> };
type Scripted = { status?: number; headers?: Record<string, string>; body?: unknown };
type Script = (args: Record<string, unknown>) => Scripted | undefined;

export type FakeSlack = {
  apiUrl: string;
  told: Told[];
  /** What was told to one method; `respond` stands for response URLs. */
  toldTo(method: string): Record<string, unknown>[];
  /** Waits until a method was told something `count` times in all. */
  until(method: string, count?: number): Promise<Record<string, unknown>[]>;
  /** Answers a method in another way; undefined falls back to the usual answer. */
  script(method: string, script: Script | undefined): void;
  responseUrl(): string;
};

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(() => new Promise<void>((resolve) => (server.closeAllConnections(), server.close(() => resolve()))));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function argsOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const type = request.headers["content-type"] ?? "";
  if (type.startsWith("application/json")) return JSON.parse(text) as Record<string, unknown>;
  if (!type.startsWith("application/x-www-form-urlencoded")) return { bytes: text };
  const read = (value: string): unknown => (/^[[{]/.test(value) ? JSON.parse(value) : value);
  return Object.fromEntries([...new URLSearchParams(text)].map(([name, value]) => [name, read(value)]));
}

export async function fakeSlack(): Promise<FakeSlack> {
  const told: Told[] = [];
  const scripts = new Map<string, Script>();
  let counter = 0;
  let base = "";
  const usual: Record<string, Script> = {
    "auth.test": () => ({ body: { team_id: "T1", user_id: "UBOT", bot_id: "B1" } }),
    "users.info": ({ user }) => ({ body: { user: { id: user, team_id: "T1", locale: "en-GB" } } }),
    "chat.postMessage": ({ channel }) => ({ body: { channel: String(channel).replace(/^U/, "D"), ts: `17000000${(counter += 1)}.0001` } }),
    "chat.update": ({ channel, ts }) => ({ body: { channel, ts } }),
    "files.getUploadURLExternal": () => ({ body: { upload_url: `${base}/upload/1`, file_id: "F1" } }),
    "files.completeUploadExternal": () => ({ body: { files: [{ id: "F1" }] } }),
  };
  const wire = express().use(async (request, response) => {
    const args = await argsOf(request);
    const [kind, name = ""] = request.path.split("/").slice(1);
    const method = kind === "api" ? name : kind === "hooks" ? "respond" : "upload";
    told.push({ method, path: request.path, token: request.headers.authorization?.replace("Bearer ", ""), args });
    const { status = 200, headers = {}, body } = scripts.get(method)?.(args) ?? usual[method]?.(args) ?? {};
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify({ ok: true, ...(body as object) }));
  });
  base = await listen(createServer(wire));
  const toldTo = (method: string) => told.filter((each) => each.method === method).map(({ args }) => args);
  return {
    apiUrl: `${base}/api/`,
    told,
    toldTo,
    async until(method, count = 1) {
      const deadline = Date.now() + 5000;
      while (toldTo(method).length < count) {
        if (Date.now() > deadline)
          throw new Error(`${method} was told ${toldTo(method).length} times, not ${count}: ${told.map((each) => each.method).join(", ")}`);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return toldTo(method);
    },
    script(method, script) {
      if (script) scripts.set(method, script);
      else scripts.delete(method);
    },
    responseUrl: () => `${base}/hooks/${(counter += 1)}`,
  };
}

export type Sent = { status: number; text: string };

/** Slack as it speaks to us: a running app with its router on a port of its own. */
export async function slackWire(deps: Deps, slack: FakeSlack, tokens: Partial<SlackSettings> = { botToken: BOT_TOKEN }) {
  const app: SlackApp = await startApp(deps, { signingSecret: SIGNING_SECRET, apiUrl: slack.apiUrl, ...tokens });
  afterAll(() => app.stop());
  const url = await listen(createServer(express().use(app.router)));
  const post = async (headers: Record<string, string>, body: string | Buffer): Promise<Sent> => {
    const answer = await fetch(`${url}/slack/events`, { method: "POST", headers, body: new Uint8Array(Buffer.from(body)) });
    return { status: answer.status, text: await answer.text() };
  };
  const form = (fields: Record<string, string>) => post(...signed(new URLSearchParams(fields).toString()));
  return {
    app,
    url,
    post,
    command: (text: string, fields: Record<string, string> = {}) => form({ ...command(slack, text), ...fields }),
    interact: (payload: object) => form({ payload: JSON.stringify(payload) }),
    event: (body: object, headers: Record<string, string> = {}) => {
      const [own, text] = signed(JSON.stringify(body), { type: "application/json" });
      return post({ ...own, ...headers }, text);
    },
  };
}

type SigningOptions = { type?: string; at?: number; secret?: string };

/** Headers and body of a request that Slack signed, now unless said otherwise. */
export function signed(body: string | Buffer, options: SigningOptions = {}): [Record<string, string>, string | Buffer] {
  const { type = "application/x-www-form-urlencoded", at = Math.floor(Date.now() / 1000), secret = SIGNING_SECRET } = options;
  const mac = createHmac("sha256", secret).update(`v0:${at}:`).update(body).digest("hex");
  return [{ "content-type": type, "x-slack-request-timestamp": String(at), "x-slack-signature": `v0=${mac}` }, body];
}

let triggers = 0;
export const triggerId = () => `${(triggers += 1)}.1.abcdef`;

export function command(slack: FakeSlack, text: string): Record<string, string> {
  return {
    command: "/verify",
    text,
    team_id: "T1",
    user_id: "U1",
    channel_id: "C1",
    trigger_id: triggerId(),
    response_url: slack.responseUrl(),
  };
}

const from = { user: { id: "U1", team_id: "T1" }, team: { id: "T1", domain: "acme" }, enterprise: null };

export function press(slack: FakeSlack, actionId: string, over: object = {}): object {
  return {
    type: "block_actions",
    ...from,
    trigger_id: triggerId(),
    response_url: slack.responseUrl(),
    container: { type: "message", is_ephemeral: true },
    channel: { id: "C1" },
    actions: [{ type: "button", block_id: "b", action_id: "press:0", value: actionId }],
    ...over,
  };
}

export function viewOf(view: Record<string, unknown>, values: object): object {
  return { id: "V1", hash: "1.h", callback_id: view["callback_id"], private_metadata: view["private_metadata"], state: { values } };
}

export function submission(view: object, over: object = {}): object {
  return { type: "view_submission", ...from, trigger_id: triggerId(), view, ...over };
}

let events = 0;
export function event(inner: object, over: object = {}): object {
  return { type: "event_callback", team_id: "T1", event_id: `Ev${(events += 1)}`, event_time: 1, event: inner, ...over };
}

export function directMessage(text: string, over: object = {}): object {
  return { type: "message", channel_type: "im", user: "U1", channel: "D1", text, ts: "1.1", ...over };
}

/** The `value` of the button with this label among blocks. */
export function buttonValue(message: Record<string, unknown>, label: string | RegExp): string {
  const blocks = message["blocks"] as { type: string; elements?: { text?: { text: string }; value?: string }[] }[];
  const found = blocks
    .flatMap((block) => (block.type === "actions" ? (block.elements ?? []) : []))
    .find(({ text }) => text && (typeof label === "string" ? text.text === label : label.test(text.text)));
  if (!found?.value) throw new Error(`no button ${String(label)} in ${JSON.stringify(blocks)}`);
  return found.value;
}
