import { connect } from "node:net";
import { beforeEach, describe, expect, it } from "vitest";
import { inboundIds } from "../../src/db/schema/tables.ts";
import { startApp } from "../../src/slack/app.ts";
import { testDatabase } from "../support/database.ts";
import { testDeps } from "../support/deps.ts";
import { command, event, directMessage, fakeSlack, signed, slackWire } from "../support/fake-slack.ts";
import * as insert from "../support/insert.ts";

const { db } = await testDatabase();
const refused: unknown[] = [];
const clock: { stoppedAt: number | undefined } = { stoppedAt: undefined };
const deps = testDeps(db, {
  now: () => new Date(clock.stoppedAt ?? Date.now()),
  log: { debug: () => undefined, info: () => undefined, warn: (fields) => refused.push(fields), error: () => undefined },
});
const slack = await fakeSlack();
const wire = await slackWire(deps, slack);
await slack.until("auth.test");
const acme = await insert.organisation(db);
await insert.workspace(db, acme.id, { workspace: "T1" });

const body = () => new URLSearchParams(command(slack, "help")).toString();
const nowSeconds = () => Math.floor((clock.stoppedAt ?? Date.now()) / 1000);
const FORM = { "content-type": "application/x-www-form-urlencoded" };

async function effects(): Promise<number> {
  return (await db.select().from(inboundIds)).length;
}

beforeEach(async () => {
  refused.length = 0;
  clock.stoppedAt = undefined;
  slack.told.length = 0;
  await db.delete(inboundIds);
});

describe("a request that Slack did not sign", () => {
  it("is refused without an effect when the signature is forged", async () => {
    const [headers, text] = signed(body(), { secret: "not the secret" });
    expect((await wire.post(headers, text)).status).toBe(401);
    expect(await effects()).toBe(0);
    expect(slack.told).toEqual([]);
  });

  it.each([
    ["301 seconds old", -301],
    ["301 seconds ahead", 301],
  ])("is refused when it is %s, and the log names the clock", async (_, seconds) => {
    clock.stoppedAt = nowSeconds() * 1000;
    const [headers, text] = signed(body(), { at: nowSeconds() + seconds });
    expect((await wire.post(headers, text)).status).toBe(401);
    expect(refused).toContainEqual({ reason: "clock" });
  });

  const [good] = signed("x");
  const mac = String(good["x-slack-signature"]);
  it.each([
    ["no signature", { "x-slack-request-timestamp": String(nowSeconds()) }],
    ["no timestamp", { "x-slack-signature": mac }],
    ["neither", {}],
    ["a timestamp that is no number", { "x-slack-signature": mac, "x-slack-request-timestamp": "abc" }],
    ["another version", { "x-slack-signature": mac.replace("v0=", "v1="), "x-slack-request-timestamp": String(nowSeconds()) }],
    ["an empty signature", { "x-slack-signature": "", "x-slack-request-timestamp": String(nowSeconds()) }],
    ["a signature of zeroes", { "x-slack-signature": `v0=${"0".repeat(64)}`, "x-slack-request-timestamp": String(nowSeconds()) }],
    ["a version and no signature", { "x-slack-signature": "v1=", "x-slack-request-timestamp": String(nowSeconds()) }],
  ])("is refused with %s", async (_, headers) => {
    expect((await wire.post({ ...FORM, ...headers }, body())).status).toBe(401);
    expect(await effects()).toBe(0);
  });

  it("is refused when a header stands twice, even twice the same", async () => {
    const [headers, text] = signed(body());
    const lines = Object.entries({ ...headers, host: "x", "content-length": String(text.length), connection: "close" });
    const twice = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("") + `x-slack-signature: ${headers["x-slack-signature"]}\r\n`;
    const answer = await raw(`POST /slack/events HTTP/1.1\r\n${twice}\r\n${String(text)}`);
    expect(answer).toMatch(/^HTTP\/1\.1 401/);
  });
});

describe("a signed request", () => {
  it.each([
    ["broken JSON", "{", "application/json"],
    ["JSON that is a list", "[]", "application/json"],
    ["JSON that is null", "null", "application/json"],
    ["a payload that is broken", "payload=%7B", undefined],
    ["a payload that is a list", "payload=%5B%5D", undefined],
    ["a payload that is null", "payload=null", undefined],
    ["100,000 brackets", `payload=${"[".repeat(100_000)}`, undefined],
    [
      "100,000 objects deep in an event",
      JSON.stringify(event({})).replace("{}", '{"a":'.repeat(100_000) + "1" + "}".repeat(100_000)),
      "application/json",
    ],
    ["a type nobody knows", JSON.stringify({ type: "surprise" }), "application/json"],
    [
      "a text given twice",
      "command=%2Fverify&text=a&text=b&team_id=T1&user_id=U1&trigger_id=1&response_url=https%3A%2F%2Fx.example",
      undefined,
    ],
    ["another command", "command=%2Fother&text=a&team_id=T1&user_id=U1&trigger_id=1&response_url=https%3A%2F%2Fx.example", undefined],
    ["no body", "", undefined],
    ["U+0000 in a text", "command=%2Fverify&text=a%00b&team_id=T1&user_id=U1&trigger_id=1&response_url=https%3A%2F%2Fx.example", undefined],
    ["U+0001 in an id", JSON.stringify(event({})).replace('"event_id":"', '"event_id":"\\u0001'), "application/json"],
    [
      "U+0000 in a button",
      `payload=${encodeURIComponent(JSON.stringify({ type: "block_actions", actions: [{ action_id: "a\u0000" }] }))}`,
      undefined,
    ],
  ])("with %s is answered 400 and no stack trace", async (_, text, type) => {
    const answer = await wire.post(...signed(text, type ? { type } : {}));
    expect(answer).toEqual({ status: 400, text: "" });
    expect(await effects()).toBe(0);
  });

  it("with a content type that Slack does not use is answered 400", async () => {
    expect((await wire.post(...signed(body(), { type: "application/x-www-form-urlencoded; charset=utf-8" }))).status).toBe(400);
  });

  it("with invalid UTF-8 is answered 400", async () => {
    const bytes = Buffer.concat([Buffer.from(body()), Buffer.from([0xff, 0xfe, 0xc3])]);
    expect(await wire.post(...signed(bytes))).toEqual({ status: 400, text: "" });
  });

  it("answers the URL check with its challenge", async () => {
    const answer = await wire.event({ type: "url_verification", challenge: "abc", token: "x" });
    expect(answer).toEqual({ status: 200, text: JSON.stringify({ challenge: "abc" }) });
  });

  it.each([
    ["an edited message", directMessage("help", { subtype: "message_changed" })],
    ["a bot's message", directMessage("help", { bot_id: "B2" })],
    ["a shared file", directMessage("help", { subtype: "file_share" })],
    ["a message in a channel", directMessage("help", { channel_type: "channel" })],
    ["an event nobody asked for", { type: "team_join" }],
  ])("with %s is taken and left alone", async (_, inner) => {
    expect((await wire.event(event(inner))).status).toBe(200);
    expect(await effects()).toBe(0);
  });
});

describe("sizes", () => {
  it("refuses 2 MB by its length alone", async () => {
    const answer = await raw(`POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-length: ${2 * 1024 * 1024}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 413/);
  });

  it("ends an endless body after little of it, and serves others meanwhile", async () => {
    const chunk = `${(64 * 1024).toString(16)}\r\n${"a".repeat(64 * 1024)}\r\n`;
    const endless = raw(`POST /slack/events HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n`, chunk);
    const [headers, text] = signed(body());
    expect((await wire.post(headers, text)).status).toBe(200);
    await slack.until("respond");
    expect(await endless).toMatch(/^HTTP\/1\.1 413|^$/);
    expect(written).toBeLessThan(20 * 1024 * 1024);
  });
});

it("answers Slack's certificate check, unsigned and whatever else it holds, with nothing", async () => {
  const text = new URLSearchParams({ ...command(slack, "resend someone@acme.example"), ssl_check: "1" }).toString();
  expect(await wire.post(FORM, text)).toEqual({ status: 200, text: "" });
  expect(await effects()).toBe(0);
});

it("does not start without a signing secret", async () => {
  await expect(startApp(deps, { signingSecret: "", botToken: "xoxb" })).rejects.toThrow("signing secret");
});

let written = 0;
/** Writes `head`, then `again` for as long as the other side reads; gives what came back. */
function raw(head: string, again?: string): Promise<string> {
  const { hostname, port } = new URL(wire.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let answer = "";
    const more = () => {
      if (again !== undefined && socket.writable && answer === "") socket.write(again, () => setImmediate(more));
    };
    socket.on("data", (data) => (answer += String(data)));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      written = socket.bytesWritten;
      resolve(answer);
    });
    socket.setTimeout(5000, () => socket.destroy());
    socket.write(head, more);
  });
}
