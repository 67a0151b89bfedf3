import { randomBytes } from "node:crypto";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { verifySlackRequest } from "@slack/bolt";
import { WebClient } from "@slack/web-api";
import express from "express";
import { createTransport } from "nodemailer";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startPlayground, type Playground } from "../../src/playground/playground.ts";

const OLIVIA = { person: "U0OWNER", as: "owner" as const, name: "Olivia Strand" };
const BO = { person: "U0BO", as: "employee" as const, name: "Bo Ek" };
const DIRECT = "D0OWNER";

type Heard = { headers: Record<string, string>; body: string; fields: Record<string, string>; payload: Record<string, unknown> };

describe("the playground's Slack", () => {
  let playground: Playground;
  let client: WebClient;
  let url = "";
  let now = new Date();
  let heard: Heard[] = [];
  let answer: { status: number; body: unknown } = { status: 200, body: "" };
  const server = createServer();

  beforeAll(async () => {
    playground = await startPlayground({
      tenant: "d0000000-0000-4000-8000-000000000000",
      objectIdOf: (person) => person,
      startTeams: () => Promise.resolve(),
      workspace: "T0DEMO",
      people: [OLIVIA, BO],
      now: () => now,
      randomId: (bytes) => randomBytes(bytes).toString("base64url"),
    });
    const app = express();
    app.post("/slack/events", express.text({ type: () => true }), (request, response) => {
      const fields = Object.fromEntries(new URLSearchParams(String(request.body)));
      const payload = JSON.parse(fields["payload"] ?? "{}") as Record<string, unknown>;
      heard.push({ headers: request.headers as Record<string, string>, body: String(request.body), fields, payload });
      response.status(answer.status).send(answer.body);
    });
    app.use("/playground", playground.router);
    server.on("request", app);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    client = new WebClient(playground.slack.botToken, { slackApiUrl: playground.slack.apiUrl, retryConfig: { retries: 0 } });
  });
  beforeEach(() => {
    heard = [];
    now = new Date();
    answer = { status: 200, body: "" };
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await playground.close();
  });

  const ask = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(`${url}/playground${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: url, ...headers },
      body: JSON.stringify(body),
    });
  const act = async (path: string, body: object) =>
    ((await (await ask(path, { person: OLIVIA.person, ...body })).json()) as { result: unknown }).result;
  const last = () => heard.at(-1) as Heard;

  type State = {
    messages: { ts: string; text: string; blocks: { type: string }[]; by: string; visibleTo: string | null }[];
    views: { id: string }[];
  };
  async function stateOf(person: string): Promise<State> {
    const stream = await fetch(`${url}/playground/slack/stream?person=${person}`);
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of stream.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const [, data] = /event: state\ndata: (.*)\n\n/.exec(text) ?? [];
      if (data !== undefined) return JSON.parse(data) as State;
    }
    throw new Error("no state");
  }
  const post = (message: Record<string, unknown>) => client.apiCall("chat.postMessage", message);
  const command = (line: string) => act("/slack/line", { channel: DIRECT, line });
  async function trigger(): Promise<string> {
    await command("/verify bulk");
    return last().fields["trigger_id"] ?? "";
  }
  const modal = (text = "Count: 0") => ({
    type: "modal" as const,
    callback_id: "form",
    title: { type: "plain_text" as const, text: "Send" },
    blocks: [{ type: "section" as const, block_id: "notice", text: { type: "plain_text" as const, text } }],
  });
  async function openModal(): Promise<{ id: string; hash: string }> {
    const { view } = await client.views.open({ trigger_id: await trigger(), view: modal() });
    return view as { id: string; hash: string };
  }

  it("signs a slash command as Slack does, with Slack's exact content type and fields", async () => {
    await command("/verify status @Bo Ek & <co>");
    const { headers, body, fields } = last();
    expect(headers["content-type"]).toBe("application/x-www-form-urlencoded");
    const { "x-slack-signature": signature = "", "x-slack-request-timestamp": timestamp = "" } = headers;
    verifySlackRequest({
      signingSecret: playground.slack.signingSecret,
      body,
      headers: { "x-slack-signature": signature, "x-slack-request-timestamp": Number(timestamp) },
    });
    expect(fields).toMatchObject({ command: "/verify", team_id: "T0DEMO", user_id: OLIVIA.person, channel_id: DIRECT });
    expect(fields["text"]).toBe("status <@U0BO|bo.ek> &amp; &lt;co&gt;");
  });

  it("says it as Slack does when the app fails", async () => {
    answer = { status: 500, body: "" };
    await command("/verify help");
    expect((await stateOf(OLIVIA.person)).messages.at(-1)).toMatchObject({ by: "slack", text: "/verify failed: the app answered 500." });
  });

  it("sends plain words in the direct message as an event", async () => {
    await act("/slack/line", { channel: DIRECT, line: "help bo@acme.example" });
    expect(JSON.parse(last().body)).toMatchObject({
      type: "event_callback",
      team_id: "T0DEMO",
      event: { type: "message", channel_type: "im", user: OLIVIA.person, text: "help <mailto:bo@acme.example|bo@acme.example>" },
    });
  });

  it("shows an ephemeral reply to its person only, and a posted one where it belongs", async () => {
    await client.chat.postEphemeral({ channel: "C0PEOPLEOPS", user: OLIVIA.person, text: "only Olivia" });
    await post({ channel: BO.person, text: "only Bo" });
    await post({ channel: "C0PEOPLEOPS", text: "everybody" });
    const seen = async (person: string) =>
      (await stateOf(person)).messages.map(({ text }) => text).filter((text) => /^(only|every)/.test(text));
    expect(await seen(OLIVIA.person)).toEqual(["only Olivia", "everybody"]);
    expect((await seen(BO.person)).toSorted()).toEqual(["everybody", "only Bo"]);
  });

  it("answers at a response address five times, and edits the pressed message in place", async () => {
    await command("/verify help");
    const respond = (body: object, to = last().fields["response_url"] ?? "") =>
      fetch(to, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } });
    const text = "pick";
    const button = { type: "button", action_id: "press:0", value: "row-1", text: { type: "plain_text", text: "Go" } };
    expect((await respond({ text, blocks: [{ type: "actions", block_id: "a", elements: [button] }] })).status).toBe(200);
    const shown = (await stateOf(OLIVIA.person)).messages.at(-1);
    expect(shown).toMatchObject({ text, visibleTo: OLIVIA.person });

    await act("/slack/press", { source: { kind: "message", channel: DIRECT, ts: shown?.ts }, action: { ...button, block_id: "a" } });
    expect(last().payload).toMatchObject({
      type: "block_actions",
      user: { id: OLIVIA.person, team_id: "T0DEMO" },
      container: { type: "message", is_ephemeral: true, message_ts: shown?.ts },
      actions: [{ type: "button", action_id: "press:0", block_id: "a", value: "row-1" }],
    });
    expect(last().payload).not.toHaveProperty("view");
    const address = String(last().payload["response_url"]);
    for (let n = 1; n <= 5; n += 1) expect((await respond({ text: `done ${n}`, replace_original: true }, address)).status).toBe(200);
    expect((await respond({ text: "once too often" }, address)).status).toBe(404);
    expect((await stateOf(OLIVIA.person)).messages.find(({ ts }) => ts === shown?.ts)?.text).toBe("done 5");
  });

  it("opens a modal once per trigger and within three seconds", async () => {
    const id = await trigger();
    await client.views.open({ trigger_id: id, view: modal() });
    await expect(client.views.open({ trigger_id: id, view: modal() })).rejects.toThrow("expired_trigger_id");
    const late = await trigger();
    now = new Date(now.getTime() + 3_001);
    await expect(client.views.open({ trigger_id: late, view: modal() })).rejects.toThrow("expired_trigger_id");
  });

  it("submits a modal with its values and hands back what is wrong at which field", async () => {
    const { id, hash } = await openModal();
    await client.views.update({ view_id: id, hash, view: modal("Count: 7") });
    await expect(client.views.update({ view_id: id, hash, view: modal() })).rejects.toThrow("hash_conflict");
    const values = { name: { "field:name": { type: "plain_text_input", value: "x" } } };
    answer = { status: 200, body: { response_action: "errors", errors: { name: "Too short" } } };
    expect(await act("/slack/submit", { viewId: id, values })).toEqual({ name: "Too short" });
    expect(last().payload).toMatchObject({ type: "view_submission", view: { id, callback_id: "form", state: { values } } });
    expect((await stateOf(OLIVIA.person)).views).toHaveLength(1);
    answer = { status: 200, body: "" };
    expect(await act("/slack/submit", { viewId: id, values })).toBeNull();
    expect((await stateOf(OLIVIA.person)).views).toEqual([]);
  });

  it("asks the app for what an external select offers", async () => {
    const { id } = await openModal();
    const options = [{ text: { type: "plain_text", text: "Lager" }, value: "1" }];
    answer = { status: 200, body: { options } };
    const source = { kind: "view", viewId: id, values: {} };
    expect(await act("/slack/choices", { source, ids: { block_id: "d", action_id: "search:departments" }, typed: "la" })).toEqual(options);
    expect(last().payload).toMatchObject({ type: "block_suggestion", action_id: "search:departments", value: "la" });
    await act("/slack/close", { viewId: id });
  });

  it.each([
    ["51 blocks", Array.from({ length: 51 }, () => ({ type: "divider" as const }))],
    ["a long text", [{ type: "section" as const, text: { type: "plain_text" as const, text: "x".repeat(3001) } }]],
    ["an empty text", [{ type: "section" as const, text: { type: "plain_text" as const, text: "" } }]],
    ["one block id twice", ["a", "a"].map((block_id) => ({ type: "divider" as const, block_id }))],
  ])("refuses %s as Slack would", async (_what, blocks) => {
    await expect(post({ channel: OLIVIA.person, text: "t", blocks })).rejects.toThrow("invalid_blocks");
  });

  it("takes a file in three steps and hands it to the page", async () => {
    await client.filesUploadV2({ channel_id: DIRECT, filename: "report.csv", file: Buffer.from("a;b\r\n") });
    const [file] = (await stateOf(OLIVIA.person)).messages.flatMap(
      (message) => (message as unknown as { files: { id: string; name: string }[] }).files,
    );
    expect(file?.name).toBe("report.csv");
    const answered = await fetch(`${url}/playground/slack/files/${file?.id}`);
    expect(answered.headers.get("content-disposition")).toMatch(/^attachment; filename="?report\.csv"?$/);
    expect(await answered.text()).toBe("a;b\r\n");
  });

  it("answers the bot's token and no other", async () => {
    await expect(new WebClient("xoxb-other", { slackApiUrl: playground.slack.apiUrl }).auth.test()).rejects.toThrow("invalid_auth");
    expect(await client.auth.test()).toMatchObject({ ok: true, team_id: "T0DEMO" });
  });

  it.each([
    ["a foreign Origin", { origin: "http://evil.example" }],
    ["no Origin", { origin: "" }],
    ["a form's content type", { "content-type": "text/plain" }],
  ])("refuses a change with %s", async (_what, headers: Record<string, string>) => {
    expect((await ask("/slack/line", { person: OLIVIA.person, channel: DIRECT, line: "/verify help" }, headers)).status).toBe(403);
    expect(heard).toEqual([]);
  });

  it.each(["x-forwarded-for", "x-real-ip", "forwarded"])("A request that came by way of a proxy (%s) is refused", async (name) => {
    expect((await fetch(`${url}/playground`, { headers: { [name]: "203.0.113.9" } })).status).toBe(403);
  });

  it("refuses a host name that is not this machine's", async () => {
    const status = await new Promise((resolve, reject) =>
      request(`${url}/playground`, { headers: { host: "rebound.example" } }, (response) => resolve(response.resume().statusCode))
        .on("error", reject)
        .end(),
    );
    expect(status).toBe(403);
  });

  it("serves a mail's HTML in a sandbox of its own, with links that open elsewhere", async () => {
    const { hostname, port } = new URL(playground.smtpUrl);
    const transport = createTransport({ host: hostname, port: Number(port) });
    await transport.sendMail({ from: "a@acme.example", to: "b@acme.example", subject: "s", html: "<script>alert(1)</script><p>Hej</p>" });
    const answered = await fetch(`${url}/playground/inbox/1/html`);
    expect(answered.headers.get("content-security-policy")).toMatch(
      /^default-src 'none';.*sandbox allow-popups allow-popups-to-escape-sandbox$/,
    );
    expect(answered.headers.get("content-security-policy")).not.toContain("script-src");
    expect(await answered.text()).toMatch(/^<!doctype html><base target="_blank">/);
  });
});
