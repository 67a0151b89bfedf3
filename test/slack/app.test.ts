import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { afterAll, describe, expect, it, vi } from "vitest";
import { deliveries } from "../../src/db/schema/tables.ts";
import { startApp } from "../../src/slack/app.ts";
import { testDatabase } from "../support/database.ts";
import { testDeps } from "../support/deps.ts";
import { BOT_TOKEN, command, fakeSlack, SIGNING_SECRET, slackWire } from "../support/fake-slack.ts";
import * as insert from "../support/insert.ts";

const { db } = await testDatabase();
const slack = await fakeSlack();
const acme = await insert.organisation(db);
await insert.workspace(db, acme.id, { workspace: "T1" });
const boss = await insert.user(db, acme.id, { name: "Olga Owner" });
await insert.role(db, acme.id, boss.id, "owner");
await insert.principal(db, acme.id, { workspace: "T1", person: "U1", userId: boss.id });
await insert.user(db, acme.id, { name: "Anna Berg", loginAddress: "anna@acme.example" });

describe("startApp", () => {
  it("starts while Slack is away, and answers when it is back", async () => {
    slack.script("auth.test", () => ({ status: 500 }));
    const wire = await slackWire(testDeps(db), slack);
    await slack.until("auth.test");
    await wire.command("help");
    expect(await slack.until("respond")).toHaveLength(1);
    slack.script("auth.test", undefined);
  });

  it("names a workspace that belongs to no organisation in the log", async () => {
    slack.script("auth.test", () => ({ body: { team_id: "T404" } }));
    const warn = vi.fn<(fields: object, message: string) => void>();
    const deps = testDeps(db);
    await slackWire({ ...deps, log: { ...deps.log, warn } }, slack);
    await vi.waitUntil(() => warn.mock.calls.length > 0);
    expect(warn).toHaveBeenCalledWith({ team: "T404" }, expect.stringContaining("organisation create"));
    slack.script("auth.test", undefined);
  });

  it("finishes the calls in hand before it has stopped", async () => {
    const wire = await slackWire(testDeps(db), slack);
    slack.told.length = 0;
    await wire.command("resend anna@acme.example");
    await wire.app.stop();
    expect(slack.toldTo("respond")).toHaveLength(1);
    expect(await db.select().from(deliveries)).toHaveLength(1);
  });
});

it("takes calls over a socket, once each, and none over HTTP", async () => {
  const socket = await fakeSocket();
  slack.script("apps.connections.open", () => ({ body: { url: socket.url } }));
  const deps = testDeps(db);
  const settings = { signingSecret: SIGNING_SECRET, botToken: BOT_TOKEN, appToken: "xapp-test", apiUrl: slack.apiUrl };
  const app = await startApp(deps, settings);
  await socket.connected;
  slack.told.length = 0;
  const payload = command(slack, "help");
  for (const envelope_id of ["e1", "e2"]) socket.send({ type: "slash_commands", envelope_id, payload, accepts_response_payload: true });
  await vi.waitUntil(() => socket.heard.length >= 2);
  expect(socket.heard).toEqual([expect.stringContaining("e1"), expect.stringContaining("e2")]);
  await slack.until("respond");
  await app.stop();
  expect(slack.toldTo("respond")).toHaveLength(1);
  const paths = (app.router.stack as { route?: { path: string } }[]).map(({ route }) => route?.path);
  expect(paths).not.toContain("/slack/events");
});

/** Slack's end of Socket Mode: short text frames only. @see RFC 6455 §5.2 */
async function fakeSocket() {
  const heard: string[] = [];
  const open: Duplex[] = [];
  const frame = (text: string) => {
    const bytes = Buffer.from(text);
    const head = bytes.length < 126 ? [0x81, bytes.length] : [0x81, 126, bytes.length >> 8, bytes.length & 255];
    return Buffer.concat([Buffer.from(head), bytes]);
  };
  const server = createServer();
  const connected = new Promise<void>((resolve) => {
    server.on("upgrade", (request, socket) => {
      const key = createHash("sha1").update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`);
      socket.on("error", () => undefined);
      socket.on("data", (data: Buffer) => heard.push(...textFrames(data)));
      socket.write(frame(JSON.stringify({ type: "hello", num_connections: 1 })));
      open.push(socket);
      resolve();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    connected,
    heard,
    send: (message: object) => open.forEach((socket) => socket.write(frame(JSON.stringify(message)))),
  };
}

function textFrames(data: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at + 6 <= data.length;) {
    const short = (data[at + 1] ?? 0) & 127;
    const head = short === 126 ? 4 : 2;
    const length = short === 126 ? data.readUInt16BE(at + 2) : short;
    const mask = data.subarray(at + head, at + head + 4);
    const text = Buffer.from(data.subarray(at + head + 4, at + head + 4 + length).map((byte, n) => byte ^ (mask[n % 4] ?? 0)));
    if (((data[at] ?? 0) & 15) === 1) texts.push(text.toString());
    at += head + 4 + length;
  }
  return texts;
}
